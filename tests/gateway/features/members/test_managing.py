"""Members as managed: what may become of one, the last ADMIN, and that it holds at once."""

import asyncio
from typing import Any

import httpx
import pytest

from gateway.app import Gateway
from gateway.ids import new_id
from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.gateway.features.members.asking import Joined, accept, invite, join, problem, sign_in
from tests.running import NOW_MS, Customer, add_customer, add_key

STATES = ("invited", "pending", "active", "suspended", "rejected", "ended")
STEPS = {
    "active": {"pending", "active", "suspended"},
    "suspended": {"active", "suspended"},
    "rejected": {"invited", "pending", "rejected"},
}


async def edit(client: httpx.AsyncClient, by: Customer | Joined, member_id: str, **body: Any) -> httpx.Response:
    return await client.patch(f"/v1/members/{member_id}", json=body, headers=by.headers)


async def end(client: httpx.AsyncClient, by: Customer | Joined, member_id: str, query: str = "") -> httpx.Response:
    return await client.delete(f"/v1/members/{member_id}{query}", headers=by.headers)


async def test_every_step_from_every_state(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """An edit leads where the table says and is 409 `wrong_state` elsewhere, with the states in which it is possible."""
    somebody = await join(client, customer, "ada@school.example", "PARENT")
    path = f"/v1/members/{somebody.member_id}"
    async with sql.session() as connection:
        for state in STATES:
            for step, allowed in STEPS.items():
                await connection.execute("update membership set status = $2 where id = $1", somebody.member_id, state)
                answer = await edit(client, customer, somebody.member_id, status=step)
                if state in allowed:
                    assert (answer.status_code, answer.json()["status"]) == (200, step), (state, step)
                else:
                    assert problem(answer) == (409, "wrong_state", None), (state, step)
                    details = answer.json()["error"]["details"]
                    assert (details["current"], set(details["allowed"])) == (state, allowed)
            await connection.execute("update membership set status = $2 where id = $1", somebody.member_id, state)
            assert (await client.delete(path, headers=customer.headers)).status_code == 204
            shown = (await client.get(path, headers=customer.headers)).json()
            assert shown["status"] == ("rejected" if state == "rejected" else "ended")


async def test_a_suspension_holds_at_the_next_request(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """The token that worked is refused at once; reinstated it works; ended it never does again."""
    ada = await join(client, customer, "ada@school.example")
    assert (await client.get("/v1/courses", headers=ada.headers)).status_code == 200
    suspended = await edit(client, customer, ada.member_id, status="suspended")
    assert suspended.json()["suspended_at"] == "2026-03-15T12:00:00Z"
    assert problem(await client.get("/v1/courses", headers=ada.headers)) == (403, "membership_suspended", None)
    assert problem(await sign_in(client, ada.email)) == (403, "membership_suspended", None)
    reinstated = await edit(client, customer, ada.member_id, status="active")
    assert reinstated.json()["suspended_at"] is None
    assert problem(await client.get("/v1/courses", headers=ada.headers)) == (401, "invalid_token", None)
    again = (await sign_in(client, ada.email)).json()["access_token"]
    headers = {"Authorization": f"Bearer {again}"}
    assert (await client.get("/v1/courses", headers=headers)).status_code == 200
    assert (await end(client, customer, ada.member_id)).status_code == 204
    assert problem(await client.get("/v1/courses", headers=headers)) == (403, "membership_ended", None)


async def test_a_role_holds_at_the_next_request(client: httpx.AsyncClient, customer: Customer) -> None:
    """Up and down, with the token that was given before."""
    await join(client, customer, "head@school.example", "ADMIN")
    ada = await join(client, customer, "ada@school.example", "ADMIN")
    assert (await client.get("/v1/members", headers=ada.headers)).status_code == 200
    assert (await edit(client, ada, ada.member_id, role="INSTRUCTOR")).status_code == 200
    refused = await client.get("/v1/members", headers=ada.headers)
    assert problem(refused) == (403, "insufficient_role", None)
    assert refused.json()["error"]["details"] == {"required_scope": "manage:center", "role": "INSTRUCTOR"}
    assert problem(await edit(client, ada, ada.member_id, role="ADMIN")) == (403, "insufficient_role", None)


async def test_the_last_admin_stays(client: httpx.AsyncClient, customer: Customer) -> None:
    """Neither demoted, suspended nor ended, by itself or by a key, whoever else is only invited or suspended."""
    head = await join(client, customer, "head@school.example", "ADMIN")
    await invite(client, customer, "next@school.example", "ADMIN")
    for by in (head, customer):
        for answer in (
            await edit(client, by, head.member_id, role="INSTRUCTOR"),
            await edit(client, by, head.member_id, status="suspended"),
            await end(client, by, head.member_id),
        ):
            assert problem(answer) == (409, "wrong_state", None)
    other = await join(client, customer, "other@school.example", "ADMIN")
    assert (await edit(client, head, other.member_id, status="suspended")).status_code == 200
    assert problem(await end(client, head, head.member_id)) == (409, "wrong_state", None)
    assert (await edit(client, head, other.member_id, status="active")).status_code == 200
    assert (await end(client, head, head.member_id)).status_code == 204


async def test_of_two_admins_who_are_ended_at_once_one_stays(client: httpx.AsyncClient, customer: Customer) -> None:
    """Whoever comes first, time after time: 204 for one, 409 for the other."""
    admins = [await join(client, customer, "head@school.example", "ADMIN")]
    for number in range(4):
        admins.append(await join(client, customer, f"{number}@school.example", "ADMIN"))
        answers = await asyncio.gather(*(end(client, customer, admin.member_id) for admin in admins))
        assert sorted(answer.status_code for answer in answers) == [204, 409]
        admins = [admin for admin, answer in zip(admins, answers, strict=True) if answer.status_code == 409]


async def test_nobody_gives_a_role_beyond_their_own_scopes(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """A key with `manage:center` alone invites nobody, and raises nobody; with a role's scopes it does."""
    async with sql.session() as connection:
        narrow = await add_key(connection, customer.center_id, scopes=["manage:center"])
        parental = await add_key(connection, customer.center_id, scopes=["manage:center", "read:results"])
    body = {"email": "a@b.example", "role": "ADMIN"}
    refused = await client.post("/v1/members", json=body, headers=narrow.headers)
    assert problem(refused) == (403, "missing_scope", None)
    parent = await client.post("/v1/members", json=body | {"role": "PARENT"}, headers=parental.headers)
    assert parent.status_code == 201
    path = f"/v1/members/{parent.json()['id']}"
    raised = await client.patch(path, json={"role": "INSTRUCTOR"}, headers=parental.headers)
    assert problem(raised) == (403, "missing_scope", None)
    assert "write:courses" in raised.json()["error"]["details"]["required_scope"]
    named = await client.patch(path, json={"name": "Jo"}, headers=parental.headers)
    assert (named.status_code, named.json()["name"]) == (200, "Jo")


async def test_an_empty_edit_changes_nothing(client: httpx.AsyncClient, customer: Customer, clock: FrozenClock) -> None:
    """`{}` is 200 and leaves even `updated_at`; a name goes by `null`."""
    made = await invite(client, customer, "a@b.example", name="Ada")
    clock.advance(1_000)
    answer = await edit(client, customer, made["id"])
    assert (answer.status_code, answer.json()["updated_at"]) == (200, made["updated_at"])
    answer = await edit(client, customer, made["id"], name=None)
    assert (answer.json()["name"], answer.json()["updated_at"]) == (None, "2026-03-15T12:00:01Z")


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"role": "OWNER"}, "invalid_field", "role"),
        ({"role": None}, "invalid_field", "role"),
        ({"status": "ended"}, "invalid_field", "status"),
        ({"status": "invited"}, "invalid_field", "status"),
        ({"email": "x@y.example"}, "unknown_field", "email"),
        ({"password": "seven quiet herons"}, "unknown_field", "password"),
        ({"person_id": f"usr_{26 * 'a'}"}, "unknown_field", "person_id"),
        ({"name": ""}, "invalid_field", "name"),
    ],
)
async def test_nobody_sets_what_is_the_persons_own(
    client: httpx.AsyncClient, customer: Customer, body: dict[str, Any], code: str, param: str
) -> None:
    """Neither e-mail nor password nor person; roles and states are those of the catalogue."""
    made = await invite(client, customer, "a@b.example")
    answer = await client.patch(f"/v1/members/{made['id']}", json=body, headers=customer.headers)
    assert problem(answer) == (400, code, param)


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"role": "CHILD"}, "missing_required_field", "email"),
        ({"email": "a@b.example"}, "missing_required_field", "role"),
        ({"email": "a@b.example", "role": "child"}, "invalid_field", "role"),
        ({"email": 7, "role": "CHILD"}, "invalid_field", "email"),
        *(
            ({"email": wrong, "role": "CHILD"}, "invalid_email", "email")
            for wrong in (
                "",
                "a",
                "a@b",
                "@b.example",
                "a@",
                "a b@c.example",
                "a@b..example",
                "ä@b.example",
                "a@b.example\n",
            )
        ),
        ({"email": f"a@{'b' * 320}.example", "role": "CHILD"}, "invalid_field", "email"),
        ({"email": "a@b.example", "role": "CHILD", "status": "active"}, "unknown_field", "status"),
    ],
)
async def test_what_is_no_invitation_is_refused_by_name(
    client: httpx.AsyncClient, customer: Customer, body: dict[str, Any], code: str, param: str
) -> None:
    """400, with the place that is wrong."""
    answer = await client.post("/v1/members", json=body, headers=customer.headers)
    assert problem(answer) == (400, code, param)


