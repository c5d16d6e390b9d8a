"""Time limits: past them what was saved is graded, and nothing that comes later."""

import asyncio

import httpx
import pytest

from gateway.app import Gateway
from gateway.settings import Settings
from tests.clock import FrozenClock
from tests.gateway.features.taking import Taker, essay, number, picked, publish, question, refused, typed, written
from tests.running import Customer, running, talking_to


async def test_a_submit_in_time_is_graded_and_a_late_one_grades_what_was_saved(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """A millisecond before the end counts; at the end the answers of the request don't."""
    assessment_id = await publish(client, customer, time_limit_seconds=60)
    punctual, late = Taker(client, customer, "punctual"), Taker(client, customer, "late")
    ones = [await punctual.started(assessment_id), await late.started(assessment_id)]
    await punctual.save(ones[0], 1, picked("b"))
    await late.save(ones[1], 1, picked("b"))
    clock.advance(59_999)
    graded = (await punctual.submit(ones[0], picked("a"))).json()
    assert (graded["status"], graded["score"]) == ("graded", "1.00")
    clock.advance(1)
    expired = await late.submit(ones[1], picked("a"), key="k")
    assert expired.status_code == 200
    body = expired.json()
    assert (body["status"], body["score"], body["submitted_at"]) == ("expired", "0.00", body["expires_at"])
    assert (await late.submit(ones[1], picked("a"), key="k")).content == expired.content
    assert refused(await late.submit(ones[1])) == (409, "submission_closed")


async def test_a_late_submit_is_never_a_422(client: httpx.AsyncClient, customer: Customer, clock: FrozenClock) -> None:
    """What was half done when time ran out counts as not answered; the rest is graded."""
    taker = Taker(client, customer)
    submission_id = await taker.started(await publish(client, customer, question(), number(), time_limit_seconds=60))
    await taker.save(submission_id, 1, picked("a"), typed("4,"))
    clock.advance(60_000)
    body = (await taker.submit(submission_id, picked("zz"))).json()
    assert (body["status"], body["score"], body["percent"]) == ("expired", "1.00", 50)
    assert [one["state"] for one in body["results"]] == ["right", "unanswered"]


async def test_an_essay_that_ran_out_still_waits_for_a_person(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """`status` says expired; no grade is final while an essay that was saved is not judged."""
    taker = Taker(client, customer)
    submission_id = await taker.started(await publish(client, customer, question(), essay(), time_limit_seconds=60))
    await taker.save(submission_id, 1, picked("a"), written())
    clock.advance(61_000)
    over = (await taker.get(submission_id)).json()
    assert (over["status"], over["passed"], over["graded_at"], over["score"]) == ("expired", None, None, "1.00")


async def test_submits_racing_the_end_are_one_grade(
    app: Gateway, settings: Settings, customer: Customer, clock: FrozenClock
) -> None:
    """A gateway for which time is not over yet and one for which it is: one of them grades, and all see its grade."""
    behind = FrozenClock(clock.now_ms())
    async with running(settings, behind) as other, talking_to(app) as one, talking_to(other) as two:
        assessment_id = await publish(one, customer, time_limit_seconds=60)
        for turn in range(8):
            early, late = Taker(two, customer, f"learner-{turn}"), Taker(one, customer, f"learner-{turn}")
            behind.set(clock.now_ms())
            submission_id = await early.started(assessment_id)
            await early.save(submission_id, 1, picked("b"))
            behind.advance(59_999)
            clock.advance(60_000)
            graded, read, *_ = await asyncio.gather(
                early.submit(submission_id, picked("a")), late.get(submission_id), late.submit(submission_id)
            )
            final = (await late.get(submission_id)).json()
            assert (final["status"], final["score"]) in {("graded", "1.00"), ("expired", "0.00")}
            assert read.json()["status"] in {final["status"], "in_progress"}
            assert (graded.status_code == 200) == (final["status"] == "graded")


@pytest.mark.parametrize("key", [None, "k"])
async def test_a_one_shot_submit_over_an_attempt_that_ran_out_is_the_next_attempt(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock, key: str | None
) -> None:
    """What was saved of the first is graded as expired; the answers sent are not lost on it."""
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer, time_limit_seconds=60, max_attempts=2, feedback_at="each_attempt")
    first = await taker.started(assessment_id)
    clock.advance(60_000)
    second = await taker.submit_at_once(assessment_id, picked("a"), key=key)
    assert second.status_code == 201
    body = second.json()
    assert (body["attempt"], body["status"], body["score"]) == (2, "graded", "1.00")
    over = (await taker.get(first)).json()
    assert (over["attempt"], over["status"], over["score"]) == (1, "expired", "0.00")


async def test_a_one_shot_submit_over_the_last_attempt_finds_none_left(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """The attempt that ran out was the only one: it is graded, and the answers sent are refused."""
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer, time_limit_seconds=60)
    first = await taker.started(assessment_id)
    clock.advance(60_000)
    assert refused(await taker.submit_at_once(assessment_id, picked("a"))) == (409, "max_attempts_reached")
    assert (await taker.get(first)).json()["status"] == "expired"
