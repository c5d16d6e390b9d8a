"""One generation under one worker, and under two that contend for it."""

import asyncio
from typing import Any

from gateway.generation.model import GenerationFailed, Order, Outline
from gateway.work.generations import run_generation
from gateway.work.leases import Halt
from gateway.work.queue import WakeUp, generation_waits
from gateway.work.sweeps import sweep
from tests.gateway.work.benches import Seen, open_bench
from tests.gateway.work.shop import Shop, until
from tests.generators import FakeGenerator


def wake_for(shop: Shop, generation_id: str) -> WakeUp:
    return generation_waits(shop.center_id, "live", generation_id)


class Gate:
    """Holds one module of a FakeGenerator until opened."""

    def __init__(self, index: int) -> None:
        self._index = index
        self._future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.reached = asyncio.Event()

    def __call__(self, _: str, index: int) -> asyncio.Future[None] | None:
        if index != self._index:
            return None
        self.reached.set()
        return self._future

    def open(self) -> None:
        self._future.set_result(None)


async def test_a_generation_is_made_module_by_module_and_settled_exactly(database: Any, database_url: str) -> None:
    """Ready means: every module stored once, its units settled, nothing held or running any more, mirrors told."""
    shop, seen = await Shop.open(database), Seen()
    generation_id = await shop.launch(modules=3)
    async with open_bench(database_url, FakeGenerator(), seen=seen) as bench:
        await run_generation(bench, wake_for(shop, generation_id), Halt())
    row = await shop.generation(generation_id)
    assert (row["status"], row["phase"], row["modules_done"], row["modules_total"]) == ("succeeded", "done", 3, 3)
    assert (row["units_settled"], row["units_released"], row["lease_until"]) == (3, 0, None)
    assert await shop.course_status(generation_id) == "ready"
    assert await shop.modules_made(generation_id) == [0, 0, 1, 1, 2, 2]
    hold = await shop.hold_of(generation_id)
    assert (hold["state"], hold["settled_units"], hold["deadline_at"]) == ("SETTLED", 3, None)
    assert await shop.counter() == (3, 0)
    assert await shop.running() == 0
    assert await shop.books_balance()
    assert seen.published == [hold["id"]]
    title = await database.fetchval("select title from course where id = $1", row["course_id"])
    assert title == "On Bees"


async def test_a_thin_source_settles_the_modules_it_yielded(database: Any, database_url: str) -> None:
    """Held as launched, settled as made, the rest free again."""
    shop = await Shop.open(database)
    generation_id = await shop.launch(modules=5)
    async with open_bench(database_url, FakeGenerator(modules=2)) as bench:
        await run_generation(bench, wake_for(shop, generation_id), Halt())
    row = await shop.generation(generation_id)
    assert (row["status"], row["modules_total"]) == ("succeeded", 2)
    assert (row["units_held"], row["units_settled"], row["units_released"]) == (5, 2, 3)
    assert await shop.counter() == (2, 0)


async def test_a_failure_settles_what_was_done_and_frees_the_rest(database: Any, database_url: str) -> None:
    """The failing module costs nothing; what was finished before it stays and is charged."""
    shop = await Shop.open(database)
    generation_id = await shop.launch(modules=4)
    failure = GenerationFailed("source_unreadable", "Nothing to read.", retryable=True)
    async with open_bench(database_url, FakeGenerator(fails_at=2, failure=failure)) as bench:
        await run_generation(bench, wake_for(shop, generation_id), Halt())
    row = await shop.generation(generation_id)
    assert row["status"] == "failed"
    assert row["failure"] == '{"code": "source_unreadable", "message": "Nothing to read.", "retryable": true}'
    assert (row["units_settled"], row["units_released"]) == (2, 2)
    assert await shop.counter() == (2, 0)
    assert await shop.running() == 0
    assert await shop.course_status(generation_id) == "failed"
    assert await shop.books_balance()


async def test_a_failure_before_the_first_module_releases_the_hold(database: Any, database_url: str) -> None:
    """None committed is RELEASED, not settled with nothing. A crash inside the generator is its failure, unquoted."""
    shop = await Shop.open(database)
    generation_id = await shop.launch()
    async with open_bench(
        database_url, FakeGenerator(fails_at=0, failure=ValueError("upstream said: secret"))
    ) as bench:
        await run_generation(bench, wake_for(shop, generation_id), Halt())
    row = await shop.generation(generation_id)
    assert "secret" not in row["failure"]
    assert "generator_error" in row["failure"]
    assert (await shop.hold_of(generation_id))["state"] == "RELEASED"
    assert await shop.counter() == (0, 0)


