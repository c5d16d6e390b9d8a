"""Scenarios 1-7: launches under races, crashes and retries, with several real gateways on one database."""

import asyncio
import contextlib
from contextlib import AsyncExitStack

import asyncpg
import httpx

from gateway.stores import SqlStore
from tests.gateway.features.making import launch, make_course
from tests.running import Customer, add_customer, add_key
from tests.serving import Served, serving, serving_many, talking
from tests.stores import PrivateValkey
from tests.waiting import until_waiting_for_locks


async def _customer(sql: SqlStore, *, units: int | None = None) -> Customer:
    """A center whose generations are bounded by `units` alone."""
    async with sql.session() as connection:
        customer = await add_customer(connection)
        await connection.execute(
            "insert into center_limit (center_id, generation_units_per_month, concurrent_generations) values ($1, $2, -1)",
            customer.center_id,
            units if units is not None else -1,
        )
        return customer


async def _count(sql: SqlStore, query: str, *arguments: object) -> int:
    async with sql.session() as connection:
        return int(await connection.fetchval(query, *arguments))


async def _clients(stack: AsyncExitStack, served: list[Served]) -> list[httpx.AsyncClient]:
    return [await stack.enter_async_context(talking(one)) for one in served]


async def test_scenario_1_the_last_units_are_sold_once(database_url: str, redis_url: str, sql: SqlStore) -> None:
    """20 launches at once over 4 processes with 6 units left: 6 are accepted, 14 refused, never more held than allowed."""
    customer = await _customer(sql, units=6)
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(serving_many(4, database_url, redis_url))
        clients = await _clients(stack, served)
        courses = [await make_course(clients[0], customer) for _ in range(20)]
        watcher = asyncio.create_task(_most_ever_used(sql, customer.center_id))

        answers = await asyncio.gather(
            *(launch(clients[number % 4], customer, course, f"k{number}") for number, course in enumerate(courses))
        )

        watcher.cancel()
        assert sorted(answer.status_code for answer in answers) == [202] * 6 + [429] * 14
        assert {a.json()["error"]["code"] for a in answers if a.status_code == 429} == {"quota_exceeded"}
    counter = "select settled + held from quota_counter where center_id = $1 and meter = 'generation'"
    assert await _count(sql, counter, customer.center_id) == 6
    assert await _count(sql, "select count(*) from generation where center_id = $1", customer.center_id) == 6
    at_any_commit = "select max(used) from (select sum(settled + held) over (order by id) as used from quota_ledger where center_id = $1) l"
    assert await _count(sql, at_any_commit, customer.center_id) == 6


async def _most_ever_used(sql: SqlStore, center_id: str) -> None:
    """Read the counter as fast as commits come, and fail the moment more than 6 units are used."""
    while True:
        used = await _count(
            sql, "select coalesce(max(settled + held), 0) from quota_counter where center_id = $1", center_id
        )
        assert used <= 6


async def test_scenario_2_fifty_posts_with_one_key_are_one_launch(
    database_url: str, redis_url: str, sql: SqlStore
) -> None:
    """50 at once over 3 processes: one generation, one hold, one line; all others replay or get 409, and none fails."""
    customer = await _customer(sql)
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(serving_many(3, database_url, redis_url))
        clients = await _clients(stack, served)
        course = await make_course(clients[0], customer)
        answers = await asyncio.gather(*(launch(clients[n % 3], customer, course, "one") for n in range(50)))
    accepted = [answer for answer in answers if answer.status_code == 202]
    refused = [answer for answer in answers if answer.status_code != 202]
    assert len({answer.content for answer in accepted}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in accepted) == 1
    assert {(a.status_code, a.json()["error"]["code"]) for a in refused} <= {(409, "idempotency_in_progress")}
    for table in ("generation", "quota_hold", "quota_ledger", "idempotency_claim"):
        query = f"select count(*) from {table} where center_id = $1" + (
            " and route like '%launch'" if table == "idempotency_claim" else ""
        )
        assert await _count(sql, query, customer.center_id) == 1, table


