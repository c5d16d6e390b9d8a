"""Suspending a center closes its door and stops nothing behind it: what was admitted is finished, and charged once."""

from typing import Any

import httpx

from gateway.stores import SqlStore
from gateway.work.generations import run_generation
from gateway.work.leases import Halt
from gateway.work.queue import generation_waits
from gateway.work.sweeps import sweep
from tests.clock import FrozenClock
from tests.gateway.features.taking import Taker, picked, publish, refused
from tests.gateway.work.benches import open_bench
from tests.gateway.work.shop import Shop
from tests.gateway.work.test_attempts import invigilator
from tests.generators import FakeGenerator
from tests.running import Customer


async def suspend(database: Any, center_id: str) -> None:
    await database.execute("update center set status = 'suspended' where id = $1", center_id)


async def test_what_was_launched_before_is_generated(database: Any, database_url: str) -> None:
    """Queued at the suspension: it is woken, made whole and settled, and the books balance."""
    shop = await Shop.open(database)
    generation_id = await shop.launch(modules=2)
    await suspend(database, shop.center_id)
    async with open_bench(database_url, FakeGenerator()) as bench:
        await sweep(bench)
        assert await database.fetchval("select count(*) from pgqueuer") == 1
        await run_generation(bench, generation_waits(shop.center_id, "live", generation_id), Halt())
    assert (await shop.generation(generation_id))["status"] == "succeeded"
    hold = await shop.hold_of(generation_id)
    assert (hold["state"], hold["settled_units"]) == ("SETTLED", 2)
    assert await shop.running() == 0
    assert await shop.books_balance()


async def test_an_attempt_under_way_ends_in_its_time(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock, sql: SqlStore, database: Any
) -> None:
    """Its learner's requests are refused, the clock runs on, and what was saved is graded."""
    taker = Taker(client, customer)
    submission_id = await taker.started(await publish(client, customer, time_limit_seconds=60))
    await taker.save(submission_id, 1, picked("a"))
    await suspend(database, customer.center_id)
    clock.advance(60_000)
    assert refused(await taker.submit(submission_id, picked("b"))) == (403, "center_suspended")
    assert await invigilator(sql, clock).end_some() == 1
    row = await database.fetchrow("select status, score_cents from submission where id = $1", submission_id)
    assert (row["status"], row["score_cents"]) == ("expired", 100)
