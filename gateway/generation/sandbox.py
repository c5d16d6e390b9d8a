"""The generator for test keys: the topic forces the outcome, so a customer can try every ending of a launch."""

import asyncio
import re
from collections.abc import Sequence
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from gateway.generation.builtin import BuiltinGenerator
from gateway.generation.builtin.crew import Crew
from gateway.generation.model import (
    ArtifactDraft,
    ArtifactKind,
    GenerationFailed,
    Order,
    Outline,
    Source,
)

SLOWEST_MS = 60_000
_SCRIPT = re.compile(r"sandbox:(?:(ok|fail|stall)|(fail_at|slow):(\d{1,9}))\s*\Z")
_SAMPLE = Source(
    id="sandbox",
    name="sample.md",
    media_type="text/markdown",
    text="""# The Water Cycle

The _water cycle_ is the movement of water between the oceans, the air and the land.

## Evaporation

Evaporation is the change of liquid water into vapour at the surface of a body of water. The Sun supplies the energy for
evaporation. About 90 percent of the vapour in the air comes from oceans, lakes and rivers.

## Condensation

Condensation is the change of water vapour into liquid droplets when air cools. Clouds are made of droplets that are
small enough to float. Each droplet forms around a grain of dust, salt or smoke.

## Precipitation

Precipitation is water that falls from clouds as rain, snow or hail. Rain that sinks into the ground becomes groundwater.
Rivers carry the rest of the rain back to the oceans.
""",
)


class Ok(Struct, frozen=True):
    """Make a course."""


class Fail(Struct, frozen=True):
    """Fail: at the outline, or at the module that `at` counts from 0."""

    at: int | None


class Stall(Struct, frozen=True):
    """Never answer, until cancelled."""


class Slow(Struct, frozen=True):
    """Take `delay_ms` for each module."""

    delay_ms: int


Script = Ok | Fail | Stall | Slow


def script_of(topic: str) -> Script:
    """What a topic asks for: `sandbox:ok`, `fail`, `fail_at:<n>`, `stall`, `slow:<ms>`; any other topic is ok."""
    match = _SCRIPT.match(topic.strip())
    if match is None or match[1] == "ok":
        return Ok()
    if match[1] == "fail":
        return Fail(None)
    if match[1] == "stall":
        return Stall()
    if match[2] == "fail_at":
        return Fail(int(match[3]))
    return Slow(min(int(match[3]), SLOWEST_MS))


class SandboxGenerator:
    """Follows the script in the topic; what it makes, it makes as `builtin` does, of a sample where there is no source."""

    def __init__(self, crew: Crew | None = None) -> None:
        self._builtin = BuiltinGenerator(crew)

    async def outline(self, order: Order) -> Outline:
        """The outline; the script `fail` ends here, `stall` waits here."""
        script = script_of(order.brief.topic)
        match script:
            case Fail(at=None):
                raise _scripted()
            case Stall():
                await asyncio.Event().wait()
            case Ok() | Fail() | Slow():
                pass
            case _:
                assert_never(script)
        made = await self._builtin.outline(_with_source(order))
        return made if order.sources else _uncited(made)

    async def module(self, order: Order, outline: Outline, index: int) -> list[ArtifactDraft]:
        """The module's artifacts; `fail_at` ends at its module, or the last, `slow` takes its time for each."""
        script = script_of(order.brief.topic)
        match script:
            case Fail(at=int(at)) if index == min(at, len(outline.modules) - 1):
                raise _scripted()
            case Slow(delay_ms=delay_ms):
                await asyncio.sleep(delay_ms / 1000)
            case Ok() | Fail() | Stall() | Slow():
                pass
            case _:
                assert_never(script)
        drafts = await self._builtin.module(_with_source(order), await self._cited(order, outline), index)
        return drafts if order.sources else [_without_refs(draft) for draft in drafts]

    async def regenerate(
        self,
        order: Order,
        outline: Outline,
        index: int,
        kind: ArtifactKind,
        earlier: Sequence[ArtifactDraft],
        notes: Sequence[str],
    ) -> ArtifactDraft:
        """The artifact again, as `builtin` makes it, after the script's delay."""
        script = script_of(order.brief.topic)
        if isinstance(script, Fail) and script.at is None:
            raise _scripted()
        if isinstance(script, Stall):
            await asyncio.Event().wait()
        if isinstance(script, Slow):
            await asyncio.sleep(script.delay_ms / 1000)
        cited = await self._cited(order, outline)
        made = await self._builtin.regenerate(_with_source(order), cited, index, kind, earlier, notes)
        return made if order.sources else _without_refs(made)

    async def _cited(self, order: Order, outline: Outline) -> Outline:
        """The outline with the sample's spans back in it, where the order has no source of its own."""
        if order.sources:
            return outline
        made = await self._builtin.outline(_with_source(order))
        spans = [module.source_refs for module in made.modules]
        return replace(
            outline,
            modules=[replace(module, source_refs=spans[module.index % len(spans)]) for module in outline.modules],
        )


def _with_source(order: Order) -> Order:
    return order if order.sources else replace(order, sources=[_SAMPLE])


def _uncited(outline: Outline) -> Outline:
    """An outline that cites nothing, since the sample is no source of the course."""
    return replace(outline, modules=[replace(module, source_refs=[]) for module in outline.modules])


def _without_refs(draft: ArtifactDraft) -> ArtifactDraft:
    """A draft whose questions cite nothing, for the same reason."""
    return replace(draft, items=[replace(item, source_ref=None) for item in draft.items])


def _scripted() -> GenerationFailed:
    return GenerationFailed("generator_error", "The topic asked for this failure.", retryable=True)
