"""Answers become a grade, once an attempt; what is refused costs nothing."""

import asyncpg
import httpx

from tests.gateway.features.assessments.authored import make
from tests.gateway.features.taking import Taker, number, picked, publish, publish_anew, question, refused, typed
from tests.running import Customer, add_customer


async def test_an_attempt_is_graded_at_once(client: httpx.AsyncClient, customer: Customer) -> None:
    """The answer to a submit is the grade, and what a GET shows afterwards."""
    taker = Taker(client, customer)
    submission_id = await taker.started(await publish(client, customer, question(), number(points="2.00")))
    graded = await taker.submit(submission_id, picked("a"), typed("41"))
    assert graded.status_code == 200
    body = graded.json()
    assert (body["id"], body["status"], body["score"], body["max_score"]) == (submission_id, "graded", "1.00", "3.00")
    assert (body["percent"], body["passed"], body["submitted_at"]) == (33, False, body["graded_at"])
    assert [(one["item_id"], one["state"], one["max_score"]) for one in body["results"]] == [
        ("q1", "right", "1.00"),
        ("q3", "wrong", "2.00"),
    ]
    shown = (await taker.get(submission_id)).json()
    assert shown["answers"] == [picked("a"), typed("41")]
    assert {name: shown[name] for name in body if name != "sequence"} == {
        name: value for name, value in body.items() if name != "sequence"
    }


async def test_without_answers_those_saved_are_graded(client: httpx.AsyncClient, customer: Customer) -> None:
    """The newest save counts; nothing saved is nothing answered; a save that is half done is 422 and can be mended."""
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer, question(), number(), max_attempts=3, feedback_at="each_attempt")
    submission_id = await taker.started(assessment_id)
    await taker.save(submission_id, 1, picked("b"))
    await taker.save(submission_id, 2, picked("a"), typed("4,"))
    refusal = await taker.submit(submission_id)
    assert refused(refusal) == (422, "invalid_answer_format")
    assert refusal.json()["error"]["param"] == "answers[1].answer.value"
    await taker.save(submission_id, 3, picked("a"))
    graded = (await taker.submit(submission_id)).json()
    assert (graded["score"], [one["state"] for one in graded["results"]]) == ("1.00", ["right", "unanswered"])
    empty = (await taker.submit(await taker.started(assessment_id))).json()
    assert (empty["score"], empty["status"]) == ("0.00", "graded")


async def test_a_422_costs_nothing(client: httpx.AsyncClient, customer: Customer) -> None:
    """Every wrong place is told at once; the attempt goes on, a one-shot takes none, and the key is free for the mended one."""
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer, question(), number())
    wrong = (picked("zz"), typed("four"), {"item_id": "nope", "answer": {"type": "essay"}}, picked("a"))
    places = [
        ("answers[0].answer.choice", "unknown_id"),
        ("answers[1].answer.value", "not_a_number"),
        ("answers[2].item_id", "unknown_id"),
        ("answers[2].answer.text", "missing_field"),
        ("answers[3].item_id", "duplicate_id"),
    ]
    at_once = await taker.submit_at_once(assessment_id, *wrong, key="k")
    assert refused(at_once) == (422, "invalid_answer_format")
    error = at_once.json()["error"]
    assert (error["type"], error["param"], error["retryable"]) == ("grading_error", places[0][0], False)
    assert [(one["param"], one["code"]) for one in error["details"]["errors"]] == places
    submission_id = await taker.started(assessment_id)
    refusal = await taker.submit(submission_id, *wrong, key="l")
    assert [(one["param"], one["code"]) for one in refusal.json()["error"]["details"]["errors"]] == places
    assert (await taker.get(submission_id)).json()["status"] == "in_progress"
    assert (await taker.submit(submission_id, picked(), typed(), key="l")).json()["percent"] == 100


async def test_answers_that_are_no_list_are_told_so(client: httpx.AsyncClient, customer: Customer) -> None:
    """A wrong shape of the whole is 422 at `answers`; what is no JSON at all, or holds U+0000, is 400."""
    taker = Taker(client, customer)
    submission_id = await taker.started(await publish(client, customer))
    path = f"/v1/submissions/{submission_id}/submit"
    for text, expected in (
        (b'{"answers": {}}', (422, "invalid_answer_format")),
        (b'{"answers": null}', (422, "invalid_answer_format")),
        (b'{"answers": "a"}', (422, "invalid_answer_format")),
        (b'{"answers": [}', (400, "malformed_json")),
        (b'{"answers": ["\\ud800"]}', (400, "malformed_json")),
        (b'{"answers": ["\xff"]}', (400, "malformed_json")),
        (b'{"answers": ["\\u0000"]}', (400, "invalid_field")),
        (b'{"answers": [99999999999999999999]}', (400, "invalid_field")),
        (b'{"answers": ' + b"[" * 5000 + b"]" * 5000 + b"}", (400, "malformed_json")),
        (b'{"answers": [], "learner_ref": "x"}', (400, "unknown_field")),
    ):
        headers = customer.headers | {"Content-Type": "application/json"}
        answer = await client.post(path, content=text, headers=headers)
        assert refused(answer) == expected, text[:60]
    assert (await taker.get(submission_id)).json()["status"] == "in_progress"


