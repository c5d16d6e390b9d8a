"""An order with `admin_email`: the center's first ADMIN comes with it, or nothing does."""

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest

from gateway.stores import SqlStore
from tests.gateway.features.centers.asking import ORDER, add_partner, counted, order, problem, provision
from tests.gateway.features.members.asking import accept, sign_in
from tests.running import Customer
from tests.serving import serving, serving_many, talking
from tests.waiting import until_waiting_for_locks

WITH_ADMIN = {"admin_email": "head@north.example"}


@pytest.fixture
async def partner(sql: SqlStore) -> Customer:
    return await add_partner(sql)


async def members(sql: SqlStore) -> int:
    async with sql.session() as connection:
        count: int = await connection.fetchval("select count(*) from membership")
    return count


async def test_an_order_invites_the_first_admin(client: httpx.AsyncClient, partner: Customer) -> None:
    """The 201 holds the invitation once; whoever accepts it administers the center."""
    made = (await order(client, partner, **WITH_ADMIN)).json()
    assert (made["admin"]["role"], made["admin"]["status"], made["admin"]["email"]) == (
        "ADMIN",
        "invited",
        "head@north.example",
    )
    assert made["admin"]["created_by"] == partner.key_id
    again = await order(client, partner, **WITH_ADMIN)
    assert (again.status_code, again.json()) == (200, {"center": made["center"], "api_key": None, "admin": None})
    assert (await accept(client, made["admin"]["invitation"]["token"])).status_code == 200
    signed_in = await sign_in(client, "head@north.example")
    headers = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
    shown = await client.get("/v1/center", headers=headers)
    assert (shown.status_code, shown.json()["id"]) == (200, made["center"]["id"])
    listed = await client.get("/v1/members", headers=headers)
    assert [member["id"] for member in listed.json()["data"]] == [made["admin"]["id"]]


async def test_another_admin_under_one_order_is_a_duplicate(client: httpx.AsyncClient, partner: Customer) -> None:
    """The address is part of the order."""
    await order(client, partner, **WITH_ADMIN)
    for change in ({}, {"admin_email": "tail@north.example"}):
        assert problem(await order(client, partner, **change)) == (409, "duplicate_provisioning", "order_id")


async def test_whose_answer_was_lost_gets_key_and_invitation_anew(client: httpx.AsyncClient, partner: Customer) -> None:
    """The order again tells which center; a key of it invites its ADMIN once more, and what was lost opens nothing."""
    lost = (await order(client, partner, **WITH_ADMIN)).json()
    center_id = (await order(client, partner, **WITH_ADMIN)).json()["center"]["id"]
    path = f"/v1/provisioning/centers/{center_id}/api-keys"
    wanted = {"name": "second", "env": "live", "scopes": lost["api_key"]["scopes"], "revoke_unused": True}
    made = await client.post(path, json=wanted, headers=partner.headers)
    headers = {"Authorization": f"Bearer {made.json()['key']}"}
    waiting = (await client.get("/v1/members?status=invited&role=ADMIN", headers=headers)).json()["data"]
    (head,) = [member["id"] for member in waiting]
    again = await client.post(f"/v1/members/{head}/invitations", headers=headers)
    assert again.status_code == 201
    assert problem(await accept(client, lost["admin"]["invitation"]["token"])) == (401, "invitation_invalid", None)
    accepted = await accept(client, again.json()["invitation"]["token"])
    assert (accepted.json()["role"], accepted.json()["center_id"]) == ("ADMIN", center_id)


async def test_the_first_records_name_who_ordered_and_by_which_request(
    client: httpx.AsyncClient, partner: Customer
) -> None:
    """The center's chain begins with the partner's key and the order's own request."""
    made = await order(client, partner, **WITH_ADMIN)
    headers = {"Authorization": f"Bearer {made.json()['api_key']['key']}"}
    records = (await client.get("/v1/dpus", headers=headers)).json()["data"]
    assert [(record["type"], record["actor"], record["request_id"]) for record in records] == [
        (kind, partner.key_id, made.headers["x-request-id"]) for kind in ("genesis", "key.made")
    ]


async def test_a_replay_shows_neither_key_nor_token(client: httpx.AsyncClient, partner: Customer) -> None:
    """Under an `Idempotency-Key` the 201 comes again, with both secrets `null`."""
    headers = partner.headers | {"Idempotency-Key": "one"}
    first, again = [
        await client.post("/v1/provisioning/centers", json=ORDER | WITH_ADMIN, headers=headers) for _ in range(2)
    ]
    assert (first.status_code, again.status_code) == (201, 201)
    body: dict[str, Any] = first.json()
    body["api_key"]["key"] = body["admin"]["invitation"]["token"] = None
    assert again.json() == body


