"""A worker that finds its rows held by another writes them later: nothing that was made is made again."""

import asyncio
from typing import Any

import asyncpg
import pytest

from gateway.stores import Overloaded
from gateway.work.generations import run_generation
from gateway.work.leases import Halt
from gateway.work.queue import generation_waits
from tests.gateway.work.benches import open_bench
from tests.gateway.work.shop import Shop, until
from tests.generators import FakeGenerator

KEEPING = "generation_keep_module("
IMPATIENT = "&lock_timeout=50ms"
"""Ends every wait for a lock of a connection with this in its URL."""


async def tried_to_keep(database: Any, times: int) -> None:
    """Until so many tries to keep a module were met waiting for a lock."""
    query = """select query_start from pg_stat_activity
                where datname = current_database() and wait_event_type = 'Lock' and strpos(query, $1) > 0"""
    met: set[Any] = set()

    async def enough() -> bool:
        met.add(await database.fetchval(query, KEEPING))
        return len(met - {None}) >= times

    await until(enough)


async def test_a_module_waits_for_its_lock_over_several_tries(database: Any, database_url: str) -> None:
    """Its tries end without the lock, twice and more; when it is free the module is kept, and was made once."""
    shop, generator = await Shop.open(database), FakeGenerator()
    generation_id = await shop.launch(modules=2)
    async with open_bench(database_url + IMPATIENT, generator) as bench, database.acquire() as other:
        in_the_way = other.transaction()
        await in_the_way.start()
        await other.execute("lock table artifact in share mode")
        working = asyncio.create_task(
            run_generation(bench, generation_waits(shop.center_id, "live", generation_id), Halt())
        )
        await tried_to_keep(database, 2)
        await in_the_way.rollback()
        await working
    row = await shop.generation(generation_id)
    assert (row["status"], row["modules_done"], row["claims"]) == ("succeeded", 2, 1)
    assert [index for _, index in generator.started] == [0, 1]
    assert await shop.books_balance()


@pytest.mark.parametrize("error", [asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError])
async def test_nobody_waits_for_a_lock_longer_than_a_lease(database_url: str, error: type[Exception]) -> None:
    """Then it is Overloaded, as where no connection is free: the work is interrupted, not crashed."""
    tries = 0

    async def write() -> None:
        nonlocal tries
        tries += 1
        raise error("in the way")

    async with open_bench(database_url, FakeGenerator(), lease_seconds=0.3) as bench:
        with pytest.raises(Overloaded):
            await bench.patiently(write)
    assert tries >= 2
