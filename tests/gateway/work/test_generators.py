"""The generators that `work` uses, under the worker: what they make passes its checks, and a stall comes to an end."""

import asyncio
from typing import Any

from gateway.generation.builtin.crew import Crew
from gateway.generation.choice import choose_generators
from gateway.work.bench import Bench
from gateway.work.generations import run_generation
from gateway.work.leases import Halt
from gateway.work.queue import generation_waits, regeneration_waits
from gateway.work.regenerations import run_regenerations
from tests.gateway.work.benches import open_bench
from tests.gateway.work.shop import Shop
from tests.generators import FakeGenerator
from tests.running import settings_for

KINDS = ["slides", "notes", "narration", "quiz"]


async def made(shop: Shop, database_url: str, redis_url: str, generation_id: str, lease_seconds: float = 30.0) -> Bench:
    async with Crew(1) as crew, open_bench(database_url, FakeGenerator(), lease_seconds=lease_seconds) as fake:
        choose = choose_generators(settings_for(database_url, redis_url), crew)
        bench = Bench(fake.sql, fake.clock, choose, fake.publish, fake.wake, fake.lease_seconds)
        await run_generation(bench, generation_waits(shop.center_id, shop.env, generation_id), Halt())  # type: ignore[arg-type]
        for artifact_id in await shop.artifact_ids(generation_id):
            await shop.ask(artifact_id, "shorter")
            await run_regenerations(bench, regeneration_waits(shop.center_id, shop.env, artifact_id, "r"), Halt())  # type: ignore[arg-type]
    return bench


async def test_the_builtin_generator_makes_a_course_of_a_live_key(
    database: Any, database_url: str, redis_url: str
) -> None:
    """A real source, all kinds: ready, with settled units, and every regeneration ended one way or the other."""
    shop = await Shop.open(database)
    generation_id = await shop.launch(modules=2, kinds=KINDS)
    await made(shop, database_url, redis_url, generation_id)
    row = await shop.generation(generation_id)
    assert (row["status"], row["failure"]) == ("succeeded", None)
    assert row["units_settled"] == row["modules_total"] >= 1
    states = await database.fetch("select distinct status from regeneration")
    assert {state["status"] for state in states} <= {"succeeded", "failed"}
    assert await shop.books_balance()


async def test_a_test_keys_topic_forces_the_outcome(database: Any, database_url: str, redis_url: str) -> None:
    """ok, fail and fail_at:1 end as they say, and settle accordingly."""
    shop = await Shop.open(database, env="test")
    ends = {}
    for topic in ("sandbox:ok", "sandbox:fail", "sandbox:fail_at:1"):
        generation_id = await shop.launch(modules=2, topic=topic, kinds=["notes"])
        await made(shop, database_url, redis_url, generation_id)
        row = await shop.generation(generation_id)
        ends[topic] = (row["status"], row["units_settled"])
    assert ends["sandbox:fail"] == ("failed", 0)
    assert ends["sandbox:ok"][0] == "succeeded"
    assert ends["sandbox:ok"][1] >= 1
    assert ends["sandbox:fail_at:1"][1] <= 1
    assert await shop.running() == 0


async def test_a_scripted_stall_ends_with_its_lease(database: Any, database_url: str, redis_url: str) -> None:
    """Nothing ever comes: the generation fails with generator_timeout, and its hold is released."""
    shop = await Shop.open(database, env="test")
    generation_id = await shop.launch(topic="sandbox:stall")
    async with asyncio.timeout(15):
        await made(shop, database_url, redis_url, generation_id, lease_seconds=1.0)
    row = await shop.generation(generation_id)
    assert row["status"] == "failed"
    assert '"generator_timeout"' in row["failure"]
    assert (await shop.hold_of(generation_id))["state"] == "RELEASED"