@pytest.mark.parametrize("table", ["membership", "invitation", "api_key", "dpu", "idempotency_claim"])
async def test_a_failure_at_any_step_leaves_nothing(
    client: httpx.AsyncClient, partner: Customer, sql: SqlStore, migrate_database_url: str, table: str
) -> None:
    """Whichever row can't be written: 500 `provisioning_failed`, no center, key, member or record; the order goes
    through later.
    """
    owner = await asyncpg.connect(migrate_database_url)
    headers = partner.headers | {"Idempotency-Key": "one"}
    try:
        tables = "select count(*) from dpu"
        before = await owner.fetchval(tables)
        await owner.execute(
            f"""create function break_it() returns trigger language plpgsql as 'begin raise exception ''broken''; end';
                create trigger break_it before insert on {table} for each row execute function break_it()"""
        )
        answer = await client.post("/v1/provisioning/centers", json=ORDER | WITH_ADMIN, headers=headers)
        assert problem(answer) == (500, "provisioning_failed", None)
        assert await counted(sql) == (0, 0)
        assert await members(sql) == 0
        assert await owner.fetchval(tables) == before
        await owner.execute(f"drop trigger break_it on {table}")
    finally:
        await owner.close()
    made = await client.post("/v1/provisioning/centers", json=ORDER | WITH_ADMIN, headers=headers)
    assert made.status_code == 201
    assert made.json()["admin"]["invitation"]["token"] is not None


@pytest.mark.parametrize("table", ["center", "membership", "invitation", "api_key", "dpu"])
async def test_a_gateway_killed_at_any_step_leaves_nothing(
    partner: Customer, sql: SqlStore, database_url: str, redis_url: str, migrate_database_url: str, table: str
) -> None:
    """Killed while it waits to write that row; the same order at the next gateway makes the one center, with its key."""
    owner = await asyncpg.connect(migrate_database_url)
    try:
        await owner.execute(
            f"""create function wait_for_it() returns trigger language plpgsql as
                    'begin perform pg_advisory_xact_lock(4711); return new; end';
                create trigger wait_for_it before insert on {table} for each row execute function wait_for_it()"""
        )
        await owner.execute("select pg_advisory_lock(4711)")
        async with serving(database_url, redis_url) as doomed, talking(doomed) as client:
            asked = asyncio.create_task(order(client, partner, **WITH_ADMIN))
            await until_waiting_for_locks(sql)
            doomed.kill()
            with pytest.raises(httpx.TransportError):
                await asked
        await owner.execute("select pg_advisory_unlock(4711)")
    finally:
        await owner.close()
    async with serving(database_url, redis_url) as next_one, talking(next_one) as client:
        made = await order(client, partner, **WITH_ADMIN)
        assert made.status_code in {200, 201}, made.text
        assert made.status_code == 201, "nothing was left behind"
        center, first = made.json()["center"], made.json()["api_key"]
        usage = await client.get("/v1/usage", headers={"Authorization": f"Bearer {first['key']}"})
        assert usage.status_code == 200
        assert (await accept(client, made.json()["admin"]["invitation"]["token"])).json()["center_id"] == center["id"]
    assert await counted(sql) == (1, 1)
    assert await members(sql) == 1


async def test_one_order_at_two_gateways_makes_one_center(
    partner: Customer, sql: SqlStore, database_url: str, redis_url: str
) -> None:
    """Eight equal orders at two processes: one 201 with key and token, the others 200 and the same center."""
    async with (
        serving_many(2, database_url, redis_url) as (one, other),
        talking(one) as first,
        talking(other) as second,
    ):
        answers = await asyncio.gather(
            *(order(client, partner, **WITH_ADMIN) for _ in range(4) for client in (first, second))
        )
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["center"]["id"] for answer in answers}) == 1
    assert sum("cgi_" in answer.text for answer in answers) == 1
    assert await counted(sql) == (1, 1)
    assert await members(sql) == 1


async def test_a_center_ends_for_good(client: httpx.AsyncClient, partner: Customer, clock: Any) -> None:
    """Ended, and ended again: 200, `ended_at` once. Nothing but usage can be read, and there is no way back."""
    center, first = await provision(client, partner)
    path = f"/v1/provisioning/centers/{center['id']}"
    ended = await client.post(f"{path}/end", headers=partner.headers)
    assert (ended.status_code, ended.json()["status"], ended.json()["ended_at"]) == (
        200,
        "ended",
        "2026-03-15T12:00:00Z",
    )
    clock.advance(5_001)
    again = await client.post(f"{path}/end", headers=partner.headers)
    assert (again.status_code, again.json()) == (200, ended.json())
    for step in ("suspend", "reinstate"):
        assert problem(await client.post(f"{path}/{step}", headers=partner.headers)) == (409, "wrong_state", None)
    assert problem(await client.get("/v1/courses", headers=first.headers)) == (403, "center_suspended", None)
    assert (await client.get("/v1/usage", headers=first.headers)).status_code == 200
    taken = await order(client, partner, order_id="next")
    assert problem(taken) == (409, "subdomain_taken", "subdomain")
