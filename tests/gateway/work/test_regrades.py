"""Regrades worked off: old grades stay, new ones refer to them, none is lost or made twice, whoever is killed when."""

import asyncio
from collections.abc import AsyncIterator
from operator import itemgetter
from typing import Any

import httpx
import msgspec
import pytest

from gateway.published import PublishedVersions
from gateway.work.bench import Bench
from gateway.work.leases import Halt
from gateway.work.queue import regrade_waits
from gateway.work.regrades import BATCH, BATCHES_A_TURN, run_regrade
from gateway.work.sweeps import sweep
from tests.clock import FrozenClock
from tests.gateway.features.many import multiply
from tests.gateway.features.taking import (
    Taker,
    essay,
    number,
    picked,
    publish,
    publish_anew,
    question,
    several,
    ticked,
    typed,
    written,
)
from tests.gateway.work.benches import Seen, open_bench
from tests.gateway.work.shop import until
from tests.gateway.work.workers import worker
from tests.generators import FakeGenerator
from tests.running import Customer


class Desk:
    """One customer who regrades, and a worker's bench."""

    def __init__(self, client: httpx.AsyncClient, customer: Customer, database: Any, bench: Bench) -> None:
        self.client = client
        self.customer = customer
        self.database = database
        self.bench = bench

    async def take(self, assessment_id: str, learner: str, *answers: Any) -> str:
        answer = await Taker(self.client, self.customer, learner).submit_at_once(assessment_id, *answers)
        assert answer.status_code == 201, answer.text
        submission_id: str = answer.json()["id"]
        return submission_id

    async def ask(self, assessment_id: str, from_version: int = 1, policy: str = "replace") -> str:
        body = {"from_version": from_version, "policy": policy}
        path = f"/v1/assessments/{assessment_id}/regrade"
        answer = await self.client.post(path, json=body, headers=self.customer.headers)
        assert answer.status_code == 202, answer.text
        regrade_id: str = answer.json()["id"]
        return regrade_id

    async def work(self, regrade_id: str, halt: Halt | None = None) -> None:
        wake = regrade_waits(self.customer.center_id, "live", regrade_id, 0)
        versions = PublishedVersions(FrozenClock().monotonic_seconds)
        await run_regrade(self.bench, versions, wake, halt or Halt())

    async def regrade(self, assessment_id: str, from_version: int = 1, policy: str = "replace") -> dict[str, Any]:
        """Ask, work and read how it ended."""
        regrade_id = await self.ask(assessment_id, from_version, policy)
        await self.work(regrade_id)
        return await self.job(assessment_id, regrade_id)

    async def job(self, assessment_id: str, regrade_id: str) -> dict[str, Any]:
        path = f"/v1/assessments/{assessment_id}/regrades/{regrade_id}"
        found: dict[str, Any] = (await self.client.get(path, headers=self.customer.headers)).json()
        return found

    async def results(self, assessment_id: str, learner: str) -> list[dict[str, Any]]:
        """A learner's results, the newest grade of each attempt first."""
        path = f"/v1/assessments/{assessment_id}/results?learner_ref={learner}&limit=100"
        found: list[dict[str, Any]] = (await self.client.get(path, headers=self.customer.headers)).json()["data"]
        return sorted(found, key=itemgetter("attempt", "assessment_version"), reverse=True)

    async def rows(self, *submission_ids: str) -> list[Any]:
        query = """select id, status, answers, results, earned, score_cents, percent, passed, assessment_version, graded_at
                     from submission where id = any ($1) order by id"""
        return [tuple(row) for row in await self.database.fetch(query, list(submission_ids))]

    async def successors(self) -> list[int]:
        """How many newer grades each grade has that was replaced, and each that was not: [0, 1] where all is well."""
        rows = await self.database.fetch(
            """select distinct count(n.id) as successors from submission s
                 left join submission n on n.regrade_of = s.id group by s.id order by 1"""
        )
        return [row["successors"] for row in rows]


