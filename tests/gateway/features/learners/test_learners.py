"""What is kept of a learner is erased whole but for the totals, and is nobody else's to ask for."""

import asyncio
from typing import Any

import httpx

from gateway.ids import new_id
from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.gateway.features.assessments.authored import short_text
from tests.gateway.features.learners.erasing import ANSWER, erase, everything, export, found_in, typed_text
from tests.gateway.features.taking import (
    Taker,
    essay,
    picked,
    publish,
    question,
    refused,
    several,
    ticked,
    written,
)
from tests.gateway.records.test_sealing import seal
from tests.running import Customer, add_customer, add_key
from tests.waiting import until_waiting_for_locks


async def test_an_erased_learner_leaves_totals_and_no_word(
    client: httpx.AsyncClient, customer: Customer, database: Any, clock: FrozenClock
) -> None:
    """Not in any column of any table; another learner's things are untouched, and attempts are still counted."""
    mine, other = await everything(client, customer, "anna"), await everything(client, customer, "ben")
    assert await found_in(database, ANSWER) >= {"submission", "submission_event", "review", "idempotency_claim"}
    before = await export(client, customer, "ben")
    clock.advance(1000)
    answer = await erase(client, customer, "anna")
    assert (answer.status_code, answer.content) == (204, b"")

    held = await database.fetch(
        "select id, saved, answers, results, events, erased_at from submission where learner_ref = 'anna'"
    )
    assert [(row["id"], *tuple(row)[1:5]) for row in held] == [(mine["done"], None, None, None, 0)]
    assert await database.fetchval("select count(*) from submission_event where submission_id = $1", mine["done"]) == 0
    assert await export(client, customer, "ben") == before | {"created_at": "2026-03-15T12:00:01Z"}

    [one] = (await client.get("/v1/learners/anna/results", headers=customer.headers)).json()["data"]
    assert (one["id"], one["score"], one["max_score"], one["status"]) == (mine["done"], "1.50", "3.00", "graded")
    shown = (await Taker(client, customer, "anna").get(mine["done"], include="results")).json()
    assert (shown["answers"], shown["results"], shown["percent"]) == ([], None, 50)
    assert refused(await Taker(client, customer).get(mine["begun"])) == (404, "submission_not_found")

    await erase(client, customer, "ben")
    assert await found_in(database, ANSWER) == set()
    assert await database.fetchval("select count(*) from check_count where answer_digest is not null") == 0
    assert await database.fetchval("select sum(used) from check_count") == 2
    assert other["assessment"] != mine["assessment"]


async def test_erasing_again_finds_nothing(client: httpx.AsyncClient, customer: Customer, database: Any) -> None:
    """204 each time, and for a learner who never was; the moment of the first time stays."""
    await everything(client, customer, "anna")
    await erase(client, customer, "anna")
    at = await database.fetchval("select erased_at from submission where learner_ref = 'anna'")
    for learner in ("anna", "nobody"):
        assert (await erase(client, customer, learner)).status_code == 204
    assert await database.fetchval("select erased_at from submission where learner_ref = 'anna'") == at


async def test_what_was_erased_can_not_be_judged(client: httpx.AsyncClient, customer: Customer) -> None:
    """There is no answer to judge any more."""
    assessment_id = await publish(client, customer, essay())
    submitted = (await Taker(client, customer, "anna").submit_at_once(assessment_id, written())).json()["id"]
    await erase(client, customer, "anna")
    answer = await client.post(
        f"/v1/submissions/{submitted}/reviews", json={"item_id": "q4", "score": "1"}, headers=customer.headers
    )
    assert refused(answer) == (409, "review_not_pending")


async def test_erasing_while_answers_arrive_leaves_none_behind(
    client: httpx.AsyncClient, customer: Customer, database: Any
) -> None:
    """A submit that comes at the same moment is erased, or finds its attempt gone; nothing hangs, nothing fails."""
    assessment_id = await publish(client, customer, short_text(), max_attempts=None)
    taker = Taker(client, customer, "anna")
    for _ in range(5):
        begun = await taker.started(assessment_id)
        answers = await asyncio.gather(
            taker.submit(begun, typed_text()), erase(client, customer, "anna"), taker.save(begun, 1, typed_text())
        )
        assert answers[0].status_code in {200, 404, 409}
        assert answers[1].status_code == 204
        assert answers[2].status_code in {200, 404, 409}
        await erase(client, customer, "anna")
        assert (
            await database.fetchval("select count(*) from submission where answers is not null or saved is not null")
            == 0
        )


