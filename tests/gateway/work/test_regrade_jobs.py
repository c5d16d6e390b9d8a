"""Regrades worked off: none is lost or made twice, whoever submits, is erased, is fenced or is killed when."""

import asyncio
from typing import Any

import msgspec
import pytest

from gateway.work.leases import Halt
from gateway.work.regrades import BATCH, BATCHES_A_TURN
from gateway.work.sweeps import sweep
from tests.gateway.features.many import multiply
from tests.gateway.features.taking import (
    Taker,
    essay,
    picked,
    publish,
    publish_anew,
    question,
    written,
)
from tests.gateway.work.benches import Seen, open_bench
from tests.gateway.work.desks import Desk, right
from tests.gateway.work.shop import until
from tests.gateway.work.workers import worker
from tests.generators import FakeGenerator


async def test_attempts_submitted_later_are_regraded_when_it_is_asked_again(desk: Desk) -> None:
    """One under way is graded under the version it began with; the same job then goes on with it alone."""
    assessment_id = await publish(desk.client, desk.customer)
    await desk.take(assessment_id, "anna", picked("b"))
    taker = Taker(desk.client, desk.customer, "ben")
    begun = await taker.started(assessment_id)
    await publish_anew(desk.client, desk.customer, assessment_id, items=[right("b")])
    first = await desk.regrade(assessment_id)
    assert (first["status"], first["regraded"]) == ("succeeded", 1)
    assert (await taker.submit(begun, picked("b"))).json()["score"] == "0.00"
    again = await desk.regrade(assessment_id)
    assert (again["id"], again["status"], again["regraded"]) == (first["id"], "succeeded", 2)
    assert [one["score"] for one in await desk.results(assessment_id, "ben")] == ["1.00", "0.00"]
    assert await desk.successors() == [0, 1]


async def test_a_regrade_racing_submits_misses_none(desk: Desk) -> None:
    """Twenty submits while it runs and is asked for again: each attempt ends with one new grade, none with two."""
    assessment_id = await publish(desk.client, desk.customer)
    begun = []
    for place in range(20):
        taker = Taker(desk.client, desk.customer, f"l{place}")
        begun.append((taker, await taker.started(assessment_id)))
    await publish_anew(desk.client, desk.customer, assessment_id, items=[right("b")])

    async def regrade() -> None:
        for _ in range(3):
            await desk.work(await desk.ask(assessment_id))

    answers, *_ = await asyncio.gather(
        asyncio.gather(*[taker.submit(submission_id, picked("b")) for taker, submission_id in begun]),
        regrade(),
        regrade(),
    )
    assert [answer.status_code for answer in answers] == [200] * 20
    job = await desk.regrade(assessment_id)
    assert (job["status"], job["regraded"], job["kept"]) == ("succeeded", 20, 0)
    assert await desk.successors() == [0, 1]


@pytest.mark.parametrize("meanwhile", ["erased", "reviewed"])
async def test_what_changes_between_reading_and_writing_is_read_again(desk: Desk, meanwhile: str) -> None:
    """An erasure that comes between leaves no copy of the answers; a review that does is in the new grade."""
    assessment_id = await publish(desk.client, desk.customer, question(), essay())
    submission_id = await desk.take(assessment_id, "anna", picked("a"), written())
    await publish_anew(desk.client, desk.customer, assessment_id, title="Another")
    regrade_id = await desk.ask(assessment_id)
    async with desk.database.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("select from submission where id = $1 for update", submission_id)
        working = asyncio.create_task(desk.work(regrade_id))
        await until(lambda: waits_for_a_lock(desk.database))
        if meanwhile == "erased":
            await connection.execute("update submission set answers = null, results = null, erased_at = now()")
            await transaction.commit()
        else:
            path = f"/v1/submissions/{submission_id}/reviews"
            body = {"item_id": "q4", "score": "1.00"}
            reviewing = asyncio.create_task(desk.client.post(path, json=body, headers=desk.customer.headers))
            await until(lambda: waits_for_a_lock(desk.database, 2))
            await connection.execute("update submission set reviews = reviews + 1 where id = $1", submission_id)
            await transaction.commit()
            await reviewing
    await working
    job = await desk.job(assessment_id, regrade_id)
    assert job["status"] == "succeeded"
    if meanwhile == "erased":
        assert (job["regraded"], job["kept"]) == (0, 1)
        assert await desk.database.fetchval("select count(*) from submission where answers is not null") == 0
    else:
        assert job["regraded"] == 1
        assert await desk.successors() == [0, 1]


