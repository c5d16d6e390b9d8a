"""Webhooks that many make at once, and those of a key that is revoked."""

import asyncio
from typing import Any

import httpx

from gateway.stores import SqlStore
from tests.gateway.features.webhooks.asking import URL, code, make
from tests.gateway.webhooks.couriers import FakeNames
from tests.running import Customer, add_key


async def test_the_twentieth_is_made_once(
    client: httpx.AsyncClient, customer: Customer, names: FakeNames, database: Any
) -> None:
    """Thirty at once of a center that has none: exactly twenty are made, ten are 409."""

    async def ask(number: int) -> int:
        body = {"url": f"{URL}/{number}", "events": ["course.ready"]}
        while (answer := await client.post("/v1/webhooks", json=body, headers=customer.headers)).status_code == 503:
            pass  # a busy machine: nothing was made
        return answer.status_code

    statuses = await asyncio.gather(*[ask(number) for number in range(30)])
    assert sorted(statuses) == [201] * 20 + [409] * 10
    assert await database.fetchval("select count(*) from webhook") == 20


async def test_twins_at_once_are_one_webhook(
    client: httpx.AsyncClient, customer: Customer, names: FakeNames, database: Any
) -> None:
    """Ten times the same url and events: one is made."""
    body = {"url": URL, "events": ["course.ready"]}
    answers = await asyncio.gather(
        *(client.post("/v1/webhooks", json=body, headers=customer.headers) for _ in range(10))
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    codes = {answer.json()["error"]["code"] for answer in answers if answer.status_code == 409}
    assert codes == {"duplicate_webhook"}


async def test_rotations_at_once_leave_two_secrets(
    client: httpx.AsyncClient, customer: Customer, names: FakeNames, database: Any
) -> None:
    """One of them rotates, the others are told so."""
    made = await make(client, customer)
    place = f"/v1/webhooks/{made['id']}/rotate-secret"
    answers = await asyncio.gather(*(client.post(place, headers=customer.headers) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert await database.fetchval("select count(*) from webhook_secret") == 2


async def test_a_key_revoked_with_all_it_made_leaves_no_webhook(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore, names: FakeNames, database: Any
) -> None:
    """`cascade=true` takes its webhooks and their secrets; without it they stay, and others' always do."""
    async with sql.session() as connection:
        leaked = await add_key(connection, customer.center_id)
        retired = await add_key(connection, customer.center_id)
    own = await make(client, customer, URL + "/own")
    evil = await make(client, leaked, URL + "/evil")
    kept = await make(client, retired, URL + "/kept")
    for key, cascade in ((leaked, "true"), (retired, "false")):
        answer = await client.delete(
            f"/v1/api-keys/{key.key_id}", params={"cascade": cascade}, headers=customer.headers
        )
        assert answer.status_code == 204
    listed = (await client.get("/v1/webhooks", headers=customer.headers)).json()["data"]
    assert {each["id"] for each in listed} == {own["id"], kept["id"]}
    secrets = {row["webhook_id"] for row in await database.fetch("select webhook_id from webhook_secret")}
    assert evil["id"] not in secrets


async def test_a_center_has_twenty_webhooks_at_most(
    client: httpx.AsyncClient, customer: Customer, names: FakeNames, sql: SqlStore
) -> None:
    """Live and test together, as the refusal says: the twenty-first is 409 `limit_reached`; a deleted one makes room."""
    async with sql.session() as connection:
        test = await add_key(connection, customer.center_id, env="test")
    made = [await make(client, customer if number else test, f"{URL}/{number}") for number in range(20)]
    body = {"url": f"{URL}/20", "events": ["course.ready"]}
    for who in (customer, test):
        full = await client.post("/v1/webhooks", json=body, headers=who.headers)
        assert code(full) == (409, "limit_reached", None)
        assert full.json()["error"]["details"] == {"resource": "webhooks", "limit": 20}
        assert "live and test together" in full.json()["error"]["message"]
    await client.delete(f"/v1/webhooks/{made[0]['id']}", headers=test.headers)
    assert (await client.post("/v1/webhooks", json=body, headers=customer.headers)).status_code == 201
