"""Keys that a partner makes for its centers, for when the first answer was lost."""

import asyncio

import httpx
import pytest

from gateway.scopes import CENTER_SCOPES
from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.gateway.features.centers.asking import add_partner, problem, provision
from tests.running import Customer

CACHED_MS = 5_001
"""After this a process has forgotten what it knew of a key."""


@pytest.fixture
async def partner(sql: SqlStore) -> Customer:
    return await add_partner(sql)


async def test_a_partner_makes_keys_for_its_centers(client: httpx.AsyncClient, partner: Customer) -> None:
    """For when the first answer was lost: any scope but `provision:centers`, of either env, shown once."""
    center, _ = await provision(client, partner)
    path = f"/v1/provisioning/centers/{center['id']}/api-keys"
    body = {"name": "second", "env": "test", "scopes": list(CENTER_SCOPES)}
    first = await client.post(path, json=body, headers=partner.headers | {"Idempotency-Key": "k"})
    assert first.headers["cache-control"] == "no-store"
    made = first.json()
    assert (made["env"], made["scopes"], made["created_by"]) == ("test", list(CENTER_SCOPES), partner.key_id)
    usage = await client.get("/v1/usage", headers={"X-API-Key": made["key"]})
    assert usage.status_code == 200
    again = await client.post(path, json=body, headers=partner.headers | {"Idempotency-Key": "k"})
    assert again.json() == made | {"key": None}
    wrong = await client.post(
        path, json=body | {"scopes": ["read:usage", "provision:centers"]}, headers=partner.headers
    )
    assert problem(wrong) == (400, "invalid_field", "scopes[1]")


async def test_unused_keys_of_the_partner_can_be_revoked_along(
    client: httpx.AsyncClient, partner: Customer, sql: SqlStore
) -> None:
    """`revoke_unused` ends what the partner made and nobody used; used keys and the center's own stay."""
    center, first = await provision(client, partner)
    path = f"/v1/provisioning/centers/{center['id']}/api-keys"
    body = {"name": "x", "env": "live", "scopes": ["read:courses"]}
    lost = (await client.post(path, json=body, headers=partner.headers)).json()
    own = (await client.post("/v1/api-keys", json=body, headers=first.headers)).json()
    async with asyncio.timeout(10), sql.session() as connection:
        while await connection.fetchval("select last_used_at from api_key where id = $1", first.key_id) is None:
            await asyncio.sleep(0.02)
    new = (await client.post(path, json=body | {"revoke_unused": True}, headers=partner.headers)).json()
    left = (await client.get("/v1/api-keys", headers=first.headers)).json()["data"]
    assert {key["id"] for key in left} == {first.key_id, own["id"], new["id"]}
    gone = await client.get("/v1/courses", headers={"X-API-Key": lost["key"]})
    assert problem(gone) == (401, "invalid_api_key", None)


async def test_keys_for_a_center_have_its_plans_ceiling(
    client: httpx.AsyncClient, partner: Customer, sql: SqlStore
) -> None:
    """409 `limit_reached`; with `revoke_unused` there is room again."""
    async with sql.session() as connection:
        await connection.execute("update plan set api_keys_max = 1 where id = 'starter'")
    center, _ = await provision(client, partner)
    path = f"/v1/provisioning/centers/{center['id']}/api-keys"
    body = {"name": "x", "env": "live", "scopes": ["read:courses"]}
    full = await client.post(path, json=body, headers=partner.headers)
    assert problem(full) == (409, "limit_reached", None)
    assert full.json()["error"]["details"] == {"resource": "api_keys", "limit": 1}
    made = await client.post(path, json=body | {"revoke_unused": True}, headers=partner.headers)
    assert made.status_code == 201


async def test_a_leaked_provisioning_key_takes_its_centers_keys_along(
    client: httpx.AsyncClient, partner: Customer, sql: SqlStore, clock: FrozenClock
) -> None:
    """Cascade reaches the keys of provisioned centers, and needs `provision:centers` to do so."""
    made = {"name": "x", "env": "live", "scopes": ["provision:centers", "manage:center"]}
    leaked = (await client.post("/v1/api-keys", json=made, headers=partner.headers)).json()
    thief = Customer(partner.center_id, leaked["id"], leaked["key"])
    _, first = await provision(client, thief)
    weak = {"name": "x", "env": "live", "scopes": ["manage:center"]}
    manager = (await client.post("/v1/api-keys", json=weak, headers=partner.headers)).json()
    path = f"/v1/api-keys/{thief.key_id}?cascade=true"
    refused = await client.delete(path, headers={"X-API-Key": manager["key"]})
    assert problem(refused) == (403, "missing_scope", None)
    assert (await client.delete(path, headers=partner.headers)).status_code == 204
    clock.advance(CACHED_MS)
    for caller in (thief, first):
        assert problem(await client.get("/v1/usage", headers=caller.headers)) == (401, "invalid_api_key", None)
