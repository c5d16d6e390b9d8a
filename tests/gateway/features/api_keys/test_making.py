"""Making keys: a key gives away no more than its maker has, and is shown once."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from gateway.scopes import CENTER_SCOPES
from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.gateway.features.api_keys.asking import as_caller, listed, make_key, problem
from tests.running import Customer, add_center, add_customer, add_key

SOON = datetime(2026, 3, 15, 13, tzinfo=UTC)
"""An hour after the tests' now."""


async def test_a_key_that_was_made_opens_what_it_was_made_for(client: httpx.AsyncClient, customer: Customer) -> None:
    """The answer shows the key and what it may; the key works at once, and for its scopes alone."""
    made = await make_key(client, customer, name="reader", scopes=["read:usage", "read:courses"])
    key = made.pop("key")
    assert key.startswith("cg_live_")
    assert made == {
        "object": "api_key",
        "id": made["id"],
        "name": "reader",
        "env": "live",
        "scopes": ["read:courses", "read:usage"],
        "requests_per_minute": None,
        "created_by": customer.key_id,
        "created_at": "2026-03-15T12:00:00Z",
        "expires_at": None,
        "rotated_from": None,
        "last_used_at": None,
    }
    headers = {"X-API-Key": key}
    assert (await client.get("/v1/courses", headers=headers)).status_code == 200
    assert problem(await client.get("/v1/api-keys", headers=headers)) == (403, "missing_scope", None)


async def test_no_cache_may_keep_an_answer_that_shows_a_key(client: httpx.AsyncClient, customer: Customer) -> None:
    """Made and rotated keys come with `Cache-Control: no-store`, their replays too."""
    body = {"name": "made", "env": "live", "scopes": ["read:courses"]}
    made = await client.post("/v1/api-keys", json=body, headers=customer.headers)
    headers = customer.headers | {"Idempotency-Key": "k"}
    path = f"/v1/api-keys/{made.json()['id']}/rotate"
    rotated, replayed = [await client.post(path, json={"grace_seconds": 60}, headers=headers) for _ in range(2)]
    assert replayed.headers["idempotent-replayed"] == "true"
    for answer in (made, rotated, replayed):
        assert answer.status_code == 201, answer.text
        assert answer.headers.get_list("cache-control") == ["no-store"]
    course = await client.post("/v1/courses", json={}, headers=customer.headers)
    assert "cache-control" not in course.headers


async def test_lists_never_show_a_key(client: httpx.AsyncClient, customer: Customer) -> None:
    """Neither a key nor a part of it, nor its hash, is in any list."""
    made = await make_key(client, customer)
    answer = await client.get("/v1/api-keys", headers=customer.headers)
    assert {key["id"] for key in answer.json()["data"]} == {customer.key_id, made["id"]}
    assert all("key" not in key for key in answer.json()["data"])
    assert made["key"][8:20] not in answer.text


async def test_the_first_use_of_a_key_is_seen(client: httpx.AsyncClient, customer: Customer) -> None:
    """`last_used_at` says when a key was used, soon after it was."""
    made = await make_key(client, customer)
    await client.get("/v1/courses", headers=as_caller(made, customer).headers)
    async with asyncio.timeout(10):
        while True:
            keys = (await client.get("/v1/api-keys", headers=customer.headers)).json()["data"]
            used = next(key["last_used_at"] for key in keys if key["id"] == made["id"])
            if used is not None:
                break
            await asyncio.sleep(0.02)
    assert used == "2026-03-15T12:00:00Z"


