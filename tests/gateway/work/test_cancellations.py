"""A generation that its owner wants ended: when it ends, and what is charged."""

import asyncio
from typing import Any

from gateway.generation.model import Order, Outline
from gateway.work.generations import run_generation
from gateway.work.leases import Halt
from gateway.work.sweeps import sweep
from tests.gateway.work.benches import open_bench
from tests.gateway.work.shop import Shop
from tests.gateway.work.steering import Gate, cancel, wake_for
from tests.generators import FakeGenerator


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


class WithoutOutline(FakeGenerator):
    """Never comes to an outline."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()

    async def outline(self, order: Order) -> Outline:
        self.asked.set()
        await asyncio.Event().wait()
        return await super().outline(order)
