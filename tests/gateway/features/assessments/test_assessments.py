"""Assessments as their authors keep them: made, edited, listed, deleted, and not there for anybody else."""

import asyncio
from typing import Any

import httpx
import pytest

from gateway.ids import new_id
from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.gateway.features.assessments.authored import (
    Json,
    make,
    make_published,
    refusal,
    short_text,
    shown,
    single_choice,
)
from tests.running import NOW_MS, Customer, add_customer, add_key

DEFAULTS: Json = {
    "max_attempts": 1,
    "checks_per_question": 0,
    "pass_percent": 50,
    "autosave": "resumable",
    "time_limit_seconds": None,
    "keep": "best",
    "penalty_per_try": 0.0,
    "feedback": "score",
    "feedback_at": "last_attempt",
    "shuffle": False,
}


async def test_a_draft_has_the_defaults_of_the_contract(client: httpx.AsyncClient, customer: Customer) -> None:
    """One attempt, no check, feedback by score after the last attempt; points are added up exactly."""
    answer = await client.post(
        "/v1/assessments",
        json={"title": "Tides", "items": [single_choice(points="0.10"), short_text(points="0.20")]},
        headers=customer.headers,
    )
    made = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"/v1/assessments/{made['id']}")
    assert made["settings"] == DEFAULTS
    assert {name: made[name] for name in ("object", "status", "version", "published_version", "points_total")} == {
        "object": "assessment",
        "status": "draft",
        "version": 1,
        "published_version": None,
        "points_total": "0.30",
    }
    assert made["course_id"] is made["published_at"] is made["archived_at"] is None
    assert (made["description"], made["created_at"], made["updated_at"]) == (
        "",
        "2026-03-15T12:00:00Z",
        "2026-03-15T12:00:00Z",
    )
    assert await shown(client, customer, made["id"]) == made


async def test_a_draft_may_begin_empty(client: httpx.AsyncClient, customer: Customer) -> None:
    """A title is enough; it can't be published before it asks something."""
    made = await make(client, customer, items=[])
    assert (made["items"], made["points_total"]) == ([], "0.00")
    answer = await client.post(f"/v1/assessments/{made['id']}/publish", headers=customer.headers)
    assert refusal(answer) == (400, "invalid_field", "items")


BODY: Json = {"title": "Tides"}


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "missing_required_field", "title"),
        ({"title": ""}, "invalid_field", "title"),
        ({"title": " "}, "invalid_field", "title"),
        ({"title": 7}, "invalid_field", "title"),
        ({"title": "x" * 201}, "invalid_field", "title"),
        (BODY | {"titel": "x"}, "unknown_field", "titel"),
        (BODY | {"description": None}, "invalid_field", "description"),
        (BODY | {"description": "x" * 2001}, "invalid_field", "description"),
        (BODY | {"description": "a\0b"}, "invalid_field", "description"),
        (BODY | {"course_id": 7}, "invalid_field", "course_id"),
        (BODY | {"course_id": "crs_nonsense"}, "invalid_field", "course_id"),
        (BODY | {"course_id": new_id("asmt", NOW_MS)}, "invalid_field", "course_id"),
        (BODY | {"items": None}, "invalid_field", "items"),
        (BODY | {"items": {}}, "invalid_field", "items"),
        (BODY | {"items": [single_choice(f"q{place}") for place in range(201)]}, "invalid_field", "items"),
        (BODY | {"status": "published"}, "unknown_field", "status"),
        (BODY | {"version": 2}, "unknown_field", "version"),
        (BODY | {"settings": None}, "invalid_field", "settings"),
        (BODY | {"settings": {"attempts": 2}}, "unknown_field", "settings.attempts"),
        (BODY | {"settings": {"max_attempts": 0}}, "invalid_field", "settings.max_attempts"),
        (BODY | {"settings": {"max_attempts": 101}}, "invalid_field", "settings.max_attempts"),
        (BODY | {"settings": {"max_attempts": 1.5}}, "invalid_field", "settings.max_attempts"),
        (BODY | {"settings": {"max_attempts": True}}, "invalid_field", "settings.max_attempts"),
        (BODY | {"settings": {"checks_per_question": -1}}, "invalid_field", "settings.checks_per_question"),
        (BODY | {"settings": {"checks_per_question": 21}}, "invalid_field", "settings.checks_per_question"),
        (BODY | {"settings": {"checks_per_question": None}}, "invalid_field", "settings.checks_per_question"),
        (BODY | {"settings": {"pass_percent": -1}}, "invalid_field", "settings.pass_percent"),
        (BODY | {"settings": {"pass_percent": 101}}, "invalid_field", "settings.pass_percent"),
        (BODY | {"settings": {"autosave": "on"}}, "invalid_field", "settings.autosave"),
        (BODY | {"settings": {"time_limit_seconds": 0}}, "invalid_field", "settings.time_limit_seconds"),
        (BODY | {"settings": {"time_limit_seconds": 2_592_001}}, "invalid_field", "settings.time_limit_seconds"),
        (BODY | {"settings": {"time_limit_seconds": 2**64}}, "invalid_field", "settings.time_limit_seconds"),
        (BODY | {"settings": {"keep": "worst"}}, "invalid_field", "settings.keep"),
        (BODY | {"settings": {"penalty_per_try": -0.1}}, "invalid_field", "settings.penalty_per_try"),
        (BODY | {"settings": {"penalty_per_try": 1.01}}, "invalid_field", "settings.penalty_per_try"),
        (BODY | {"settings": {"feedback": "all"}}, "invalid_field", "settings.feedback"),
        (BODY | {"settings": {"feedback_at": "never"}}, "invalid_field", "settings.feedback_at"),
        (BODY | {"settings": {"shuffle": 1}}, "invalid_field", "settings.shuffle"),
        (
            BODY | {"settings": {"feedback": "none", "checks_per_question": 1}},
            "invalid_field",
            "settings.checks_per_question",
        ),
    ],
)
async def test_what_is_no_assessment_is_refused_by_name(
    client: httpx.AsyncClient, customer: Customer, body: Json, code: str, param: str
) -> None:
    """The first wrong field is named, and nothing is written."""
    answer = await client.post("/v1/assessments", json=body, headers=customer.headers)
    assert refusal(answer) == (400, code, param)
    assert (await client.get("/v1/assessments", headers=customer.headers)).json()["data"] == []