async def test_a_replay_shows_no_key(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """The same `Idempotency-Key` makes one key; its replay has `null` in the key's place, and so has the database."""
    headers = customer.headers | {"Idempotency-Key": "make-one"}
    body = {"name": "x", "env": "live", "scopes": ["read:courses"]}
    first = (await client.post("/v1/api-keys", json=body, headers=headers)).json()
    again = await client.post("/v1/api-keys", json=body, headers=headers)
    assert again.headers["idempotent-replayed"] == "true"
    assert (again.status_code, again.json()) == (201, first | {"key": None})
    async with sql.session() as connection:
        assert await connection.fetchval("select count(*) from api_key where name = 'x'") == 1
        kept = await connection.fetchval("select body from idempotency_claim")
    assert first["key"].encode() not in kept


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"name": None}, "invalid_field", "name"),
        ({"name": " "}, "invalid_field", "name"),
        ({"env": "prod"}, "invalid_field", "env"),
        ({"scopes": []}, "invalid_field", "scopes"),
        ({"scopes": ["read:courses", "read:everything"]}, "invalid_field", "scopes[1]"),
        ({"scopes": "read:courses"}, "invalid_field", "scopes"),
        ({"expires_at": "tomorrow"}, "invalid_field", "expires_at"),
        ({"expires_at": "2027-01-01T00:00:00"}, "invalid_field", "expires_at"),
        ({"expires_at": "2026-03-15T12:00:00Z"}, "invalid_field", "expires_at"),
        ({"expires_at": "2026-03-15T14:00:00+02:00"}, "invalid_field", "expires_at"),
        ({"expires_at": "9999-12-31T23:59:59-12:00"}, "invalid_field", "expires_at"),
        ({"expires_at": "0001-01-01T00:00:00+12:00"}, "invalid_field", "expires_at"),
        ({"requests_per_minute": 0}, "invalid_field", "requests_per_minute"),
        ({"requests_per_minute": 10**9 + 1}, "invalid_field", "requests_per_minute"),
        ({"requests_per_minute": True}, "invalid_field", "requests_per_minute"),
        ({"center_id": "ctr_x"}, "unknown_field", "center_id"),
    ],
)
async def test_what_is_no_key_is_refused_by_name(
    client: httpx.AsyncClient, customer: Customer, change: dict[str, Any], code: str, param: str
) -> None:
    """The wrong field is named, and no key is made."""
    body = {"name": "x", "env": "live", "scopes": ["read:courses"]} | change
    answer = await client.post("/v1/api-keys", json=body, headers=customer.headers)
    assert problem(answer) == (400, code, param)
    assert await listed(client, customer) == [customer.key_id]


@pytest.mark.parametrize("missing", ["name", "env", "scopes"])
async def test_what_is_missing_is_named(client: httpx.AsyncClient, customer: Customer, missing: str) -> None:
    """`missing_required_field`, with the field."""
    body = {"name": "x", "env": "live", "scopes": ["read:courses"]}
    del body[missing]
    answer = await client.post("/v1/api-keys", json=body, headers=customer.headers)
    assert problem(answer) == (400, "missing_required_field", missing)


async def test_nobody_gives_a_scope_that_they_lack(client: httpx.AsyncClient, sql: SqlStore) -> None:
    """A maker needs `manage:center` and every scope it gives; the ones it lacks are named."""
    async with sql.session() as connection:
        maker = await add_customer(connection, scopes=["manage:center", "read:courses"])
        reader = await add_key(connection, maker.center_id, scopes=["read:courses"])
    body = {"name": "x", "env": "live", "scopes": ["read:courses", "write:courses", "provision:centers"]}
    refused = await client.post("/v1/api-keys", json=body, headers=maker.headers)
    assert problem(refused) == (403, "missing_scope", None)
    assert refused.json()["error"]["details"] == {"required_scope": "write:courses provision:centers"}
    unmanaged = await client.post("/v1/api-keys", json=body | {"scopes": ["read:courses"]}, headers=reader.headers)
    assert problem(unmanaged) == (403, "missing_scope", None)
    await make_key(client, maker, scopes=["read:courses", "manage:center"])


