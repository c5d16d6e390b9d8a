"""Presets: partial briefs that are made, edited field by field, listed, and not there for anybody else."""

from typing import Any

import httpx
import pytest

from gateway.ids import new_id
from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.running import NOW_MS, Customer, add_customer, add_key


async def _make(client: httpx.AsyncClient, customer: Customer, **body: Any) -> dict[str, Any]:
    answer = await client.post("/v1/presets", json={"name": "Short"} | body, headers=customer.headers)
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


def _error(answer: httpx.Response) -> tuple[int, str, str | None]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("param")


async def test_a_preset_holds_exactly_what_was_given(client: httpx.AsyncClient, customer: Customer) -> None:
    """A partial brief stays partial: no default is written into it."""
    answer = await client.post(
        "/v1/presets", json={"name": "Short", "brief": {"modules": 2, "artifacts": ["quiz"]}}, headers=customer.headers
    )
    made = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"/v1/presets/{made['id']}")
    assert made["object"] == "preset"
    assert made["brief"] == {"modules": 2, "artifacts": ["quiz"]}
    assert made["created_at"] == made["updated_at"] == "2026-03-15T12:00:00Z"
    shown = await client.get(f"/v1/presets/{made['id']}", headers=customer.headers)
    assert shown.json() == made
    assert (await _make(client, customer))["brief"] == {}


async def test_an_edit_merges_the_brief_field_by_field(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """Given fields are laid over, lists whole, `null` takes a field out, the rest stays."""
    made = await _make(client, customer, brief={"topic": "Tides", "objectives": ["a", "b"], "modules": 2})
    clock.advance(1_000)
    edit = {"name": "Longer", "brief": {"topic": None, "objectives": ["c"], "tone": "warm"}}
    edited = await client.patch(f"/v1/presets/{made['id']}", json=edit, headers=customer.headers)
    assert edited.status_code == 200
    assert edited.json() == made | {
        "name": "Longer",
        "brief": {"objectives": ["c"], "modules": 2, "tone": "warm"},
        "updated_at": "2026-03-15T12:00:01Z",
    }


async def test_an_empty_edit_changes_nothing(client: httpx.AsyncClient, customer: Customer, clock: FrozenClock) -> None:
    """A PATCH of `{}` is 200 and leaves even `updated_at`."""
    made = await _make(client, customer, brief={"modules": 2})
    clock.advance(1_000)
    edited = await client.patch(f"/v1/presets/{made['id']}", json={}, headers=customer.headers)
    assert (edited.status_code, edited.json()) == (200, made)


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "missing_required_field", "name"),
        ({"name": ""}, "invalid_field", "name"),
        ({"name": "  "}, "invalid_field", "name"),
        ({"name": 7}, "invalid_field", "name"),
        ({"name": "x" * 201}, "invalid_field", "name"),
        ({"name": "x", "review": ["outline"]}, "unknown_field", "review"),
        ({"name": "x", "brief": None}, "invalid_field", "brief"),
        ({"name": "x", "brief": {"modules": 0}}, "invalid_field", "brief.modules"),
        ({"name": "x", "brief": {"modules": 21}}, "invalid_field", "brief.modules"),
        ({"name": "x", "brief": {"modules": None}}, "invalid_field", "brief.modules"),
        ({"name": "x", "brief": {"modles": 2}}, "unknown_field", "brief.modles"),
        ({"name": "x", "brief": {"level": "expert"}}, "invalid_field", "brief.level"),
        ({"name": "x", "brief": {"artifacts": []}}, "invalid_field", "brief.artifacts"),
        ({"name": "x", "brief": {"artifacts": ["quiz", "quiz"]}}, "invalid_field", "brief.artifacts"),
        ({"name": "x", "brief": {"objectives": ["a", 1]}}, "invalid_field", "brief.objectives[1]"),
        ({"name": "x", "brief": {"topic": "a\0b"}}, "invalid_field", "brief.topic"),
    ],
)
async def test_what_is_no_preset_is_refused_by_name(
    client: httpx.AsyncClient, customer: Customer, body: dict[str, Any], code: str, param: str
) -> None:
    """The first wrong field is named, and nothing is written."""
    answer = await client.post("/v1/presets", json=body, headers=customer.headers)
    assert _error(answer) == (400, code, param)
    assert (await client.get("/v1/presets", headers=customer.headers)).json()["data"] == []


