"""Invitations: one token for one membership, shown once; what it opens is decided by who holds the address."""

import asyncio
from typing import Any

import httpx
import msgspec
import pytest

from gateway.app import Gateway
from gateway.ids import new_id
from gateway.opaque import INVITATION, digest_of, make_opaque
from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.gateway.features.members.asking import accept, invite, join, problem, sign_in
from tests.running import NOW_MS, Customer, add_customer, add_key, talking_to

HOURS_MS = 3_600_000


async def test_who_was_invited_joins_with_a_password(client: httpx.AsyncClient, customer: Customer) -> None:
    """201 with a token; accepted with a password the member is active, and signs in with the role's scopes."""
    made = await invite(client, customer, "Ada@School.example", "INSTRUCTOR", name="Ada")
    assert made["invitation"]["token"].startswith("cgi_")
    assert made["invitation"]["expires_at"] == "2026-03-18T12:00:00Z"
    shown = (await client.get(f"/v1/members/{made['id']}", headers=customer.headers)).json()
    assert made == shown | {"invitation": made["invitation"]}
    assert shown == {
        "object": "member",
        "id": made["id"],
        "email": "Ada@School.example",
        "account_email": None,
        "name": "Ada",
        "role": "INSTRUCTOR",
        "status": "invited",
        "person_id": None,
        "children": [],
        "created_by": customer.key_id,
        "created_at": "2026-03-15T12:00:00Z",
        "updated_at": "2026-03-15T12:00:00Z",
        "activated_at": None,
        "suspended_at": None,
        "ended_at": None,
    }
    accepted = await accept(client, made["invitation"]["token"])
    assert accepted.status_code == 200
    assert accepted.headers["cache-control"] == "no-store"
    assert accepted.json() == {
        "object": "membership",
        "id": made["id"],
        "person_id": accepted.json()["person_id"],
        "center_id": customer.center_id,
        "center_name": "Test",
        "email": "Ada@School.example",
        "role": "INSTRUCTOR",
        "status": "active",
        "created_at": "2026-03-15T12:00:00Z",
    }
    signed_in = await sign_in(client, "ada@school.EXAMPLE")
    assert signed_in.status_code == 200, signed_in.text
    headers = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
    assert (await client.get("/v1/courses", headers=headers)).status_code == 200
    refused = await client.get("/v1/members", headers=headers)
    assert problem(refused) == (403, "insufficient_role", None)


async def test_a_token_is_good_for_one_membership_once(client: httpx.AsyncClient, customer: Customer) -> None:
    """Used, taken back, of an ended membership, too old, made up: one refusal for all."""
    token = (await invite(client, customer, "a@b.example"))["invitation"]["token"]
    assert (await accept(client, token)).status_code == 200
    answers = [await accept(client, token)]
    ended = await invite(client, customer, "c@b.example")
    await client.delete(f"/v1/members/{ended['id']}", headers=customer.headers)
    rejected = await invite(client, customer, "d@b.example")
    path = f"/v1/members/{rejected['id']}"
    assert (await client.patch(path, json={"status": "rejected"}, headers=customer.headers)).status_code == 200
    unknown = make_opaque(INVITATION).text
    dead = (ended["invitation"]["token"], rejected["invitation"]["token"], unknown, unknown[:-1] + "!", "x")
    answers += [await accept(client, each) for each in dead]
    for answer in answers:
        assert problem(answer) == (401, "invitation_invalid", None)
        assert answer.headers["ratelimit-policy"].startswith('"address"')
    messages = {msgspec.json.encode(answer.json()["error"] | {"request_id": ""}) for answer in answers}
    assert len(messages) == 1


