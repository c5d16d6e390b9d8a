"""Clients that hang up on a submit: the attempt, its grade and its key are there together or not at all."""

from typing import Any

import httpx

from gateway.app import Gateway
from tests.gateway.features.taking import Taker, picked, publish
from tests.gateway.work.shop import until
from tests.interruption import interrupted_at
from tests.running import Customer

_AWAITS_MAX = 200


async def _nobody_is_inside(app: Gateway, database: Any) -> bool:
    """Nothing runs in PostgreSQL for this gateway, and it lends no connection."""
    active: int = await database.fetchval(
        "select count(*) from pg_stat_activity where datname = current_database() and state <> 'idle'"
        " and pid <> pg_backend_pid()"
    )
    return active == 0 and app.services.sql.busy == 0


async def test_a_one_shot_that_is_hung_up_on_at_any_await_leaves_one_attempt(
    client: httpx.AsyncClient, app: Gateway, customer: Customer, database: Any
) -> None:
    """Cut at every point in turn: a retry with the key finds the attempt, or takes it; never a second one."""
    assessment_id = await publish(client, customer, max_attempts=1)
    await Taker(client, customer, "warm").submit_at_once(assessment_id, picked(), key="warm")
    outcomes = set()
    for awaits in range(_AWAITS_MAX):
        taker, key = Taker(client, customer, f"learner-{awaits}"), f"key-{awaits}"
        reached = await interrupted_at(taker.submit_at_once(assessment_id, picked(), key=key), awaits)
        await until(lambda: _nobody_is_inside(app, database))
        facts = await database.fetchrow(
            """select (select count(*) from submission where learner_ref = $1 and status = 'graded') as grades,
                      (select count(*) from idempotency_claim where key = $2 and status = 201) as claims""",
            taker.learner,
            key,
        )
        assert facts["grades"] == facts["claims"], (awaits, dict(facts))
        outcomes.add(facts["grades"])
        again = await taker.submit_at_once(assessment_id, picked(), key=key)
        assert again.status_code == 201, again.text
        assert ("idempotent-replayed" in again.headers) == bool(facts["claims"])
        if not reached.cut:
            break
    assert not reached.cut, "the submit was cut at every await it has"
    assert outcomes == {0, 1}
    assert await database.fetchval("select max(attempt) from submission") == 1
    assert await database.fetchval("select count(*) from submission") == awaits + 2


async def test_a_start_that_is_hung_up_on_at_any_await_leaves_one_attempt(
    client: httpx.AsyncClient, app: Gateway, customer: Customer, database: Any
) -> None:
    """Cut at every point in turn: the retry begins the attempt or goes on with it, and nothing is locked behind it."""
    assessment_id = await publish(client, customer)
    await Taker(client, customer, "warm").start(assessment_id)
    outcomes = set()
    for awaits in range(_AWAITS_MAX):
        taker = Taker(client, customer, f"learner-{awaits}")
        reached = await interrupted_at(taker.start(assessment_id), awaits)
        await until(lambda: _nobody_is_inside(app, database))
        begun = await database.fetchval("select count(*) from submission where learner_ref = $1", taker.learner)
        outcomes.add(begun)
        again = await taker.start(assessment_id)
        assert again.status_code == (200 if begun else 201), again.text
        if not reached.cut:
            break
    assert not reached.cut
    assert outcomes == {0, 1}
    assert await database.fetchval("select count(*) from submission") == awaits + 2
