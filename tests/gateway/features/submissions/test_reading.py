"""What is told of an attempt: as far as the assessment's feedback goes, or all of it to those who may judge; never a key."""

from typing import Any

import asyncpg
import httpx
import pytest

from tests.gateway.features.assessments.authored import item
from tests.gateway.features.taking import Taker, essay, picked, publish, question, refused, several, ticked, written
from tests.running import Customer, add_customer, add_key


async def _read(taker: Taker, submission_id: str) -> dict[str, Any]:
    answer = await taker.get(submission_id)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(
    ("feedback", "results"),
    [
        ("none", None),
        ("score", [("1.00", 1.0, "right", None), ("0.33", 0.333333, "partial", None)]),
        (
            "parts",
            [("1.00", 1.0, "right", None), ("0.33", 0.333333, "partial", [{"id": "a", "state": "right"}])],
        ),
    ],
)
async def test_results_are_told_as_far_as_feedback_goes(
    client: httpx.AsyncClient, customer: Customer, feedback: str, results: list[tuple[object, ...]] | None
) -> None:
    """`none` tells no result and no total; `score` no parts; `parts` those that were filled in. A submit and a read alike."""
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer, question(), several(), feedback=feedback)
    submitted = (await taker.submit_at_once(assessment_id, picked(), ticked("a"))).json()
    shown = await _read(taker, submitted["id"])
    for answer in (submitted, shown):
        told = answer["results"]
        assert results == (
            None if told is None else [(one["score"], one["fraction"], one["state"], one["parts"]) for one in told]
        )
        totals = (None, "2.00", None, None) if feedback == "none" else ("1.33", "2.00", 66, True)
        assert (answer["score"], answer["max_score"], answer["percent"], answer["passed"]) == totals


@pytest.mark.parametrize("policy", [{"feedback": "none"}, {"feedback": "score", "max_attempts": 2}])
async def test_those_who_may_judge_see_what_learners_are_not_told(
    client: httpx.AsyncClient, customer: Customer, database_url: str, policy: dict[str, Any]
) -> None:
    """By `include=results`, with `write:grades` alone; by default they see what the learner may see."""
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer, question(), several(), **policy)
    submitted = (await taker.submit_at_once(assessment_id, picked(), ticked("a"))).json()
    assert (await _read(taker, submitted["id"]))["results"] is None
    shown = (await taker.get(submitted["id"], include="results")).json()
    assert (shown["score"], shown["percent"], shown["passed"]) == ("1.33", 66, True)
    assert [(one["item_id"], one["score"], one["parts"], one["suggestion"]) for one in shown["results"]] == [
        ("q1", "1.00", None, None),
        ("q2", "0.33", [{"id": "a", "state": "right"}], None),
    ]
    connection = await asyncpg.connect(database_url)
    reader = await add_key(connection, customer.center_id, scopes=["read:results"])
    await connection.close()
    answer = await Taker(client, reader).get(submitted["id"], include="results")
    assert refused(answer) == (403, "missing_scope")
    assert answer.json()["error"]["details"] == {"required_scope": "write:grades"}
    assert (await Taker(client, reader).get(submitted["id"])).status_code == 200
    assert refused(await taker.get(submitted["id"], include="keys")) == (400, "invalid_parameter")


async def test_keywords_suggest_a_score_to_the_reviewer_alone(
    client: httpx.AsyncClient, customer: Customer, database_url: str
) -> None:
    """Points, and to those who may see keys the keywords that were found, beside the result that waits; no learner's view
    has the field.
    """
    keywords = [{"text": "erosion", "score": 0.5}, {"text": "sea level", "score": 0.25}, {"text": "tide", "score": 0.5}]
    asked = item("essay", "q4", {}, {"keywords": keywords}, points="4.00")
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer, asked, essay("q5"), max_attempts=2, feedback="parts")
    words = written("Erosion, and a rise of the SEA  level.")
    waiting = (await taker.submit_at_once(assessment_id, words, written(item_id="q5"))).json()
    shown = (await taker.get(waiting["id"], include="results")).json()
    assert [(one["state"], one["score"], one["suggestion"]) for one in shown["results"]] == [
        ("needs_review", None, {"score": "3.00", "keywords": ["erosion", "sea level"]}),
        ("needs_review", None, None),
    ]
    connection = await asyncpg.connect(database_url)
    reviewer = await add_key(connection, customer.center_id, scopes=["read:results", "write:grades"])
    await connection.close()
    judged = (await Taker(client, reviewer).get(waiting["id"], include="results")).json()
    assert judged["results"][0]["suggestion"] == {"score": "3.00", "keywords": None}
    last = await taker.submit_at_once(assessment_id, words)
    assert "suggestion" not in last.text + (await taker.get(last.json()["id"])).text
    empty = (await taker.get(last.json()["id"], include="results")).json()
    assert (empty["results"][1]["state"], empty["results"][1]["suggestion"]) == ("unanswered", None)