@pytest.fixture
async def desk(client: httpx.AsyncClient, customer: Customer, database: Any, database_url: str) -> AsyncIterator[Desk]:
    async with open_bench(database_url, FakeGenerator()) as bench:
        yield Desk(client, customer, database, bench)


def right(choice: str) -> dict[str, Any]:
    return question() | {"key": {"correct": choice}}


async def test_a_new_grade_stands_beside_the_old_one(desk: Desk) -> None:
    """The mistaken key is mended: who was right all along gets the points; no byte of the old grade changes."""
    assessment_id = await publish(desk.client, desk.customer)
    wrong, lucky = (
        await desk.take(assessment_id, "anna", picked("b")),
        await desk.take(assessment_id, "ben", picked("a")),
    )
    before = await desk.rows(wrong, lucky)
    await publish_anew(desk.client, desk.customer, assessment_id, items=[right("b")])
    job = await desk.regrade(assessment_id)
    assert (job["status"], job["regraded"], job["kept"], job["pending"]) == ("succeeded", 2, 0, 0)
    assert await desk.rows(wrong, lucky) == before
    new, old = await desk.results(assessment_id, "anna")
    assert (old["id"], old["score"], old["counts"], old["regraded_as"]) == (wrong, "0.00", False, new["id"])
    assert (new["regrade_of"], new["score"], new["passed"], new["counts"]) == (wrong, "1.00", True, True)
    assert (new["attempt"], new["assessment_version"], new["submitted_at"]) == (1, 2, old["submitted_at"])
    assert [one["score"] for one in await desk.results(assessment_id, "ben")] == ["0.00", "1.00"]
    shown = (await Taker(desk.client, desk.customer).get(new["id"])).json()
    assert (shown["answers"], shown["results"][0]["state"]) == ([picked("b")], "right")


async def test_never_lower_keeps_what_would_fall(desk: Desk) -> None:
    """A smaller share of the points, or a pass that would be lost, leaves the old grade; `replace` takes it after all."""
    assessment_id = await publish(desk.client, desk.customer, question(), number(), pass_percent=50)
    learners = {"rises": [picked("b")], "falls": [picked("a"), typed()], "same": [typed()], "fails": [picked("a")]}
    for learner, answers in learners.items():
        await desk.take(assessment_id, learner, *answers)
    items = [right("b"), number(points="2.00")]
    await publish_anew(desk.client, desk.customer, assessment_id, items=items, settings={"pass_percent": 70})
    job = await desk.regrade(assessment_id, policy="never_lower")
    assert (job["regraded"], job["kept"]) == (1, 3)
    scores = {learner: [one["score"] for one in await desk.results(assessment_id, learner)] for learner in learners}
    assert scores == {"rises": ["1.00", "0.00"], "falls": ["2.00"], "same": ["1.00"], "fails": ["1.00"]}
    job = await desk.regrade(assessment_id, policy="replace")
    assert (job["regraded"], job["kept"]) == (3, 0)
    assert [one["score"] for one in await desk.results(assessment_id, "falls")] == ["2.00", "2.00"]
    assert await desk.successors() == [0, 1]


async def test_what_a_person_judged_holds_on(desk: Desk) -> None:
    """The same share of whatever the essay is worth now; one that nobody judged goes on waiting."""
    assessment_id = await publish(desk.client, desk.customer, question(), essay(points="3.00"))
    judged = await desk.take(assessment_id, "anna", picked("b"), written())
    await desk.take(assessment_id, "ben", picked("b"), written())
    path = f"/v1/submissions/{judged}/reviews"
    await desk.client.post(path, json={"item_id": "q4", "score": "2.00"}, headers=desk.customer.headers)
    await publish_anew(desk.client, desk.customer, assessment_id, items=[right("b"), essay(points="5.00")])
    await desk.regrade(assessment_id)
    [anna, old] = await desk.results(assessment_id, "anna")
    assert (anna["status"], anna["score"], anna["max_score"], anna["passed"]) == ("graded", "4.33", "6.00", True)
    [ben, _] = await desk.results(assessment_id, "ben")
    assert (ben["status"], ben["score"], ben["passed"]) == ("awaiting_review", "1.00", None)
    answer = await desk.client.post(
        f"/v1/submissions/{ben['id']}/reviews", json={"item_id": "q4", "score": "5"}, headers=desk.customer.headers
    )
    assert answer.json()["submission"]["score"] == "6.00"
    answer = await desk.client.post(path, json={"item_id": "q4", "score": "1"}, headers=desk.customer.headers)
    assert answer.status_code == 409
    assert answer.json()["error"]["details"] == {"regraded_as": anna["id"]}
    assert old["score"] == "2.00"


