"""Assessments as their authors keep them: drafts with their settings, and edits."""

import httpx
import pytest

from gateway.ids import new_id
from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.gateway.features.assessments.authored import (
    BODY,
    Json,
    make,
    make_published,
    refusal,
    short_text,
    shown,
    single_choice,
)
from tests.running import NOW_MS, Customer, add_customer

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