async def waits_for_a_lock(database: Any, count: int = 1) -> bool:
    query = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    return bool(await database.fetchval(query) >= count)


async def test_writes_under_an_old_fence_are_refused(desk: Desk) -> None:
    """A worker that was thought dead comes back: it keeps nothing and ends nothing, and its successor does both."""
    assessment_id = await publish(desk.client, desk.customer)
    submission_id = await desk.take(assessment_id, "anna", picked("b"))
    await publish_anew(desk.client, desk.customer, assessment_id, items=[right("b")])
    regrade_id = await desk.ask(assessment_id)
    place = desk.customer.center_id, "live", regrade_id
    claimed = await desk.database.fetchrow("select * from regrade_claim($1, $2, $3, '1 minute', 5, now())", *place)
    assert await desk.database.fetchrow("select * from regrade_claim($1, $2, $3, '1 minute', 5, now())", *place) is None
    await desk.database.execute("update regrade set lease_until = clock_timestamp() - interval '1 second'")
    await desk.work(regrade_id)
    kept = await desk.database.fetchval(
        "select regrade_keep($1, $2, $3, $4, array[row($5, 0, null, null, null, null, null, null, null, null, null)::regraded], now())",
        *place,
        claimed["fence"],
        submission_id,
    )
    ended = await desk.database.fetchval("select regrade_finish($1, $2, $3, $4, null, now())", *place, claimed["fence"])
    assert (kept, ended) == (None, "lost")
    job = await desk.job(assessment_id, regrade_id)
    assert (job["status"], job["regraded"], job["kept"]) == ("succeeded", 1, 0)


async def test_a_stopping_worker_hands_a_regrade_back(desk: Desk, database_url: str) -> None:
    """Due at once, not counted as a claim, and others are told."""
    assessment_id = await publish(desk.client, desk.customer)
    await desk.take(assessment_id, "anna", picked("b"))
    await publish_anew(desk.client, desk.customer, assessment_id, items=[right("b")])
    regrade_id = await desk.ask(assessment_id)
    halt, seen = Halt(), Seen()
    halt.asked.set()
    async with open_bench(database_url, FakeGenerator(), seen=seen) as bench:
        await Desk(desk.client, desk.customer, desk.database, bench).work(regrade_id, halt)
    row = await desk.database.fetchrow("select status, claims, lease_until, fence from regrade")
    assert tuple(row) == ("running", 0, None, 1)
    assert [(wake.kind, wake.key) for wake in seen.woken] == [("regrade", f"{regrade_id}:1")]


async def test_a_large_regrade_takes_turns(desk: Desk, database_url: str) -> None:
    """After so many batches it goes to the end of the queue; the next turn goes on where it was."""
    assessment_id = await publish(desk.client, desk.customer)
    await multiply(desk.database, await desk.take(assessment_id, "anna", picked("b")), BATCH * BATCHES_A_TURN + 9)
    await publish_anew(desk.client, desk.customer, assessment_id, items=[right("b")])
    regrade_id, seen = await desk.ask(assessment_id), Seen()
    async with open_bench(database_url, FakeGenerator(), seen=seen) as bench:
        turns = Desk(desk.client, desk.customer, desk.database, bench)
        await turns.work(regrade_id)
        job = await desk.job(assessment_id, regrade_id)
        assert (job["status"], job["regraded"], job["pending"]) == ("running", BATCH * BATCHES_A_TURN, 10)
        assert len(seen.woken) == 1
        await turns.work(regrade_id)
    job = await desk.job(assessment_id, regrade_id)
    assert (job["status"], job["regraded"], job["pending"]) == ("succeeded", BATCH * BATCHES_A_TURN + 10, 0)


