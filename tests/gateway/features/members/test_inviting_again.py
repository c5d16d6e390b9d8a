"""Inviting once more: a lost or late token is followed by another, and an address that has an account joins by its password."""

import asyncio
from collections import Counter
from typing import Any

import httpx

from gateway.app import Gateway
from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.gateway.features.members.asking import PASSWORD, Joined, accept, invite, join, problem, sign_in
from tests.running import Customer, add_customer, add_key, talking_to
from tests.waiting import until_waiting_for_locks

HOURS_MS = 3_600_000
OTHER = "another password entirely"


async def again(client: httpx.AsyncClient, by: Customer | Joined, member_id: str, **headers: str) -> httpx.Response:
    """Invite this member once more."""
    return await client.post(f"/v1/members/{member_id}/invitations", headers=by.headers | headers)


def token_of(answer: httpx.Response) -> str:
    token: str = answer.json()["invitation"]["token"]
    return token


async def test_a_late_invitation_is_followed_by_another(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """The same member, a token of its own with 72 hours of its own, and 201; whoever invited whom stays."""
    made = await invite(client, customer, "a@b.example", "PARENT", name="Ada")
    clock.advance(73 * HOURS_MS)
    assert problem(await accept(client, made["invitation"]["token"])) == (401, "invitation_invalid", None)
    answer = await again(client, customer, made["id"])
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() | {"invitation": None} == made | {"invitation": None}
    assert answer.json()["invitation"]["id"] != made["invitation"]["id"]
    clock.advance(72 * HOURS_MS - 1)
    accepted = await accept(client, token_of(answer))
    assert (accepted.status_code, accepted.json()["id"], accepted.json()["role"]) == (200, made["id"], "PARENT")


async def test_the_token_before_opens_nothing_any_more(client: httpx.AsyncClient, customer: Customer) -> None:
    """One membership has one open invitation: the newest."""
    made = await invite(client, customer, "a@b.example")
    answer = await again(client, customer, made["id"])
    assert problem(await accept(client, made["invitation"]["token"])) == (401, "invitation_invalid", None)
    assert (await accept(client, token_of(answer))).status_code == 200


async def test_ten_at_once_leave_one_open(client: httpx.AsyncClient, customer: Customer) -> None:
    """Each is answered; of all tokens one opens, once."""
    made = await invite(client, customer, "a@b.example")
    answers = await asyncio.gather(*(again(client, customer, made["id"]) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {201}
    tried = [await accept(client, token_of(answer), OTHER) for answer in answers]
    assert Counter(answer.status_code for answer in tried) == {200: 1, 401: 9}


async def test_a_replay_shows_no_token(client: httpx.AsyncClient, customer: Customer) -> None:
    """The same key again: the same invitation, its token `null`, and the first one still opens."""
    made = await invite(client, customer, "a@b.example")
    key = {"Idempotency-Key": "one"}
    first, second = [await again(client, customer, made["id"], **key) for _ in range(2)]
    assert second.headers["idempotent-replayed"] == "true"
    blank = first.json()["invitation"] | {"token": None}
    assert second.json() == first.json() | {"invitation": blank}
    assert (await accept(client, token_of(first))).status_code == 200


async def test_who_has_joined_or_left_is_not_invited_again(client: httpx.AsyncClient, customer: Customer) -> None:
    """409 `wrong_state`: active, suspended, rejected and ended."""
    ada = await join(client, customer, "ada@school.example")
    rejected, ended = [await invite(client, customer, f"{name}@school.example") for name in ("bob", "cyd")]
    await client.patch(f"/v1/members/{rejected['id']}", json={"status": "rejected"}, headers=customer.headers)
    await client.delete(f"/v1/members/{ended['id']}", headers=customer.headers)
    for member_id in (ada.member_id, rejected["id"], ended["id"]):
        answer = await again(client, customer, member_id)
        assert problem(answer) == (409, "wrong_state", None)
        assert answer.json()["error"]["details"]["allowed"] == ["invited"]


async def test_nobody_takes_a_role_by_inviting_again(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """Who could not give the role gets no token for it: neither a narrow key, a test key nor a teacher."""
    made = await invite(client, customer, "head@school.example", "ADMIN")
    teacher = await join(client, customer, "teacher@school.example")
    async with sql.session() as connection:
        narrow = await add_key(connection, customer.center_id, scopes=["manage:center", "read:results"])
        tester = await add_key(connection, customer.center_id, env="test")
    for key in (narrow, tester):
        assert problem(await again(client, key, made["id"])) == (403, "missing_scope", None)
    assert problem(await again(client, teacher, made["id"])) == (403, "insufficient_role", None)
    assert (await accept(client, made["invitation"]["token"])).status_code == 200


async def test_a_revoked_keys_tokens_go_with_it(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """With `cascade`: who was invited by another stays invited, and the token that the key made opens nothing."""
    made = await invite(client, customer, "a@b.example", "PARENT")
    async with sql.session() as connection:
        key = await add_key(connection, customer.center_id, scopes=["manage:center", "read:results"])
    token = token_of(await again(client, key, made["id"]))
    assert (await client.delete(f"/v1/api-keys/{key.key_id}?cascade=true", headers=customer.headers)).status_code == 204
    assert problem(await accept(client, token)) == (401, "invitation_invalid", None)
    shown = await client.get(f"/v1/members/{made['id']}", headers=customer.headers)
    assert shown.json()["status"] == "invited"
    assert (await accept(client, token_of(await again(client, customer, made["id"])))).status_code == 200


async def test_it_is_told_as_an_event(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """`member.invited` once more, without the token: whoever sends the mail sends another."""
    hook = {"url": "https://8.8.8.8/in", "events": ["member.invited"]}
    assert (await client.post("/v1/webhooks", json=hook, headers=customer.headers)).status_code == 201
    made = await invite(client, customer, "a@b.example")
    await again(client, customer, made["id"])
    async with sql.session() as connection:
        bodies = [row["body"] for row in await connection.fetch("select body from event where type = 'member.invited'")]
    assert [made["id"] in body for body in bodies] == [True, True]
    assert "cgi_" not in "".join(bodies)


async def invited_elsewhere(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore, role: str = "INSTRUCTOR"
) -> tuple[Joined, Customer, dict[str, Any]]:
    """Ada, who left the only center she was in, another center, and its invitation."""
    ada = await join(client, customer, "ada@school.example")
    assert (await client.delete(f"/v1/members/{ada.member_id}", headers=customer.headers)).status_code == 204
    async with sql.session() as connection:
        other = await add_customer(connection)
    return ada, other, await invite(client, other, "ADA@school.example", role)


async def test_who_can_sign_in_nowhere_joins_by_password(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """Who left their only center has an account and no way to sign in: its password accepts the next invitation."""
    ada, other, made = await invited_elsewhere(client, customer, sql)
    assert problem(await sign_in(client, ada.email)) == (403, "membership_ended", None)
    assert problem(await accept(client, made["invitation"]["token"], None)) == (409, "email_taken", "email")
    joined = await accept(client, made["invitation"]["token"])
    assert (joined.status_code, joined.json()["status"], joined.json()["person_id"]) == (200, "active", ada.person_id)
    assert (await sign_in(client, ada.email)).json()["center"]["id"] == other.center_id


async def test_a_wrong_password_is_a_try_to_sign_in(
    app: Gateway, client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """Five in a quarter of an hour, together with logins: the holder of a token guesses no faster than anybody else. No
    other password becomes the account's.
    """
    ada, _, made = await invited_elsewhere(client, customer, sql)
    async with talking_to(app) as guesser:
        for number in range(4):
            answer = await accept(guesser, made["invitation"]["token"], f"{OTHER} {number}")
            assert problem(answer) == (409, "email_taken", "email")
            assert "login_pair" in answer.headers["ratelimit-policy"]
        wrong = {"email": ada.email, "password": OTHER}
        assert (await guesser.post("/v1/auth/login", json=wrong)).status_code == 401
        assert (await accept(guesser, made["invitation"]["token"])).status_code == 429
    async with sql.session() as connection:
        assert await connection.fetchval("select count(*) from invitation where accepted_at is not null") == 1
        assert await connection.fetchval("select count(*) from person") == 1
    assert PASSWORD not in answer.text


async def test_a_password_that_was_just_changed_opens_nothing(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """Compared before the change, it joins nobody behind it."""
    ada, _, made = await invited_elsewhere(client, customer, sql)
    async with sql.session() as changing, changing.transaction():
        await changing.execute("update person set password_hash = 'another' where id = $1", ada.person_id)
        coming = asyncio.create_task(accept(client, made["invitation"]["token"]))
        await until_waiting_for_locks(sql)
    assert problem(await coming) == (409, "email_taken", "email")
