"""The builtin kind of generator: the pure making of a course, done by a crew of child processes."""

import asyncio
from collections.abc import Sequence

from gateway.generation.builtin.crew import Crew
from gateway.generation.builtin.tasks import (
    Crashed,
    Desk,
    DraftsMade,
    Failed,
    MakeAgain,
    MakeModule,
    MakeOutline,
    OutlineMade,
    Reply,
    Task,
)
from gateway.generation.model import ArtifactDraft, ArtifactKind, GenerationFailed, NothingElse, Order, Outline
from gateway.log import log


class BuiltinGenerator:
    """Makes courses of their sources alone.

    With a crew, a long document holds up nobody else and a cancelled call ends at once: what a worker needs. Without
    one it works in this process, call by call, for whoever has nothing else to do.
    """

    def __init__(self, crew: Crew | None = None) -> None:
        self._crew = crew
        self._desk = Desk()
        self._one_at_a_time = asyncio.Lock()

    async def outline(self, order: Order) -> Outline:
        """Cut the order's sources into modules. Raises source_unreadable where they hold no usable sentence."""
        reply = await self._done(MakeOutline(order))
        if not isinstance(reply, OutlineMade):
            raise TypeError(reply)
        return reply.outline

    async def module(self, order: Order, outline: Outline, index: int) -> list[ArtifactDraft]:
        """Make the artifacts of one module; the same input gives the same bytes."""
        return await self._drafts(MakeModule(order, outline, index))

    async def regenerate(
        self,
        order: Order,
        outline: Outline,
        index: int,
        kind: ArtifactKind,
        earlier: Sequence[ArtifactDraft],
        notes: Sequence[str],
    ) -> ArtifactDraft:
        """Make one artifact again, following the notes. Raises NothingElse where nothing different can be made."""
        [draft] = await self._drafts(MakeAgain(order, outline, index, kind, list(earlier), list(notes)))
        return draft

    async def _drafts(self, task: Task) -> list[ArtifactDraft]:
        reply = await self._done(task)
        if not isinstance(reply, DraftsMade):
            raise TypeError(reply)
        return reply.drafts

    async def _done(self, task: Task) -> Reply:
        if self._crew is not None:
            reply = await self._crew.do(task)
        else:
            async with self._one_at_a_time:
                reply = await asyncio.to_thread(self._desk.do, task)
        if isinstance(reply, Failed):
            raise _failure(reply)
        if isinstance(reply, Crashed):
            log.error("generator.crashed", error_type=reply.error_type)
            raise GenerationFailed("generator_error", "The generator failed.", retryable=True)
        return reply


def _failure(reply: Failed) -> GenerationFailed:
    if reply.nothing_else:
        return NothingElse(reply.message)
    return GenerationFailed(reply.code, reply.message, retryable=reply.retryable)