async def test_an_invitation_lives_for_72_hours(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """A millisecond before it is accepted, with it not."""
    first = (await invite(client, customer, "a@b.example"))["invitation"]["token"]
    second = (await invite(client, customer, "b@b.example"))["invitation"]["token"]
    clock.advance(72 * HOURS_MS - 1)
    assert (await accept(client, first)).status_code == 200
    clock.advance(1)
    assert problem(await accept(client, second)) == (401, "invitation_invalid", None)


async def test_ten_who_accept_at_once_join_once(
    app: Gateway, client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """One 200; the others find the invitation spent, or the address in use. One person, whose password is the winner's."""
    token = (await invite(client, customer, "a@b.example"))["invitation"]["token"]
    passwords = [f"seven quiet herons at {number} o'clock" for number in range(10)]
    answers = await asyncio.gather(*(accept(client, token, password) for password in passwords))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200] + [401] * 9 or set(codes) <= {200, 401, 409}
    assert codes.count(200) == 1
    async with sql.session() as connection:
        assert await connection.fetchval("select count(*) from person") == 1
    winner = passwords[[answer.status_code for answer in answers].index(200)]
    login = {"email": "a@b.example", "password": winner}
    assert (await client.post("/v1/auth/login", json=login)).status_code == 200


async def test_a_replay_shows_no_token(client: httpx.AsyncClient, customer: Customer) -> None:
    """The same key again: the same member, its token `null`, nobody invited twice."""
    headers = customer.headers | {"Idempotency-Key": "one"}
    body = {"email": "a@b.example", "role": "CHILD"}
    first = await client.post("/v1/members", json=body, headers=headers)
    again = await client.post("/v1/members", json=body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.headers["cache-control"] == again.headers["cache-control"] == "no-store"
    blank = first.json()["invitation"] | {"token": None}
    assert again.json() == first.json() | {"invitation": blank}


async def test_a_token_stands_nowhere_in_clear(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither a row nor a line of the log nor an event holds it; the row holds its SHA-256."""
    made = await invite(client, customer, "a@b.example")
    token = made["invitation"]["token"]
    assert (await accept(client, token)).status_code == 200
    await accept(client, token)
    said = capfd.readouterr()
    assert token not in said.out + said.err
    async with sql.session() as connection:
        assert await connection.fetchval("select count(*) from invitation where token_hash = $1", digest_of(token)) == 1
        tables = await connection.fetch(
            "select quote_ident(relname) as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        )
        for table in tables:
            held = await connection.fetchval(
                f"select count(*) from {table['name']} t where position($1 in t::text) > 0", token
            )
            assert held == 0, table["name"]


async def test_an_address_with_an_account_opens_nothing_by_its_token(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """Another center's invitation sets no second password: 409 without signing in, accepted by who is signed in."""
    ada = await join(client, customer, "ada@school.example")
    async with sql.session() as connection:
        other = await add_customer(connection)
    made = await invite(client, other, "ADA@school.example", "ADMIN")
    token = made["invitation"]["token"]
    refused = await accept(client, token, "another password entirely")
    assert problem(refused) == (409, "email_taken", "email")
    assert (await sign_in(client, "ada@school.example")).status_code == 200
    assert problem(await accept(client, token, "another password entirely", by=ada)) == (
        400,
        "invalid_field",
        "password",
    )
    accepted = await accept(client, token, None, by=ada)
    assert (accepted.status_code, accepted.json()["status"]) == (200, "active")
    assert accepted.json()["person_id"] == ada.person_id
    there = await sign_in(client, "ada@school.example", other.center_id)
    headers = {"Authorization": f"Bearer {there.json()['access_token']}"}
    assert (await client.get("/v1/members", headers=headers)).status_code == 200
    assert problem(await client.get("/v1/members", headers=ada.headers)) == (403, "insufficient_role", None)


async def test_another_address_than_the_invited_one_waits_for_an_admin(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """Signed in as somebody else the member is `pending` and may nothing, until it is confirmed, or rejected for good."""
    async with sql.session() as connection:
        other = await add_customer(connection)
    ada, bob = [await join(client, other, f"{name}@other.example") for name in ("ada", "bob")]
    confirmed, rejected = [
        await invite(client, customer, f"{name}@school.example", "INSTRUCTOR") for name in ("ada", "bob")
    ]
    for person, made in ((ada, confirmed), (bob, rejected)):
        accepted = await accept(client, made["invitation"]["token"], None, by=person)
        assert (accepted.status_code, accepted.json()["status"]) == (200, "pending")
        assert problem(await sign_in(client, person.email, customer.center_id)) == (403, "no_membership", None)
    path = "/v1/members/{}"
    shown = await client.get(path.format(confirmed["id"]), headers=customer.headers)
    assert (shown.json()["account_email"], shown.json()["activated_at"]) == ("ada@other.example", None)
    for made, status in ((confirmed, "active"), (rejected, "rejected")):
        edited = await client.patch(path.format(made["id"]), json={"status": status}, headers=customer.headers)
        assert (edited.status_code, edited.json()["status"]) == (200, status)
    assert (await sign_in(client, ada.email, customer.center_id)).status_code == 200
    assert problem(await sign_in(client, bob.email, customer.center_id)) == (403, "membership_ended", None)


async def test_a_member_joins_no_second_time(client: httpx.AsyncClient, customer: Customer) -> None:
    """An invitation under another address is not accepted by who is a member already."""
    ada = await join(client, customer, "ada@school.example")
    token = (await invite(client, customer, "lovelace@school.example"))["invitation"]["token"]
    assert problem(await accept(client, token, None, by=ada)) == (409, "email_taken", "email")


async def test_an_api_key_accepts_nothing(client: httpx.AsyncClient, customer: Customer) -> None:
    """It is nobody who could be a member."""
    token = (await invite(client, customer, "a@b.example"))["invitation"]["token"]
    answer = await client.post("/v1/auth/invitations/accept", json={"token": token}, headers=customer.headers)
    assert problem(answer) == (401, "invalid_token", None)


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "missing_required_field", "token"),
        ({"token": 7}, "invalid_field", "token"),
        ({"token": "x" * 201}, "invalid_field", "token"),
        ({"password": "seven quiet herons"}, "missing_required_field", "token"),
        ({"token": "x", "password": "elevenchars"}, "invalid_field", "password"),
        ({"token": "x", "password": "x" * 129}, "invalid_field", "password"),
        ({"token": "x", "email": "a@b.example"}, "unknown_field", "email"),
        ({"token": "x", "name": "\u202e"}, "invalid_field", "name"),
    ],
)
async def test_what_is_no_acceptance_is_refused_by_name(
    client: httpx.AsyncClient, customer: Customer, body: dict[str, Any], code: str, param: str
) -> None:
    """400, with the place that is wrong."""
    answer = await client.post("/v1/auth/invitations/accept", json=body)
    assert problem(answer) == (400, code, param)


async def test_a_common_password_is_refused_and_costs_nothing(client: httpx.AsyncClient, customer: Customer) -> None:
    """So is none; the invitation is good for another try."""
    token = (await invite(client, customer, "a@b.example"))["invitation"]["token"]
    assert problem(await accept(client, token, "password1234")) == (400, "invalid_field", "password")
    assert problem(await accept(client, token, None)) == (400, "missing_required_field", "password")
    assert (await accept(client, token)).status_code == 200


async def test_a_suspended_center_takes_nobody_in(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """Its invitations wait for its return."""
    token = (await invite(client, customer, "a@b.example"))["invitation"]["token"]
    async with sql.session() as connection:
        await connection.execute("update center set status = 'suspended' where id = $1", customer.center_id)
        assert problem(await accept(client, token)) == (401, "invitation_invalid", None)
        await connection.execute("update center set status = 'active' where id = $1", customer.center_id)
    assert (await accept(client, token)).status_code == 200


async def test_guessing_counts_for_the_address(app: Gateway, customer: Customer, clock: FrozenClock) -> None:
    """30 tries a minute, whoever is signed in."""
    async with talking_to(app) as client:
        ada = await join(client, customer, "ada@school.example")
    async with talking_to(app) as client:
        for number in range(30):
            by = ada if number % 2 else None
            assert (await accept(client, "x", None, by=by)).status_code == 401
        for by in (ada, None):
            assert (await accept(client, "x", None, by=by)).status_code == 429
        assert (await client.get("/v1/courses", headers=ada.headers)).status_code == 200


async def test_the_same_address_is_invited_once(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """However it is spelled, and whether its account came by another address; other centers don't mind."""
    await invite(client, customer, "a@b.example")
    again = await client.post("/v1/members", json={"email": "A@B.example", "role": "CHILD"}, headers=customer.headers)
    assert problem(again) == (409, "email_taken", "email")
    async with sql.session() as connection:
        other = await add_customer(connection)
        tester = await add_key(connection, customer.center_id, env="test")
    await invite(client, other, "a@b.example")
    refused = await client.post("/v1/members", json={"email": "c@d.example", "role": "CHILD"}, headers=tester.headers)
    assert problem(refused) == (403, "missing_scope", None)
    unknown = f"/v1/members/{new_id('mbr', NOW_MS)}"
    assert problem(await client.get(unknown, headers=customer.headers)) == (404, "member_not_found", "member_id")