async def test_what_kills_its_workers_is_given_up_and_can_be_asked_again(desk: Desk) -> None:
    """Of two sweepers one says that it failed; asking again goes on where it was."""
    assessment_id = await publish(desk.client, desk.customer)
    await desk.take(assessment_id, "anna", picked("b"))
    await publish_anew(desk.client, desk.customer, assessment_id, items=[right("b")])
    regrade_id = await desk.ask(assessment_id)
    await desk.database.execute("update regrade set claims = 5, status = 'running'")
    await asyncio.gather(sweep(desk.bench), sweep(desk.bench))
    job = await desk.job(assessment_id, regrade_id)
    assert (job["status"], job["failure"]["code"], job["failure"]["retryable"]) == ("failed", "worker_lost", True)
    job = await desk.regrade(assessment_id)
    assert (job["id"], job["status"], job["failure"], job["regraded"]) == (regrade_id, "succeeded", None, 1)


@pytest.mark.parametrize("key", ["nobodys", "no id at all"])
async def test_a_version_that_no_longer_meets_the_rules_fails_the_regrade(desk: Desk, key: str) -> None:
    """It says so, for good: no grade changes, and a retry alone can't help."""
    assessment_id = await publish(desk.client, desk.customer)
    await desk.take(assessment_id, "anna", picked("b"))
    broken = msgspec.json.encode([right(key)])
    await desk.database.execute(
        """insert into assessment_version (center_id, env, assessment_id, version, title, description, items, settings,
                                           points_cents, created_at)
           select center_id, env, assessment_id, 2, title, description, $1, settings, points_cents, created_at
             from assessment_version""",
        broken,
    )
    await desk.database.execute("update assessment set version = 2, published_version = 2")
    job = await desk.regrade(assessment_id)
    assert (job["status"], job["failure"]["code"], job["failure"]["retryable"]) == (
        "failed",
        "version_ungradable",
        False,
    )
    assert (job["regraded"], job["kept"], job["pending"]) == (0, 0, 1)


async def test_killed_in_the_middle_a_regrade_is_neither_lost_nor_doubled(
    desk: Desk, database_url: str, redis_url: str
) -> None:
    """Three workers are killed while they regrade 3000 attempts; the fourth ends it: each has one new grade."""
    assessment_id = await publish(desk.client, desk.customer)
    await multiply(desk.database, await desk.take(assessment_id, "anna", picked("b")), 2999)
    await publish_anew(desk.client, desk.customer, assessment_id, items=[right("b")])
    regrade_id = await desk.ask(assessment_id)
    for _ in range(3):
        async with worker(database_url, redis_url, lease_seconds=2) as victim:
            done = await desk.database.fetchval("select regraded from regrade")
            await until(lambda done=done: comes_further(desk.database, done), 30)  # type: ignore[misc]
            await victim.kill()
        if await desk.database.fetchval("select finished_at from regrade") is not None:
            break
    async with worker(database_url, redis_url, lease_seconds=2):
        await until(lambda: has_ended(desk.database), 60)
    job = await desk.job(assessment_id, regrade_id)
    assert (job["status"], job["regraded"], job["kept"], job["pending"]) == ("succeeded", 3000, 0, 0)
    row = await desk.database.fetchrow(
        """select count(*) as all, count(distinct regrade_of) as replaced, count(distinct learner_ref) as learners,
                  min(score_cents) filter (where assessment_version = 2) as least from submission"""
    )
    assert tuple(row) == (6000, 3000, 3000, 100)
    assert await desk.successors() == [0, 1]


async def comes_further(database: Any, done: int) -> bool:
    return bool(await database.fetchval("select regraded > $1 from regrade", done))


async def has_ended(database: Any) -> bool:
    return bool(await database.fetchval("select finished_at is not null from regrade"))
