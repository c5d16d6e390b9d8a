"""Checks: format first, then counted, then told; exactly as many as there may be."""

import asyncio

import asyncpg
import httpx
import pytest

from gateway.app import Gateway
from gateway.settings import Settings
from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.gateway.features.assessments.authored import make
from tests.gateway.features.taking import (
    Taker,
    essay,
    number,
    picked,
    publish,
    publish_anew,
    question,
    refused,
    several,
    ticked,
    typed,
    written,
)
from tests.running import Customer, add_customer, running, talking_to
from tests.waiting import until_waiting_for_locks


async def test_a_check_tells_as_much_as_feedback_allows(client: httpx.AsyncClient, customer: Customer) -> None:
    """At `score` right or wrong, and partly right is wrong; at `parts` all that a result tells."""
    taker = Taker(client, customer)
    score = await publish(client, customer, question(), several(), checks_per_question=3)
    told = [(await taker.check(score, answer)).json() for answer in (picked("a"), picked("b"), ticked("a"))]
    assert told == [
        {"state": "right", "checks_left": 2},
        {"state": "wrong", "checks_left": 1},
        {"state": "wrong", "checks_left": 2},
    ]
    parts = await publish(client, customer, several(points="3.00"), essay(), checks_per_question=3, feedback="parts")
    assert (await taker.check(parts, ticked("a"))).json() == {
        "state": "partial",
        "checks_left": 2,
        "correct": False,
        "score": "1.00",
        "max_score": "3.00",
        "parts": [{"id": "a", "state": "right"}],
    }
    assert (await taker.check(parts, written())).json() == {
        "state": "needs_review",
        "checks_left": 2,
        "max_score": "1.00",
    }


async def test_a_422_is_not_counted(client: httpx.AsyncClient, customer: Customer) -> None:
    """Paths are those of the body; an item of another assessment is unknown; every error is told."""
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer, question(), several(), number(), checks_per_question=1)
    for given, places in (
        (picked("zz"), [("answer.choice", "unknown_id")]),
        (ticked("a", "zz", "a"), [("answer.choices[1]", "unknown_id"), ("answer.choices[2]", "duplicate_id")]),
        (typed("x"), [("answer.value", "not_a_number")]),
        (picked("a", "elsewhere"), [("item_id", "unknown_id")]),
        (picked("a", "q3"), [("answer.type", "type_mismatch")]),
        ({"item_id": "q1", "answer": 7}, [("answer", "type_mismatch")]),
        (
            {"item_id": "q1", "answer": {"type": "single_choice", "choise": "a"}},
            [("answer.choice", "missing_field"), ("answer.choise", "unknown_field")],
        ),
    ):
        refusal = await taker.check(assessment_id, given)
        assert refused(refusal) == (422, "invalid_answer_format"), refusal.text
        error = refusal.json()["error"]
        assert error["param"] == places[0][0]
        assert [(one["param"], one["code"]) for one in error["details"]["errors"]] == places
    for right in (picked("a"), ticked("a", "b", "c"), typed("42")):
        assert (await taker.check(assessment_id, right)).json() == {"state": "right", "checks_left": 0}


async def test_checks_are_counted_by_learner_and_item(client: httpx.AsyncClient, customer: Customer) -> None:
    """At the cap 429 with the limit, nobody's fault but this learner's on this item; no `Retry-After`, for none comes back."""
    taker, other = Taker(client, customer), Taker(client, customer, "learner-2")
    assessment_id = await publish(client, customer, question(), number(), checks_per_question=1)
    assert (await taker.check(assessment_id, picked("b"))).status_code == 200
    refusal = await taker.check(assessment_id, picked("a"))
    assert refused(refusal) == (429, "check_limit_reached")
    assert refusal.json()["error"]["details"] == {"limit": 1}
    assert refusal.json()["error"]["retryable"] is False
    assert "retry-after" not in refusal.headers
    assert (await taker.check(assessment_id, typed("42"))).status_code == 200
    assert (await other.check(assessment_id, picked("b"))).status_code == 200
    none = await publish(client, customer)
    assert (await taker.check(none, picked("a"))).json()["error"]["details"] == {"limit": 0}


async def test_checks_are_counted_across_versions_and_attempts(client: httpx.AsyncClient, customer: Customer) -> None:
    """A new version of the item, or a new attempt, brings no check back."""
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer, checks_per_question=2, max_attempts=2)
    assert (await taker.check(assessment_id, picked("b"))).json()["checks_left"] == 1
    await taker.submit_at_once(assessment_id, picked("b"))
    await publish_anew(client, customer, assessment_id, items=[question() | {"key": {"correct": "b"}}])
    assert (await taker.check(assessment_id, picked("b"))).json() == {"state": "right", "checks_left": 0}
    assert refused(await taker.check(assessment_id, picked("b"))) == (429, "check_limit_reached")


async def test_a_check_asks_the_version_of_the_attempt_under_way(client: httpx.AsyncClient, customer: Customer) -> None:
    """Who began under the first version is checked by it; who did not, by the published one."""
    taker, other = Taker(client, customer), Taker(client, customer, "learner-2")
    assessment_id = await publish(client, customer, checks_per_question=5)
    await taker.started(assessment_id)
    second = [question() | {"key": {"correct": "b"}}, number()]
    await publish_anew(client, customer, assessment_id, items=second)
    assert (await taker.check(assessment_id, picked("a"))).json()["state"] == "right"
    assert (await other.check(assessment_id, picked("a"))).json()["state"] == "wrong"
    assert (await other.check(assessment_id, typed("42"))).json()["state"] == "right"
    assert refused(await taker.check(assessment_id, typed("42"))) == (422, "invalid_answer_format")


