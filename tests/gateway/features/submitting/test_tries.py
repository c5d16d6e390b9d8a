"""Where a try costs points: an attempt or a check of another answer costs, the same answer again does not."""

import asyncio
from typing import Any

import httpx

from tests.gateway.features.taking import Taker, number, picked, publish, question, typed
from tests.running import Customer


async def _published(client: httpx.AsyncClient, customer: Customer, **settings: Any) -> str:
    return await publish(
        client,
        customer,
        question(),
        number(),
        **{"max_attempts": None, "feedback_at": "each_attempt", "penalty_per_try": 0.25} | settings,
    )


def _scores(answer: httpx.Response) -> list[str]:
    return [answer.json()["score"], *(one["score"] for one in answer.json()["results"])]


async def test_each_try_before_the_answer_last_changed_costs(client: httpx.AsyncClient, customer: Customer) -> None:
    """An attempt loses a quarter for each time its answer was changed before, item by item; the same again is free."""
    taker = Taker(client, customer)
    assessment_id = await _published(client, customer)
    shown = [
        _scores(await taker.submit_at_once(assessment_id, *answers))
        for answers in (
            (picked("b"), typed("42")),
            (picked("c"), typed("42")),
            (picked("a"), typed("42")),
            (picked("a"), typed("41")),
            (picked("a"), typed("42")),
        )
    ]
    assert shown == [
        ["1.00", "0.00", "1.00"],
        ["1.00", "0.00", "1.00"],
        ["1.50", "0.50", "1.00"],
        ["0.50", "0.50", "0.00"],
        ["1.00", "0.50", "0.50"],
    ]


async def test_a_check_is_a_try(client: httpx.AsyncClient, customer: Customer) -> None:
    """The same answer again is the same try, checked or submitted: only the checks of other answers before it cost."""
    taker = Taker(client, customer)
    assessment_id = await _published(client, customer, checks_per_question=5)
    for answer in (picked("b"), picked("b"), picked("c"), picked("a")):
        assert (await taker.check(assessment_id, answer)).status_code == 200
    assert _scores(await taker.submit_at_once(assessment_id, picked("a"), typed("42"))) == ["1.50", "0.50", "1.00"]


async def test_an_answer_that_was_checked_and_then_submitted_is_one_try(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    """Checked, submitted twice and then changed: one other answer was tried, and one penalty is paid."""
    taker = Taker(client, customer)
    assessment_id = await _published(client, customer, checks_per_question=5)
    assert (await taker.check(assessment_id, picked("b"))).status_code == 200
    for _ in range(2):
        await taker.submit_at_once(assessment_id, picked("b"))
    assert _scores(await taker.submit_at_once(assessment_id, picked("a"))) == ["0.75", "0.75", "0.00"]
    assert _scores(await taker.submit_at_once(assessment_id, picked("a"))) == ["0.75", "0.75", "0.00"]


async def test_tries_are_the_learners_own_and_cost_only_where_the_assessment_says_so(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    """Another learner begins anew; without a penalty nothing is counted."""
    assessment_id = await _published(client, customer)
    await Taker(client, customer, "one").submit_at_once(assessment_id, picked("b"))
    other = await Taker(client, customer, "two").submit_at_once(assessment_id, picked("a"))
    assert _scores(other) == ["1.00", "1.00", "0.00"]
    free = await _published(client, customer, penalty_per_try=0)
    for answer in (picked("b"), picked("c")):
        await Taker(client, customer, "one").submit_at_once(free, answer)
    assert _scores(await Taker(client, customer, "one").submit_at_once(free, picked("a")))[0] == "1.00"


async def test_tries_at_once_are_counted_one_after_the_other(client: httpx.AsyncClient, customer: Customer) -> None:
    """Two attempts at once with different answers: the one that is numbered second pays for the first."""
    taker = Taker(client, customer)
    assessment_id = await _published(client, customer)
    for turn in range(4):
        learner = Taker(client, customer, f"learner-{turn}")
        answers = await asyncio.gather(
            learner.submit_at_once(assessment_id, picked("a")), learner.submit_at_once(assessment_id, picked("b"))
        )
        by_attempt = {answer.json()["attempt"]: answer.json() for answer in answers}
        right = answers[0].json()
        assert set(by_attempt) == {1, 2}
        assert right["results"][0]["score"] == ("1.00" if right["attempt"] == 1 else "0.75")
    assert taker.learner == "learner-1"


async def test_an_attempt_under_way_pays_for_those_before(client: httpx.AsyncClient, customer: Customer) -> None:
    """It does not matter whether an attempt is begun first or submitted at once."""
    taker = Taker(client, customer)
    assessment_id = await _published(client, customer)
    await taker.submit_at_once(assessment_id, picked("b"))
    submission_id = await taker.started(assessment_id)
    assert _scores(await taker.submit(submission_id, picked("a"))) == ["0.75", "0.75", "0.00"]
    assert (await taker.get(submission_id)).json()["score"] == "0.75"
