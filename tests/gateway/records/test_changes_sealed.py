"""Changes of centers, keys and plans: each in its chain, with who did it, and never in the way of another chain."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from gateway.features.revocations import store as revocations
from gateway.migrations.plan_rows import write_plans
from gateway.stores import SqlStore
from gateway.work.plan_changes import seal_some
from quotas.plans import load_plans
from tests.clock import FrozenClock
from tests.gateway.records.test_sealing import NOW, Pool, seal
from tests.gateway.records.test_what_is_sealed import sealed
from tests.running import Customer, add_center, add_customer, add_key


@pytest.fixture
async def partner(database: Pool) -> Customer:
    """A key that may provision centers."""
    async with database.acquire() as connection:
        return await add_customer(connection, scopes=["provision:centers"])


async def test_a_chain_begins_with_the_order_of_its_center(
    client: httpx.AsyncClient, partner: Customer, database: Pool
) -> None:
    """By the partner's key, for the request that brought the order; so does its first key."""
    order = {"order_id": "o-1", "center_name": "North", "subdomain": "north-college", "plan_id": "starter"}
    answer = await client.post("/v1/provisioning/centers", json=order, headers=partner.headers)
    center_id = answer.json()["center"]["id"]
    records = await sealed(database, center_id, "genesis") + await sealed(database, center_id, "key.made")
    for record in (*records, *await sealed(database, center_id, "genesis", "test")):
        assert record["actor"] == partner.key_id
        assert record["request_id"] == answer.headers["x-request-id"]


async def test_a_period_that_moves(client: httpx.AsyncClient, partner: Customer, database: Pool) -> None:
    """From when to when units are counted is a limit too."""
    order = {"order_id": "o-1", "center_name": "North", "subdomain": "north-college", "plan_id": "starter"}
    made = (await client.post("/v1/provisioning/centers", json=order, headers=partner.headers)).json()
    path = f"/v1/provisioning/centers/{made['center']['id']}"
    for change in ({"period_anchor_day": 5, "time_zone": "Europe/Berlin"}, {"period_anchor_day": 5}):
        assert (await client.patch(path, json=change, headers=partner.headers)).status_code == 200
    (moved,) = await sealed(database, made["center"]["id"], "limits.changed")
    assert moved["actor"] == partner.key_id
    assert moved["outcome"] == {
        "before": {"period_anchor_day": None, "time_zone": "UTC"},
        "after": {"period_anchor_day": 5, "time_zone": "Europe/Berlin"},
    }


@pytest.mark.parametrize("grace", [0, 3600])
async def test_a_key_that_was_rotated_ends(
    client: httpx.AsyncClient, customer: Customer, database: Pool, clock: FrozenClock, grace: int
) -> None:
    """At once or after its grace: when it ends, and which key took its place, is sealed with the rotation."""
    made = {"name": "one", "env": "live", "scopes": ["read:usage"]}
    old = (await client.post("/v1/api-keys", json=made, headers=customer.headers)).json()["id"]
    path = f"/v1/api-keys/{old}/rotate"
    answer = await client.post(path, json={"grace_seconds": grace}, headers=customer.headers)
    (ended,) = await sealed(database, customer.center_id, "key.revoked")
    assert (ended["subject"], ended["actor"]) == (old, customer.key_id)
    assert ended["request_id"] == answer.headers["x-request-id"]
    ends_at = await database.fetchval("select rfc3339(expires_at) from api_key where id = $1", old)
    assert ended["outcome"] == {"ends_at": ends_at, "rotated_to": answer.json()["id"]}
    assert ended["at"].removesuffix(".000000Z") == answer.json()["created_at"].removesuffix("Z")