async def _outcome(task: asyncio.Task[httpx.Response]) -> httpx.Response | httpx.TransportError:
    try:
        return await task
    except httpx.TransportError as error:
        return error


async def test_scenario_3_killed_after_the_commit_the_retry_replays(
    database_url: str, private_valkey: PrivateValkey, sql: SqlStore
) -> None:
    """SIGKILL between commit and answer: another gateway answers the retry with the same generation."""
    customer = await _customer(sql)
    generations = "select count(*) from generation where center_id = $1"
    async with serving(database_url, private_valkey.url) as first, talking(first) as client:
        course = await make_course(client, customer)
        private_valkey.freeze()  # the answer waits up to 100 ms for the mirror: time to die in
        lost = asyncio.create_task(launch(client, customer, course, "k"))
        async with asyncio.timeout(10):
            while await _count(sql, generations, customer.center_id) == 0:
                await asyncio.sleep(0.002)
        first.kill()
        assert isinstance(await _outcome(lost), httpx.TransportError)
        private_valkey.thaw()
    async with serving(database_url, private_valkey.url) as second, talking(second) as client:
        retry = await launch(client, customer, course, "k")
    assert (retry.status_code, retry.headers["idempotent-replayed"]) == (202, "true")
    assert await _count(sql, generations, customer.center_id) == 1
    async with sql.session() as connection:
        made = await connection.fetchval("select id from generation where center_id = $1", customer.center_id)
    assert retry.json()["generation"]["id"] == made


async def _until_nobody_runs(sql: SqlStore, words: str) -> None:
    """The server notices that its client is gone when it wants to answer."""
    running = "select count(*) from pg_stat_activity where datname = current_database() and query like $1 and pid <> pg_backend_pid() and state <> 'idle'"
    async with asyncio.timeout(10):
        while await _count(sql, running, f"%{words}%") > 0:
            await asyncio.sleep(0.01)


async def test_scenario_4_killed_inside_the_transaction_nothing_is_left(
    database_url: str, redis_url: str, sql: SqlStore
) -> None:
    """SIGKILL between claim and commit: no claim, no course; the retry runs at once, and not as a replay."""
    customer = await _customer(sql)
    body = {"title": "Tides"}
    headers = customer.headers | {"Idempotency-Key": "k"}
    blocker = await asyncpg.connect(database_url)
    try:
        async with serving(database_url, redis_url) as first, talking(first) as client, blocker.transaction():
            name = f"courses:{customer.center_id}:live"
            await blocker.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", name)
            lost = asyncio.create_task(client.post("/v1/courses", json=body, headers=headers))
            await until_waiting_for_locks(sql)
            first.kill()
            assert isinstance(await _outcome(lost), httpx.TransportError)
    finally:
        await blocker.close()
    await _until_nobody_runs(sql, "pg_advisory_xact_lock")
    for table in ("course", "idempotency_claim"):
        assert await _count(sql, f"select count(*) from {table} where center_id = $1", customer.center_id) == 0
    async with serving(database_url, redis_url) as second, talking(second) as client:
        retry = await client.post("/v1/courses", json=body, headers=headers)
    assert retry.status_code == 201
    assert "idempotent-replayed" not in retry.headers