async def test_members_are_their_centers_own(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """Another center's member, one that never was and what is no id: the same 404 on every route."""
    head = await join(client, customer, "head@school.example", "ADMIN")
    async with sql.session() as connection:
        other = await add_customer(connection)
    theirs = (await invite(client, other, "a@b.example"))["id"]
    for member_id in (theirs, new_id("mbr", NOW_MS), "mbr_x", f"key_{26 * 'a'}"):
        path = f"/v1/members/{member_id}"
        for answer in (
            await client.get(path, headers=customer.headers),
            await client.patch(path, json={"name": "x"}, headers=customer.headers),
            await client.patch(path, json={}, headers=customer.headers),
            await client.delete(path, headers=customer.headers),
            await client.post(f"{path}/children", json={"child_id": theirs}, headers=head.headers),
            await client.post(f"{path}/invitations", headers=customer.headers),
            await client.delete(f"{path}/children/{theirs}", headers=head.headers),
        ):
            assert problem(answer) == (404, "member_not_found", "member_id")


async def test_members_are_listed_by_role_and_state(client: httpx.AsyncClient, customer: Customer) -> None:
    """Newest first, page by page, by filters that the cursor holds to."""
    made = [await invite(client, customer, f"{n}@b.example", "CHILD" if n % 2 else "PARENT") for n in range(5)]
    ids = [member["id"] for member in made]
    page = (await client.get("/v1/members?limit=3", headers=customer.headers)).json()
    rest = (await client.get(f"/v1/members?limit=3&cursor={page['next_cursor']}", headers=customer.headers)).json()
    assert sorted(member["id"] for member in page["data"] + rest["data"]) == sorted(ids)
    assert rest["has_more"] is False
    children = (await client.get("/v1/members?role=CHILD&status=invited", headers=customer.headers)).json()["data"]
    assert sorted(member["id"] for member in children) == sorted(ids[1::2])
    assert (await client.get("/v1/members?status=active", headers=customer.headers)).json()["data"] == []
    other = f"/v1/members?role=CHILD&cursor={page['next_cursor']}"
    assert problem(await client.get(other, headers=customer.headers)) == (400, "invalid_cursor", "cursor")
    assert problem(await client.get("/v1/members?role=x", headers=customer.headers)) == (
        400,
        "invalid_parameter",
        "role",
    )


async def test_a_plan_allows_so_many_members(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """409 `limit_reached`, however many ask at once; who left makes room."""
    async with sql.session() as connection:
        await connection.execute("update plan set members_max = 3 where id = 'partner'")
    body = [{"email": f"{number}@b.example", "role": "CHILD"} for number in range(6)]
    answers = await asyncio.gather(*(client.post("/v1/members", json=each, headers=customer.headers) for each in body))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 3
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["error"]["details"] == {"resource": "members", "limit": 3}
    gone = next(answer.json()["id"] for answer in answers if answer.status_code == 201)
    assert (await end(client, customer, gone)).status_code == 204
    await invite(client, customer, "late@b.example")


async def test_who_left_may_come_back_as_a_new_member(client: httpx.AsyncClient, customer: Customer) -> None:
    """The address is free again, and its account is the same person, who can sign in nowhere: its password is asked for."""
    ada = await join(client, customer, "ada@school.example")
    assert (await end(client, customer, ada.member_id)).status_code == 204
    made = await invite(client, customer, "ada@school.example", "PARENT")
    assert made["id"] != ada.member_id
    token = made["invitation"]["token"]
    assert problem(await sign_in(client, ada.email)) == (403, "membership_ended", None)
    assert problem(await accept(client, token, "another password entirely")) == (409, "email_taken", "email")
    back = await accept(client, token)
    assert (back.status_code, back.json()["person_id"]) == (200, ada.person_id)
    assert (await sign_in(client, ada.email)).status_code == 200


async def test_an_invitation_is_told_as_an_event(
    app: Gateway, client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """`member.invited` with the member, without any token."""
    hook = {"url": "https://8.8.8.8/in", "events": ["member.invited"]}
    registered = await client.post("/v1/webhooks", json=hook, headers=customer.headers)
    assert registered.status_code == 201, registered.text
    made = await invite(client, customer, "a@b.example")
    async with sql.session() as connection:
        bodies = [row["body"] for row in await connection.fetch("select body from event where type = 'member.invited'")]
    assert len(bodies) == 1
    assert made["id"] in bodies[0]
    assert "cgi_" not in bodies[0]
    assert "token" not in bodies[0]