async def test_a_plan_that_changes_changes_the_limits_of_its_centers(
    database: Pool, sql: SqlStore, clock: FrozenClock
) -> None:
    """Another plans file: each center on the plan has it in its chain, once, batch by batch; no other center has."""
    mine = sorted([await add_center(database, plan_id="starter") for _ in range(5)])
    other = await add_center(database, plan_id="pro")
    ended = await add_center(database, plan_id="starter", status="ended")
    plans = [plan for plan in load_plans(None) if plan.id == "starter"]
    changed = [_with(plan, generation_units_per_month=None, regenerations_per_artifact=7) for plan in plans]
    async with database.acquire() as connection:
        for _ in range(2):
            await write_plans(connection, changed, "cli:ada")
    assert [await seal_some(sql, clock, 2) for _ in range(4)] == [2, 2, 1, None]
    for center_id in mine:
        (record,) = await sealed(database, center_id, "limits.changed")
        assert (record["actor"], record["subject"]) == ("cli:ada", center_id)
        assert record["critical"] is True
        assert record["policy"] == {"plan": "starter"}
        assert record["outcome"] | {"plan_change": 0} == {
            "before": {"generation_units_per_month": 50, "regenerations_per_artifact": 5},
            "after": {"generation_units_per_month": "unlimited", "regenerations_per_artifact": 7},
            "plan_change": 0,
        }
    for center_id in (other, ended):
        assert await sealed(database, center_id, "limits.changed") == []


async def test_a_plan_that_nobody_has_is_done_at_once(database: Pool, sql: SqlStore, clock: FrozenClock) -> None:
    """No center, no record, and nothing left to look at."""
    plans = [_with(plan, requests_per_minute=7) for plan in load_plans(None) if plan.id == "starter"]
    async with database.acquire() as connection:
        await write_plans(connection, plans, "cli:ada")
    assert [await seal_some(sql, clock), await seal_some(sql, clock)] == [0, None]


async def test_keys_that_end_in_many_centers_hold_their_chains_in_order(database: Pool) -> None:
    """Made in whatever order: who holds a first chain and wants the next is not met by who came from the other side."""
    first, second = sorted([await add_center(database), await add_center(database)])
    async with database.acquire() as connection:
        keys = [(await add_key(connection, second)).key_id, (await add_key(connection, first)).key_id]
        while keys[1] < keys[0]:
            keys[1] = (await add_key(connection, first)).key_id
    await _revoked_beside(database, keys, [(first, "live"), (second, "live")])


async def test_keys_of_both_envs_hold_their_chains_in_order(database: Pool) -> None:
    """A key of the test env that was made first, and a live one."""
    center = await add_center(database)
    async with database.acquire() as connection:
        test = await add_key(connection, center, env="test")
        live = await add_key(connection, center)
        while live.key_id < test.key_id:
            live = await add_key(connection, center)
    await _revoked_beside(database, [test.key_id, live.key_id], [(center, "live"), (center, "test")])


async def _revoked_beside(database: Pool, keys: list[str], chains: list[tuple[str, str]]) -> None:
    """Revoke keys while a batch that holds the first of the chains goes on to the second."""

    async def revoke() -> None:
        async with database.acquire() as connection, connection.transaction():
            await revocations.revoke(connection, keys, NOW + timedelta(hours=1))

    async with database.acquire() as batch:
        pid = await batch.fetchval("select pg_backend_pid()")
        async with batch.transaction():
            await seal(batch, chains[0][0], env=chains[0][1])
            revoking = asyncio.create_task(revoke())
            await _waits_for(database, pid)
            await batch.execute("set local lock_timeout = '500ms'")
            await seal(batch, chains[1][0], env=chains[1][1])
    await revoking
    for center_id, env in chains:
        assert len(await sealed(database, center_id, "key.revoked", env)) == 1


async def _waits_for(database: Pool, pid: int) -> None:
    async with asyncio.timeout(10):
        while not await database.fetchval(
            "select exists (select from pg_stat_activity a where $1 = any (pg_blocking_pids(a.pid)))", pid
        ):
            await asyncio.sleep(0.01)


def _with(plan: Any, **changed: Any) -> Any:
    import msgspec

    return msgspec.structs.replace(plan, **changed)
