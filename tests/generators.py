"""A generator for tests: plain, quick, and as slow, broken or stubborn as a test wants."""

import asyncio
from collections.abc import Callable, Sequence

from gateway.generation.model import (
    ArtifactDraft,
    ArtifactKind,
    GenerationFailed,
    NothingElse,
    Order,
    Outline,
    OutlineModule,
    SourceRef,
)
from grading.model import Item


class FakeGenerator:
    """Makes `modules` modules (or as many as were asked for), each from the whole first source.

    `step_seconds`: how long a module takes. `fails_at`: the module that fails. `gate`: awaited before each module.
    `started`: the modules that were begun, as (course, index), in order. `versions_max`: regenerations know no more.
    """

    def __init__(
        self,
        *,
        modules: int | None = None,
        step_seconds: float = 0.0,
        fails_at: int | None = None,
        failure: Exception | None = None,
        gate: Callable[[str, int], asyncio.Future[None] | None] | None = None,
        versions_max: int = 1000,
    ) -> None:
        self._modules = modules
        self._step_seconds = step_seconds
        self._fails_at = fails_at
        self._failure = failure or GenerationFailed("generator_error", "The fake generator fails here.")
        self._gate = gate
        self._versions_max = versions_max
        self.started: list[tuple[str, int]] = []
        self.regenerated: list[tuple[str, list[str]]] = []

    async def outline(self, order: Order) -> Outline:
        count = self._modules or order.brief.modules
        source = order.sources[0]
        modules = [
            OutlineModule(
                index, f"Module {index}", "What it is about.", [], [SourceRef(source.id, 0, len(source.text))]
            )
            for index in range(count)
        ]
        return Outline(f"On {order.brief.topic}", "A course.", modules)

    async def module(self, order: Order, outline: Outline, index: int) -> list[ArtifactDraft]:
        self.started.append((order.course_id, index))
        if self._gate is not None and (gate := self._gate(order.course_id, index)) is not None:
            await gate
        await asyncio.sleep(self._step_seconds)
        if self._fails_at == index:
            raise self._failure
        return [_draft(kind, f"{outline.modules[index].title}, version 1") for kind in order.brief.artifacts]

    async def regenerate(
        self,
        order: Order,
        outline: Outline,
        index: int,
        kind: ArtifactKind,
        earlier: Sequence[ArtifactDraft],
        notes: Sequence[str],
    ) -> ArtifactDraft:
        self.regenerated.append((order.course_id, list(notes)))
        if self._gate is not None and (gate := self._gate(order.course_id, index)) is not None:
            await gate
        await asyncio.sleep(self._step_seconds)
        if len(earlier) >= self._versions_max:
            raise NothingElse
        return _draft(kind, f"{outline.modules[index].title}, version {len(earlier) + 1}")


class QuizMaker(FakeGenerator):
    """A FakeGenerator whose quizzes hold the items of `versions`: every module's first quiz the first, each later one the
    next. `earlier`: how many items each earlier version had, for every regeneration that was asked for.
    """

    def __init__(self, versions: Sequence[Sequence[Item]], *, modules: int | None = None) -> None:
        super().__init__(modules=modules)
        self._versions = versions
        self.earlier: list[list[int]] = []

    async def module(self, order: Order, outline: Outline, index: int) -> list[ArtifactDraft]:
        drafts = await super().module(order, outline, index)
        return [_quiz(self._versions[0]) if draft.kind == "quiz" else draft for draft in drafts]

    async def regenerate(
        self,
        order: Order,
        outline: Outline,
        index: int,
        kind: ArtifactKind,
        earlier: Sequence[ArtifactDraft],
        notes: Sequence[str],
    ) -> ArtifactDraft:
        if kind != "quiz":
            return await super().regenerate(order, outline, index, kind, earlier, notes)
        self.earlier.append([len(draft.items) for draft in earlier])
        return _quiz(self._versions[len(earlier)])


def _quiz(items: Sequence[Item]) -> ArtifactDraft:
    return ArtifactDraft(kind="quiz", media_type="application/json", items=list(items))


def _draft(kind: ArtifactKind, text: str) -> ArtifactDraft:
    return ArtifactDraft(kind=kind, media_type="text/markdown", content=f"# {kind}\n\n{text}\n")
