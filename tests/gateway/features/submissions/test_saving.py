"""Autosave: the newest save stays, whatever arrives when, and costs the center nothing."""

import asyncio
import random

import asyncpg
import httpx

from tests.clock import FrozenClock
from tests.gateway.features.taking import Taker, number, picked, publish, question, refused, ticked, typed
from tests.running import Customer, add_customer


async def test_fifty_saves_out_of_order_leave_the_newest(client: httpx.AsyncClient, customer: Customer) -> None:
    """Of all saves that were let in, the one with the highest sequence is kept, and each refused one was older."""
    taker = Taker(client, customer)
    submission_id = await taker.started(await publish(client, customer))
    sequences = list(range(1, 51))
    random.Random(4711).shuffle(sequences)
    answers = await asyncio.gather(
        *(taker.save(submission_id, sequence, picked("abc"[sequence % 3])) for sequence in sequences)
    )
    statuses = {sequence: answer.status_code for sequence, answer in zip(sequences, answers, strict=True)}
    let_in = [sequence for sequence, status in statuses.items() if status != 429]
    assert len(let_in) == 30
    assert {statuses[sequence] for sequence in let_in} <= {200, 409}
    newest = max(let_in)
    assert statuses[newest] == 200
    kept = (await taker.get(submission_id)).json()
    assert (kept["sequence"], kept["answers"]) == (newest, [picked("abc"[newest % 3])])


async def test_fifty_saves_out_of_order_in_the_store(
    client: httpx.AsyncClient, customer: Customer, database_url: str
) -> None:
    """All fifty at once on ten connections: the fiftieth is what stays."""
    taker = Taker(client, customer)
    submission_id = await taker.started(await publish(client, customer))
    sequences = list(range(1, 51))
    random.Random(815).shuffle(sequences)
    async with asyncpg.create_pool(database_url, min_size=10, max_size=10) as pool:
        rows = await asyncio.gather(
            *(
                pool.fetchrow(
                    "select * from submission_save($1, 'live', $2, $3, $4, now())",
                    customer.center_id,
                    submission_id,
                    sequence,
                    b"[%d]" % sequence,
                )
                for sequence in sequences
            )
        )
        kept = await pool.fetchrow("select sequence, saved from submission where id = $1", submission_id)
    assert {row["outcome"] for row in rows if row is not None} <= {"saved", "stale"}
    assert kept is not None
    assert (kept["sequence"], kept["saved"]) == (50, b"[50]")


async def test_an_older_save_is_refused_and_the_same_one_is_not(client: httpx.AsyncClient, customer: Customer) -> None:
    """409 `stale_sequence` says what is kept; a save whose answer was lost may be sent again as it was."""
    taker = Taker(client, customer)
    submission_id = await taker.started(await publish(client, customer))
    assert (await taker.save(submission_id, 7, picked("a"))).status_code == 200
    stale = await taker.save(submission_id, 6, picked("b"))
    assert refused(stale) == (409, "stale_sequence")
    assert stale.json()["error"]["details"] == {"current": 7}
    assert (await taker.save(submission_id, 7, picked("a"))).status_code == 200
    assert refused(await taker.save(submission_id, 7, picked("b"))) == (409, "stale_sequence")


async def test_saves_do_not_eat_the_centers_limit(client: httpx.AsyncClient, customer: Customer) -> None:
    """Thirty saves a minute and submission, shown as policy `save`; the center has as much left as before."""
    taker = Taker(client, customer)
    submission_id = await taker.started(await publish(client, customer))
    before = int((await taker.get(submission_id)).headers["x-ratelimit-remaining"])
    saves = [await taker.save(submission_id, sequence, picked()) for sequence in range(1, 32)]
    assert [save.status_code for save in saves] == [200] * 30 + [429]
    assert saves[0].headers["ratelimit-policy"] == '"save";q=30;w=60'
    assert saves[30].json()["error"]["details"]["policy"] == "save"
    assert int((await taker.get(submission_id)).headers["x-ratelimit-remaining"]) == before - 1


async def test_saves_of_nothing_count_as_any_request(
    client: httpx.AsyncClient, customer: Customer, database_url: str
) -> None:
    """Unknown and foreign submissions are the same 404, and cost their caller: no made-up id is a way around the limit."""
    connection = await asyncpg.connect(database_url)
    stranger = await add_customer(connection, requests_per_minute=4)
    await connection.close()
    foreign = await Taker(client, customer).started(await publish(client, customer))
    taker = Taker(client, stranger)
    answers = [
        await taker.save(one, 1, picked()) for one in (foreign, "sub_" + "b" * 26, "sub_" + "c" * 26, "nonsense")
    ]
    assert {answer.status_code for answer in answers} == {404}
    errors = [answer.json()["error"] | {"request_id": ""} for answer in answers]
    assert all(error == errors[0] for error in errors)
    assert (await taker.save("sub_" + "d" * 26, 1, picked())).status_code == 429


async def test_saves_that_are_no_saves_count_as_any_request(
    client: httpx.AsyncClient, customer: Customer, database_url: str
) -> None:
    """A body that is refused before anybody looks for its submission costs its caller too."""
    connection = await asyncpg.connect(database_url)
    stranger = await add_customer(connection, requests_per_minute=3)
    await connection.close()
    answers = [
        await client.put(f"/v1/submissions/sub_{26 * letter}/answers", json={"no": 1}, headers=stranger.headers)
        for letter in "bcde"
    ]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 429]


async def test_what_a_learner_is_in_the_middle_of_is_saved(client: httpx.AsyncClient, customer: Customer) -> None:
    """A number half typed is kept; an unknown choice, an unknown item and the same item twice are 422, all at once."""
    taker = Taker(client, customer)
    submission_id = await taker.started(await publish(client, customer, question(), number()))
    assert (await taker.save(submission_id, 1, typed("4,"))).status_code == 200
    assert (await taker.get(submission_id)).json()["answers"] == [typed("4,")]
    refusal = await taker.save(
        submission_id, 2, picked("zz"), picked("a", "elsewhere"), typed("1"), typed("2"), ticked("a")
    )
    assert refused(refusal) == (422, "invalid_answer_format")
    assert [(error["param"], error["code"]) for error in refusal.json()["error"]["details"]["errors"]] == [
        ("answers[0].answer.choice", "unknown_id"),
        ("answers[1].item_id", "unknown_id"),
        ("answers[3].item_id", "duplicate_id"),
        ("answers[4].item_id", "unknown_id"),
    ]
    assert (await taker.get(submission_id)).json()["sequence"] == 1


async def test_nothing_is_saved_once_an_attempt_is_over(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """Submitted or out of time: 409 `submission_closed`, and what was graded stays."""
    taker = Taker(client, customer)
    assessment_id = await publish(client, customer, time_limit_seconds=60, max_attempts=2)
    submitted = await taker.started(assessment_id)
    await taker.submit(submitted, picked("a"))
    assert refused(await taker.save(submitted, 9, picked("b"))) == (409, "submission_closed")
    late = await taker.started(assessment_id)
    await taker.save(late, 1, picked("a"))
    clock.advance(60_000)
    assert refused(await taker.save(late, 2, picked("b"))) == (409, "submission_closed")
    over = (await taker.get(late)).json()
    assert (over["status"], over["score"], over["answers"]) == ("expired", "1.00", [picked("a")])
