"""POST /v1/grade: questions tried out, graded as a learner's would be, and kept nowhere."""

import httpx
import pytest

from gateway.stores import SqlStore
from tests.gateway.features.assessments.authored import EVERY_KIND, Json, item, refusal, short_text, single_choice
from tests.running import Customer, add_customer


def _answer(item_id: str, kind: str, **answer: object) -> Json:
    return {"item_id": item_id, "answer": {"type": kind} | answer}


async def _grade(client: httpx.AsyncClient, customer: Customer, items: object, answers: object) -> httpx.Response:
    return await client.post("/v1/grade", json={"items": items, "answers": answers}, headers=customer.headers)


async def test_answers_are_graded_item_by_item(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """In the order of the items, exactly: thirds add up, and what was not answered earns nothing."""
    ticks = {"choices": [{"id": each, "text": each} for each in "abcd"]}
    items = [
        single_choice("q1", points="1.50"),
        item("multiple_choice", "q2", ticks, {"correct": ["a", "b", "c"]}, points="1.00"),
        short_text("q3", "ebb"),
        item("essay", "q4", {}, {}, points="2.00"),
    ]
    answers = [
        _answer("q2", "multiple_choice", choices=["a"]),
        _answer("q1", "single_choice", choice="a"),
        _answer("q4", "essay", text="Because."),
    ]
    answer = await _grade(client, customer, items, answers)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    results = found.pop("results")
    assert found == {
        "object": "grading", "score": "1.83", "max_score": "5.50", "percent": 33, "awaiting_review": True
    }  # fmt: skip
    told = [(one["item_id"], one["state"], one["score"], one["max_score"], one["fraction"]) for one in results]
    assert told == [
        ("q1", "right", "1.50", "1.50", 1.0),
        ("q2", "partial", "0.33", "1.00", 0.333333),
        ("q3", "unanswered", "0.00", "1.00", 0.0),
        ("q4", "needs_review", None, "2.00", None),
    ]
    assert results[1]["parts"] == [{"id": "a", "state": "right"}]
    async with sql.session() as connection:
        assert await connection.fetchval("select count(*) from assessment") == 0


async def test_all_format_errors_are_told_at_once(client: httpx.AsyncClient, customer: Customer) -> None:
    """422 with every path; nothing is graded."""
    answers = [
        _answer("q1", "single_choice", choice="z"),
        _answer("q1", "single_choice", choice="a"),
        _answer("q9", "single_choice", choice="a"),
        _answer("q2", "short_text"),
    ]
    answer = await _grade(client, customer, [single_choice(), short_text()], answers)
    assert refusal(answer) == (422, "invalid_answer_format", "answers[0].answer.choice")
    assert answer.json()["error"]["type"] == "grading_error"
    assert [(one["code"], one["param"]) for one in answer.json()["error"]["details"]["errors"]] == [
        ("unknown_id", "answers[0].answer.choice"),
        ("duplicate_id", "answers[1].item_id"),
        ("unknown_id", "answers[2].item_id"),
        ("missing_field", "answers[3].answer.text"),
    ]


@pytest.mark.parametrize(
    ("body", "status", "code", "param"),
    [
        ({"answers": []}, 400, "missing_required_field", "items"),
        ({"items": []}, 400, "missing_required_field", "answers"),
        ({"items": [], "answers": [], "learner_ref": "jo"}, 400, "unknown_field", "learner_ref"),
        ({"items": [single_choice()] * 2, "answers": []}, 400, "invalid_field", "items[1].id"),
        ({"items": [], "answers": {}}, 422, "invalid_answer_format", "answers"),
        ({"items": [], "answers": None}, 422, "invalid_answer_format", "answers"),
        ({"items": [], "answers": [7]}, 422, "invalid_answer_format", "answers[0]"),
        (
            {"items": [single_choice()], "answers": [{"item_id": "q1"}]},
            422,
            "invalid_answer_format",
            "answers[0].answer",
        ),
        ({"items": [], "answers": [{"item_id": "a\0b", "answer": {}}]}, 400, "invalid_field", "answers[0].item_id"),
        ({"items": [], "answers": [2**70]}, 400, "invalid_field", "answers[0]"),
    ],
)
async def test_what_is_no_trial_is_refused_by_name(
    client: httpx.AsyncClient, customer: Customer, body: Json, status: int, code: str, param: str
) -> None:
    """Items are the author's, 400; answers are the learner's, 422."""
    answer = await client.post("/v1/grade", json=body, headers=customer.headers)
    assert refusal(answer) == (status, code, param)


async def test_nothing_is_a_trial_too(client: httpx.AsyncClient, customer: Customer) -> None:
    """No items earn nothing of nothing; every kind is graded unanswered."""
    assert (await _grade(client, customer, [], [])).json()["percent"] == 0
    found = (await _grade(client, customer, EVERY_KIND, [])).json()
    assert {one["state"] for one in found["results"]} == {"unanswered"}
    assert (found["score"], found["max_score"], found["awaiting_review"]) == ("0.00", "18.00", False)


async def test_a_trial_ignores_an_idempotency_key(client: httpx.AsyncClient, customer: Customer) -> None:
    """It is stateless: another body under the same key is graded as it is."""
    headers = customer.headers | {"Idempotency-Key": "one"}
    for choice, percent in (("a", 100), ("b", 0)):
        body = {"items": [single_choice()], "answers": [_answer("q1", "single_choice", choice=choice)]}
        answer = await client.post("/v1/grade", json=body, headers=headers)
        assert (answer.status_code, answer.json()["percent"]) == (200, percent)


async def test_a_trial_needs_the_scope_to_write(client: httpx.AsyncClient, sql: SqlStore) -> None:
    """Keys come in and results go out: for authors alone."""
    async with sql.session() as connection:
        caller = await add_customer(connection, scopes=["read:assessments", "write:submissions"])
    answer = await _grade(client, caller, [], [])
    assert refusal(answer) == (403, "missing_scope", None)
    assert answer.json()["error"]["details"] == {"required_scope": "write:assessments"}