async def test_answers_that_are_copied_during_the_erasure_are_erased_too(
    client: httpx.AsyncClient, customer: Customer, database: Any, sql: SqlStore
) -> None:
    """A regrade that holds the old grade while its learner is erased leaves a new one, with its total alone."""
    assessment_id = await publish(client, customer, short_text())
    submitted = (await Taker(client, customer, "anna").submit_at_once(assessment_id, typed_text())).json()["id"]
    newer = new_id("sub", 0)
    async with sql.session() as regrading, regrading.transaction():
        await regrading.execute("update submission set regraded_as = null where id = $1", submitted)
        await regrading.execute(
            """insert into submission
               select (jsonb_populate_record(s, jsonb_build_object('id', $2::text, 'regrade_of', s.id))).*
                 from submission s where s.id = $1""",
            submitted,
            newer,
        )
        await regrading.execute("update submission set regraded_as = $2 where id = $1", submitted, newer)
        erasing = asyncio.create_task(erase(client, customer, "anna"))
        await until_waiting_for_locks(sql, running="update submission")
    assert (await erasing).status_code == 204
    assert await found_in(database, ANSWER) == set()
    totals = "select score_cents from submission where learner_ref = 'anna' and erased_at is not null"
    assert [row["score_cents"] for row in await database.fetch(totals)] == [0, 0]


async def test_a_first_attempt_that_nobody_sees_yet_is_erased_too(
    client: httpx.AsyncClient, customer: Customer, database: Any, sql: SqlStore
) -> None:
    """It was being written when the erasure was asked for: answers, and what its record tells, are gone in the end."""
    assessment_id = await publish(client, customer, short_text(), max_attempts=None)
    await Taker(client, customer, "anna").submit_at_once(assessment_id, typed_text())
    async with sql.session() as writing, writing.transaction():
        await writing.execute(
            """insert into submission
               select (jsonb_populate_record(s, jsonb_build_object('id', $1::text, 'attempt', 2))).* from submission s""",
            new_id("sub", 0),
        )
        await seal(writing, customer.center_id, body='{"learner_ref":"anna"}', person="anna")
        erasing = asyncio.create_task(erase(client, customer, "anna"))
        while await database.fetchval("select count(*) from submission where answers is not null") > 0:
            await asyncio.sleep(0.01)
        assert not erasing.done()
    assert (await erasing).status_code == 204
    assert await found_in(database, ANSWER) == set()
    assert await database.fetchval("select count(*) from dpu_body where person = 'anna'") == 0


async def test_a_retry_that_comes_after_the_erasure_writes_nothing(
    client: httpx.AsyncClient, customer: Customer, database: Any
) -> None:
    """A one-shot submit, a start, a submit: what they did is gone, 404, and no attempt holds the erased words again."""
    assessment_id = await publish(client, customer, short_text(), max_attempts=5)
    taker = Taker(client, customer, "anna")

    async def requests() -> list[httpx.Response]:
        return [
            await taker.submit_at_once(assessment_id, typed_text(), key="at once"),
            await taker.start(assessment_id, key="start"),
        ]

    first = await requests()
    submission_id = first[1].json()["id"]
    assert (await taker.submit(submission_id, typed_text(), key="submit")).status_code == 200
    assert (await erase(client, customer, "anna")).status_code == 204
    late = [*await requests(), await taker.submit(submission_id, typed_text(), key="submit")]
    assert [refused(one) for one in late] == [(404, "submission_not_found")] * 3
    assert await found_in(database, ANSWER) == set()
    assert await database.fetchval("select count(*) from submission") == 2
    other = await taker.submit_at_once(assessment_id, key="at once")
    assert refused(other) == (422, "idempotency_key_reused")


async def test_a_learner_is_the_centers_own(client: httpx.AsyncClient, customer: Customer, database: Any) -> None:
    """Another center's learner of that name is another, so is the other env's; and only `manage:center` may."""
    assessment_id = await publish(client, customer, question(), several())
    await Taker(client, customer, "anna").submit_at_once(assessment_id, picked(), ticked("a"))
    async with database.acquire() as connection:
        others = [await add_customer(connection), await add_key(connection, customer.center_id, env="test")]
        reader = await add_key(connection, customer.center_id, scopes=["read:results", "write:grades"])
    for other in others:
        assert (await export(client, other, "anna"))["submissions"] == []
        assert (await erase(client, other, "anna")).status_code == 204
    assert (await export(client, customer, "anna"))["submissions"][0]["answers"]
    assert refused(await erase(client, reader, "anna")) == (403, "missing_scope")
    answer = await client.get("/v1/learners/anna/export", headers=reader.headers)
    assert refused(answer) == (403, "missing_scope")


async def test_a_person_who_signs_in_is_not_a_keys_to_erase(client: httpx.AsyncClient, customer: Customer) -> None:
    """400, as everywhere that a key names one."""
    assert refused(await erase(client, customer, "usr_" + "a" * 26)) == (400, "invalid_parameter")
    answer = await client.get("/v1/learners/usr_x/export", headers=customer.headers)
    assert refused(answer) == (400, "invalid_parameter")
