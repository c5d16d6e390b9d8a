"""Courses: briefs that overlay, states that decide, lists that page, and foreign ones that are not there."""

from typing import Any

import httpx
import pytest

from gateway import states
from gateway.ids import new_id
from gateway.stores import SqlStore
from tests.gateway.features.making import launch, make_course
from tests.running import NOW_MS, Customer, add_customer, add_key


async def _create(client: httpx.AsyncClient, customer: Customer, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post("/v1/courses", json=body, headers=customer.headers)
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


def _error(answer: httpx.Response) -> tuple[int, str, str | None]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("param")


async def test_a_brief_is_the_presets_overlaid_by_what_is_given(client: httpx.AsyncClient, customer: Customer) -> None:
    """Defaults < preset < given, field by field, lists whole."""
    preset = await client.post(
        "/v1/presets",
        json={"name": "Short", "brief": {"modules": 2, "tone": "warm", "objectives": ["a", "b"]}},
        headers=customer.headers,
    )
    body = {"preset_id": preset.json()["id"], "brief": {"topic": "Tides", "objectives": ["c"]}}
    course = await _create(client, customer, body)
    assert course["status"] == "awaiting_launch"
    assert course["brief"] == {
        "topic": "Tides",
        "audience": "",
        "level": "intermediate",
        "language": "en",
        "objectives": ["c"],
        "modules": 2,
        "questions_per_module": 5,
        "tone": "warm",
        "artifacts": ["slides", "notes", "narration", "quiz"],
    }


async def test_a_course_without_a_brief_awaits_one(client: httpx.AsyncClient, customer: Customer) -> None:
    """None given and none whole in the preset: `awaiting_brief`; PUT gives it one."""
    course = await _create(client, customer, {})
    assert (course["status"], course["brief"]) == ("awaiting_brief", None)
    path = f"/v1/courses/{course['id']}"
    missing = await client.put(f"{path}/brief", json={"modules": 2}, headers=customer.headers)
    assert _error(missing) == (400, "missing_required_field", "topic")
    put = await client.put(f"{path}/brief", json={"topic": "Tides", "modules": 3}, headers=customer.headers)
    assert (put.json()["status"], put.json()["brief"]["modules"]) == ("awaiting_launch", 3)
    replaced = await client.put(f"{path}/brief", json={"topic": "Moon"}, headers=customer.headers)
    assert replaced.json()["brief"]["modules"] == 5
    merged = await client.patch(path, json={"brief": {"modules": 7}}, headers=customer.headers)
    assert (merged.json()["brief"]["topic"], merged.json()["brief"]["modules"]) == ("Moon", 7)


async def test_a_patch_of_nothing_changes_nothing(client: httpx.AsyncClient, customer: Customer) -> None:
    """`{}` is 200 and not even `updated_at` moves; null empties what may be empty."""
    course = await _create(client, customer, {"title": "T", "external_ref": "r", "brief": {"topic": "x"}})
    path = f"/v1/courses/{course['id']}"
    assert (await client.patch(path, json={}, headers=customer.headers)).json() == course
    emptied = (await client.patch(path, json={"title": None}, headers=customer.headers)).json()
    assert (emptied["title"], emptied["external_ref"]) == (None, "r")


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"brief": {"modules": 3}}, "missing_required_field", "brief.topic"),
        ({"brief": {"topic": "x", "modules": 0}}, "invalid_field", "brief.modules"),
        ({"brief": {"topic": "x", "modules": "3"}}, "invalid_field", "brief.modules"),
        ({"brief": {"topic": "x", "artifacts": ["notes", "film"]}}, "invalid_field", "brief.artifacts[1]"),
        ({"brief": {"topic": "x", "artifacts": ["quiz", "quiz"]}}, "invalid_field", "brief.artifacts"),
        ({"brief": {"topic": "x", "colour": 1}}, "unknown_field", "brief.colour"),
        ({"review": ["outline"]}, "unknown_field", "review"),
        ({"preset_id": "nope"}, "invalid_field", "preset_id"),
        ({"title": ""}, "invalid_field", "title"),
        ({"title": "  "}, "invalid_field", "title"),
        ({"title": "a\u202eb"}, "invalid_field", "title"),
        ({"title": "a\u001b[2Jb"}, "invalid_field", "title"),
        ({"title": "a\u0000b"}, "invalid_field", "title"),
    ],
)
async def test_a_wrong_field_is_named(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore, body: dict[str, Any], code: str, param: str
) -> None:
    """400 with the path of what is wrong, and no course is made."""
    answer = await client.post("/v1/courses", json=body, headers=customer.headers)
    assert _error(answer) == (400, code, param)
    async with sql.session() as connection:
        assert await connection.fetchval("select count(*) from course where center_id = $1", customer.center_id) == 0


