"""The worker as `coursegate work` runs it: PgQueuer's wake-ups, sweeps, slots, and its end."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from gateway import settings as settings_module
from gateway.settings import Settings
from gateway.stores import SqlStore
from gateway.work import queue
from gateway.work.queue import generation_waits, regeneration_waits
from gateway.work.wake import Waker
from gateway.worker import run
from quotas import keys
from quotas.mirror import Mirror
from quotas.transport import open_transport
from tests.clock import FrozenClock
from tests.gateway.work.shop import NOW_MS, Shop, until
from tests.gateway.work.workers import SECRETS
from tests.generators import FakeGenerator


@pytest.fixture
def settings(database_url: str, redis_url: str) -> Settings:
    return settings_module.load(
        {
            **SECRETS,
            "COURSEGATE_DATABASE_URL": database_url,
            "COURSEGATE_REDIS_URL": redis_url,
            "COURSEGATE_LEASE_SECONDS": "6",
        }
    )


@asynccontextmanager
async def working(settings: Settings, generator: FakeGenerator, concurrency: int = 2) -> AsyncGenerator[None, None]:
    stop = asyncio.Event()
    task = asyncio.create_task(run(settings, FrozenClock(), concurrency, stop, generators=lambda _: generator))
    try:
        yield
    finally:
        stop.set()
        await task


async def test_a_wake_up_starts_the_work_at_once(database: Any, settings: Settings) -> None:
    """Launch, wake, ready; and the mirror shows what the end committed."""
    shop = await Shop.open(database)
    async with working(settings, FakeGenerator()), SqlStore(settings.database_url, size=2) as sql:
        generation_id = await shop.launch()
        waker = Waker(sql)
        waker.wake(generation_waits(shop.center_id, "live", generation_id))
        await until(lambda: ended(shop, generation_id))
        await waker.close()
    assert (await shop.generation(generation_id))["status"] == "succeeded"
    transport = await open_transport(settings.redis_url)
    try:
        names = (
            keys.mirror("live", shop.center_id, "generation", "20260301T000000Z"),
            keys.running("live", shop.center_id),
        )
        quota, running = await Mirror(transport).read(names)
    finally:
        await transport.aclose()
    assert quota is not None
    assert (quota.settled, quota.held) == (3, 0)
    assert running is not None
    assert running.held == 0


async def test_without_any_wake_up_the_sweep_finds_the_work(database: Any, settings: Settings) -> None:
    """Every job lost, over and over, from the queue's own tables, schedules included: all work is done all the same."""
    shop = await Shop.open(database)
    generation_ids = [await shop.launch() for _ in range(6)]
    async with working(settings, FakeGenerator(step_seconds=0.05)):
        for _ in range(20):
            await database.execute("delete from pgqueuer; delete from pgqueuer_schedules; delete from pgqueuer_log")
            await asyncio.sleep(0.05)
        for generation_id in generation_ids:
            await until(lambda generation_id=generation_id: ended(shop, generation_id), 30)  # type: ignore[misc]
    assert [(await shop.generation(generation_id))["status"] for generation_id in generation_ids] == ["succeeded"] * 6
    assert await shop.counter() == (18, 0)
    assert await shop.books_balance()


async def test_a_regeneration_runs_by_its_wake_up(database: Any, settings: Settings) -> None:
    """A note's regeneration is made and settled by the worker."""
    shop = await Shop.open(database)
    generation_id = await shop.launch(modules=1)
    async with working(settings, FakeGenerator()), SqlStore(settings.database_url, size=2) as sql:
        await until(lambda: ended(shop, generation_id))
        artifact_id = (await shop.artifact_ids(generation_id))[0]
        regeneration_id = await shop.ask(artifact_id, at_ms=NOW_MS)
        waker = Waker(sql)
        waker.wake(regeneration_waits(shop.center_id, "live", artifact_id, regeneration_id))
        await until(lambda: regenerated(shop, regeneration_id))
        await waker.close()
    assert (await shop.artifact(artifact_id))["version"] == 2


async def test_scripted_stalls_of_test_keys_leave_live_slots_free(database: Any, settings: Settings) -> None:
    """Test work fills its own two slots and no more; a live course is made beside it."""
    live = await Shop.open(database)
    stuck = [await Shop.open(database, env="test") for _ in range(3)]
    for shop in stuck:
        await shop.launch(modules=1, topic="stuck")
    stuck_courses = {row["id"] for row in await database.fetch("select id from course where env = 'test'")}
    never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    generator = FakeGenerator(gate=lambda course_id, _: never if course_id in stuck_courses else None)
    async with working(settings, generator, concurrency=1):
        await until(lambda: begun(generator, 2))
        generation_id = await live.launch()
        await until(lambda: ended(live, generation_id))
        assert len([course for course, _ in generator.started if course in stuck_courses]) == 2
        never.set_result(None)
        for shop in stuck:
            await until(lambda shop=shop: idle(shop))  # type: ignore[misc]


async def test_a_restarted_database_needs_no_hand(private_postgres: Any, redis_url: str) -> None:
    """PostgreSQL goes away under a running generation and comes back: the generation ends ready, each module once."""
    import asyncpg

    settings = settings_module.load(
        {
            **SECRETS,
            "COURSEGATE_DATABASE_URL": private_postgres.database_url,
            "COURSEGATE_REDIS_URL": redis_url,
            "COURSEGATE_LEASE_SECONDS": "3",
        }
    )
    async with asyncpg.create_pool(private_postgres.database_url, min_size=1, max_size=1) as pool:
        shop = await Shop.open(pool)
        generation_id = await shop.launch(modules=4)
    generator = FakeGenerator(step_seconds=0.4)
    async with working(settings, generator):
        await until(lambda: begun(generator, 2))
        await private_postgres.restart()
        async with asyncpg.create_pool(private_postgres.database_url, min_size=1, max_size=1) as pool:
            shop = Shop(pool, shop.center_id)
            await until(lambda: ended(shop, generation_id), 40)
            second = await shop.launch(modules=1)
            await until(lambda: ended(shop, second), 40)
            assert (await shop.generation(generation_id))["status"] == "succeeded"
            assert await shop.modules_made(generation_id) == [0, 0, 1, 1, 2, 2, 3, 3]
            assert await shop.counter() == (5, 0)
            assert await shop.books_balance()


async def test_an_unreadable_job_is_dropped(database: Any, settings: Settings) -> None:
    """What another version left in the queue neither stops nor crashes a worker."""
    await database.execute(
        "insert into pgqueuer (priority, status, entrypoint, payload) values (0, 'queued', 'generation.live', '\\x00ff')"
    )
    async with working(settings, FakeGenerator()):

        async def gone() -> bool:
            return bool(await database.fetchval("select count(*) = 0 from pgqueuer"))

        await until(gone)
    assert queue.read(b"\x00\xff") is None


async def ended(shop: Shop, generation_id: str) -> bool:
    return bool((await shop.generation(generation_id))["finished_at"] is not None)


async def regenerated(shop: Shop, regeneration_id: str) -> bool:
    return bool((await shop.regeneration(regeneration_id))["finished_at"] is not None)


async def idle(shop: Shop) -> bool:
    return await shop.running() == 0


async def begun(generator: FakeGenerator, count: int) -> bool:
    return len(generator.started) >= count
