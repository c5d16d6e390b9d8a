"""People judge essays: exact points, sums that add up however many judge at once, and grades that become final."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.gateway.features.taking import Taker, essay, picked, publish, question, refused, several, ticked, written
from tests.running import Customer, add_customer, add_key


async def review(
    client: httpx.AsyncClient, customer: Customer, submission_id: str, item_id: str, score: str, **more: Any
) -> httpx.Response:
    headers = customer.headers | ({"Idempotency-Key": more.pop("key")} if "key" in more else {})
    body = {"item_id": item_id, "score": score} | more
    return await client.post(f"/v1/submissions/{submission_id}/reviews", json=body, headers=headers)


async def written_essays(client: httpx.AsyncClient, customer: Customer, *, essays: int = 2, **settings: Any) -> str:
    """A submission with one right question of a point, a third of one, and essays of 5 points that wait for a person."""
    items = [essay(f"e{place}", points="5.00") for place in range(essays)]
    assessment_id = await publish(client, customer, question(), several(), *items, **settings)
    answers = [written(item_id=f"e{place}") for place in range(essays)]
    submitted = await Taker(client, customer).submit_at_once(assessment_id, picked(), ticked("a"), *answers)
    assert submitted.json()["status"] == "awaiting_review", submitted.text
    submission_id: str = submitted.json()["id"]
    return submission_id


async def test_the_last_review_makes_the_grade_final(client: httpx.AsyncClient, customer: Customer) -> None:
    """Until then the total grows and nobody knows whether it is passed; a third of a point is not lost on the way."""
    submission_id = await written_essays(client, customer, pass_percent=50)
    first = (await review(client, customer, submission_id, "e0", "3.5", comment="Good start.")).json()
    assert {name: first[name] for name in ("object", "item_id", "score", "max_score", "comment", "reviewer")} == {
        "object": "review",
        "item_id": "e0",
        "score": "3.50",
        "max_score": "5.00",
        "comment": "Good start.",
        "reviewer": customer.key_id,
    }
    after = first["submission"]
    assert (after["status"], after["score"], after["passed"], after["graded_at"]) == (
        "awaiting_review", "4.83", None, None,
    )  # fmt: skip
    answer = await review(client, customer, submission_id, "e1", "1.17")
    assert answer.status_code == 201
    after = answer.json()["submission"]
    assert (after["status"], after["score"], after["percent"], after["passed"]) == ("graded", "6.00", 50, True)
    assert after["graded_at"] == "2026-03-15T12:00:00Z"
    shown = (await Taker(client, customer).get(submission_id)).json()
    assert [(one["score"], one["state"]) for one in shown["results"]] == [
        ("1.00", "right"), ("0.33", "partial"), ("3.50", "partial"), ("1.17", "partial"),
    ]  # fmt: skip


async def test_the_sum_is_exact_and_percent_is_floored(client: httpx.AsyncClient, customer: Customer) -> None:
    """4/3 + 4.67 = 6 + 1/300: half of 12 is passed; 4.66 is 1/150 short of it, shows as 5.99 and is not."""
    for score, shown, passed in (("4.67", "6.00", True), ("4.66", "5.99", False)):
        submission_id = await written_essays(client, customer, pass_percent=50)
        await review(client, customer, submission_id, "e0", score)
        after = (await review(client, customer, submission_id, "e1", "0")).json()["submission"]
        assert (after["score"], after["passed"], after["percent"]) == (shown, passed, 50 if passed else 49)


async def test_reviews_at_once_add_up(client: httpx.AsyncClient, customer: Customer, database: Any) -> None:
    """Eight essays, eight reviewers: every point counts, and the submission is graded once all are in."""
    submission_id = await written_essays(client, customer, essays=8)
    answers = await asyncio.gather(
        *[review(client, customer, submission_id, f"e{place}", f"0.1{place}") for place in range(8)]
    )
    assert [answer.status_code for answer in answers] == [201] * 8
    row = await database.fetchrow("select status, earned, score_cents, reviews, passed from submission")
    assert tuple(row) == ("graded", "724/3", 241, 8, False)  # 100 + 100/3 + 8 x 10 + 28 hundredths
    assert sum(answer.json()["submission"]["status"] == "graded" for answer in answers) == 1


async def test_a_judgement_can_be_corrected(client: httpx.AsyncClient, customer: Customer) -> None:
    """The newest counts, in place of the one before; both are listed with their comments."""
    submission_id = await written_essays(client, customer, essays=1)
    for score, comment in (("5", "Well done."), ("1.25", "On second thoughts.")):
        after = (await review(client, customer, submission_id, "e0", score, comment=comment)).json()["submission"]
    assert (after["status"], after["score"]) == ("graded", "2.58")
    path = f"/v1/submissions/{submission_id}/reviews"
    listed = (await client.get(path, headers=customer.headers)).json()["data"]
    assert {(one["score"], one["comment"]) for one in listed} == {
        ("1.25", "On second thoughts."),
        ("5.00", "Well done."),
    }
    first = (await client.get(f"{path}?limit=1", headers=customer.headers)).json()
    second = (await client.get(f"{path}?limit=1&cursor={first['next_cursor']}", headers=customer.headers)).json()
    assert {one["id"] for one in first["data"] + second["data"]} == {one["id"] for one in listed}


async def test_a_retry_judges_once(client: httpx.AsyncClient, customer: Customer, database: Any) -> None:
    """The same key is answered alike, and with another score refused."""
    submission_id = await written_essays(client, customer)
    first = await review(client, customer, submission_id, "e0", "2.00", key="k")
    again = await review(client, customer, submission_id, "e0", "2.00", key="k")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert await database.fetchval("select count(*) from review") == 1
    answer = await review(client, customer, submission_id, "e0", "3.00", key="k")
    assert refused(answer) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"item_id": "e0", "score": "5.01"}, "invalid_field", "score"),
        ({"item_id": "e0", "score": "-1"}, "invalid_field", "score"),
        ({"item_id": "e0", "score": "1.001"}, "invalid_field", "score"),
        ({"item_id": "e0", "score": "1e1"}, "invalid_field", "score"),
        ({"item_id": "e0", "score": "1."}, "invalid_field", "score"),
        ({"item_id": "e0", "score": "٣"}, "invalid_field", "score"),
        ({"item_id": "e0", "score": 3}, "invalid_field", "score"),
        ({"item_id": "e0"}, "missing_required_field", "score"),
        ({"item_id": "e9", "score": "1"}, "invalid_field", "item_id"),
        ({"item_id": "q1", "score": "1"}, "invalid_field", "item_id"),
        ({"item_id": "e0", "score": "1", "comment": " "}, "invalid_field", "comment"),
        ({"item_id": "e0", "score": "1", "comment": "x" * 4001}, "invalid_field", "comment"),
        ({"item_id": "e0", "score": "1", "mood": "good"}, "unknown_field", "mood"),
    ],
)
async def test_what_is_no_judgement_is_refused_by_name(
    client: httpx.AsyncClient, customer: Customer, database: Any, body: dict[str, Any], code: str, param: str
) -> None:
    """400 with the field; nothing is kept. An item that a rule has judged is not for people."""
    submission_id = await written_essays(client, customer)
    answer = await client.post(f"/v1/submissions/{submission_id}/reviews", json=body, headers=customer.headers)
    assert refused(answer) == (400, code)
    assert answer.json()["error"]["param"] == param
    assert await database.fetchval("select count(*) from review") == 0


async def test_an_attempt_under_way_is_not_judged(client: httpx.AsyncClient, customer: Customer) -> None:
    """409 that names the state it is in."""
    submission_id = await Taker(client, customer).started(await publish(client, customer, essay()))
    answer = await review(client, customer, submission_id, "q4", "1")
    assert refused(answer) == (409, "wrong_state")
    assert answer.json()["error"]["details"]["current"] == "in_progress"


async def test_what_ran_out_of_time_stays_expired(client: httpx.AsyncClient, customer: Customer, clock: Any) -> None:
    """Its essay is judged all the same, and then its grade is final."""
    taker = Taker(client, customer)
    submission_id = await taker.started(await publish(client, customer, essay(), time_limit_seconds=60))
    await taker.save(submission_id, 1, written())
    clock.advance(60_000)
    waiting = (await taker.get(submission_id)).json()
    assert (waiting["status"], waiting["graded_at"]) == ("expired", None)
    after = (await review(client, customer, submission_id, "q4", "0.75")).json()["submission"]
    assert (after["status"], after["score"], after["passed"]) == ("expired", "0.75", True)
    assert after["graded_at"] is not None


async def test_judging_needs_its_scope_and_ones_own_submission(
    client: httpx.AsyncClient, customer: Customer, database: Any
) -> None:
    """403 without `write:grades`; another center's submission is the 404 of one that never was."""
    submission_id = await written_essays(client, customer)
    async with database.acquire() as connection:
        reader = await add_key(connection, customer.center_id, scopes=["read:results"])
        other = await add_customer(connection)
    assert refused(await review(client, reader, submission_id, "e0", "1")) == (403, "missing_scope")
    answers = [await review(client, other, each, "e0", "1") for each in (submission_id, "sub_" + "a" * 26, "x")]
    assert [refused(answer) for answer in answers] == [(404, "submission_not_found")] * 3
    listed = await client.get(f"/v1/submissions/{submission_id}/reviews", headers=other.headers)
    assert refused(listed) == (404, "submission_not_found")