async def test_a_closed_attempt_is_not_graded_again(client: httpx.AsyncClient, customer: Customer) -> None:
    """A second submit is 409; with the key of the first it is the first one's answer, by whatever white space."""
    taker = Taker(client, customer)
    submission_id = await taker.started(await publish(client, customer))
    first = await taker.submit(submission_id, picked("a"), key="once")
    again = await taker.submit(submission_id, picked("a"), key="once")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    spaced = b'{"answers": [ {"answer": {"choice": "a", "type": "single_choice"},  "item_id": "q1"} ] }'
    headers = customer.headers | {"Content-Type": "application/json", "Idempotency-Key": '"once"'}
    again = await client.post(f"/v1/submissions/{submission_id}/submit", content=spaced, headers=headers)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert refused(await taker.submit(submission_id, picked("b"), key="once")) == (422, "idempotency_key_reused")
    assert refused(await taker.submit(submission_id, picked("a"))) == (409, "submission_closed")
    assert refused(await taker.submit(submission_id, picked("a"), key="another")) == (409, "submission_closed")
    assert refused(await taker.submit(submission_id, picked("zz"))) == (409, "submission_closed")


async def test_a_one_shot_begins_and_ends_an_attempt(client: httpx.AsyncClient, customer: Customer) -> None:
    """201 with its place; an attempt under way is submitted instead, 200, under the version it began with."""
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer, max_attempts=2, feedback_at="each_attempt")
    first = await taker.submit_at_once(assessment_id, picked("b"), key="k")
    assert (first.status_code, first.json()["attempt"]) == (201, 1)
    assert first.headers["location"] == f"/v1/submissions/{first.json()['id']}"
    again = await taker.submit_at_once(assessment_id, picked("b"), key="k")
    assert (again.status_code, again.content, again.headers["location"]) == (
        201,
        first.content,
        first.headers["location"],
    )
    submission_id = await taker.started(assessment_id)
    await publish_anew(client, customer, assessment_id, items=[question("new")])
    second = await taker.submit_at_once(assessment_id, picked("a"))
    assert (second.status_code, second.json()["id"]) == (200, submission_id)
    assert (second.json()["assessment_version"], second.json()["score"]) == (1, "1.00")
    assert refused(await taker.submit_at_once(assessment_id, picked("a"))) == (409, "max_attempts_reached")
    assert (await taker.submit_at_once(assessment_id, picked("b"), key="k")).content == first.content


async def test_a_version_published_between_start_and_submit_changes_nothing(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    """The attempt is graded under the version it began with, though another key is right by now."""
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer)
    submission_id = await taker.started(assessment_id)
    await publish_anew(client, customer, assessment_id, items=[question() | {"key": {"correct": "b"}}])
    graded = (await taker.submit(submission_id, picked("a"))).json()
    assert (graded["assessment_version"], graded["score"]) == (1, "1.00")
    other = (await Taker(client, customer, "learner-2").submit_at_once(assessment_id, picked("a"))).json()
    assert (other["assessment_version"], other["score"]) == (2, "0.00")


async def test_an_archived_assessment_ends_what_was_begun_and_begins_nothing(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    """What is under way may be submitted; a one-shot is 409, a draft too."""
    taker = Taker(client, customer)
    draft = (await make(client, customer))["id"]
    assert refused(await taker.submit_at_once(draft, picked())) == (409, "assessment_not_published")
    assessment_id = await publish(client, customer)
    submission_id = await taker.started(assessment_id)
    await client.post(f"/v1/assessments/{assessment_id}/archive", headers=customer.headers)
    assert (await taker.submit(submission_id, picked())).status_code == 200
    late = await Taker(client, customer, "late").submit_at_once(assessment_id, picked())
    assert refused(late) == (409, "assessment_not_published")


async def test_unknown_and_foreign_are_the_same_404(
    client: httpx.AsyncClient, customer: Customer, database_url: str
) -> None:
    """Before any word about the answers: the same code and body for an id that never was and for another's."""
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer)
    submission_id = await taker.started(assessment_id)
    connection = await asyncpg.connect(database_url)
    stranger = Taker(client, await add_customer(connection))
    await connection.close()
    for unknown, foreign in (
        (
            await taker.submit("sub_" + "a" * 26, picked("zz")),
            await stranger.submit(submission_id, picked("zz"), key="k"),
        ),
        (
            await taker.submit_at_once("asmt_" + "a" * 26, picked("zz")),
            await stranger.submit_at_once(assessment_id, picked("zz")),
        ),
    ):
        assert unknown.status_code == foreign.status_code == 404
        assert unknown.json()["error"] | {"request_id": ""} == foreign.json()["error"] | {"request_id": ""}
