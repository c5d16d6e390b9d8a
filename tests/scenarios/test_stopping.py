"""Scenarios 22 and 23: gateways and workers asked to stop under load, and starts that can't be."""

import asyncio
import signal
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
from msgspec import Struct

from gateway.drain import ANNOUNCE_SECONDS, QUIET_SECONDS
from gateway.stores import SqlStore
from tests.gateway.features.making import launch, make_course
from tests.processes import environment, run
from tests.running import Customer
from tests.scenarios.blocking import held
from tests.scenarios.customers import UNBOUNDED, assert_everything_adds_up, count, customer_of
from tests.scenarios.traffic import Traffic
from tests.serving import Served, serving, serving_many, talking, working
from tests.waiting import until_waiting_for_locks

HEART = Path(__file__).parents[1] / "gateway" / "generation" / "documents" / "heart.md"


class Sent(Struct):
    """What was sent to the gateway that stops: launches that were answered, and requests that were not."""

    launched: list[str] = []
    answered: int = 0
    dropped: list[str] = []


async def test_scenario_22_a_gateway_that_stops_answers_all_that_was_sent(
    database_url: str, redis_url: str, sql: SqlStore
) -> None:
    """SIGTERM under launches and reads: whatever was sent is answered, done once, and the exit is 0."""
    customer = await customer_of(
        sql, requests_per_minute=UNBOUNDED, generation_units_per_month=-1, concurrent_generations=-1
    )
    async with AsyncExitStack() as stack:
        stays, stops = await stack.enter_async_context(serving_many(2, database_url, redis_url))
        client = await stack.enter_async_context(talking(stays))
        courses = [await make_course(client, customer) for _ in range(40)]
        sent, untouched = Sent(), list(courses)
        callers = [asyncio.create_task(_launch_all(stops, customer, untouched, sent)) for _ in range(3)]
        callers += [asyncio.create_task(_read(stops, customer, sent)) for _ in range(3)]
        async with asyncio.timeout(30):
            while len(sent.launched) < 5:
                await asyncio.sleep(0.01)
        stops.process.send_signal(signal.SIGTERM)
        assert await stops.process.wait() == 0
        async with asyncio.timeout(30):
            await asyncio.gather(*callers)
        assert sent.dropped == []
        assert len(sent.launched) + len(untouched) == len(courses)
        assert await count(sql, "select count(*) from generation") == len(sent.launched)
        for course in courses:
            again = await launch(client, customer, course, course)
            assert (again.status_code, "idempotent-replayed" in again.headers) == (202, course in sent.launched)
    await assert_everything_adds_up(sql)


async def _launch_all(served: Served, customer: Customer, untouched: list[str], sent: Sent) -> None:
    """Launch what nobody has, until nobody listens any more."""
    async with talking(served) as client:
        while untouched:
            course = untouched.pop()
            try:
                answer = await launch(client, customer, course, course)
            except httpx.ConnectError:
                untouched.append(course)
                return
            except httpx.TransportError as error:
                sent.dropped.append(f"launch: {error!r}")
                return
            if answer.status_code == 503:  # an answer too, of a machine that is too slow
                untouched.append(course)
                continue
            assert answer.status_code == 202
            sent.launched.append(course)
            await asyncio.sleep(0.03)


async def _read(served: Served, customer: Customer, sent: Sent) -> None:
    async with talking(served) as client:
        while True:
            try:
                answer = await client.get("/v1/usage", headers=customer.headers)
            except httpx.ConnectError:
                return
            except httpx.TransportError as error:
                sent.dropped.append(f"read: {error!r}")
                return
            assert answer.status_code == 200
            sent.answered += 1


async def test_scenario_22_what_is_under_way_is_finished(database_url: str, redis_url: str, sql: SqlStore) -> None:
    """A launch that waits in PostgreSQL when SIGTERM comes, and longer than connections are taken, is answered 202."""
    customer = await customer_of(
        sql, requests_per_minute=UNBOUNDED, generation_units_per_month=-1, concurrent_generations=-1
    )
    async with serving(database_url, redis_url) as served, talking(served) as client:
        course = await make_course(client, customer)
        async with held(database_url, [course]):
            launching = asyncio.create_task(launch(client, customer, course, course))
            await until_waiting_for_locks(sql, running="launch_course")
            served.process.send_signal(signal.SIGTERM)
            await asyncio.sleep(ANNOUNCE_SECONDS + QUIET_SECONDS + 0.4)
            assert served.process.returncode is None
        answer = await launching
        assert (answer.status_code, answer.headers["connection"]) == (202, "close")
        assert await served.process.wait() == 0
    assert await count(sql, "select count(*) from generation") == 1
    await assert_everything_adds_up(sql)


async def test_scenario_22_a_worker_that_stops_hands_its_work_back(
    database_url: str, redis_url: str, sql: SqlStore
) -> None:
    """SIGTERM to `work` among launches: exit 0, no lease is left, the next worker goes on, each module made once."""
    customer = await customer_of(
        sql, requests_per_minute=UNBOUNDED, generation_units_per_month=-1, concurrent_generations=-1
    )
    settings = {"lease_seconds": "60", "work_concurrency": "2"}
    async with serving(database_url, redis_url) as served, talking(served) as client:
        courses = [await make_course(client, customer, modules=3, text=HEART.read_text()) for _ in range(6)]
        async with working(database_url, redis_url, **settings) as first, Traffic([client]) as traffic:
            for course in courses:
                traffic.start(_launch(traffic, customer, course))
            async with asyncio.timeout(30):
                while await count(sql, "select coalesce(sum(modules_done), 0) from generation") == 0:
                    await asyncio.sleep(0.005)
            assert await first.ended(signal.SIGTERM) == 0
        assert await count(sql, "select count(*) from generation where lease_until is not null") == 0
        assert await count(sql, "select count(*) from generation where finished_at is null") > 0
        async with working(database_url, redis_url, **settings), asyncio.timeout(30):
            while await count(sql, "select count(*) from generation where status = 'succeeded'") < len(courses):
                await asyncio.sleep(0.05)
    assert await count(sql, "select sum(settled) from quota_counter where meter = 'generation'") == 3 * len(courses)
    twice = "select count(*) from (select 1 from artifact group by course_id, module_index, kind having count(*) > 1) a"
    assert await count(sql, twice) == 0
    await assert_everything_adds_up(sql)


async def _launch(traffic: Traffic, customer: Customer, course: str) -> None:
    headers = customer.headers | {"Idempotency-Key": course}
    answer = await traffic.ask(0, "POST", f"/v1/courses/{course}/launch", what="launch", headers=headers)
    assert answer.status_code == 202


async def test_scenario_23_nothing_starts_on_a_database_that_is_not_migrated(
    empty_database_urls: tuple[str, str], redis_url: str
) -> None:
    """`serve` and `work` say in one line what to do, and exit 1."""
    env = environment(empty_database_urls[0], redis_url)
    for arguments in (("serve", "--port", "0"), ("work",)):
        ended = await run(*arguments, env=env)
        assert (ended.status, ended.err.count("\n")) == (1, 1), ended.err
        assert "0001_foundation.sql" in ended.err
        assert "coursegate migrate" in ended.err
