"""The sweep: what nobody will finish is ended once, what waits is woken, whatever PgQueuer forgot."""

import asyncio
from typing import Any

from prometheus_client import REGISTRY

from gateway.stores import SqlStore
from gateway.work import queue
from gateway.work.generations import run_generation
from gateway.work.leases import Halt
from gateway.work.queue import generation_waits
from gateway.work.sweeps import sweep
from gateway.work.wake import Waker
from tests.gateway.work.benches import Seen, open_bench
from tests.gateway.work.shop import Shop, until
from tests.generators import FakeGenerator

STATES = ("HELD", "SETTLED", "RELEASED", "EXPIRED", "REFUNDED")


async def test_what_waits_is_woken_once_however_many_sweep(database: Any, database_url: str) -> None:
    """Two sweepers, twice each: one wake-up a row, and again after the queue's own table was emptied."""
    shop = await Shop.open(database)
    generation_ids = {await shop.launch() for _ in range(3)}
    async with open_bench(database_url, FakeGenerator()) as bench:
        for _ in range(2):
            await asyncio.gather(sweep(bench), sweep(bench))
            assert await woken(database) == sorted(generation_ids)
            await database.execute("delete from pgqueuer")
        await sweep(bench)
    assert await woken(database) == sorted(generation_ids)


async def test_each_centers_oldest_is_due_before_any_centers_second(database: Any) -> None:
    """A backlog of one center stands before nobody else's first course."""
    greedy, modest = await Shop.open(database), await Shop.open(database)
    backlog = [await greedy.launch() for _ in range(3)]
    single = await modest.launch()
    await database.execute("update generation set created_at = created_at + interval '1 hour' where id = $1", single)
    for place, generation_id in enumerate(backlog):
        query = "update generation set created_at = created_at + $2 * interval '1 minute' where id = $1"
        await database.execute(query, generation_id, place)
    due = [row["id"] for row in await database.fetch("select id from work_due(5, 100)")]
    assert due == [backlog[0], single, backlog[1], backlog[2]]


async def test_a_hold_past_its_deadline_expires_with_its_generation_once(database: Any, database_url: str) -> None:
    """No worker for five minutes after the lease: the generation fails and its hold expires in one transaction,
    charging the module that was finished; of four sweepers one does it.
    """  # fmt: skip
    shop, seen = await Shop.open(database), Seen()
    generation_id = await shop.launch(modules=3)
    await interrupted_after_one_module(shop, database_url, generation_id)
    await database.execute(
        "update quota_hold set deadline_at = clock_timestamp() - interval '1 second' where owner_id = $1", generation_id
    )
    async with open_bench(database_url, FakeGenerator(), seen=seen) as bench:
        await asyncio.gather(*[sweep(bench) for _ in range(4)])
    row, hold = await shop.generation(generation_id), await shop.hold_of(generation_id)
    assert (row["status"], row["units_settled"], row["units_released"]) == ("failed", 1, 2)
    assert (hold["state"], hold["settled_units"]) == ("EXPIRED", 1)
    assert seen.published == [hold["id"]]
    assert await shop.running() == 0
    assert await shop.counter() == (1, 0)
    assert await shop.books_balance()


async def test_the_sweep_shows_holds_by_state(database: Any, database_url: str) -> None:
    """What is held counts however old it is; what has ended only for an hour."""
    shop = await Shop.open(database)
    generations = [await shop.launch(modules=1) for _ in range(4)]
    async with open_bench(database_url, FakeGenerator()) as bench:
        for generation_id in generations[:2]:
            await run_generation(bench, generation_waits(shop.center_id, "live", generation_id), Halt())
        query = "update quota_hold set created_at = created_at - interval '1 day' where owner_id = any($1)"
        await database.execute(query, [generations[1], generations[2]])
        await sweep(bench)
    shown = {state: REGISTRY.get_sample_value("coursegate_holds", {"state": state}) for state in STATES}
    assert shown == {"HELD": 2, "SETTLED": 1, "RELEASED": 0, "EXPIRED": 0, "REFUNDED": 0}


