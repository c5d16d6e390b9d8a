"""The launch, as a customer sees it: once for each key, inside the limits, refused by name."""

from typing import Any

import httpx
import msgspec
import pytest
from prometheus_client import REGISTRY

from gateway.log import sink
from gateway.stores import SqlStore
from tests.gateway.features.making import launch, make_course
from tests.running import Customer, add_customer


async def _rows(sql: SqlStore, table: str, center_id: str) -> int:
    async with sql.session() as connection:
        return int(await connection.fetchval(f"select count(*) from {table} where center_id = $1", center_id))


async def _usage(client: httpx.AsyncClient, customer: Customer) -> dict[str, Any]:
    return (await client.get("/v1/usage", headers=customer.headers)).json()  # type: ignore[no-any-return]


async def test_a_launch_holds_a_unit_a_module_and_queues_the_generation(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """202 with the course as it is now, where to look and when; usage shows the hold at once."""
    course_id = await make_course(client, customer, modules=3)
    before = await _usage(client, customer)

    answer = await launch(client, customer, course_id, "first")

    assert answer.status_code == 202
    assert answer.headers["location"] == f"/v1/courses/{course_id}"
    assert answer.headers["retry-after"] == "2"
    course = answer.json()
    assert course["status"] == "generating"
    assert course["generation"]["units_held"] == 3
    assert course == (await client.get(f"/v1/courses/{course_id}", headers=customer.headers)).json()
    after = await _usage(client, customer)
    assert after["meters"]["generation"]["held"] == before["meters"]["generation"]["held"] + 3
    assert after["concurrent_generations"]["running"] == 1
    assert await _rows(sql, "quota_ledger", customer.center_id) == 1


async def test_the_same_key_is_answered_alike_and_costs_nothing(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """A retry gets the first answer's status and body, says so, and nothing happens twice."""
    course_id = await make_course(client, customer)
    first = await launch(client, customer, course_id, "k")
    quoted = await launch(client, customer, course_id, '"k"')
    with_body = await launch(client, customer, course_id, "k", json={})

    for again in (quoted, with_body):
        assert (again.status_code, again.content) == (202, first.content)
        assert again.headers["idempotent-replayed"] == "true"
        assert again.headers["location"] == first.headers["location"]
    assert "idempotent-replayed" not in first.headers
    assert await _rows(sql, "generation", customer.center_id) == 1
    assert await _rows(sql, "quota_hold", customer.center_id) == 1


async def test_a_key_stands_for_one_course(client: httpx.AsyncClient, customer: Customer) -> None:
    """The key of another course's launch: 422, and the course stays as it was."""
    first, second = await make_course(client, customer), await make_course(client, customer)
    await launch(client, customer, first, "k")
    answer = await launch(client, customer, second, "k")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "idempotency_key_reused")
    course = (await client.get(f"/v1/courses/{second}", headers=customer.headers)).json()
    assert course["status"] == "awaiting_launch"


async def test_another_center_learns_nothing_from_a_key(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """Keys are a center's own: the same value elsewhere is a key that nobody used."""
    async with sql.session() as connection:
        other = await add_customer(connection)
    await launch(client, customer, await make_course(client, customer), "shared")
    answer = await launch(client, other, await make_course(client, other), "shared")
    assert answer.status_code == 202
    assert "idempotent-replayed" not in answer.headers


async def test_another_key_for_a_launched_course_is_a_conflict(client: httpx.AsyncClient, customer: Customer) -> None:
    """A course is launched once, whatever key is tried next."""
    course_id = await make_course(client, customer)
    await launch(client, customer, course_id, "a")
    answer = await launch(client, customer, course_id, "b")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "already_launched")


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "idempotency_key_required"),
        ("", "idempotency_key_invalid"),
        ('""', "idempotency_key_invalid"),
        ("k" * 256, "idempotency_key_invalid"),
        ("ü", "idempotency_key_invalid"),
    ],
)
async def test_a_launch_without_a_sound_key_is_refused(
    client: httpx.AsyncClient, customer: Customer, key: str | None, code: str
) -> None:
    """No key, or one that is none: 400 by name."""
    course_id = await make_course(client, customer)
    headers = {name.encode(): value.encode() for name, value in customer.headers.items()}
    if key is not None:
        headers[b"Idempotency-Key"] = key.encode("latin-1")
    answer = await client.post(f"/v1/courses/{course_id}/launch", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


async def test_a_key_that_is_sent_twice_is_refused(client: httpx.AsyncClient, customer: Customer) -> None:
    """Two headers are two wishes, even where they agree."""
    course_id = await make_course(client, customer)
    headers = [*customer.headers.items(), ("Idempotency-Key", "k"), ("Idempotency-Key", "k")]
    answer = await client.post(f"/v1/courses/{course_id}/launch", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "idempotency_key_invalid")
    message = "`Idempotency-Key` was sent 2 times; valid: a header that is sent once."
    assert answer.json()["error"]["message"] == message


async def test_a_key_that_is_too_long_is_told_its_length(client: httpx.AsyncClient, customer: Customer) -> None:
    """What was wrong, what was given and what is valid, in one sentence; the key itself is not repeated."""
    answer = await launch(client, customer, await make_course(client, customer), "k" * 300)
    error = answer.json()["error"]
    assert error["message"] == "`Idempotency-Key` has 300 characters; valid: 1 to 255 printable ASCII characters."
    assert error["param"] == "Idempotency-Key"


async def test_a_launch_needs_a_brief_and_a_source(client: httpx.AsyncClient, customer: Customer) -> None:
    """Without a brief, then without a source: 409 by name; the same key launches once both are there."""
    course_id = (await client.post("/v1/courses", json={}, headers=customer.headers)).json()["id"]
    answer = await launch(client, customer, course_id, "k")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "brief_required")
    await client.put(f"/v1/courses/{course_id}/brief", json={"topic": "Tides"}, headers=customer.headers)
    answer = await launch(client, customer, course_id, "k")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "source_required")