async def test_cancelling_lets_the_module_in_progress_finish_and_charges_it(database: Any, database_url: str) -> None:
    """Asked in the middle of module 1: modules 0 and 1 are kept and charged, module 2 is never begun."""
    shop, gate = await Shop.open(database), Gate(1)
    generation_id = await shop.launch(modules=4)
    generator = FakeGenerator(gate=gate)
    async with open_bench(database_url, generator) as bench:
        working = asyncio.create_task(run_generation(bench, wake_for(shop, generation_id), Halt()))
        await gate.reached.wait()
        assert await cancel(shop, generation_id) == "requested"
        assert (await shop.generation(generation_id))["status"] == "running"
        gate.open()
        await working
    row = await shop.generation(generation_id)
    assert (row["status"], row["modules_done"], row["units_settled"], row["units_released"]) == ("canceled", 2, 2, 2)
    assert [index for _, index in generator.started] == [0, 1]
    assert await shop.course_status(generation_id) == "canceled"
    assert await shop.running() == 0


async def test_cancelling_what_nobody_works_on_ends_it_at_once(database: Any, database_url: str) -> None:
    """Queued: canceled in the caller's transaction, hold released; a worker that comes later finds nothing to do."""
    shop, generator = await Shop.open(database), FakeGenerator()
    generation_id = await shop.launch()
    assert await cancel(shop, generation_id) == "canceled"
    assert await cancel(shop, generation_id) == "ended"
    async with open_bench(database_url, generator) as bench:
        await run_generation(bench, wake_for(shop, generation_id), Halt())
    assert generator.started == []
    assert (await shop.hold_of(generation_id))["state"] == "RELEASED"
    assert await shop.running() == 0


async def test_a_frozen_worker_that_thaws_has_its_writes_refused(database: Any, database_url: str) -> None:
    """The successor has a higher fence and goes on behind the last finished module; the zombie's module is not kept."""
    shop, gate = await Shop.open(database), Gate(1)
    generation_id = await shop.launch(modules=3)
    frozen, successor = FakeGenerator(gate=gate), FakeGenerator()
    async with open_bench(database_url, frozen) as bench, open_bench(database_url, successor) as other:
        zombie = asyncio.create_task(run_generation(bench, wake_for(shop, generation_id), Halt()))
        await gate.reached.wait()
        await lapse(shop, generation_id)
        await run_generation(other, wake_for(shop, generation_id), Halt())
        before = await database.fetch("select * from artifact order by id")
        gate.open()
        await zombie
        assert await database.fetch("select * from artifact order by id") == before
    row = await shop.generation(generation_id)
    assert (row["status"], row["fence"], row["claims"]) == ("succeeded", 2, 2)
    assert [index for _, index in frozen.started] == [0, 1]
    assert [index for _, index in successor.started] == [1, 2]
    assert await shop.modules_made(generation_id) == [0, 0, 1, 1, 2, 2]
    assert await shop.counter() == (3, 0)
    assert await shop.books_balance()


async def test_a_live_lease_is_nobody_elses(database: Any, database_url: str) -> None:
    """A second worker that hears the same wake-up does nothing."""
    shop, gate = await Shop.open(database), Gate(0)
    generation_id = await shop.launch(modules=1)
    second = FakeGenerator()
    async with open_bench(database_url, FakeGenerator(gate=gate)) as bench, open_bench(database_url, second) as other:
        working = asyncio.create_task(run_generation(bench, wake_for(shop, generation_id), Halt()))
        await gate.reached.wait()
        await run_generation(other, wake_for(shop, generation_id), Halt())
        await sweep(other)
        assert second.started == []
        gate.open()
        await working
    assert (await shop.generation(generation_id))["fence"] == 1


