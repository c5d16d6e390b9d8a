"""Deletions that meet attempts: one of the two wins, and neither is ended for the other's sake."""

import asyncio
from functools import partial
from typing import Any

import httpx
import pytest

from gateway.closing import PATIENCE_MS
from gateway.stores import SqlStore
from tests.gateway.features.assessments.authored import Json, make_published
from tests.gateway.features.taking import picked
from tests.gateway.work.shop import until
from tests.patience import answered
from tests.running import Customer
from tests.waiting import until_waiting_for_locks

ANSWER: Json = {"type": "single_choice", "choice": "a"}


@pytest.mark.parametrize(
    ("route", "body", "done", "keeps"),
    [
        ("submissions", {"learner_ref": "jo"}, 201, True),
        ("submit", {"learner_ref": "jo", "answers": [{"item_id": "q1", "answer": ANSWER}]}, 201, True),
        ("check", {"learner_ref": "jo", "item_id": "q1", "answer": ANSWER}, 200, False),
    ],
)
async def test_who_races_a_deletion_wins_or_finds_nothing(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore, route: str, body: Json, done: int, keeps: bool
) -> None:
    """Never a deleted attempt that somebody was told of, never an error of ours. A check alone keeps nothing from going."""
    for turn in range(10):
        made = await make_published(client, customer, settings={"checks_per_question": 1})
        path = f"/v1/assessments/{made['id']}"
        calls = [
            answered(partial(client.post, f"{path}/{route}", json=body, headers=customer.headers)),
            answered(partial(client.delete, path, headers=customer.headers)),
        ]
        if turn % 2:
            calls.reverse()
        answers = await asyncio.gather(*calls)
        statuses = {answer.request.method: answer.status_code for answer in answers}
        won = {"POST": done, "DELETE": 409 if keeps else 204}
        assert statuses in (won, {"POST": 404, "DELETE": 204}), statuses
        async with sql.session() as connection:
            query = "select count(*) from submission where assessment_id = $1"
            assert await connection.fetchval(query, made["id"]) == (keeps and statuses["POST"] == done)


async def waits_alone(database: Any) -> bool:
    """Whether a grade waits for a lock by itself: among others it would have given up by now."""
    query = """select exists (select from pg_stat_activity
                where datname = current_database() and wait_event_type = 'Lock'
                  and strpos(query, 'submissions_submit') > 0
                  and clock_timestamp() - query_start > $1 * interval '2 milliseconds')"""
    return bool(await database.fetchval(query, PATIENCE_MS))


async def test_an_attempt_that_costs_tries_and_a_deletion_wait_for_each_other_in_one_order(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore, database: Any
) -> None:
    """Neither is ended as a deadlock's victim, whichever of the two is served first."""
    body = {"learner_ref": "jo", "answers": [picked()]}
    for _ in range(3):
        made = await make_published(client, customer, settings={"penalty_per_try": 0.1})
        path = f"/v1/assessments/{made['id']}"
        async with database.acquire() as other:
            in_the_way = other.transaction()
            await in_the_way.start()
            await other.execute(
                """insert into check_count (center_id, env, assessment_id, learner_ref, item_id, used)
                   values ($1, 'live', $2, 'jo', 'q1', 0)""",
                customer.center_id,
                made["id"],
            )
            taking = asyncio.create_task(client.post(f"{path}/submit", json=body, headers=customer.headers))
            await until(lambda: waits_alone(database))
            deleting = asyncio.create_task(client.delete(path, headers=customer.headers))
            await until_waiting_for_locks(sql, 2)
            await in_the_way.rollback()
        answers = {answer.request.method: answer.status_code for answer in await asyncio.gather(taking, deleting)}
        assert answers in ({"POST": 201, "DELETE": 409}, {"POST": 404, "DELETE": 204})