async def test_every_setting_can_be_given_and_edited(client: httpx.AsyncClient, customer: Customer) -> None:
    """At their bounds; an edit lays fields over the others, and `null` lifts the limits on attempts and time."""
    most = {
        "max_attempts": 100,
        "checks_per_question": 20,
        "pass_percent": 100,
        "autosave": "off",
        "time_limit_seconds": 2_592_000,
        "keep": "last",
        "penalty_per_try": 1.0,
        "feedback": "parts",
        "feedback_at": "each_attempt",
        "shuffle": True,
    }
    made = await make(client, customer, settings=most)
    assert made["settings"] == most
    path = f"/v1/assessments/{made['id']}"
    edit = {"settings": {"max_attempts": None, "time_limit_seconds": None, "pass_percent": 0}}
    edited = (await client.patch(path, json=edit, headers=customer.headers)).json()
    assert edited["settings"] == most | edit["settings"]
    refused = await client.patch(path, json={"settings": {"feedback": "none"}}, headers=customer.headers)
    assert refusal(refused) == (400, "invalid_field", "settings.checks_per_question")
    edit = {"settings": {"feedback": "none", "checks_per_question": 0}}
    assert (await client.patch(path, json=edit, headers=customer.headers)).status_code == 200


async def test_checks_stay_below_the_plans_ceiling(
    client: httpx.AsyncClient, sql: SqlStore, migrate_database_url: str
) -> None:
    """A center that may have 2 checks a question can't author 3."""
    async with sql.session() as connection:
        customer = await add_customer(connection)
        await connection.execute(
            "insert into center_limit (center_id, checks_per_question) values ($1, 2)", customer.center_id
        )
    body = {"title": "x", "settings": {"checks_per_question": 3}}
    answer = await client.post("/v1/assessments", json=body, headers=customer.headers)
    assert refusal(answer) == (400, "invalid_field", "settings.checks_per_question")
    assert "2" in answer.json()["error"]["details"]["requirement"]
    await make(client, customer, settings={"checks_per_question": 2})


async def test_an_edit_changes_what_it_names(client: httpx.AsyncClient, customer: Customer, clock: FrozenClock) -> None:
    """Items as a whole, texts one by one; the draft stays version 1, since nobody has seen it."""
    made = await make(client, customer)
    clock.advance(1_000)
    edit = {"title": "Waves", "description": "At sea.", "items": [single_choice("only", points="3.50")]}
    answer = await client.patch(f"/v1/assessments/{made['id']}", json=edit, headers=customer.headers)
    edited = answer.json()
    assert answer.status_code == 200
    assert [question["id"] for question in edited["items"]] == ["only"]
    changed = {"title", "description", "items", "points_total", "updated_at"}
    assert {name for name in made if made[name] != edited[name]} == changed
    assert (edited["points_total"], edited["updated_at"]) == ("3.50", "2026-03-15T12:00:01Z")


@pytest.mark.parametrize(
    "edit", [{}, {"title": "Tides"}, {"settings": {}}, {"settings": {"shuffle": False}}, {"course_id": None}]
)
async def test_an_edit_that_changes_nothing_changes_nothing(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock, edit: Json
) -> None:
    """Not `updated_at`, and no version of what is published."""
    made = await make_published(client, customer)
    clock.advance(1_000)
    answer = await client.patch(f"/v1/assessments/{made['id']}", json=edit, headers=customer.headers)
    assert (answer.status_code, answer.json()) == (200, made)


