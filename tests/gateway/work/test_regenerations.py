"""Regenerations of artifacts: one after the other, each its own version and unit."""

import asyncio
from typing import Any

from gateway.work.generations import run_generation
from gateway.work.leases import Halt
from gateway.work.queue import WakeUp, generation_waits, regeneration_waits
from gateway.work.regenerations import run_regenerations
from gateway.work.sweeps import sweep
from tests.gateway.work.benches import Seen, open_bench
from tests.gateway.work.shop import NOW_MS, Shop, until
from tests.generators import FakeGenerator


async def ready_artifact(database: Any, database_url: str) -> tuple[Shop, str]:
    """A shop with one finished course, and its first artifact."""
    shop = await Shop.open(database)
    generation_id = await shop.launch(modules=1, kinds=["notes"])
    async with open_bench(database_url, FakeGenerator()) as bench:
        await run_generation(bench, generation_waits(shop.center_id, "live", generation_id), Halt())
    return shop, (await shop.artifact_ids(generation_id))[0]


def wake_for(shop: Shop, artifact_id: str) -> WakeUp:
    return regeneration_waits(shop.center_id, "live", artifact_id, "rgn_any")


async def test_several_notes_run_one_after_the_other_each_its_own_version(database: Any, database_url: str) -> None:
    """Three notes: versions 2, 3 and 4 in the order of the notes, each told what was asked before it."""
    shop, artifact_id = await ready_artifact(database, database_url)
    asked = [await shop.ask(artifact_id, text, NOW_MS + index) for index, text in enumerate(["a", "b", "c"])]
    generator = FakeGenerator()
    async with open_bench(database_url, generator) as bench:
        await asyncio.gather(*[run_regenerations(bench, wake_for(shop, artifact_id), Halt()) for _ in range(3)])
    assert [notes for _, notes in generator.regenerated] == [["a"], ["a", "b"], ["a", "b", "c"]]
    rows = await database.fetch("select version, content, note_id from artifact_version order by version")
    assert [row["version"] for row in rows] == [1, 2, 3, 4]
    assert len({row["content"] for row in rows}) == 4
    artifact = await shop.artifact(artifact_id)
    assert (artifact["version"], artifact["status"]) == (4, "ready")
    assert [(await shop.regeneration(regeneration_id))["status"] for regeneration_id in asked] == ["succeeded"] * 3
    assert await shop.counter("regenerations") == (3, 0)
    assert await shop.books_balance()


async def test_a_failed_regeneration_gives_its_unit_back(database: Any, database_url: str) -> None:
    """Where nothing else can be made: failed with the reason, unit released, the old version stays readable."""
    shop, artifact_id = await ready_artifact(database, database_url)
    first, second = await shop.ask(artifact_id, "a", NOW_MS), await shop.ask(artifact_id, "b", NOW_MS + 1)
    async with open_bench(database_url, FakeGenerator(versions_max=2)) as bench:
        await run_regenerations(bench, wake_for(shop, artifact_id), Halt())
    assert (await shop.regeneration(first))["status"] == "succeeded"
    failed = await shop.regeneration(second)
    assert failed["status"] == "failed"
    assert "nothing else" in failed["failure"]
    artifact = await shop.artifact(artifact_id)
    assert (artifact["version"], artifact["status"]) == (2, "failed")
    assert await shop.counter("regenerations") == (1, 0)
    assert await shop.books_balance()


async def test_a_regeneration_is_taken_over_and_the_zombies_version_refused(database: Any, database_url: str) -> None:
    """The lease lapses in the middle: the successor's version stands, the first worker's is not kept."""
    shop, artifact_id = await ready_artifact(database, database_url)
    regeneration_id = await shop.ask(artifact_id)
    reached, gate = asyncio.Event(), asyncio.get_running_loop().create_future()

    def wait(_: str, __: int) -> "asyncio.Future[None]":
        reached.set()
        return gate

    async with (
        open_bench(database_url, FakeGenerator(gate=wait)) as bench,
        open_bench(database_url, FakeGenerator()) as other,
    ):
        zombie = asyncio.create_task(run_regenerations(bench, wake_for(shop, artifact_id), Halt()))
        await reached.wait()
        await database.execute("update regeneration set lease_until = clock_timestamp() - interval '1 second'")
        await run_regenerations(other, wake_for(shop, artifact_id), Halt())
        gate.set_result(None)
        await zombie
    row = await shop.regeneration(regeneration_id)
    assert (row["status"], row["fence"]) == ("succeeded", 2)
    assert (await shop.artifact(artifact_id))["version"] == 2
    assert await shop.counter("regenerations") == (1, 0)


async def test_out_of_claims_a_regeneration_fails_and_the_next_one_runs(database: Any, database_url: str) -> None:
    """One that kills its workers does not block the notes behind it."""
    shop, artifact_id = await ready_artifact(database, database_url)
    first, second = await shop.ask(artifact_id, "a", NOW_MS), await shop.ask(artifact_id, "b", NOW_MS + 1)
    await database.execute("update regeneration set claims = 5, status = 'running' where id = $1", first)
    seen = Seen()
    async with open_bench(database_url, FakeGenerator(), seen=seen) as bench:
        await asyncio.gather(sweep(bench), sweep(bench))
        assert (await shop.regeneration(first))["status"] == "failed"
        assert (await shop.artifact(artifact_id))["status"] == "regenerating"
        await run_regenerations(bench, wake_for(shop, artifact_id), Halt())
    assert (await shop.regeneration(second))["status"] == "succeeded"
    assert await shop.counter("regenerations") == (1, 0)
    assert len(seen.published) == 2


async def test_a_stopping_worker_hands_a_regeneration_back(database: Any, database_url: str) -> None:
    """Given up in the middle when the grace is over: due at once, not counted as a claim, its unit still held."""
    shop, artifact_id = await ready_artifact(database, database_url)
    regeneration_id = await shop.ask(artifact_id)
    halt, seen = Halt(), Seen()
    never = asyncio.get_running_loop().create_future()
    async with open_bench(database_url, FakeGenerator(gate=lambda _, __: never), seen=seen) as bench:
        working = asyncio.create_task(run_regenerations(bench, wake_for(shop, artifact_id), halt))
        await until(lambda: is_running(shop, regeneration_id))
        halt.asked.set()
        halt.now.set()
        await working
    row = await shop.regeneration(regeneration_id)
    assert (row["claims"], row["lease_until"]) == (0, None)
    assert await shop.counter("regenerations") == (0, 1)
    assert (await shop.hold_of(regeneration_id))["deadline_at"] is None
    assert [wake.id for wake in seen.woken] == [artifact_id]


async def test_a_course_that_is_deleted_gives_back_what_it_waits_for(database: Any, database_url: str) -> None:
    """Before the rows go, queued and running regenerations release their units."""
    shop, artifact_id = await ready_artifact(database, database_url)
    for index in range(2):
        await shop.ask(artifact_id, "x", NOW_MS + index)
    course_id = (await shop.artifact(artifact_id))["course_id"]
    async with database.acquire() as connection, connection.transaction():
        await connection.execute("select 1 from course where id = $1 for update", course_id)
        count = await connection.fetchval(
            "select count(*) from regenerations_abandon($1, 'live', $2, '{}', now())", shop.center_id, course_id
        )
        await connection.execute("delete from course where id = $1", course_id)
    assert count == 2
    assert await shop.counter("regenerations") == (0, 0)
    assert await shop.books_balance()


async def is_running(shop: Shop, regeneration_id: str) -> bool:
    return bool((await shop.regeneration(regeneration_id))["status"] == "running")