async def test_a_live_lease_is_never_expired(database: Any, database_url: str) -> None:
    """Even with the hold's deadline behind us, a row whose lease lives is left alone."""
    shop = await Shop.open(database)
    generation_id = await shop.launch()
    await database.execute(
        "update generation set status = 'running', claims = 5, lease_until = clock_timestamp() + interval '1 hour'"
    )
    await database.execute("update quota_hold set deadline_at = clock_timestamp() - interval '1 hour'")
    async with open_bench(database_url, FakeGenerator()) as bench:
        await sweep(bench)
    assert (await shop.generation(generation_id))["status"] == "running"
    assert (await shop.hold_of(generation_id))["state"] == "HELD"


async def test_sweeper_and_worker_finishing_in_the_same_instant_settle_once(database: Any, database_url: str) -> None:
    """Twenty rows, each ended by its own worker and by two sweepers at once: one line in the ledger ends each hold."""
    shop = await Shop.open(database)
    generation_ids = [await shop.launch(modules=1) for _ in range(20)]
    for generation_id in generation_ids:
        await database.execute(
            """update generation set status = 'running', claims = 5, fence = 1, phase = 'modules',
                                     lease_until = clock_timestamp() - interval '1 second' where id = $1""",
            generation_id,
        )

    async def finish(generation_id: str) -> None:
        query = "select generation_finish($1, 'live', $2, 1, 'canceled', null, now())"
        await database.fetchval(query, shop.center_id, generation_id)

    async with open_bench(database_url, FakeGenerator()) as bench, open_bench(database_url, FakeGenerator()) as other:
        await asyncio.gather(sweep(bench), sweep(other), *[finish(generation_id) for generation_id in generation_ids])
        await sweep(bench)
    assert await shop.counter() == (0, 0)
    assert await shop.running() == 0
    assert await database.fetchval("select count(*) from quota_ledger where kind = 'release'") == 20
    assert await shop.books_balance()


async def test_wake_ups_of_a_moment_leave_together_and_once(database: Any, database_url: str) -> None:
    """A hundred wakes of ten rows become ten jobs; `wake` itself neither waits nor fails."""
    shop = await Shop.open(database)
    async with SqlStore(database_url, size=2) as sql:
        waker = Waker(sql)
        for _ in range(10):
            for number in range(10):
                waker.wake(generation_waits(shop.center_id, "live", f"gen_{number}"))
        await waker.close()
    assert await woken(database) == [f"gen_{number}" for number in range(10)]


async def test_a_waker_without_a_database_fails_nobody(database: Any, database_url: str) -> None:
    """The request that launched is answered all the same; the sweep finds its row."""
    sql = SqlStore(database_url, size=2)
    waker = Waker(sql)
    waker.wake(generation_waits("ctr_x", "live", "gen_x"))
    await waker.close()
    async with sql:
        waker.wake(generation_waits("ctr_x", "live", "gen_y"))
        await waker.close()
    assert await woken(database) == ["gen_y"]


async def interrupted_after_one_module(shop: Shop, database_url: str, generation_id: str) -> None:
    """Its worker is gone and its lease over; one module is kept."""

    def stuck(_: str, index: int) -> "asyncio.Future[None] | None":
        return asyncio.get_running_loop().create_future() if index == 1 else None

    async with open_bench(database_url, FakeGenerator(gate=stuck)) as bench:
        working = asyncio.create_task(
            run_generation(bench, generation_waits(shop.center_id, "live", generation_id), Halt())
        )

        async def one_is_done() -> bool:
            return bool((await shop.generation(generation_id))["modules_done"] == 1)

        await until(one_is_done)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    await shop.pool.execute("update generation set lease_until = clock_timestamp() - interval '1 second'")


async def woken(database: Any) -> list[str]:
    rows = await database.fetch("select payload from pgqueuer")
    wakes = [queue.read(row["payload"]) for row in rows]
    return sorted(wake.id for wake in wakes if wake is not None)