@pytest.mark.parametrize(
    ("edit", "code", "param"),
    [
        ({"title": None}, "invalid_field", "title"),
        ({"items": None}, "invalid_field", "items"),
        ({"items": [single_choice(), single_choice()]}, "invalid_field", "items[1].id"),
        ({"settings": {"keep": None}}, "invalid_field", "settings.keep"),
        ({"settings": {"max_attempts": 0}}, "invalid_field", "settings.max_attempts"),
        ({"course_id": "x"}, "invalid_field", "course_id"),
        ({"course_id": new_id("crs", NOW_MS)}, "course_not_found", "course_id"),
        ({"archived": True}, "unknown_field", "archived"),
    ],
)
async def test_a_wrong_edit_is_refused_by_name(
    client: httpx.AsyncClient, customer: Customer, edit: Json, code: str, param: str
) -> None:
    """And the assessment stays as it was."""
    made = await make(client, customer)
    answer = await client.patch(f"/v1/assessments/{made['id']}", json=edit, headers=customer.headers)
    assert refusal(answer)[1:] == (code, param)
    assert await shown(client, customer, made["id"]) == made


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


async def test_a_key_makes_one_assessment(client: httpx.AsyncClient, customer: Customer) -> None:
    """The same `Idempotency-Key` and body replays, also with defaults spelled out; another body is 422."""
    headers = customer.headers | {"Idempotency-Key": "one"}
    body: Json = {"title": "x", "items": [single_choice()]}
    first = await client.post("/v1/assessments", json=body, headers=headers)
    spelled = {"items": [single_choice(points="1.00", floor=0.0)], "settings": {"shuffle": False}, "title": "x"}
    again = await client.post("/v1/assessments", json=spelled, headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = await client.post("/v1/assessments", json=body | {"items": [single_choice("q2")]}, headers=headers)
    assert refusal(other) == (422, "idempotency_key_reused", "Idempotency-Key")
    assert len((await client.get("/v1/assessments", headers=customer.headers)).json()["data"]) == 1


async def test_many_at_once_with_one_key_make_one(client: httpx.AsyncClient, customer: Customer) -> None:
    """Each is answered with the one that was made."""
    headers = customer.headers | {"Idempotency-Key": "one"}
    answers = await asyncio.gather(*(client.post("/v1/assessments", json=BODY, headers=headers) for _ in range(8)))
    assert {(answer.status_code, answer.json()["id"]) for answer in answers} == {(201, answers[0].json()["id"])}
    assert len((await client.get("/v1/assessments", headers=customer.headers)).json()["data"]) == 1


async def test_a_body_that_differs_in_a_tag_is_another_request(client: httpx.AsyncClient, customer: Customer) -> None:
    """Two tolerances of equal fields are told apart by their type alone."""

    def body(tolerance: str) -> Json:
        answers = [{"value": "10", "tolerance": {"type": tolerance, "by": "0.1"}}]
        question = {"type": "numeric", "id": "q", "content": {"stem": "?"}, "key": {"answers": answers}}
        return {"title": "x", "items": [question]}

    headers = customer.headers | {"Idempotency-Key": "one"}
    assert (await client.post("/v1/assessments", json=body("absolute"), headers=headers)).status_code == 201
    other = await client.post("/v1/assessments", json=body("relative"), headers=headers)
    assert refusal(other) == (422, "idempotency_key_reused", "Idempotency-Key")


async def test_the_plans_ceiling_holds_for_many_at_once(
    client: httpx.AsyncClient, sql: SqlStore, migrate_database_url: str
) -> None:
    """2 are allowed and 6 are asked for: 2 are made, an env; a deleted one makes room."""
    async with sql.session() as connection:
        await connection.execute("update plan set assessments_max = 2 where id = 'starter'")
        customer = await add_customer(connection, plan_id="starter")
        test_key = await add_key(connection, customer.center_id, env="test")
    answers = await asyncio.gather(
        *(client.post("/v1/assessments", json=BODY, headers=customer.headers) for _ in range(6))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409, 409]
    error = next(answer.json()["error"] for answer in answers if answer.status_code == 409)
    assert (error["code"], error["details"]) == ("limit_reached", {"resource": "assessments", "limit": 2})
    await make(client, test_key)
    made = next(answer.json()["id"] for answer in answers if answer.status_code == 201)
    assert (await client.delete(f"/v1/assessments/{made}", headers=customer.headers)).status_code == 204
    await make(client, customer)


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
    needed, other = "write:assessments", "read:assessments"
    if method == "GET":
        needed, other = other, needed
    async with sql.session() as connection:
        caller = await add_customer(connection, scopes=[other])
    answer = await client.request(method, f"/v1/assessments{path}", headers=caller.headers, json=body)
    assert refusal(answer) == (403, "missing_scope", None)
    assert answer.json()["error"]["details"] == {"required_scope": needed}
