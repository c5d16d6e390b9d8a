"""Whoever finds an attempt held by another for too long is told to come again: 503, never 500, and nothing is done."""

import asyncio

import asyncpg
import httpx
import pytest

from tests.clock import FrozenClock
from tests.gateway.features.taking import Taker, picked, publish
from tests.running import Customer

PAUSED = {"id": "1", "type": "paused", "at": "2026-01-01T00:00:00Z"}


def _assert_overloaded(answers: list[httpx.Response]) -> None:
    told = [(one.status_code, one.json()["error"]["code"], "retry-after" in one.headers) for one in answers]
    assert told == [(503, "overloaded", True)] * len(answers)


async def test_an_attempt_that_another_holds_is_not_waited_for_without_end(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock, database_url: str
) -> None:
    """Reading, starting, saving, submitting and noting: in time and past it, with a key and without."""
    assessment_id = await publish(client, customer, time_limit_seconds=60)
    due, fresh = Taker(client, customer, "due"), Taker(client, customer, "fresh")
    over = await due.started(assessment_id)
    clock.advance(60_000)
    under_way = await fresh.started(assessment_id)
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            await connection.fetch("select from submission where id = any ($1) for update", [over, under_way])
            answers = await asyncio.gather(
                due.get(over),
                due.start(assessment_id),
                due.start(assessment_id, key="start"),
                due.save(over, 1, picked()),
                due.submit(over, picked()),
                due.submit(over, picked(), key="late"),
                fresh.save(under_way, 1, picked()),
                fresh.submit(under_way, picked(), key="in time"),
                fresh.note(under_way, PAUSED),
                fresh.note(under_way, PAUSED, key="noted"),
            )
            _assert_overloaded(answers)
    finally:
        await connection.close()
    assert (await fresh.submit(under_way, picked("a"), key="in time")).json()["score"] == "1.00"
    assert (await due.get(over)).json()["status"] == "expired"


@pytest.mark.parametrize("key", [None, "k"])
async def test_a_check_and_a_one_shot_submit_are_told_to_come_again(
    client: httpx.AsyncClient, customer: Customer, database_url: str, key: str | None
) -> None:
    """The count of a check, and the turn of a learner's attempts."""
    assessment_id = await publish(client, customer, max_attempts=5, checks_per_question=5)
    taker = Taker(client, customer)
    assert (await taker.check(assessment_id, picked("b"))).status_code == 200
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            await connection.fetch("select from check_count where assessment_id = $1 for update", assessment_id)
            place = (customer.center_id, "live", assessment_id, taker.learner)
            await connection.execute("select lock_attempts($1, $2, $3, $4)", *place)
            answers = await asyncio.gather(
                taker.check(assessment_id, picked("a"), key), taker.submit_at_once(assessment_id, picked(), key=key)
            )
            _assert_overloaded(answers)
    finally:
        await connection.close()
    assert (await taker.check(assessment_id, picked("a"), key)).json()["checks_left"] == 3
    assert (await taker.submit_at_once(assessment_id, picked(), key=key)).json()["attempt"] == 1