async def test_a_test_key_makes_and_sees_test_keys_alone(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """A live key acts for both envs, a test key for test."""
    async with sql.session() as connection:
        tester = await add_key(connection, customer.center_id, env="test")
    by_live = await make_key(client, customer, env="test")
    by_test = await make_key(client, tester, env="test")
    assert by_test["key"].startswith("cg_test_")
    body = {"name": "x", "env": "live", "scopes": ["read:courses"]}
    assert problem(await client.post("/v1/api-keys", json=body, headers=tester.headers)) == (
        400,
        "invalid_field",
        "env",
    )
    assert set(await listed(client, tester)) == {tester.key_id, by_live["id"], by_test["id"]}
    assert set(await listed(client, customer)) == {customer.key_id, tester.key_id, by_live["id"], by_test["id"]}


async def test_expiry_and_rate_never_exceed_the_makers(client: httpx.AsyncClient, sql: SqlStore) -> None:
    """What is asked beyond the maker's own is refused; what is not asked is the maker's own."""
    async with sql.session() as connection:
        maker = await add_customer(connection, expires_at=SOON, requests_per_minute=50)
    body = {"name": "x", "env": "live", "scopes": ["read:courses"]}
    later = (SOON + timedelta(seconds=1)).isoformat()
    answer = await client.post("/v1/api-keys", json=body | {"expires_at": later}, headers=maker.headers)
    assert problem(answer) == (400, "invalid_field", "expires_at")
    answer = await client.post("/v1/api-keys", json=body | {"requests_per_minute": 51}, headers=maker.headers)
    assert problem(answer) == (400, "invalid_field", "requests_per_minute")
    unasked = await make_key(client, maker)
    assert (unasked["expires_at"], unasked["requests_per_minute"]) == ("2026-03-15T13:00:00Z", 50)
    lower = await make_key(client, maker, expires_at="2026-03-15T12:30:00Z", requests_per_minute=5)
    assert (lower["expires_at"], lower["requests_per_minute"]) == ("2026-03-15T12:30:00Z", 5)


async def test_a_revoked_maker_makes_nothing_while_it_is_still_remembered(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    """Processes remember a key for 5 s: even then a revoked one makes no key that would outlive it."""
    maker = as_caller(await make_key(client, customer, scopes=["manage:center", "read:courses"]), customer)
    assert await listed(client, maker)
    assert (await client.delete(f"/v1/api-keys/{maker.key_id}", headers=customer.headers)).status_code == 204
    body = {"name": "x", "env": "live", "scopes": ["read:courses"]}
    answer = await client.post("/v1/api-keys", json=body, headers=maker.headers)
    assert problem(answer) == (401, "invalid_api_key", None)
    assert await listed(client, customer) == [customer.key_id]


async def test_a_center_has_at_most_as_many_keys_as_its_plan_says(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore, clock: FrozenClock
) -> None:
    """At the ceiling 409 `limit_reached`, however many ask at once; revoked and expired keys don't count."""
    async with sql.session() as connection:
        await connection.execute("update plan set api_keys_max = 5 where id = 'partner'")
        await add_key(connection, customer.center_id, expires_at=SOON)
        await add_key(connection, await add_center(connection))
    body = {"name": "x", "env": "live", "scopes": ["read:courses"]}
    answers = await asyncio.gather(
        *(client.post("/v1/api-keys", json=body, headers=customer.headers) for _ in range(8))
    )
    made = [answer.json() for answer in answers if answer.status_code == 201]
    refused = [answer for answer in answers if answer.status_code != 201]
    assert len(made) == 3
    assert {problem(answer) for answer in refused} == {(409, "limit_reached", None)}
    assert refused[0].json()["error"]["details"] == {"resource": "api_keys", "limit": 5}
    await client.delete(f"/v1/api-keys/{made[0]['id']}", headers=customer.headers)
    await make_key(client, customer)
    clock.set(int(SOON.timestamp() * 1000))
    await make_key(client, customer)
    assert problem(await client.post("/v1/api-keys", json=body, headers=customer.headers))[1] == "limit_reached"


async def test_every_center_scope_can_be_given(client: httpx.AsyncClient, customer: Customer) -> None:
    """A key with all scopes makes a key with all scopes; doubled ones count once."""
    made = await make_key(client, customer, scopes=[*CENTER_SCOPES, "read:courses"])
    assert made["scopes"] == list(CENTER_SCOPES)