async def test_the_lease_is_renewed_while_a_module_takes_long(database: Any, database_url: str) -> None:
    """A module of several leases' length stays its worker's, and its hold's deadline moves along."""
    shop, gate = await Shop.open(database), Gate(0)
    generation_id = await shop.launch(modules=1)
    async with open_bench(database_url, FakeGenerator(gate=gate), lease_seconds=0.6) as bench:
        working = asyncio.create_task(run_generation(bench, wake_for(shop, generation_id), Halt()))
        await gate.reached.wait()
        first = (await shop.hold_of(generation_id))["deadline_at"]

        async def renewed_often() -> bool:
            await sweep(bench)
            return ((await shop.hold_of(generation_id))["deadline_at"] - first).total_seconds() > 1.2

        await until(renewed_often)
        gate.open()
        await working
    row = await shop.generation(generation_id)
    assert (row["status"], row["fence"]) == ("succeeded", 1)


async def test_a_stopping_worker_hands_its_lease_back_between_steps(database: Any, database_url: str) -> None:
    """The module in progress is kept, the next is not begun, the row is due at once and the claim is not counted."""
    shop, gate, seen, halt = await Shop.open(database), Gate(0), Seen(), Halt()
    generation_id = await shop.launch(modules=3)
    async with open_bench(database_url, FakeGenerator(gate=gate), seen=seen) as bench:
        working = asyncio.create_task(run_generation(bench, wake_for(shop, generation_id), halt))
        await gate.reached.wait()
        halt.asked.set()
        gate.open()
        await working
        row = await shop.generation(generation_id)
        assert (row["status"], row["modules_done"], row["lease_until"], row["claims"]) == ("running", 1, None, 0)
        assert (await shop.hold_of(generation_id))["deadline_at"] is None
        assert [wake.key for wake in seen.woken] == [f"{generation_id}:1"]
        await run_generation(bench, seen.woken[0], Halt())
    assert (await shop.generation(generation_id))["status"] == "succeeded"
    assert await shop.counter() == (3, 0)


async def test_a_worker_that_cant_wait_gives_the_step_up(database: Any, database_url: str) -> None:
    """When the grace is over, the module is abandoned uncharged and the lease handed back all the same."""
    shop, gate, halt = await Shop.open(database), Gate(1), Halt()
    generation_id = await shop.launch(modules=2)
    async with open_bench(database_url, FakeGenerator(gate=gate)) as bench:
        working = asyncio.create_task(run_generation(bench, wake_for(shop, generation_id), halt))
        await gate.reached.wait()
        halt.asked.set()
        halt.now.set()
        await working
    row = await shop.generation(generation_id)
    assert (row["status"], row["modules_done"], row["lease_until"]) == ("running", 1, None)


async def test_after_five_claims_a_generation_is_given_up(database: Any, database_url: str) -> None:
    """The sixth worker never comes: failed, worker_lost, what was finished is charged."""
    shop = await Shop.open(database)
    generation_id = await shop.launch(modules=2)
    seen = Seen()
    async with open_bench(database_url, FakeGenerator(gate=stuck_at_one), seen=seen) as bench:
        for _ in range(5):
            dying = asyncio.create_task(run_generation(bench, wake_for(shop, generation_id), Halt()))
            await until(lambda: is_done(shop, generation_id, 1))
            await lapse_after_claim(shop, generation_id)
            dying.cancel()
            await asyncio.gather(dying, return_exceptions=True)
        assert (await shop.generation(generation_id))["claims"] == 5
        await run_generation(bench, wake_for(shop, generation_id), Halt())
        await sweep(bench)
        await sweep(bench)
    row = await shop.generation(generation_id)
    assert (row["status"], row["units_settled"], row["units_released"]) == ("failed", 1, 1)
    assert '"worker_lost"' in row["failure"]
    assert await shop.running() == 0
    assert await shop.counter() == (1, 0)
    assert seen.published == [(await shop.hold_of(generation_id))["id"]]


async def test_a_failure_after_a_wish_to_cancel_is_a_cancellation(database: Any, database_url: str) -> None:
    """The owner wanted an end and gets it: canceled, what was finished charged, no failure shown."""
    shop, gate = await Shop.open(database), Gate(1)
    generation_id = await shop.launch(modules=3)
    async with open_bench(database_url, FakeGenerator(gate=gate, fails_at=1)) as bench:
        running = asyncio.create_task(run_generation(bench, wake_for(shop, generation_id), Halt()))
        await gate.reached.wait()
        assert await cancel(shop, generation_id) == "requested"
        gate.open()
        await running
    row, hold = await shop.generation(generation_id), await shop.hold_of(generation_id)
    assert (row["status"], row["failure"], row["units_settled"], row["units_released"]) == ("canceled", None, 1, 2)
    assert (hold["state"], hold["settled_units"]) == ("SETTLED", 1)
    assert await shop.course_status(generation_id) == "canceled"
    assert await shop.books_balance()


