"""Members changed from all sides at once: every request gets an answer of the catalogue, and what is left holds together."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import httpx

from gateway.stores import SqlStore
from tests.gateway.features.members.asking import Joined, accept, invite, join
from tests.running import Customer, add_customer


async def test_no_two_changes_wait_for_each_other(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """Inviting, accepting, suspending, linking, ending and cascades of the same members: no deadlock, no 5xx; no member
    is active without an account, no link stands without a parent and a child, no invitation of a member is open still.
    """
    admins = [await join(client, customer, f"{name}@school.example", "ADMIN") for name in ("head", "deputy")]
    parent = await join(client, customer, "parent@school.example", "PARENT")
    waiting = [await invite(client, customer, f"{n}@school.example", "CHILD") for n in range(6)]

    def change(by: Joined, member_id: str, **body: str) -> Callable[[], Awaitable[httpx.Response]]:
        return lambda: client.patch(f"/v1/members/{member_id}", json=body, headers=by.headers)

    def end(by: Joined, member_id: str) -> Callable[[], Awaitable[httpx.Response]]:
        return lambda: client.delete(f"/v1/members/{member_id}?cascade=true", headers=by.headers)

    def link(by: Joined, child_id: str) -> Callable[[], Awaitable[httpx.Response]]:
        path = f"/v1/members/{parent.member_id}/children"
        return lambda: client.post(path, json={"child_id": child_id}, headers=by.headers)

    def invite_again(by: Joined, member_id: str) -> Callable[[], Awaitable[httpx.Response]]:
        return lambda: client.post(f"/v1/members/{member_id}/invitations", headers=by.headers)

    def join_by(token: str) -> Callable[[], Awaitable[httpx.Response]]:
        return lambda: accept(client, token)

    requests: list[Callable[[], Awaitable[httpx.Response]]] = []
    for number, made in enumerate(waiting):
        by = admins[number % 2]
        requests += [
            join_by(made["invitation"]["token"]),
            join_by(made["invitation"]["token"]),
            invite_again(by, made["id"]),
            link(by, made["id"]),
            change(by, made["id"], status="suspended"),
            change(by, made["id"], role="PARENT" if number % 3 else "CHILD"),
            change(by, made["id"], status="active"),
            end(by, made["id"]),
        ]
    requests += [change(admins[0], admins[1].member_id, role="INSTRUCTOR"), end(admins[1], admins[0].member_id)]
    random.Random(7).shuffle(requests)
    eight = asyncio.Semaphore(8)  # fewer than the process has connections

    async def in_turn(request: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        async with eight:
            return await request()

    answers = await asyncio.gather(*(in_turn(request) for request in requests))
    assert {answer.status_code for answer in answers} <= {200, 201, 204, 400, 401, 403, 404, 409, 429}
    async with sql.session() as connection:
        query = "select count(*) from membership where center_id = $1 and role = 'ADMIN' and status = 'active'"
        assert await connection.fetchval(query, customer.center_id) == 1
        unheld = """select count(*) from parent_child l
                      join membership p on p.center_id = l.center_id and p.id = l.parent_id
                      join membership c on c.center_id = l.center_id and c.id = l.child_id
                     where p.role <> 'PARENT' or c.role <> 'CHILD' or c.status = 'ended'"""
        assert await connection.fetchval(unheld) == 0
        stale = """select count(*) from invitation i join membership m on m.center_id = i.center_id and m.id = i.membership_id
                    where i.accepted_at is null and i.revoked_at is null and m.status <> 'invited'"""
        assert await connection.fetchval(stale) == 0


async def test_one_address_invited_by_two_centers_becomes_one_account(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """Both tokens at once, each with a password: one makes the account, the other must sign in to it."""
    async with sql.session() as connection:
        other = await add_customer(connection)
    for number in range(5):
        email = f"ada{number}@school.example"
        tokens = [(await invite(client, by, email))["invitation"]["token"] for by in (customer, other)]
        passwords = ("seven quiet herons at noon", "eight quiet herons at one")
        answers = await asyncio.gather(*map(accept, (client, client), tokens, passwords))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        async with sql.session() as connection:
            query = "select count(*) from membership where email_folded = $1 and status = 'active'"
            assert await connection.fetchval(query, email) == 1


async def test_two_admins_with_one_idempotency_key_make_two_requests(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    """A key belongs to the person who sends it: nobody is answered with what another was, and no token passes over."""
    admins = [await join(client, customer, f"{name}@school.example", "ADMIN") for name in ("head", "deputy")]
    answers = []
    for admin, email in zip(admins, ("a@b.example", "c@d.example"), strict=True):
        headers = admin.headers | {"Idempotency-Key": "one"}
        answers.append(await client.post("/v1/members", json={"email": email, "role": "CHILD"}, headers=headers))
    assert [answer.status_code for answer in answers] == [201, 201]
    assert [answer.json()["created_by"] for answer in answers] == [admin.person_id for admin in admins]
