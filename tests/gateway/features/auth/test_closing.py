"""A membership that closes ends the sign-ins that led to its center, at once and for good."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from gateway.app import Gateway
from gateway.opaque import REFRESH, make_opaque
from gateway.stores import SqlStore
from tests.people import PASSWORD, SignedIn, add_member, add_person, join, password_hash, sign_in
from tests.running import Customer, add_center, add_key
from tests.waiting import until_waiting_for_locks

Change = Callable[[httpx.AsyncClient, Customer, str], Awaitable[httpx.Response]]


async def suspend(client: httpx.AsyncClient, by: Customer, member_id: str) -> httpx.Response:
    return await client.patch(f"/v1/members/{member_id}", json={"status": "suspended"}, headers=by.headers)


async def reinstate(client: httpx.AsyncClient, by: Customer, member_id: str) -> httpx.Response:
    return await client.patch(f"/v1/members/{member_id}", json={"status": "active"}, headers=by.headers)


async def end(client: httpx.AsyncClient, by: Customer, member_id: str) -> httpx.Response:
    return await client.delete(f"/v1/members/{member_id}", headers=by.headers)


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def refreshed(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/v1/auth/refresh", json={"refresh_token": token})


@pytest.fixture
async def manager(connection: Any, center_id: str) -> Customer:
    """A key that manages the center."""
    return await add_key(connection, center_id)


@pytest.fixture
async def member(app: Gateway, connection: Any, center_id: str) -> SignedIn:
    """An INSTRUCTOR, signed in."""
    return await add_member(app, connection, center_id, "INSTRUCTOR")


async def test_a_suspended_members_tokens_are_dead_for_good(
    client: httpx.AsyncClient, manager: Customer, member: SignedIn
) -> None:
    """Closed with the next request, by its own code while it lasts; after the reinstatement neither the access nor the
    refresh token of before opens anything, and a new sign-in does.
    """
    assert (await client.get("/v1/courses", headers=member.headers)).status_code == 200
    assert (await suspend(client, manager, member.person.member_id)).status_code == 200
    told = await client.get("/v1/courses", headers=member.headers)
    assert refused(told) == (403, "membership_suspended")
    assert told.headers["ratelimit-policy"] == '"address";q=30;w=60'
    assert refused(await refreshed(client, member.refresh_token)) == (403, "membership_suspended")
    assert (await reinstate(client, manager, member.person.member_id)).status_code == 200
    assert refused(await client.get("/v1/courses", headers=member.headers)) == (401, "invalid_token")
    assert refused(await refreshed(client, member.refresh_token)) == (401, "invalid_token")
    again = await client.post("/v1/auth/login", json={"email": member.person.email, "password": PASSWORD})
    assert (await client.get("/v1/courses", headers=bearer(again.json()["access_token"]))).status_code == 200


async def test_who_left_and_came_back_signs_in_anew(
    client: httpx.AsyncClient, connection: Any, manager: Customer, member: SignedIn
) -> None:
    """No token of the membership that ended opens the one that followed."""
    assert (await end(client, manager, member.person.member_id)).status_code == 204
    assert refused(await client.get("/v1/courses", headers=member.headers)) == (403, "membership_ended")
    assert refused(await refreshed(client, member.refresh_token)) == (403, "membership_ended")
    await join(connection, member.person.id, member.person.email, member.person.center_id, "PARENT")
    assert refused(await client.get("/v1/auth/me", headers=member.headers)) == (401, "invalid_token")
    again = await client.post("/v1/auth/login", json={"email": member.person.email, "password": PASSWORD})
    assert again.json()["center"]["role"] == "PARENT"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("invited", "no_membership"), ("pending", "no_membership"), ("suspended", "membership_suspended"),
        ("rejected", "membership_ended"), ("ended", "membership_ended"),
    ],
)  # fmt: skip
async def test_each_closed_state_has_its_code(
    client: httpx.AsyncClient, connection: Any, member: SignedIn, status: str, code: str
) -> None:
    """Whoever wrote it into the row: the sign-in ends with it."""
    await connection.execute("update membership set status = $2 where id = $1", member.person.member_id, status)
    assert refused(await client.get("/v1/courses", headers=member.headers)) == (403, code)
    await connection.execute("update membership set status = 'active' where id = $1", member.person.member_id)
    assert refused(await client.get("/v1/courses", headers=member.headers)) == (401, "invalid_token")


async def test_no_center_ends_sign_ins_of_elsewhere(
    app: Gateway, client: httpx.AsyncClient, connection: Any, manager: Customer, member: SignedIn
) -> None:
    """A sign-in that was never in the center goes on; one that was, and has gone elsewhere since, ends: the token that it
    still has for here would open again.
    """
    other = await add_center(connection)
    await join(connection, member.person.id, member.person.email, other, "INSTRUCTOR")
    now_ms = app.services.clock.now_ms()
    elsewhere = await sign_in(
        connection, app.services.tokens, type(member.person)(member.person.id, member.person.email, other, ""), now_ms
    )
    switched = await client.post("/v1/auth/switch-center", json={"center": other}, headers=member.headers)
    assert switched.status_code == 200
    assert (await suspend(client, manager, member.person.member_id)).status_code == 200
    assert (await client.get("/v1/courses", headers=elsewhere.headers)).status_code == 200
    gone = bearer(switched.json()["access_token"])
    assert refused(await client.get("/v1/courses", headers=gone)) == (401, "invalid_token")
    assert refused(await client.get("/v1/courses", headers=member.headers)) == (403, "membership_suspended")
    assert (await reinstate(client, manager, member.person.member_id)).status_code == 200
    assert refused(await client.get("/v1/courses", headers=member.headers)) == (401, "invalid_token")


async def test_a_suspended_center_ends_no_sign_in(
    client: httpx.AsyncClient, connection: Any, center_id: str, admin: SignedIn
) -> None:
    """Its people read its usage meanwhile, and go on once it is reinstated."""
    await connection.execute("update center set status = 'suspended' where id = $1", center_id)
    assert refused(await client.get("/v1/courses", headers=admin.headers)) == (403, "center_suspended")
    assert (await client.get("/v1/usage", headers=admin.headers)).status_code == 200
    await connection.execute("update center set status = 'active' where id = $1", center_id)
    assert (await client.get("/v1/courses", headers=admin.headers)).status_code == 200


@pytest.mark.parametrize("how", ["login", "switch", "refresh"])
async def test_no_token_is_made_on_the_way_out(
    client: httpx.AsyncClient, connection: Any, sql: SqlStore, member: SignedIn, admin: SignedIn, how: str
) -> None:
    """A suspension that is under way while the member signs in, comes from another center or refreshes: what is made by
    then is dead with it, whichever of the two was first.
    """
    person, other = member.person, await add_center(connection)
    home = await join(connection, person.id, person.email, other, "INSTRUCTOR")
    assert home
    start = await client.post("/v1/auth/login", json={"email": person.email, "password": PASSWORD, "center": other})
    asked = {
        "login": ("login", {"email": person.email, "password": PASSWORD, "center": person.center_id}, {}),
        "switch": ("switch-center", {"center": person.center_id}, bearer(start.json()["access_token"])),
        "refresh": ("refresh", {"refresh_token": member.refresh_token}, {}),
    }  # fmt: skip
    path, body, headers = asked[how]
    async with sql.session() as admins, admins.transaction():
        await admins.execute("update membership set status = 'suspended' where id = $1", person.member_id)
        coming = asyncio.create_task(client.post(f"/v1/auth/{path}", json=body, headers=headers))
        await until_waiting_for_locks(sql)
    answer = await coming
    assert answer.status_code in {401, 403}
    await connection.execute("update membership set status = 'active' where id = $1", person.member_id)
    assert await connection.fetchval(
        "select count(*) from login_session where ended_at is null and $1 = any(been_in)", person.center_id
    ) == len([admin])


async def test_a_sign_in_under_way_is_ended_by_the_suspension_behind_it(connection: Any, sql: SqlStore) -> None:
    """The sign-in holds the membership: who closes it waits, and then finds the sign-in."""
    person = await add_person(connection, await add_center(connection))
    async with sql.session() as signing, signing.transaction():
        opened = await signing.fetchval(
            "select session_open('sid_late', $1, $2, $3, null, $4, now(), now())",
            person.id,
            person.center_id,
            password_hash(),
            make_opaque(REFRESH).digest,
        )
        assert opened == "opened"
        closing = asyncio.create_task(
            connection.execute("update membership set status = 'ended' where id = $1", person.member_id)
        )
        await until_waiting_for_locks(sql)
    await closing
    assert (
        await connection.fetchval("select end_reason from login_session where id = 'sid_late'") == "membership_closed"
    )
