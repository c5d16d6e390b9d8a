"""Attempts that run out are graded by a worker, where nobody asks for them any more."""

import asyncio
from typing import Any

import asyncpg
import httpx

from gateway.keyring import Keyring
from gateway.published import PublishedVersions
from gateway.sql_batches import TOGETHER_MAX
from gateway.stores import SqlStore
from gateway.work.attempts import Invigilator
from tests.clock import FrozenClock
from tests.gateway.features.taking import Taker, number, picked, publish, question, typed
from tests.gateway.work.shop import until
from tests.running import ENCRYPTION_KEYS, PEPPERS, Customer


def invigilator(sql: SqlStore, clock: FrozenClock) -> Invigilator:
    keyring = Keyring(PEPPERS.by_version, ENCRYPTION_KEYS.by_version)
    return Invigilator(sql, PublishedVersions(clock.monotonic_seconds), keyring, clock)


async def test_what_was_saved_is_graded_once_time_is_over(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock, sql: SqlStore, database: Any
) -> None:
    """Not a moment before its end; then what was saved counts, half-done answers apart, and the next attempt may begin."""
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer, question(), number(), time_limit_seconds=60, max_attempts=2)
    submission_id = await taker.started(assessment_id)
    await taker.save(submission_id, 1, picked("a"), typed("4,"))
    watch = invigilator(sql, clock)
    clock.advance(59_999)
    assert await watch.end_some() == 0
    clock.advance(1)
    assert await watch.end_some() == 1
    assert await watch.end_some() == 0
    row = await database.fetchrow("select * from submission where id = $1", submission_id)
    assert (row["status"], row["score_cents"], row["percent"], row["passed"]) == ("expired", 100, 50, True)
    assert (row["submitted_at"], row["saved"]) == (row["expires_at"], None)
    assert (await taker.start(assessment_id)).status_code == 201


async def test_two_workers_and_the_learner_end_each_attempt_once(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock, sql: SqlStore, database: Any
) -> None:
    """Forty attempts run out, two workers sweep while learners ask for theirs: each is graded once, as it was saved."""
    assessment_id = await publish(client, customer, time_limit_seconds=60)
    takers = [Taker(client, customer, f"learner-{nth}") for nth in range(40)]
    ids = [await taker.started(assessment_id) for taker in takers]
    await asyncio.gather(
        *(taker.save(one, 1, picked("ab"[nth % 2])) for nth, (taker, one) in enumerate(zip(takers, ids, strict=True)))
    )
    clock.advance(60_000)
    watches, stop = [invigilator(sql, clock) for _ in range(2)], asyncio.Event()
    sweeps = [asyncio.create_task(watch.keep_ending(stop)) for watch in watches]
    await asyncio.gather(
        *(taker.submit(one, picked("c")) for taker, one in zip(takers[:10], ids, strict=False)),
        *(taker.get(one) for taker, one in zip(takers[5:20], ids[5:], strict=False)),
    )

    async def all_are_over() -> bool:
        return not await database.fetchval("select count(*) from submission where status = 'in_progress'")

    await until(all_are_over)
    stop.set()
    await asyncio.gather(*sweeps)
    rows = await database.fetch("select id, status, score_cents from submission")
    assert {row["status"] for row in rows} == {"expired"}
    scores = {row["id"]: row["score_cents"] for row in rows}
    assert [scores[one] for one in ids] == [0 if nth % 2 else 100 for nth in range(40)]


async def test_an_attempt_that_nothing_can_grade_stands_in_nobodys_way(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock, sql: SqlStore, database: Any, database_urls: Any
) -> None:
    """A version that this release can't read is set aside with a word in the log; the attempts behind it are ended."""
    broken = await publish(client, customer, time_limit_seconds=30)
    stuck = await Taker(client, customer).started(broken)
    assessment_id = await publish(client, customer, time_limit_seconds=60)
    submission_id = await Taker(client, customer).started(assessment_id)
    item = (
        b'[{"type":"single_choice","id":"q1","content":{"stem":"s","choices":[{"id":"a","text":"a"},{"id":"a","text":"b"}]},'
        b'"key":{"correct":"a"}}]'
    )
    owner = await asyncpg.connect(database_urls[1])
    await owner.execute("alter table assessment_version disable trigger user")
    await owner.execute("update assessment_version set items = $1 where assessment_id = $2", item, broken)
    await owner.close()
    clock.advance(60_000)
    watch = invigilator(sql, clock)
    assert await watch.end_some() == 1
    assert await watch.end_some() == 0
    status = dict(await database.fetch("select id, status from submission"))
    assert status == {stuck: "in_progress", submission_id: "expired"}


async def test_what_was_saved_and_can_t_be_read_stops_no_worker(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock, sql: SqlStore, database: Any
) -> None:
    """One damaged row is set aside, whatever is wrong with it; the attempts behind it are ended."""
    assessment_id = await publish(client, customer, time_limit_seconds=30, max_attempts=None)
    damaged = await Taker(client, customer, "ana").started(assessment_id)
    sound = await Taker(client, customer, "ben").started(assessment_id)
    await database.execute("update submission set saved = $1 where id = $2", b"no answers", damaged)
    clock.advance(60_000)
    assert await invigilator(sql, clock).end_some() == 1
    status = dict(await database.fetch("select id, status from submission"))
    assert status == {damaged: "in_progress", sound: "expired"}


async def test_many_that_another_holds_stand_in_nobodys_way(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock, sql: SqlStore, database: Any
) -> None:
    """More than are taken up at a time, over for longer, and locked: the one behind them is ended, they once they are free."""
    first, last = [await publish(client, customer, time_limit_seconds=seconds) for seconds in (30, 60)]
    held = [await Taker(client, customer, f"held-{nth}").started(first) for nth in range(TOGETHER_MAX + 1)]
    free = await Taker(client, customer, "free").started(last)
    clock.advance(60_000)
    watch = invigilator(sql, clock)
    async with database.acquire() as other:
        async with other.transaction():
            await other.fetch("select from submission where id = any ($1) for update", held)
            await watch.end_some()
            await watch.end_some()
            assert await database.fetchval("select status from submission where id = $1", free) == "expired"
        for _ in range(2):
            await watch.end_some()
    assert set(await statuses(database)) == {"expired"}


async def test_many_that_can_t_be_written_are_set_aside_for_an_hour(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock, sql: SqlStore, database: Any, database_urls: Any
) -> None:
    """More than are taken up at a time: each is tried once an hour, the one behind them is ended, they once they can be."""
    first, last = [await publish(client, customer, time_limit_seconds=seconds) for seconds in (30, 60)]
    for nth in range(TOGETHER_MAX + 1):
        await Taker(client, customer, f"stuck-{nth}").started(first)
    await Taker(client, customer, "sound").started(last)
    owner = await asyncpg.connect(database_urls[1])
    await owner.execute(
        "alter table submission add constraint stuck check (status = 'in_progress' or learner_ref not like 'stuck%')"
    )
    clock.advance(60_000)
    watch = invigilator(sql, clock)
    assert [await watch.end_some() for _ in range(4)] == [TOGETHER_MAX, 2, 0, 0]
    assert sorted(await statuses(database)) == ["expired"] + ["in_progress"] * (TOGETHER_MAX + 1)
    await owner.execute("alter table submission drop constraint stuck")
    await owner.close()
    clock.advance(3_600_000)
    assert [await watch.end_some() for _ in range(2)] == [TOGETHER_MAX, 1]
    assert set(await statuses(database)) == {"expired"}


async def statuses(database: Any) -> list[str]:
    return [row["status"] for row in await database.fetch("select status from submission")]
