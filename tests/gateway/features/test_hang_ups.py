"""Clients that hang up: whatever they asked for was done whole or not at all."""

from typing import Any

import httpx

from gateway.app import Gateway
from tests.gateway.features.making import launch, make_course
from tests.gateway.work.benches import open_bench
from tests.gateway.work.shop import until
from tests.generators import FakeGenerator
from tests.interruption import interrupted_at
from tests.running import Customer

_AWAITS_MAX = 200


async def test_a_launch_that_is_hung_up_on_at_any_await_leaks_nothing(
    client: httpx.AsyncClient, app: Gateway, customer: Customer, database: Any
) -> None:
    """Cut at every point in turn: claim, hold, running count and generation all there or none; a retry settles it."""
    await launch(client, customer, await make_course(client, customer), "warm")
    committed = rolled_back = 0
    for awaits in range(_AWAITS_MAX):
        course_id = await make_course(client, customer)
        key = f"key-{awaits}"
        reached = await interrupted_at(launch(client, customer, course_id, key), awaits)
        await until(lambda: nobody_is_inside(app, database))
        facts = await database.fetchrow(
            """select (select count(*) from generation where course_id = $1) as generations,
                      (select count(*) from quota_hold where subject_id = $1) as holds,
                      (select count(*) from idempotency_claim where key = $2) as claims,
                      (select count(*) from course where id = $1 and status = 'generating') as courses""",
            course_id,
            key,
        )
        assert len(set(facts.values())) == 1, (awaits, dict(facts))
        committed += facts["holds"]
        rolled_back += 1 - facts["holds"]
        again = await launch(client, customer, course_id, key)
        assert again.status_code == 202, again.text
        assert ("idempotent-replayed" in again.headers) == bool(facts["claims"])
        await forget(database, customer)
        if not reached.cut:
            break
    assert awaits >= 3
    assert not reached.cut, "the launch was cut at every await it has"
    assert committed >= 1
    assert rolled_back >= 1


async def test_a_note_that_is_hung_up_on_at_any_await_leaks_nothing(
    client: httpx.AsyncClient, app: Gateway, customer: Customer, database: Any, database_url: str
) -> None:
    """Cut at every point in turn: note, hold, regeneration and claim all there or none."""
    from gateway.work.generations import run_generation
    from gateway.work.leases import Halt
    from gateway.work.queue import generation_waits

    course_id = await make_course(client, customer, brief={"topic": "Tides", "modules": 1, "artifacts": ["notes"]})
    await launch(client, customer, course_id, "k")
    generation_id = await database.fetchval("select id from generation")
    async with open_bench(database_url, FakeGenerator()) as bench:
        await run_generation(bench, generation_waits(customer.center_id, "live", generation_id), Halt())
    artifact_id = await database.fetchval("select id from artifact")
    await database.execute(
        "insert into center_limit (center_id, regenerations_per_artifact) values ($1, -1)", customer.center_id
    )

    async def post(key: str) -> httpx.Response:
        return await client.post(
            f"/v1/artifacts/{artifact_id}/notes",
            json={"text": key},
            headers=customer.headers | {"Idempotency-Key": key},
        )

    await post("warm")
    outcomes = set()
    for awaits in range(_AWAITS_MAX):
        key = f"key-{awaits}"
        reached = await interrupted_at(post(key), awaits)
        await until(lambda: nobody_is_inside(app, database))
        facts = await database.fetchrow(
            """select (select count(*) from note where text = $1) as notes,
                      (select count(*) from regeneration r join note n on n.id = r.note_id where n.text = $1) as regenerations,
                      (select count(*) from quota_hold h join regeneration r on r.id = h.owner_id
                         join note n on n.id = r.note_id where n.text = $1) as holds,
                      (select count(*) from idempotency_claim where key = $1) as claims""",
            key,
        )
        assert len(set(facts.values())) == 1, (awaits, dict(facts))
        outcomes.add(facts["notes"])
        assert (await post(key)).status_code == 202
        assert await database.fetchval("select count(*) from note where text = $1", key) == 1
        await database.execute("delete from regeneration")  # the rate limit and the queue are not what is tried here
        if not reached.cut:
            break
    assert not reached.cut, "the note was cut at every await it has"
    assert outcomes == {0, 1}
    leaked = await database.fetchval("select count(*) from quota_hold where units <> 1 and meter = 'regenerations'")
    assert leaked == 0


async def nobody_is_inside(app: Gateway, database: Any) -> bool:
    """No connection is lent out, and PostgreSQL has ended what was cut."""
    open_transactions = await database.fetchval(
        """select count(*) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'
              and application_name = 'coursegate'"""
    )
    return app.services.sql.busy == 0 and open_transactions == 0


async def forget(database: Any, customer: Customer) -> None:
    """Room for the next: what runs, ends."""
    rows = await database.fetch("select id from generation where status = 'queued'")
    for row in rows:
        async with database.acquire() as connection, connection.transaction():
            await connection.fetchval("select generation_cancel($1, 'live', $2, now())", customer.center_id, row["id"])
