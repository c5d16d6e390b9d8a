"""What a generator returned is checked beside the event loop, which has leases to renew meanwhile."""

import asyncio
import dataclasses
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from gateway.generation.model import ArtifactDraft, ArtifactKind, Order, Outline
from gateway.stores import Session, SqlStore
from gateway.work.generations import run_generation
from gateway.work.leases import Halt
from gateway.work.queue import WakeUp, generation_waits
from gateway.work.regenerations import run_regenerations
from tests.gateway.work.benches import open_bench
from tests.gateway.work.shop import Shop
from tests.generators import FakeGenerator

LONG = "Bees **live** in hives, and workers *gather* nectar.\n\n" * 3_000
"""Takes some 400 ms to check."""
BEATS_MIN = 10
"""A loop that waits for the check beats once or twice between what a generator returns and what SQL is asked next."""


class Pulse:
    """Beats in the event loop, and counts beats from `begin` to `end`."""

    def __init__(self) -> None:
        self.counted: int | None = None
        self._beats = 0

    def begin(self) -> None:
        self._beats, self.counted = 0, None

    def end(self) -> None:
        if self.counted is None:
            self.counted = self._beats

    async def __aenter__(self) -> "Pulse":  # ruff: ignore[non-self-return-type] - a test's own
        self._beating = asyncio.create_task(self._beat())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._beating.cancel()
        with suppress(asyncio.CancelledError):
            await self._beating

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(0.001)
            self._beats += 1


class Verbose(FakeGenerator):
    """Returns notes that take long to check, and begins the count just before."""

    def __init__(self, pulse: Pulse) -> None:
        super().__init__()
        self._pulse = pulse

    async def module(self, order: Order, outline: Outline, index: int) -> list[ArtifactDraft]:
        drafts = await super().module(order, outline, index)
        self._pulse.begin()
        return [_lengthened(draft) for draft in drafts]

    async def regenerate(
        self,
        order: Order,
        outline: Outline,
        index: int,
        kind: ArtifactKind,
        earlier: Sequence[ArtifactDraft],
        notes: Sequence[str],
    ) -> ArtifactDraft:
        draft = await super().regenerate(order, outline, index, kind, earlier, notes)
        self._pulse.begin()
        return _lengthened(draft)


class Watched(SqlStore):
    """Ends the count when a session is wanted."""

    pulse: Pulse

    def session(self, *, wait_seconds: float = 0.5, deadline_seconds: float = 5.0) -> Session:
        self.pulse.end()
        return super().session(wait_seconds=wait_seconds, deadline_seconds=deadline_seconds)


async def test_the_event_loop_goes_on_while_artifacts_are_checked(database: Any, database_url: str) -> None:
    """Module and regeneration alike: between the generator's return and the write, the loop serves others all along."""
    shop = await Shop.open(database)
    generation_id = await shop.launch(modules=1, kinds=["notes"])
    async with Pulse() as pulse, open_bench(database_url, Verbose(pulse)) as plain, Watched(database_url) as sql:
        sql.pulse = pulse
        bench = dataclasses.replace(plain, sql=sql)
        await run_generation(bench, generation_waits(shop.center_id, "live", generation_id), Halt())
        assert (await shop.generation(generation_id))["status"] == "succeeded"
        assert pulse.counted is not None
        assert pulse.counted >= BEATS_MIN
        artifact_id = (await shop.artifact_ids(generation_id))[0]
        regeneration_id = await shop.ask(artifact_id)
        wake = WakeUp("regeneration", shop.center_id, "live", artifact_id, f"{regeneration_id}:0")
        await run_regenerations(bench, wake, Halt())
        assert (await shop.artifact(artifact_id))["version"] == 2
        assert pulse.counted >= BEATS_MIN


def _lengthened(draft: ArtifactDraft) -> ArtifactDraft:
    return ArtifactDraft(kind=draft.kind, media_type=draft.media_type, content=LONG, items=[], note=None)
