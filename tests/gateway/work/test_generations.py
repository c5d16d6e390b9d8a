"""One generation under one worker: made module by module, settled exactly, whatever way it ends."""

import asyncio
from typing import Any

from gateway.generation.model import GenerationFailed
from gateway.work import store
from gateway.work.generations import run_generation
from gateway.work.leases import Halt
from tests.gateway.work.benches import Seen, open_bench
from tests.gateway.work.shop import Shop
from tests.gateway.work.steering import Gate, wake_for
from tests.generators import FakeGenerator


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


async def test_an_untitled_course_leaves_its_title_to_the_generator(database: Any, database_url: str) -> None:
    """The topic is no title: a generator that finds one in the sources may give it."""
    shop = await Shop.open(database)
    row = await shop.generation(await shop.launch(topic="Bees"))
    async with database.acquire() as connection:
        order = await store.order(connection, row["center_id"], row["env"], row["course_id"])
    assert (order.title, order.brief.topic) == ("", "Bees")


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
