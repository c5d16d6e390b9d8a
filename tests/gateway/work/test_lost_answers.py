"""A worker whose writes are committed and whose answers are lost: it asks again, and learns what it did itself."""

import dataclasses
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec
import pytest
from prometheus_client import REGISTRY

from gateway import log
from gateway.stores import Session, SqlStore, StoreDown
from gateway.work import store
from gateway.work.bench import Bench
from gateway.work.generations import run_generation
from gateway.work.leases import Halt
from gateway.work.queue import WakeUp, generation_waits
from gateway.work.regenerations import run_regenerations
from gateway.work.store import GenerationClaim, RegenerationClaim
from gateway.work.sweeps import sweep
from tests.gateway.work.benches import Seen, open_bench
from tests.gateway.work.shop import NOW, Shop
from tests.generators import FakeGenerator


class ForgetfulStore(SqlStore):
    """From the second session on, every other one says StoreDown after all it did is committed."""

    sessions = 0

    def session(self, *, wait_seconds: float = 0.5, deadline_seconds: float = 5.0) -> Session:
        self.sessions += 1
        kind = Session if self.sessions % 2 else LostSession
        return kind(self, wait_seconds, deadline_seconds)


class LostSession(Session):
    """Its last answer never arrives."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await super().__aexit__(kind, error, trace)
        if error is None:
            raise StoreDown("lost")


@asynccontextmanager
async def forgetful(database_url: str, generator: FakeGenerator, seen: Seen) -> AsyncGenerator[Bench, None]:
    async with open_bench(database_url, generator, seen=seen) as bench, ForgetfulStore(database_url) as lossy:
        yield dataclasses.replace(bench, sql=lossy)


@pytest.fixture
def events(tmp_path: Path) -> Iterator[Callable[[str], list[dict[str, Any]]]]:
    """What has been logged under one event, as a function."""
    log.configure(file=tmp_path / "log", stdout=False)

    def of(event: str) -> list[dict[str, Any]]:
        log.sink().flush()
        lines = [msgspec.json.decode(line) for line in (tmp_path / "log").read_bytes().splitlines()]
        return [line for line in lines if line["event"] == event]

    yield of
    log.configure()


def ended(kind: str, outcome: str) -> float:
    labels = {"kind": kind, "env": "live", "outcome": outcome}
    return REGISTRY.get_sample_value("coursegate_work_ended_total", labels) or 0.0


async def test_a_generation_whose_answers_are_lost_succeeds_once(database: Any, database_url: str, events: Any) -> None:
    """Every answer lost once, that of the last module too: each module stored and charged once, the end told, counted
    and published, and nobody called fenced.
    """  # fmt: skip
    shop, seen, before = await Shop.open(database), Seen(), ended("generation", "succeeded")
    generation_id = await shop.launch(modules=2)
    async with forgetful(database_url, FakeGenerator(), seen) as bench:
        await run_generation(bench, generation_waits(shop.center_id, "live", generation_id), Halt())
    assert (await shop.generation(generation_id))["status"] == "succeeded"
    assert await shop.modules_made(generation_id) == [0, 0, 1, 1]
    assert await shop.counter() == (2, 0)
    assert [line["units"] for line in events("generation.succeeded")] == [2]
    assert events("generation.fenced") == []
    assert ended("generation", "succeeded") == before + 1
    assert seen.published == [(await shop.hold_of(generation_id))["id"]]
    assert await shop.books_balance()


async def test_a_failure_whose_answer_is_lost_is_told(database: Any, database_url: str, events: Any) -> None:
    """What was done is charged once, the line names the code, and the counters are shown."""
    shop, seen = await Shop.open(database), Seen()
    generation_id = await shop.launch(modules=3)
    async with forgetful(database_url, FakeGenerator(fails_at=1), seen) as bench:
        await run_generation(bench, generation_waits(shop.center_id, "live", generation_id), Halt())
    (line,) = events("generation.failed")
    assert (line["units"], line["failure_code"]) == (1, "generator_error")
    assert events("generation.fenced") == []
    assert len(seen.published) == 1
    assert await shop.counter() == (1, 0)
    assert await shop.books_balance()


@pytest.mark.parametrize(("versions_max", "event"), [(9, "regeneration.succeeded"), (1, "regeneration.failed")])
async def test_a_regeneration_whose_answer_is_lost_is_told(
    database: Any, database_url: str, events: Any, versions_max: int, event: str
) -> None:
    """Kept or failed, it happened once: one version at most, its unit settled or given back, one line, one publish."""
    shop, seen = await Shop.open(database), Seen()
    artifact_id, regeneration_id = await _asked(shop, database_url)
    wake = WakeUp("regeneration", shop.center_id, "live", artifact_id, f"{regeneration_id}:0")
    async with forgetful(database_url, FakeGenerator(versions_max=versions_max), seen) as bench:
        with pytest.raises(StoreDown):  # the claim after the last regeneration, whose answer nobody needs
            await run_regenerations(bench, wake, Halt())
    succeeded = event == "regeneration.succeeded"
    assert [line.get("version") for line in events(event)] == [2 if succeeded else None]
    assert events("regeneration.fenced") == []
    assert (await shop.artifact(artifact_id))["version"] == (2 if succeeded else 1)
    assert await shop.counter("regenerations") == (int(succeeded), 0)
    assert len(seen.published) == 1


async def test_what_others_ended_is_not_taken_for_ones_own(database: Any, database_url: str) -> None:
    """A worker that comes back after the sweep gave its rows up is refused, though nobody claimed them since."""
    shop = await Shop.open(database)
    artifact_id, regeneration_id = await _asked(shop, database_url)
    generation_id = await shop.launch(modules=1)
    for table in ("generation", "regeneration"):
        await database.execute(
            f"""update {table} set status = 'running', claims = 5, fence = 1, lease_until = clock_timestamp() - interval '1 s'
                 where status = 'queued'"""
        )
    made = GenerationClaim(shop.center_id, "live", generation_id, 1, "r", "h", "c", 5, 0, 1, cancel_requested=False)
    remade = RegenerationClaim(shop.center_id, "live", regeneration_id, 1, "r", "h", artifact_id, "n", 5)
    async with open_bench(database_url, FakeGenerator()) as bench:
        await sweep(bench)
        async with bench.sql.session() as connection:
            assert await store.finish_generation(connection, made, "failed", "{}", NOW) is None
            assert not (await store.keep_module(connection, made, 0, [], None, NOW)).kept
            assert not await store.fail_regeneration(connection, remade, "{}", NOW)
    assert (await shop.generation(generation_id))["status"] == "failed"
    assert (await shop.regeneration(regeneration_id))["status"] == "failed"


async def _asked(shop: Shop, database_url: str) -> tuple[str, str]:
    """A finished course's artifact, and the regeneration that was asked for."""
    generation_id = await shop.launch(modules=1)
    async with open_bench(database_url, FakeGenerator()) as bench:
        await run_generation(bench, generation_waits(shop.center_id, "live", generation_id), Halt())
    artifact_id = (await shop.artifact_ids(generation_id))[0]
    return artifact_id, await shop.ask(artifact_id)