async def test_the_cap_is_exact_from_ten_clients_of_two_gateways(
    app: Gateway, settings: Settings, clock: FrozenClock, customer: Customer, database_url: str
) -> None:
    """Of forty checks at once, with five allowed, five are told and `checks_left` counts down without a gap."""
    async with running(settings, clock) as other, talking_to(app) as one, talking_to(other) as two:
        assessment_id = await publish(one, customer, checks_per_question=5)
        answers = await asyncio.gather(
            *(Taker((one, two)[nth % 2], customer).check(assessment_id, picked("b")) for nth in range(40))
        )
    told = [answer.json()["checks_left"] for answer in answers if answer.status_code == 200]
    assert sorted(told) == [0, 1, 2, 3, 4]
    assert {refused(answer) for answer in answers if answer.status_code != 200} == {(429, "check_limit_reached")}


async def test_a_check_is_replayed_by_its_key(client: httpx.AsyncClient, customer: Customer) -> None:
    """A retry is told the same and not counted; another answer under the key is refused."""
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer, checks_per_question=2)
    first = await taker.check(assessment_id, picked("b"), key="k")
    again = await taker.check(assessment_id, picked("b"), key="k")
    assert (first.json(), again.content) == ({"state": "wrong", "checks_left": 1}, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert refused(await taker.check(assessment_id, picked("a"), key="k")) == (422, "idempotency_key_reused")
    assert (await taker.check(assessment_id, picked("a"))).json() == {"state": "right", "checks_left": 0}


@pytest.mark.parametrize("key", [None, "k"])
async def test_only_what_is_published_is_checked(
    client: httpx.AsyncClient, customer: Customer, database_url: str, key: str | None
) -> None:
    """A draft and an archived assessment are 409; unknown and foreign the same 404, before a word about the answer."""
    taker = Taker(client, customer)
    draft = (await make(client, customer))["id"]
    assert refused(await taker.check(draft, picked("a"), key)) == (409, "assessment_not_published")
    assessment_id = await publish(client, customer, checks_per_question=5)
    connection = await asyncpg.connect(database_url)
    stranger = Taker(client, await add_customer(connection))
    await connection.close()
    foreign = await stranger.check(assessment_id, picked("zz"), key)
    unknown = await taker.check("asmt_" + "a" * 26, picked("zz"), key)
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json()["error"] | {"request_id": ""} == unknown.json()["error"] | {"request_id": ""}
    assert (await taker.check(assessment_id, picked("a"))).status_code == 200
    await client.post(f"/v1/assessments/{assessment_id}/archive", headers=customer.headers)
    assert refused(await taker.check(assessment_id, picked("a"), key)) == (409, "assessment_not_published")


async def test_the_plans_ceiling_holds_for_assessments_that_were_published_before(
    client: httpx.AsyncClient, customer: Customer, database_url: str, app: Gateway
) -> None:
    """A center whose plan allows fewer checks than its assessment says gets the plan's."""
    assessment_id = await publish(client, customer, checks_per_question=5)
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "insert into center_limit (center_id, checks_per_question) values ($1, 1)", customer.center_id
    )
    await connection.close()
    async with running(app.settings, FrozenClock()) as fresh, talking_to(fresh) as later:
        assert (await Taker(later, customer).check(assessment_id, picked("b"))).json()["checks_left"] == 0
        assert refused(await Taker(later, customer).check(assessment_id, picked("b"))) == (429, "check_limit_reached")


@pytest.mark.parametrize("key", [None, "k"])
async def test_a_check_that_meets_a_deletion_finds_nothing(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore, key: str | None
) -> None:
    """The assessment was there at the look and is gone at the count: 404, as for one that never was."""
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer, checks_per_question=5)
    assert (await taker.check(assessment_id, picked("b"))).status_code == 200
    async with sql.session() as deleting, deleting.transaction():
        await deleting.execute("delete from assessment where id = $1", assessment_id)
        checking = asyncio.create_task(Taker(client, customer, "late").check(assessment_id, picked("a"), key))
        await until_waiting_for_locks(sql, running="checks_count")
    assert refused(await checking) == (404, "assessment_not_found")


@pytest.mark.parametrize("key", [None, "k"])
async def test_no_check_is_told_once_the_time_of_the_attempt_is_over(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock, key: str | None
) -> None:
    """The attempt is graded as it was saved, and the check is refused and not counted; a millisecond before, it counts."""
    taker = Taker(client, customer)
    assessment_id = await publish(
        client, customer, time_limit_seconds=60, checks_per_question=2, max_attempts=2, feedback_at="each_attempt"
    )
    submission_id = await taker.started(assessment_id)
    await taker.save(submission_id, 1, picked("b"))
    clock.advance(59_999)
    assert (await taker.check(assessment_id, picked("b"))).json()["checks_left"] == 1
    clock.advance(1)
    assert refused(await taker.check(assessment_id, picked("a"), key)) == (409, "submission_closed")
    over = await client.get(f"/v1/assessments/{assessment_id}/results", headers=customer.headers)
    assert [(one["id"], one["status"], one["score"]) for one in over.json()["data"]] == [
        (submission_id, "expired", "0.00")
    ]
    await taker.started(assessment_id)
    assert (await taker.check(assessment_id, picked("a"), key)).json()["checks_left"] == 0