async def test_presets_are_listed_newest_first_page_by_page(client: httpx.AsyncClient, customer: Customer) -> None:
    """Every preset once, in order, also where several were made in one instant."""
    made = [(await _make(client, customer, name=f"n{number}"))["id"] for number in range(5)]
    seen: list[str] = []
    query = "?limit=2"
    for _ in range(3):
        page = (await client.get(f"/v1/presets{query}", headers=customer.headers)).json()
        seen += [preset["id"] for preset in page["data"]]
        query = f"?limit=2&cursor={page['next_cursor']}"
    assert (page["has_more"], page["next_cursor"]) == (False, None)
    assert seen == sorted(made, reverse=True)


async def test_a_cursor_belongs_to_one_list(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """Another list's, another center's and a broken cursor are all 400 `invalid_cursor`."""
    for number in range(2):
        await _make(client, customer, name=f"n{number}")
    cursor = (await client.get("/v1/presets?limit=1", headers=customer.headers)).json()["next_cursor"]
    async with sql.session() as connection:
        other = await add_customer(connection)
    for path, headers in [
        (f"/v1/courses?cursor={cursor}", customer.headers),
        (f"/v1/presets?cursor={cursor}", other.headers),
        (f"/v1/presets?cursor={cursor[:-2]}", customer.headers),
    ]:
        assert _error(await client.get(path, headers=headers)) == (400, "invalid_cursor", "cursor")


async def test_a_foreign_preset_is_not_there(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """Another center's, the other env's, a deleted, an unknown and a misshapen id: one and the same 404."""
    made = await _make(client, customer)
    gone = await _make(client, customer)
    assert (await client.delete(f"/v1/presets/{gone['id']}", headers=customer.headers)).status_code == 204
    async with sql.session() as connection:
        other = await add_customer(connection)
        test_key = await add_key(connection, customer.center_id, env="test")
    asked = [
        (other, made["id"]),
        (test_key, made["id"]),
        (customer, gone["id"]),
        (customer, new_id("prst", NOW_MS)),
        (customer, "prst_nonsense"),
        (customer, made["id"].replace("prst", "crs")),
    ]
    for method, suffix in [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/courses")]:
        bodies = []
        for caller, preset_id in asked:
            answer = await client.request(
                method,
                f"/v1/presets/{preset_id}{suffix}",
                headers=caller.headers,
                json={"name": "x"} if method == "PATCH" else None,
            )
            error = answer.json()["error"]
            error.pop("request_id")
            bodies.append((answer.status_code, error))
        assert bodies[0][1]["code"] == "preset_not_found"
        assert bodies == [bodies[0]] * len(bodies)
    assert (await client.get(f"/v1/presets/{made['id']}", headers=customer.headers)).json() == made


async def test_a_presets_courses_outlive_it(client: httpx.AsyncClient, customer: Customer) -> None:
    """The list holds what was made from it alone; deleting the preset leaves the courses as they are."""
    made = await _make(client, customer, brief={"topic": "Tides"})
    course = (await client.post("/v1/courses", json={"preset_id": made["id"]}, headers=customer.headers)).json()
    await client.post("/v1/courses", json={}, headers=customer.headers)
    listed = await client.get(f"/v1/presets/{made['id']}/courses", headers=customer.headers)
    assert listed.json() == {"data": [course], "has_more": False, "next_cursor": None}
    assert (await client.delete(f"/v1/presets/{made['id']}", headers=customer.headers)).status_code == 204
    assert (await client.get(f"/v1/courses/{course['id']}", headers=customer.headers)).json() == course


async def test_a_key_makes_one_preset(client: httpx.AsyncClient, customer: Customer) -> None:
    """The same `Idempotency-Key` and body replays; another body is 422."""
    headers = customer.headers | {"Idempotency-Key": "one"}
    first = await client.post("/v1/presets", json={"name": "x", "brief": {"modules": 1}}, headers=headers)
    again = await client.post("/v1/presets", json={"brief": {"modules": 1}, "name": "x"}, headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = await client.post("/v1/presets", json={"name": "y"}, headers=headers)
    assert _error(other) == (422, "idempotency_key_reused", "Idempotency-Key")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", ""), ("PATCH", "/prst_x"), ("DELETE", "/prst_x"), ("GET", ""), ("GET", "/prst_x")]
)
async def test_each_route_needs_its_scope(client: httpx.AsyncClient, sql: SqlStore, method: str, path: str) -> None:
    """Reads need `read:courses`, writes `write:courses`; each is refused before anything is looked up."""
    needed, other = ("read:courses", "write:courses") if method == "GET" else ("write:courses", "read:courses")
    async with sql.session() as connection:
        caller = await add_customer(connection, scopes=[other])
    answer = await client.request(method, f"/v1/presets{path}", headers=caller.headers)
    assert _error(answer) == (403, "missing_scope", None)
    assert answer.json()["error"]["details"] == {"required_scope": needed}