async def test_what_does_not_fit_the_quota_is_refused_and_leaves_nothing(
    client: httpx.AsyncClient, sql: SqlStore
) -> None:
    """429 says what was used, held and asked for, and when it resets; the key is free for a smaller try."""
    async with sql.session() as connection:
        customer = await add_customer(connection, plan_id="starter")
        await connection.execute(
            "insert into center_limit (center_id, generation_units_per_month) values ($1, 4)", customer.center_id
        )
    course_id = await make_course(client, customer, modules=5)
    for _ in range(2):  # the first is refused by SQL, the second may be by the mirror: alike
        answer = await launch(client, customer, course_id, "k")
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["retryable"]) == (429, "quota_exceeded", False)
        assert error["details"] == {
            "meter": "generation",
            "limit": 4,
            "used": 0,
            "held": 0,
            "requested": 5,
            "resets_at": "2026-04-01T00:00:00Z",
        }
        assert "retry-after" not in answer.headers
        await client.get("/v1/usage", headers=customer.headers)
    for table in ("generation", "quota_hold", "quota_ledger"):
        assert await _rows(sql, table, customer.center_id) == 0
    edited = {"brief": {"modules": 4}}
    await client.patch(f"/v1/courses/{course_id}", json=edited, headers=customer.headers)
    assert (await launch(client, customer, course_id, "k")).status_code == 202


async def test_no_more_generations_run_than_the_plan_allows(client: httpx.AsyncClient, sql: SqlStore) -> None:
    """The third at once on `starter` waits: 429, retryable, with the limit; canceling one makes room."""
    async with sql.session() as connection:
        customer = await add_customer(connection, plan_id="starter")
    courses = [await make_course(client, customer) for _ in range(3)]
    answers = [await launch(client, customer, course, f"k{number}") for number, course in enumerate(courses)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    error = answers[2].json()["error"]
    assert (error["code"], error["details"], error["retryable"]) == ("concurrency_limit_reached", {"limit": 2}, True)
    assert answers[2].headers["retry-after"] == "5"

    canceled = await client.post(f"/v1/courses/{courses[0]}/cancel", headers=customer.headers)
    assert (canceled.status_code, canceled.json()["status"]) == (200, "canceled")
    assert canceled.json()["generation"]["units_released"] == 1
    assert (await launch(client, customer, courses[2], "k2")).status_code == 202
    assert (await _usage(client, customer))["meters"]["generation"]["held"] == 2


async def test_a_course_is_found_by_the_key_that_launched_it(client: httpx.AsyncClient, customer: Customer) -> None:
    """`launch_key` answers the question of a client that lost its answer: what did my key do?"""
    course_id = await make_course(client, customer)
    await launch(client, customer, course_id, "lost")
    found = await client.get("/v1/courses", params={"launch_key": "lost"}, headers=customer.headers)
    assert [course["id"] for course in found.json()["data"]] == [course_id]
    none = await client.get("/v1/courses", params={"launch_key": "other"}, headers=customer.headers)
    assert none.json() == {"data": [], "has_more": False, "next_cursor": None}


async def test_a_cancellation_at_once_is_logged_and_counted_as_a_workers_is(
    client: httpx.AsyncClient, customer: Customer, capfd: pytest.CaptureFixture[str]
) -> None:
    """`generation.canceled` and `hold.released`, with the ids and the request's, and the outcome's count one higher."""
    course_id = await make_course(client, customer, modules=3)
    generation = (await launch(client, customer, course_id, "k")).json()["generation"]
    before = ended("canceled")
    capfd.readouterr()
    answer = await client.post(f"/v1/courses/{course_id}/cancel", headers=customer.headers)
    assert answer.json()["status"] == "canceled"
    sink().flush()
    lines = [msgspec.json.decode(line) for line in capfd.readouterr().out.splitlines()]
    events = {line["event"]: line for line in lines}
    for event in ("generation.canceled", "hold.released"):
        line = events[event]
        assert (line["course_id"], line["generation_id"]) == (course_id, generation["id"])
        assert line["request_id"] == answer.headers["x-request-id"]
        assert line["hold_id"].startswith("hold_")
    assert events["hold.released"]["units"] == 3
    assert ended("canceled") == before + 1


def ended(outcome: str) -> float:
    labels = {"kind": "generation", "env": "live", "outcome": outcome}
    return REGISTRY.get_sample_value("coursegate_work_ended_total", labels) or 0.0