async def test_tries_cost_as_much_as_they_did(desk: Desk) -> None:
    """A check that failed before the right answer takes its penalty off under the new version too."""
    settings = {"checks_per_question": 2, "penalty_per_try": 0.25, "feedback": "parts"}
    assessment_id = await publish(desk.client, desk.customer, question(), number(), **settings)
    await Taker(desk.client, desk.customer, "anna").check(assessment_id, picked("b"))
    await desk.take(assessment_id, "anna", picked("a"), typed("1"))
    await publish_anew(desk.client, desk.customer, assessment_id, items=[question(points="4.00"), number()])
    await desk.regrade(assessment_id)
    assert [one["score"] for one in await desk.results(assessment_id, "anna")] == ["3.00", "0.75"]


async def test_answers_that_the_new_version_can_not_grade_count_as_not_given(desk: Desk) -> None:
    """An item that is gone, or of another kind, fails nobody's regrade."""
    assessment_id = await publish(desk.client, desk.customer, question(), several(), number())
    await desk.take(assessment_id, "anna", picked(), ticked("a"), typed())
    await publish_anew(desk.client, desk.customer, assessment_id, items=[several("q1"), number()])
    await desk.regrade(assessment_id)
    assert [(one["score"], one["max_score"]) for one in await desk.results(assessment_id, "anna")] == [
        ("1.00", "2.00"),
        ("2.33", "3.00"),
    ]


async def test_an_attempt_that_ran_out_of_time_stays_expired(desk: Desk, clock: FrozenClock) -> None:
    """Its new grade says so as well."""
    assessment_id = await publish(desk.client, desk.customer, time_limit_seconds=60)
    taker = Taker(desk.client, desk.customer, "anna")
    submission_id = await taker.started(assessment_id)
    await taker.save(submission_id, 1, picked("b"))
    clock.advance(60_000)
    await taker.get(submission_id)
    await publish_anew(desk.client, desk.customer, assessment_id, items=[right("b")])
    await desk.regrade(assessment_id)
    assert [(one["status"], one["score"]) for one in await desk.results(assessment_id, "anna")] == [
        ("expired", "1.00"),
        ("expired", "0.00"),
    ]


async def test_grades_of_an_attempt_are_a_chain(desk: Desk) -> None:
    """A regrade takes the grade that stands: from version to version, never the one before it again."""
    assessment_id = await publish(desk.client, desk.customer)
    first = await desk.take(assessment_id, "anna", picked("c"))
    for version, choice in ((2, "b"), (3, "c")):
        await publish_anew(desk.client, desk.customer, assessment_id, items=[right(choice)])
        job = await desk.regrade(assessment_id, from_version=version - 1)
        assert (job["regraded"], job["kept"]) == (1, 0)
    job = await desk.regrade(assessment_id, from_version=1)
    assert (job["status"], job["regraded"], job["kept"]) == ("succeeded", 0, 0)
    third, second, original = await desk.results(assessment_id, "anna")
    assert original["id"] == first
    assert [one["regrade_of"] for one in (third, second, original)] == [second["id"], first, None]
    assert [one["counts"] for one in (third, second, original)] == [True, False, False]


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
        "select regrade_keep($1, $2, $3, $4, array[row($5, 0, null, null, null, null, null, null, null, null, null)::regraded])",
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