async def test_a_create_with_a_key_happens_once(client: httpx.AsyncClient, customer: Customer) -> None:
    """POST is idempotent by its key, whatever the order of the body's keys and whichever default is spelled out."""
    headers = customer.headers | {"Idempotency-Key": "c1", "Content-Type": "application/json"}
    first = await client.post("/v1/courses", content='{"title":"T","brief":{"topic":"x","modules":2}}', headers=headers)
    again = await client.post(
        "/v1/courses",
        content='{ "brief": {"modules": 2, "topic": "x"}, "external_ref": null, "title": "T"}',
        headers=headers,
    )
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    other = await client.post("/v1/courses", content='{"title":"U"}', headers=headers)
    assert _error(other)[:2] == (422, "idempotency_key_reused")


async def test_a_list_pages_newest_first_without_gap_or_repeat(client: httpx.AsyncClient, customer: Customer) -> None:
    """Cursors lead through all of it; a cursor of other filters, or one that was touched, is refused."""
    made = [(await _create(client, customer, {"external_ref": "r"}))["id"] for _ in range(5)]
    await _create(client, customer, {"external_ref": "other"})
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"external_ref": "r", "limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/v1/courses", params=params, headers=customer.headers)).json()
        seen += [course["id"] for course in page["data"]]
        cursor = page["next_cursor"]
        assert page["has_more"] == (cursor is not None)
        if cursor is None:
            break
        last = cursor
    assert sorted(seen) == sorted(made)
    assert len(seen) == 5
    for params in ({"cursor": last}, {"cursor": last[:-2] + "AA", "external_ref": "r"}, {"cursor": "%"}):
        assert _error(await client.get("/v1/courses", params=params, headers=customer.headers))[1] == "invalid_cursor"


async def test_a_course_of_another_center_or_env_is_not_there(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """The same 404 as for an id that never existed, on every route, but for the request id."""
    async with sql.session() as connection:
        other = await add_customer(connection)
        test_key = await add_key(connection, customer.center_id, env="test")
    course_id = await make_course(client, customer)

    def routes(some_id: str) -> list[tuple[str, str, Any]]:
        path = f"/v1/courses/{some_id}"
        source = {"name": "n", "media_type": "text/plain", "content": "Some text."}
        return [
            ("GET", path, None),
            ("PATCH", path, {"title": "mine"}),
            ("DELETE", path, None),
            ("PUT", f"{path}/brief", {"topic": "mine"}),
            ("GET", f"{path}/sources", None),
            ("POST", f"{path}/sources", source),
            ("POST", f"{path}/launch", {}),
            ("POST", f"{path}/cancel", None),
        ]

    for caller in (other, test_key):
        headers = caller.headers | {"Idempotency-Key": "k"}
        never = routes(new_id("crs", NOW_MS))
        for (method, foreign, body), (_, missing, _) in zip(routes(course_id), never, strict=True):
            one = await client.request(method, foreign, json=body, headers=headers)
            two = await client.request(method, missing, json=body, headers=headers)
            assert _error(one) == _error(two) == (404, "course_not_found", "course_id"), (method, foreign)
            assert set(one.json()["error"]) == set(two.json()["error"])
    assert (await client.get(f"/v1/courses/{course_id}", headers=customer.headers)).json()["title"] is None


@pytest.mark.parametrize("course_id", ["crs_short", "src_" + "a" * 26, "crs_" + "A" * 26, "crs_" + "a" * 25 + "1"])
async def test_a_path_that_holds_no_id_is_the_same_404(
    client: httpx.AsyncClient, customer: Customer, course_id: str
) -> None:
    """What is not of an id's shape is not looked up, and not there."""
    answer = await client.get(f"/v1/courses/{course_id}", headers=customer.headers)
    assert _error(answer) == (404, "course_not_found", "course_id")


@pytest.mark.parametrize("status", states.STATUSES)
async def test_every_action_is_possible_exactly_where_the_table_says(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore, status: states.CourseStatus
) -> None:
    """All pairs of state and action over HTTP: what is not allowed is 409, naming the state and those that would do."""
    actions: dict[states.Action, tuple[str, str, Any]] = {
        "edit_brief": ("PUT", "/brief", {"topic": "Moon"}),
        "edit_sources": ("POST", "/sources", {"name": "n", "media_type": "text/plain", "content": "Some text."}),
        "cancel": ("POST", "/cancel", None),
        "delete": ("DELETE", "", None),
    }
    for action, (method, tail, body) in actions.items():
        course_id = await make_course(client, customer)
        await launch(client, customer, course_id, course_id)
        async with sql.session() as connection:
            await connection.execute("update course set status = $2 where id = $1", course_id, status)
        path = f"/v1/courses/{course_id}{tail}"
        answer = await client.request(method, path, json=body, headers=customer.headers)
        if states.after(action, status) is None:
            assert _error(answer)[:2] == (409, "wrong_state")
            details = answer.json()["error"]["details"]
            assert details == {"current": status, "allowed": states.allowed_states(action)}
        else:
            assert answer.is_success, (action, answer.text)
