"""Attempts begin: as many as are allowed, one at a time, under the version that is published then."""

import asyncio

import asyncpg
import httpx
import pytest

from tests.clock import FrozenClock
from tests.gateway.features.assessments.authored import make
from tests.gateway.features.taking import Taker, picked, publish, publish_anew, question, refused
from tests.running import Customer, add_customer


async def test_an_attempt_begins_and_goes_on(client: httpx.AsyncClient, customer: Customer) -> None:
    """The first start is 201, each further one 200 with the same attempt and what was saved of it."""
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer)
    first = await taker.start(assessment_id)
    assert first.status_code == 201
    attempt = first.json()
    assert first.headers["location"] == f"/v1/submissions/{attempt['id']}"
    assert (attempt["status"], attempt["attempt"], attempt["assessment_version"]) == ("in_progress", 1, 1)
    assert (attempt["score"], attempt["max_score"], attempt["answers"]) == (None, "1.00", [])
    assert "key" not in attempt["items"][0]
    await taker.save(attempt["id"], 1, picked("b"))
    again = await taker.start(assessment_id)
    assert again.status_code == 200
    assert again.json()["id"] == attempt["id"]
    assert again.json()["answers"] == [picked("b")]
    assert again.json()["items"] == attempt["items"]


async def test_twenty_starts_at_once_are_one_attempt(client: httpx.AsyncClient, customer: Customer) -> None:
    """However many ask, one attempt is made: one 201, nineteen 200, all of the same attempt."""
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer, max_attempts=None)
    answers = await asyncio.gather(*(taker.start(assessment_id) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_attempts_are_counted_by_learner(client: httpx.AsyncClient, customer: Customer) -> None:
    """A learner has as many attempts as the assessment allows, each with its number; another learner has its own."""
    assessment_id = await publish(client, customer, max_attempts=2)
    taker = Taker(client, customer)
    for number in (1, 2):
        started = await taker.start(assessment_id)
        assert started.json()["attempt"] == number
        assert (await taker.submit(started.json()["id"], picked())).status_code == 200
    refusal = await taker.start(assessment_id)
    assert refused(refusal) == (409, "max_attempts_reached")
    assert refusal.json()["error"]["details"] == {"limit": 2}
    assert (await Taker(client, customer, "learner-2").start(assessment_id)).status_code == 201


async def test_only_what_is_published_is_taken(client: httpx.AsyncClient, customer: Customer) -> None:
    """A draft and an archived assessment are 409, also for the one who has an attempt under way."""
    taker = Taker(client, customer)
    draft = (await make(client, customer))["id"]
    assert refused(await taker.start(draft)) == (409, "assessment_not_published")
    assessment_id = await publish(client, customer)
    await taker.started(assessment_id)
    archived = await client.post(f"/v1/assessments/{assessment_id}/archive", headers=customer.headers)
    assert archived.status_code == 200
    assert refused(await taker.start(assessment_id)) == (409, "assessment_not_published")


async def test_an_attempt_keeps_the_version_it_began_under(client: httpx.AsyncClient, customer: Customer) -> None:
    """A version published meanwhile is for the next attempt."""
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer, max_attempts=2)
    submission_id = await taker.started(assessment_id)
    await publish_anew(client, customer, assessment_id, items=[question("new")])
    going_on = (await taker.start(assessment_id)).json()
    assert (going_on["id"], going_on["assessment_version"], going_on["items"][0]["id"]) == (submission_id, 1, "q1")
    await taker.submit(submission_id, picked())
    following = (await taker.start(assessment_id)).json()
    assert (following["attempt"], following["assessment_version"], following["items"][0]["id"]) == (2, 2, "new")


async def test_a_version_published_in_the_same_second_is_found(client: httpx.AsyncClient, customer: Customer) -> None:
    """What a process believes to be the newest version is looked at again by the statement that begins the attempt."""
    assessment_id = await publish(client, customer)
    await Taker(client, customer, "learner-1").started(assessment_id)
    await publish_anew(client, customer, assessment_id, items=[question("new")])
    started = await Taker(client, customer, "learner-2").start(assessment_id)
    assert started.json()["assessment_version"] == 2


async def test_a_time_limit_runs_from_the_start(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """`expires_at` is the start and the limit; past it the attempt is over, and the next one begins."""
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer, time_limit_seconds=600, max_attempts=2)
    first = (await taker.start(assessment_id)).json()
    assert (first["started_at"], first["expires_at"]) == ("2026-03-15T12:00:00Z", "2026-03-15T12:10:00Z")
    clock.advance(600_000)
    second = await taker.start(assessment_id)
    assert (second.status_code, second.json()["attempt"]) == (201, 2)
    over = (await taker.get(first["id"], include="results")).json()
    assert (over["status"], over["score"], over["submitted_at"]) == ("expired", "0.00", "2026-03-15T12:10:00Z")


async def test_a_start_is_replayed_by_its_key(client: httpx.AsyncClient, customer: Customer) -> None:
    """The same key shows the same answer, 201, even when the attempt is over by then."""
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer)
    first = await taker.start(assessment_id, key="start-1")
    await taker.submit(first.json()["id"], picked())
    again = await taker.start(assessment_id, key="start-1")
    assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    assert again.content == first.content


@pytest.mark.parametrize("learner", ["", "x" * 129, "usr_ag6xt3yqo7g3ncxb5l2rv4m7de", "a\nb", "\u202ealice", " "])
async def test_a_learner_is_named_by_the_integrators_own_id(
    client: httpx.AsyncClient, customer: Customer, learner: str
) -> None:
    """1 to 128 printable characters, and never the id of a person who signs in."""
    assessment_id = await publish(client, customer)
    refusal = await Taker(client, customer, learner).start(assessment_id)
    assert refused(refusal) == (400, "invalid_field")
    assert refusal.json()["error"]["param"] == "learner_ref"


async def test_an_unknown_and_anothers_assessment_are_the_same(
    client: httpx.AsyncClient, customer: Customer, database_url: str
) -> None:
    """Unknown, misspelt, another center's, the other env's: one 404."""
    assessment_id = await publish(client, customer)
    connection = await asyncpg.connect(database_url)
    stranger = await add_customer(connection)
    await connection.close()
    unknown = "asmt_" + "a" * 26
    answers = [
        await Taker(client, customer).start(unknown),
        await Taker(client, customer).start("nonsense"),
        await Taker(client, stranger).start(assessment_id),
        await Taker(client, stranger).start(assessment_id, key="k"),
    ]
    bodies = [answer.json()["error"] | {"request_id": ""} for answer in answers]
    assert {answer.status_code for answer in answers} == {404}
    assert all(body == bodies[0] for body in bodies)
