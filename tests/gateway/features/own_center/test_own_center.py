"""A center as its own managers change it, and as anybody may know it."""

from typing import Any

import httpx
import pytest

from gateway.app import Gateway
from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.gateway.features.members.asking import join, problem
from tests.running import Customer, add_key, talking_to

PLAIN = {"primary": None, "accent": None, "background": None, "text": None}


async def test_a_center_says_how_it_looks(client: httpx.AsyncClient, customer: Customer, clock: FrozenClock) -> None:
    """Name, locale and colours, each by itself; `null` takes a colour back, and `{}` changes nothing."""
    before = (await client.get("/v1/center", headers=customer.headers)).json()
    assert (before["id"], before["locale"], before["theme"]) == (customer.center_id, "en", PLAIN)
    clock.advance(1_000)
    body = {"name": "Nordkolleg", "locale": "de-AT", "theme": {"primary": "#1A5fb4", "text": "#000000"}}
    edited = await client.patch("/v1/center", json=body, headers=customer.headers)
    assert edited.status_code == 200
    assert edited.json() == before | {
        "name": "Nordkolleg",
        "locale": "de-AT",
        "theme": PLAIN | body["theme"],
        "updated_at": "2026-03-15T12:00:01Z",
    }
    body = {"theme": {"primary": None, "accent": "#ffffff"}}
    again = await client.patch("/v1/center", json=body, headers=customer.headers)
    assert again.json()["theme"] == PLAIN | {"accent": "#ffffff", "text": "#000000"}
    clock.advance(1_000)
    for nothing in ({}, {"theme": {}}):
        answer = await client.patch("/v1/center", json=nothing, headers=customer.headers)
        assert (answer.status_code, answer.json()) == (200, again.json())


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"theme": {"primary": "red"}}, "invalid_field", "theme.primary"),
        ({"theme": {"primary": "#12345"}}, "invalid_field", "theme.primary"),
        ({"theme": {"primary": "#1234567"}}, "invalid_field", "theme.primary"),
        ({"theme": {"primary": "#12345g"}}, "invalid_field", "theme.primary"),
        ({"theme": {"primary": "#123456\n"}}, "invalid_field", "theme.primary"),
        ({"theme": {"primary": "url(x)"}}, "invalid_field", "theme.primary"),
        ({"theme": {"border": "#123456"}}, "unknown_field", "theme.border"),
        ({"theme": None}, "invalid_field", "theme"),
        ({"theme": ["#123456"]}, "invalid_field", "theme"),
        ({"name": ""}, "invalid_field", "name"),
        ({"name": None}, "invalid_field", "name"),
        ({"locale": "not a locale"}, "invalid_field", "locale"),
        ({"time_zone": "UTC"}, "unknown_field", "time_zone"),
        ({"period_anchor_day": 1}, "unknown_field", "period_anchor_day"),
        ({"plan_id": "partner"}, "unknown_field", "plan_id"),
    ],
)
async def test_what_is_no_edit_is_refused_by_name(
    client: httpx.AsyncClient, customer: Customer, body: dict[str, Any], code: str, param: str
) -> None:
    """Four colours as `#rrggbb` and nothing else; zone, anchor and plan are the partner's."""
    answer = await client.patch("/v1/center", json=body, headers=customer.headers)
    assert problem(answer) == (400, code, param)


async def test_the_center_is_its_managers_to_change(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """A test key reads alone, a key without the scope not even that, an ADMIN does both, an INSTRUCTOR neither."""
    async with sql.session() as connection:
        tester = await add_key(connection, customer.center_id, env="test")
        reader = await add_key(connection, customer.center_id, scopes=["read:courses"])
    admin = await join(client, customer, "head@school.example", "ADMIN")
    teacher = await join(client, customer, "teacher@school.example")
    expected = [
        (tester, 200, (403, "missing_scope", None)),
        (reader, 403, (403, "missing_scope", None)),
        (teacher, 403, (403, "insufficient_role", None)),
    ]
    for caller, reading, writing in expected:
        assert (await client.get("/v1/center", headers=caller.headers)).status_code == reading
        assert problem(await client.patch("/v1/center", json={"name": "X"}, headers=caller.headers)) == writing
    assert (await client.get("/v1/center", headers=admin.headers)).status_code == 200
    edited = await client.patch("/v1/center", json={"name": "X"}, headers=admin.headers)
    assert (edited.status_code, edited.json()["name"]) == (200, "X")


async def test_anybody_may_know_name_and_locale(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """And nothing else. Whatever is not active is the same 404 as what never was, and as what can't be."""
    async with sql.session() as connection:
        query = "update center set subdomain = $2, status = $3 where id = $1"
        await connection.execute(query, customer.center_id, "north-college", "active")
        found = await client.get("/v1/centers/by-subdomain/north-college")
        assert (found.status_code, found.json()) == (200, {"name": "Test", "locale": "en"})
        errors = []
        for status in ("provisioning", "suspended", "ended"):
            await connection.execute(query, customer.center_id, "north-college", status)
            errors.append(await client.get("/v1/centers/by-subdomain/north-college"))
    errors += [await client.get(f"/v1/centers/by-subdomain/{name}") for name in ("unknown", "x", "xn--nrth", "a%20b")]
    for answer in errors:
        assert problem(answer) == (404, "center_not_found", "subdomain")
    assert len({str(answer.json()["error"] | {"request_id": ""}) for answer in errors}) == 1


async def test_asking_for_subdomains_counts_for_the_address(app: Gateway) -> None:
    """30 a minute, found or not."""
    async with talking_to(app) as client:
        for number in range(30):
            assert (await client.get(f"/v1/centers/by-subdomain/college-{number}")).status_code == 404
        refused = await client.get("/v1/centers/by-subdomain/college")
        assert refused.status_code == 429
        assert refused.headers["ratelimit-policy"].startswith('"address"')
