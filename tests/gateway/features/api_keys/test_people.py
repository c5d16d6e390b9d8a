"""Keys made by people: bounded by what their role may do, recorded by who made them, gone with them if that is asked."""

import asyncio

import httpx
import pytest

from gateway.roles import SCOPES_OF
from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.gateway.features.api_keys.asking import as_caller, listed, make_key, problem
from tests.gateway.features.members.asking import Joined, accept, invite, join
from tests.running import Customer, add_customer
from tests.waiting import until_waiting_for_locks

CACHED_MS = 5_001


@pytest.fixture
async def admin(client: httpx.AsyncClient, customer: Customer) -> Joined:
    return await join(client, customer, "head@school.example", "ADMIN")


async def make(client: httpx.AsyncClient, by: Joined, **body: object) -> httpx.Response:
    whole = {"name": "made", "env": "live", "scopes": ["read:courses", "manage:center"]} | body
    return await client.post("/v1/api-keys", json=whole, headers=by.headers)


async def test_an_admin_makes_keys_of_both_envs(client: httpx.AsyncClient, admin: Joined) -> None:
    """With every scope of the role, without an expiry; `created_by` is the person."""
    for env in ("live", "test"):
        made = await make(client, admin, env=env, scopes=sorted(SCOPES_OF["ADMIN"]))
        assert (made.status_code, made.json()["created_by"], made.json()["expires_at"]) == (201, admin.person_id, None)
    assert problem(await make(client, admin, scopes=["provision:centers"])) == (403, "insufficient_role", None)


async def test_no_other_role_makes_keys(client: httpx.AsyncClient, customer: Customer) -> None:
    """Nor lists, rotates or revokes them."""
    for role in ("INSTRUCTOR", "PARENT", "CHILD"):
        somebody = await join(client, customer, f"{role.lower()}@school.example", role)
        path = f"/v1/api-keys/{customer.key_id}"
        for answer in (
            await make(client, somebody, scopes=["read:results"]),
            await client.get("/v1/api-keys", headers=somebody.headers),
            await client.post(f"{path}/rotate", json={"grace_seconds": 0}, headers=somebody.headers),
            await client.delete(path, headers=somebody.headers),
        ):
            assert problem(answer) == (403, "insufficient_role", None)


async def test_a_persons_keys_go_with_the_person(
    client: httpx.AsyncClient, customer: Customer, admin: Joined, clock: FrozenClock, sql: SqlStore
) -> None:
    """With `cascade` what the person made, that made, and so on, in this center alone; without it all stay."""
    other = await join(client, customer, "other@school.example", "ADMIN")
    first = (await make(client, other)).json()
    second = await make_key(client, as_caller(first, customer))
    kept = (await make(client, admin)).json()
    async with sql.session() as connection:
        elsewhere = await add_customer(connection)
    token = (await invite(client, elsewhere, "other@school.example", "ADMIN"))["invitation"]["token"]
    assert (await accept(client, token, None, by=other)).status_code == 200
    login = {"email": other.email, "password": "seven quiet herons at noon", "center": elsewhere.center_id}
    there = (await client.post("/v1/auth/login", json=login)).json()["access_token"]
    body = {"name": "x", "env": "live", "scopes": ["read:courses"]}
    foreign = await client.post("/v1/api-keys", json=body, headers={"Authorization": f"Bearer {there}"})
    assert foreign.status_code == 201
    open_invitation = await client.post(
        "/v1/members",
        json={"email": "next@school.example", "role": "PARENT"},
        headers={"Authorization": f"Bearer {other.token}"},
    )
    path = f"/v1/members/{other.member_id}"
    assert (await client.delete(f"{path}?cascade=true", headers=admin.headers)).status_code == 204
    assert set(await listed(client, customer)) == {customer.key_id, kept["id"]}
    clock.advance(CACHED_MS)
    for made in (first, second):
        refused = await client.get("/v1/courses", headers=as_caller(made, customer).headers)
        assert problem(refused) == (401, "invalid_api_key", None)
    assert foreign.json()["id"] in await listed(client, elsewhere)
    gone = await client.get(f"/v1/members/{open_invitation.json()['id']}", headers=admin.headers)
    assert gone.json()["status"] == "ended"


async def test_without_cascade_a_persons_keys_stay(
    client: httpx.AsyncClient, customer: Customer, admin: Joined
) -> None:
    """What a key does goes on when its maker leaves; it is listed with who made it."""
    other = await join(client, customer, "other@school.example", "ADMIN")
    made = (await make(client, other)).json()
    assert (await client.delete(f"/v1/members/{other.member_id}", headers=admin.headers)).status_code == 204
    assert made["id"] in await listed(client, customer)


async def test_a_keys_open_invitations_go_with_it(client: httpx.AsyncClient, customer: Customer) -> None:
    """With `cascade`; who joined by one stays a member."""
    key = await make_key(client, customer, scopes=["manage:center", "read:results"])
    maker = as_caller(key, customer)
    joined = await join(client, maker, "in@school.example", "PARENT")
    waiting = await invite(client, maker, "out@school.example", "PARENT")
    assert (await client.delete(f"/v1/api-keys/{key['id']}?cascade=true", headers=customer.headers)).status_code == 204
    for member_id, status in ((joined.member_id, "active"), (waiting["id"], "ended")):
        shown = await client.get(f"/v1/members/{member_id}", headers=customer.headers)
        assert shown.json()["status"] == status
    assert problem(await accept(client, waiting["invitation"]["token"])) == (401, "invitation_invalid", None)


async def test_nobody_makes_a_key_on_the_way_out(
    client: httpx.AsyncClient, customer: Customer, admin: Joined, sql: SqlStore
) -> None:
    """A key that is being made while its maker is ended, or loses the role, is not made."""
    one, two = [await join(client, customer, f"{name}@school.example", "ADMIN") for name in "ab"]
    for leaving, change in ((one, "status = 'ended', ended_at = now()"), (two, "role = 'INSTRUCTOR'")):
        async with sql.session() as connection, connection.transaction():
            await connection.execute("select 1 from center where id = $1 for no key update", customer.center_id)
            making = asyncio.create_task(make(client, leaving))
            await until_waiting_for_locks(sql)
            await connection.execute(f"update membership set {change} where id = $1", leaving.member_id)
        assert problem(await making) == (403, "membership_ended", None)
    assert await listed(client, customer) == [customer.key_id]