async def test_scenario_4_killed_while_its_launch_runs_the_retry_finds_all_or_nothing(
    database_url: str, redis_url: str, sql: SqlStore
) -> None:
    """SIGKILL while the launch's one statement waits inside PostgreSQL: whether it ends or not, the retry makes it one."""
    customer = await _customer(sql)
    blocker = await asyncpg.connect(database_url)
    try:
        async with serving(database_url, redis_url) as first, talking(first) as client:
            course = await make_course(client, customer)
            async with blocker.transaction():
                await blocker.execute("select 1 from course where id = $1 for update", course)
                lost = asyncio.create_task(launch(client, customer, course, "k"))
                await until_waiting_for_locks(sql)
                first.kill()
                assert isinstance(await _outcome(lost), httpx.TransportError)
    finally:
        await blocker.close()
    await _until_nobody_runs(sql, "launch_course")
    async with serving(database_url, redis_url) as second, talking(second) as client:
        retry = await launch(client, customer, course, "k")
    assert retry.status_code == 202
    for table in ("generation", "quota_hold", "quota_ledger"):
        assert await _count(sql, f"select count(*) from {table} where center_id = $1", customer.center_id) == 1


async def test_scenario_5_the_same_request_in_other_words_replays(
    database_url: str, redis_url: str, sql: SqlStore
) -> None:
    """Other body: 422. Keys reordered, white space, a default spelled out: a replay, from another process too."""
    customer = await _customer(sql)
    headers = customer.headers | {"Idempotency-Key": "k", "Content-Type": "application/json"}
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(serving_many(2, database_url, redis_url))
        one, two = await _clients(stack, served)
        first = await one.post("/v1/courses", content='{"title":"T","external_ref":"r"}', headers=headers)
        again = await two.post(
            "/v1/courses", content='{ "external_ref": "r", "preset_id": null,\n "title": "T"}', headers=headers
        )
        other = await two.post("/v1/courses", content='{"title":"T","external_ref":"s"}', headers=headers)
    assert (again.status_code, again.content) == (first.status_code, first.content) == (201, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert (other.status_code, other.json()["error"]["code"]) == (422, "idempotency_key_reused")


async def test_scenario_6_keys_are_a_centers_own_and_outlive_the_api_key(
    database_url: str, redis_url: str, sql: SqlStore
) -> None:
    """Center B with A's value: independent. A's key rotated between try and retry: one launch. Revoked: 401."""
    customer, other = await _customer(sql), await _customer(sql)
    async with sql.session() as connection:
        successor = await add_key(connection, customer.center_id)
    async with serving(database_url, redis_url) as served, talking(served) as client:
        course, foreign = await make_course(client, customer), await make_course(client, other)
        first = await launch(client, customer, course, "k")
        theirs = await launch(client, other, foreign, "k")
        assert (theirs.status_code, "idempotent-replayed" in theirs.headers) == (202, False)
        retry = await launch(client, successor, course, "k")
        assert (retry.content, retry.headers["idempotent-replayed"]) == (first.content, "true")
        revoked = await client.delete(f"/v1/api-keys/{customer.key_id}", headers=successor.headers)
        assert revoked.status_code == 204
        async with asyncio.timeout(6):  # effective everywhere within 5 s
            while (refused := await launch(client, customer, course, "k")).status_code != 401:
                await asyncio.sleep(0.1)
    assert refused.json()["error"]["code"] == "invalid_api_key"
    assert await _count(sql, "select count(*) from generation where center_id = $1", customer.center_id) == 1


async def test_scenario_7_a_client_that_hangs_up_leaves_all_or_nothing(
    database_url: str, redis_url: str, sql: SqlStore
) -> None:
    """Hung up after 0, 1, 2 ... milliseconds: each launch is committed or rolled back, and no unit is held for nothing."""
    customer = await _customer(sql)
    async with serving(database_url, redis_url) as served, talking(served) as client:
        courses = [await make_course(client, customer) for _ in range(30)]
        for number, course in enumerate(courses):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(number / 2_000):
                    await launch(client, customer, course, f"k{number}")
        retries = [await launch(client, customer, course, f"k{number}") for number, course in enumerate(courses)]
        assert {answer.status_code for answer in retries} == {202}
    async with sql.session() as connection:
        held = await connection.fetchval("select held from quota_counter where center_id = $1", customer.center_id)
        generations = await connection.fetchval(
            "select count(*) from generation where center_id = $1", customer.center_id
        )
    assert (held, generations) == (30, 30)
