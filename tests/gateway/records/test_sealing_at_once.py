"""Many processes decide in one center at once: one chain, without a gap, each record holding the one before."""

import asyncio
from typing import Any

import asyncpg
import httpx

from gateway.stores import Connection
from tests.gateway.features.making import launch, make_course
from tests.gateway.features.taking import Taker, picked, publish
from tests.gateway.records.test_sealing import NOW, assert_sound, chain_of, seal
from tests.running import Customer


async def test_launches_grades_keys_and_erasures_at_once_are_one_chain(
    client: httpx.AsyncClient, customer: Customer, database: Any, database_url: str
) -> None:
    """Requests of the gateway and decisions on other connections: nothing waits for ever, nothing is lost, all is verified."""
    courses = [await make_course(client, customer) for _ in range(10)]
    assessment_id = await publish(client, customer, max_attempts=None)
    others = [await asyncpg.connect(database_url) for _ in range(4)]

    async def decide(connection: Connection) -> None:
        for nth in range(15):
            await seal(connection, customer.center_id, body="{}", person=f"p{nth}")

    async def revoked_key() -> httpx.Response:
        made = await client.post(
            "/v1/api-keys", json={"name": "k", "env": "live", "scopes": ["read:usage"]}, headers=customer.headers
        )
        return await client.delete(f"/v1/api-keys/{made.json()['id']}", headers=customer.headers)

    outcomes = await asyncio.gather(
        *[launch(client, customer, course_id, course_id) for course_id in courses],
        *[Taker(client, customer, f"p{nth}").submit_at_once(assessment_id, picked()) for nth in range(10)],
        *[revoked_key() for _ in range(5)],
        client.delete("/v1/learners/p1", headers=customer.headers),
        *[decide(connection) for connection in others],
    )
    assert {outcome.status_code for outcome in outcomes if outcome is not None} == {202, 201, 204}
    for connection in others:
        await connection.close()
    chain = await chain_of(database, customer.center_id)
    assert_sound(chain)
    kinds = [row["type"] for row in chain]
    assert kinds.count("launch.admitted") == kinds.count("submission.graded") == 10
    assert (kinds.count("key.revoked"), kinds.count("test.decided")) == (5, 60)
    verified = await client.get("/v1/dpus/verify", headers=customer.headers)
    assert verified.json()["coverage"]["records"] == len(chain)


async def test_a_worker_of_sql_that_dies_leaves_no_record_and_no_lock(
    customer: Customer, database: Any, database_url: str
) -> None:
    """Killed between the seal and the commit: the next decision takes the number at once."""
    dying = await asyncpg.connect(database_url)
    await dying.execute("begin")
    await seal(dying, customer.center_id)
    dying.terminate()
    async with asyncio.timeout(10):
        await seal(database, customer.center_id, at=NOW)
    chain = await chain_of(database, customer.center_id)
    assert_sound(chain)
    assert [row["type"] for row in chain].count("test.decided") == 1