async def test_feedback_waits_for_the_last_attempt(client: httpx.AsyncClient, customer: Customer) -> None:
    """Before it, a submit says that it was graded and no more, unless the assessment tells after each attempt."""
    taker = Taker(client, customer)
    waiting = await publish(client, customer, max_attempts=2)
    answers = [(await taker.submit_at_once(waiting, picked())).json() for _ in range(2)]
    assert [(one["status"], one["score"], one["results"] is None) for one in answers] == [
        ("graded", None, True),
        ("graded", "1.00", False),
    ]
    telling = await publish(client, customer, max_attempts=2, feedback_at="each_attempt")
    assert (await taker.submit_at_once(telling, picked())).json()["score"] == "1.00"


async def test_an_essay_waits_for_a_person(client: httpx.AsyncClient, customer: Customer) -> None:
    """What is judged already counts; whether it is passed is not known yet; an essay not written needs nobody."""
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer, question(), essay(), max_attempts=2, feedback_at="each_attempt")
    waiting = (await taker.submit_at_once(assessment_id, picked(), written())).json()
    assert (waiting["status"], waiting["score"], waiting["percent"]) == ("awaiting_review", "1.00", 50)
    assert (waiting["passed"], waiting["graded_at"]) == (None, None)
    assert waiting["results"][1] == {
        "item_id": "q4",
        "score": None,
        "max_score": "1.00",
        "fraction": None,
        "state": "needs_review",
        "parts": None,
        "notices": [],
    }
    without = (await taker.submit_at_once(assessment_id, picked())).json()
    assert (without["status"], without["passed"], without["results"][1]["state"]) == ("graded", True, "unanswered")


async def test_points_are_exact_and_percent_is_floored(client: httpx.AsyncClient, customer: Customer) -> None:
    """Three thirds of three items are one point; two cents short of all is 99 percent."""
    taker = Taker(client, customer)
    thirds = [several(f"m{nth}") for nth in range(3)]
    assessment_id = await publish(client, customer, *thirds, pass_percent=34)
    graded = (await taker.submit_at_once(assessment_id, *(ticked("a", item_id=f"m{nth}") for nth in range(3)))).json()
    assert (graded["score"], graded["max_score"], graded["percent"], graded["passed"]) == ("1.00", "3.00", 33, False)
    nearly = await publish(client, customer, question("q1", points="999.98"), question("q2", points="0.02"))
    graded = (await taker.submit_at_once(nearly, picked("a", "q1"), picked("b", "q2"))).json()
    assert (graded["score"], graded["max_score"], graded["percent"]) == ("999.98", "1000.00", 99)


async def test_reading_needs_its_scope_and_its_center(
    client: httpx.AsyncClient, customer: Customer, database_url: str
) -> None:
    """Without `read:results` 403; a stranger, the other env and an unknown id are the same 404."""
    submission_id = await Taker(client, customer).started(await publish(client, customer))
    connection = await asyncpg.connect(database_url)
    writer = await add_key(connection, customer.center_id, scopes=["write:submissions"])
    testing = await add_key(connection, customer.center_id, env="test")
    stranger = await add_customer(connection)
    await connection.close()
    assert refused(await Taker(client, writer).get(submission_id)) == (403, "missing_scope")
    answers = [
        await Taker(client, testing).get(submission_id),
        await Taker(client, stranger).get(submission_id),
        await Taker(client, customer).get("sub_" + "a" * 26),
        await Taker(client, customer).get("nonsense"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    errors = [answer.json()["error"] | {"request_id": ""} for answer in answers]
    assert all(error == errors[0] for error in errors)