async def test_a_lost_worker_after_a_wish_to_cancel_is_a_cancellation(database: Any, database_url: str) -> None:
    """Nobody came back to heed the wish, so the sweep does, with the hold's end as for any lost worker."""
    shop = await Shop.open(database)
    generation_id = await shop.launch(modules=2)
    await database.execute(
        """update generation set status = 'running', claims = 5, cancel_requested = true,
                                 lease_until = clock_timestamp() - interval '1 second'"""
    )
    async with open_bench(database_url, FakeGenerator()) as bench:
        await sweep(bench)
    row = await shop.generation(generation_id)
    assert (row["status"], row["failure"], row["units_released"]) == ("canceled", None, 2)
    assert await shop.running() == 0


async def test_a_wish_to_cancel_ends_an_outline_at_once(database: Any, database_url: str) -> None:
    """There is no module in progress to finish: the renewal that learns of it ends the step."""
    shop, generator = await Shop.open(database), WithoutOutline()
    generation_id = await shop.launch(modules=2)
    async with open_bench(database_url, generator, lease_seconds=1.5) as bench, asyncio.timeout(10):
        running = asyncio.create_task(run_generation(bench, wake_for(shop, generation_id), Halt()))
        await generator.asked.wait()
        assert await cancel(shop, generation_id) == "requested"
        await running
    row = await shop.generation(generation_id)
    assert (row["status"], row["units_settled"], row["units_released"]) == ("canceled", 0, 2)
    assert (await shop.hold_of(generation_id))["state"] == "RELEASED"


async def test_the_center_with_less_under_way_is_served_first(database: Any, database_url: str) -> None:
    """Told of one center's second course while its first is made, a worker takes another center's first instead."""
    greedy, modest, gate = await Shop.open(database), await Shop.open(database), Gate(0)
    generations = [await greedy.launch(modules=1), await greedy.launch(modules=1), await modest.launch(modules=1)]
    async with (
        open_bench(database_url, FakeGenerator(gate=gate)) as busy,
        open_bench(database_url, FakeGenerator()) as bench,
    ):
        first = asyncio.create_task(run_generation(busy, wake_for(greedy, generations[0]), Halt()))
        await gate.reached.wait()
        await run_generation(bench, wake_for(greedy, generations[1]), Halt())
        assert [(await greedy.generation(one))["status"] for one in generations] == ["running", "queued", "succeeded"]
        await run_generation(bench, wake_for(modest, generations[2]), Halt())
        assert (await greedy.generation(generations[1]))["status"] == "succeeded"
        gate.open()
        await first


class WithoutOutline(FakeGenerator):
    """Never comes to an outline."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()

    async def outline(self, order: Order) -> Outline:
        self.asked.set()
        await asyncio.Event().wait()
        return await super().outline(order)


async def cancel(shop: Shop, generation_id: str) -> str:
    async with shop.pool.acquire() as connection, connection.transaction():
        course_id = (await shop.generation(generation_id))["course_id"]
        await connection.execute("select 1 from course where id = $1 for update", course_id)
        outcome: str = await connection.fetchval(
            "select outcome from generation_cancel($1, 'live', $2, now())", shop.center_id, generation_id
        )
        return outcome


async def lapse(shop: Shop, generation_id: str) -> None:
    """As if the lease's time were over: its worker is frozen and renews nothing."""
    await shop.pool.execute(
        "update generation set lease_until = clock_timestamp() - interval '1 second' where id = $1", generation_id
    )


async def lapse_after_claim(shop: Shop, generation_id: str) -> None:
    await until(lambda: is_leased(shop, generation_id))
    await lapse(shop, generation_id)


async def is_leased(shop: Shop, generation_id: str) -> bool:
    query = "select lease_until > clock_timestamp() from generation where id = $1"
    return bool(await shop.pool.fetchval(query, generation_id))


async def is_done(shop: Shop, generation_id: str, modules: int) -> bool:
    return bool((await shop.generation(generation_id))["modules_done"] == modules)


def stuck_at_one(_: str, index: int) -> "asyncio.Future[None] | None":
    return asyncio.get_running_loop().create_future() if index == 1 else None
