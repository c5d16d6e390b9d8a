"""Assessments are listed for their own center and not there for anybody else; each route needs its scope."""

from typing import Any

import httpx
import pytest

from gateway.ids import new_id
from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.gateway.features.assessments.authored import (
    BODY,
    Json,
    hold_to_scope,
    make,
    refusal,
    shown,
)
from tests.running import NOW_MS, Customer, add_customer, add_key


async def test_a_course_is_the_callers_own(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """An existing course may be named; another center's is not there; a deleted one leaves the assessment behind."""
    course = (await client.post("/v1/courses", json={}, headers=customer.headers)).json()["id"]
    async with sql.session() as connection:
        other = await add_customer(connection)
        test_key = await add_key(connection, customer.center_id, env="test")
    for caller in (other, test_key):
        answer = await client.post("/v1/assessments", json=BODY | {"course_id": course}, headers=caller.headers)
        assert refusal(answer) == (404, "course_not_found", "course_id")
    made = await make(client, customer, course_id=course)
    await make(client, customer)
    listed = await client.get(f"/v1/assessments?course_id={course}", headers=customer.headers)
    assert [one["id"] for one in listed.json()["data"]] == [made["id"]]
    assert (await client.delete(f"/v1/courses/{course}", headers=customer.headers)).status_code == 204
    assert await shown(client, customer, made["id"]) == made | {"course_id": None}


async def test_assessments_are_listed_newest_first_without_questions(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """Every one once, page by page; filters narrow, and belong to the cursor; one that is no course's id is 400."""
    made = []
    for number in range(5):
        made.append(await make(client, customer, title=f"n{number}"))
        clock.advance(1)
    for one in made[:3]:
        await client.post(f"/v1/assessments/{one['id']}/publish", headers=customer.headers)
    page = (await client.get("/v1/assessments?limit=2", headers=customer.headers)).json()
    assert page["data"][0] == {name: value for name, value in made[4].items() if name != "items"}
    seen = [one["id"] for one in page["data"]]
    while page["has_more"]:
        query = f"?limit=2&cursor={page['next_cursor']}"
        page = (await client.get(f"/v1/assessments{query}", headers=customer.headers)).json()
        seen += [one["id"] for one in page["data"]]
    assert seen == [one["id"] for one in reversed(made)]
    published = (await client.get("/v1/assessments?status=published&limit=2", headers=customer.headers)).json()
    assert [one["title"] for one in published["data"]] == ["n2", "n1"]
    stolen = f"/v1/assessments?status=draft&cursor={published['next_cursor']}"
    assert refusal(await client.get(stolen, headers=customer.headers)) == (400, "invalid_cursor", "cursor")
    for query, param in [
        ("status=open", "status"),
        ("course_id=" + "x" * 65, "course_id"),
        ("course_id=7", "course_id"),
        ("course_id=" + made[0]["id"], "course_id"),
        ("include=keys", "include"),
    ]:
        answer = await client.get(f"/v1/assessments?{query}", headers=customer.headers)
        assert refusal(answer) == (400, "invalid_parameter", param)


async def test_a_foreign_assessment_is_not_there(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """Another center's, the other env's, a deleted, an unknown and a misshapen id: one and the same 404."""
    made = await make(client, customer)
    gone = await make(client, customer)
    assert (await client.delete(f"/v1/assessments/{gone['id']}", headers=customer.headers)).status_code == 204
    async with sql.session() as connection:
        other = await add_customer(connection)
        test_key = await add_key(connection, customer.center_id, env="test")
    asked = [
        (other, made["id"]),
        (test_key, made["id"]),
        (customer, gone["id"]),
        (customer, new_id("asmt", NOW_MS)),
        (customer, "asmt_nonsense"),
        (customer, made["id"].replace("asmt", "crs")),
    ]
    requests: list[tuple[str, str, Any]] = [
        ("GET", "", None),
        ("GET", "?include=keys", None),
        ("PATCH", "", {"title": "x"}),
        ("PATCH", "", {}),
        ("DELETE", "", None),
        ("POST", "/publish", None),
        ("POST", "/archive", None),
        ("POST", "/validate", {}),
    ]
    for method, suffix, body in requests:
        bodies = []
        for caller, assessment_id in asked:
            path = f"/v1/assessments/{assessment_id}{suffix}"
            answer = await client.request(method, path, headers=caller.headers, json=body)
            error = answer.json()["error"]
            error.pop("request_id")
            bodies.append((answer.status_code, error))
        assert bodies[0][1]["code"] == "assessment_not_found"
        assert bodies == [bodies[0]] * len(bodies)
    assert await shown(client, customer, made["id"]) == made


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "", BODY),
        ("PATCH", "/asmt_x", BODY),
        ("DELETE", "/asmt_x", None),
        ("GET", "", None),
        ("GET", "/asmt_x", None),
        ("POST", "/asmt_x/publish", None),
        ("POST", "/asmt_x/archive", None),
        ("POST", "/asmt_x/validate", {}),
    ],
)
async def test_each_route_needs_its_scope(
    client: httpx.AsyncClient, sql: SqlStore, method: str, path: str, body: Json | None
) -> None:
    """Reads need `read:assessments`, everything else `write:assessments`; refused before anything is looked up."""
    await hold_to_scope(client, sql, method, f"/v1/assessments{path}", body)
