"""Who may work on a generation: leases, fences, workers that stop, and workers that never come back."""

import asyncio
from typing import Any

from gateway.work.generations import run_generation
from gateway.work.leases import Halt
from gateway.work.sweeps import sweep
from tests.gateway.work.benches import Seen, open_bench
from tests.gateway.work.shop import Shop, until
from tests.gateway.work.steering import Gate, lapse, wake_for
from tests.generators import FakeGenerator


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
