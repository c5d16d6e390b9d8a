"""Many at once: one attempt, one grade, and never one attempt more than there may be."""

import asyncio

import asyncpg
import httpx

from gateway.app import Gateway
from gateway.settings import Settings
from tests.clock import FrozenClock
from tests.gateway.features.taking import Taker, picked, publish, publish_anew, question, refused
from tests.running import Customer, running, talking_to


async def _attempts(database_url: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(database_url)
    try:
        return list(await connection.fetch("select * from submission order by attempt"))
    finally:
        await connection.close()


async def test_two_submits_at_once_are_one_grade(
    client: httpx.AsyncClient, customer: Customer, database_url: str
) -> None:
    """Without a key one is graded and the others learn that it is over; the grade is the winner's."""
    taker = Taker(client, customer)
    submission_id = await taker.started(await publish(client, customer))
    answers = await asyncio.gather(*(taker.submit(submission_id, picked("ab"[nth % 2])) for nth in range(8)))
    won = [answer for answer in answers if answer.status_code == 200]
    assert len(won) == 1
    assert {refused(answer) for answer in answers if answer.status_code != 200} == {(409, "submission_closed")}
    (row,) = await _attempts(database_url)
    assert f"{row['score_cents'] / 100:.2f}" == won[0].json()["score"]


async def test_retries_with_one_key_are_one_grade_from_two_gateways(
    app: Gateway, settings: Settings, clock: FrozenClock, customer: Customer, database_url: str
) -> None:
    """Twenty tries over two processes' worth of gateways: every answer is the same one, or says that it is under way."""
    async with running(settings, clock) as other, talking_to(app) as one, talking_to(other) as two:
        assessment_id = await publish(one, customer, max_attempts=2)
        submission_id = await Taker(one, customer).started(assessment_id)
        tries = [
            Taker((one, two)[nth % 2], customer).submit(submission_id, picked("a"), key="retry") for nth in range(10)
        ]
        tries += [
            Taker((one, two)[nth % 2], customer, "other").submit_at_once(assessment_id, picked("b"), key="again")
            for nth in range(10)
        ]
        answers = await asyncio.gather(*tries)
    assert len({answer.content for answer in answers[:10] if answer.status_code == 200}) == 1
    assert len({answer.content for answer in answers[10:] if answer.status_code == 201}) == 1
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    assert {refused(answer)[1] for answer in answers if answer.status_code == 409} <= {"idempotency_in_progress"}
    assert len(await _attempts(database_url)) == 2


async def test_twenty_one_shots_are_three_attempts(
    client: httpx.AsyncClient, customer: Customer, database_url: str
) -> None:
    """With three attempts allowed, three of twenty are graded, numbered 1 to 3; the others are refused."""
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer, max_attempts=3)
    answers = await asyncio.gather(*(taker.submit_at_once(assessment_id, picked()) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 17
    assert {refused(answer) for answer in answers if answer.status_code == 409} == {(409, "max_attempts_reached")}
    assert [row["attempt"] for row in await _attempts(database_url)] == [1, 2, 3]


async def test_a_crowd_of_one_shots_loses_none(
    client: httpx.AsyncClient, customer: Customer, database_url: str
) -> None:
    """Without a limit each of twenty at once is an attempt of its own."""
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer, max_attempts=None)
    answers = await asyncio.gather(*(taker.submit_at_once(assessment_id, picked()) for _ in range(20)))
    assert [answer.status_code for answer in answers] == [201] * 20
    assert [row["attempt"] for row in await _attempts(database_url)] == list(range(1, 21))


async def test_starts_and_one_shots_at_once_keep_to_the_limit(
    client: httpx.AsyncClient, customer: Customer, database_url: str
) -> None:
    """However they mix, no learner has more attempts than are allowed, nor two under way."""
    assessment_id = await publish(client, customer, max_attempts=2)
    takers = [Taker(client, customer, f"learner-{nth % 3}") for nth in range(24)]
    answers = await asyncio.gather(
        *(
            taker.start(assessment_id) if nth % 2 else taker.submit_at_once(assessment_id, picked())
            for nth, taker in enumerate(takers)
        )
    )
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    rows = await _attempts(database_url)
    for learner in {row["learner_ref"] for row in rows}:
        numbers = [row["attempt"] for row in rows if row["learner_ref"] == learner]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) <= 2
        assert sum(row["status"] == "in_progress" for row in rows if row["learner_ref"] == learner) <= 1


async def test_a_submit_racing_a_save_grades_what_was_saved_then(
    client: httpx.AsyncClient, customer: Customer, database_url: str
) -> None:
    """A submit without answers grades one of the saves, whole, and what is kept as graded is that one."""
    for turn in range(6):
        taker = Taker(client, customer, f"learner-{turn}")
        assessment_id = await publish(client, customer)
        submission_id = await taker.started(assessment_id)
        await taker.save(submission_id, 1, picked("b"))
        graded, *saves = await asyncio.gather(
            taker.submit(submission_id), *(taker.save(submission_id, nth, picked("a")) for nth in range(2, 6))
        )
        assert {save.status_code for save in saves} <= {200, 409}
        kept = (await taker.get(submission_id)).json()
        assert kept["answers"] == ([picked("b")] if kept["score"] == "0.00" else [picked("a")])
        assert kept["score"] == graded.json()["score"]


async def test_a_publication_racing_one_shots_grades_each_under_one_version(
    client: httpx.AsyncClient, customer: Customer, database_url: str
) -> None:
    """Every grade is that of the version it names: `a` is right in the first, `b` in the second."""
    assessment_id = await publish(client, customer)
    first, second = question(), question() | {"key": {"correct": "b"}}
    takers = [Taker(client, customer, f"learner-{nth}") for nth in range(20)]
    answers, _ = await asyncio.gather(
        asyncio.gather(*(taker.submit_at_once(assessment_id, picked("a")) for taker in takers)),
        publish_anew(client, customer, assessment_id, items=[second]),
    )
    assert first != second
    assert [answer.status_code for answer in answers] == [201] * 20
    assert {(answer.json()["assessment_version"], answer.json()["score"]) for answer in answers} <= {
        (1, "1.00"),
        (2, "0.00"),
    }
