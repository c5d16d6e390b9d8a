"""Real worker processes, killed, frozen and stopped over one real database. Long runs: tests/chaos/test_workers.py."""

import asyncio
import signal
from typing import Any

from tests.gateway.work.killing import kill_over_and_over
from tests.gateway.work.shop import Shop, until
from tests.gateway.work.workers import worker


async def test_killed_workers_cost_neither_modules_nor_units(database: Any, database_url: str, redis_url: str) -> None:
    """SIGKILL in the middle of a module, 4 times over 4 generations: each ends ready, each module made and paid once."""
    shop = await Shop.open(database)
    await kill_over_and_over(shop, database_url, redis_url, generations=4, kills=4)


async def test_a_worker_that_is_frozen_and_thaws_changes_nothing(
    database: Any, database_url: str, redis_url: str
) -> None:
    """SIGSTOP for three leases: another worker finishes the course; thawed, the first one's writes are refused."""
    shop = await Shop.open(database)
    generation_id = await shop.launch(modules=3)
    async with worker(database_url, redis_url, concurrency=1, step_seconds=0.4) as frozen:
        await until(lambda: has_modules(shop, generation_id, 1))
        frozen.signal(signal.SIGSTOP)
        # A frozen process may hold a transaction open: the server ends it after five seconds and frees its locks.
        async with worker(database_url, redis_url, concurrency=1, step_seconds=0.05) as successor:
            await until(lambda: has_ended(shop, generation_id), 30)
            before = await everything(database)
            frozen.signal(signal.SIGCONT)
            await until(lambda: says(frozen, "generation.fenced"))
            assert await everything(database) == before
            successor.signal(signal.SIGTERM)
            assert await successor.ended() == 0
    row = await shop.generation(generation_id)
    assert (row["status"], row["fence"], row["units_settled"]) == ("succeeded", 2, 3)
    assert await shop.modules_made(generation_id) == [0, 0, 1, 1, 2, 2]
    assert await shop.books_balance()


async def test_sigterm_hands_the_lease_back_between_steps(database: Any, database_url: str, redis_url: str) -> None:
    """The worker ends with 0, no lease is left behind, no module lost; the next worker goes on without waiting."""
    shop = await Shop.open(database)
    generation_ids = [await shop.launch(modules=4) for _ in range(3)]
    async with worker(database_url, redis_url, concurrency=2, step_seconds=0.3, lease_seconds=60) as first:
        await until(lambda: has_modules(shop, generation_ids[0], 1))
        first.signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            assert await first.ended() == 0
    assert not [line for line in first.log if "Traceback" in line]
    said = "".join(first.log)
    assert f"req_of_{generation_ids[0]}" in said, "the request that caused the work is named"
    assert "nectar" not in said, "no source text is"
    leased = await database.fetchval("select count(*) from generation where lease_until is not null")
    assert leased == 0
    counted = await database.fetchval("select coalesce(max(claims), 0) from generation where finished_at is null")
    assert counted == 0, "a lease that is handed back is no claim"
    async with worker(database_url, redis_url, concurrency=2, step_seconds=0.05, lease_seconds=60):
        for generation_id in generation_ids:
            await until(lambda generation_id=generation_id: has_ended(shop, generation_id))  # type: ignore[misc]
    assert await shop.counter() == (12, 0)
    assert await shop.books_balance()


async def everything(database: Any) -> list[Any]:
    queries = (
        "select * from generation",
        "select * from artifact order by id",
        "select * from artifact_version order by artifact_id, version",
        "select * from course",
        "select * from quota_ledger order by id",
        "select * from quota_counter",
    )
    return [await database.fetch(query) for query in queries]


async def has_modules(shop: Shop, generation_id: str, count: int) -> bool:
    return bool((await shop.generation(generation_id))["modules_done"] >= count)


async def has_ended(shop: Shop, generation_id: str) -> bool:
    return bool((await shop.generation(generation_id))["finished_at"] is not None)


async def says(process: Any, event: str) -> bool:
    return any(event in line for line in process.log)
