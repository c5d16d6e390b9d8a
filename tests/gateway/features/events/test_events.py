"""Events: kept once each, at most so many, and each one counts."""

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest

from tests.gateway.features.taking import Taker, number, picked, publish, question, refused
from tests.running import Customer, add_customer

AT = "2026-03-15T12:00:00.250Z"


def change(event_id: str, item_id: str = "q1", **more: Any) -> dict[str, Any]:
    return {"id": event_id, "type": "answer_change", "item_id": item_id, "at": AT} | more


async def _taken(client: httpx.AsyncClient, customer: Customer) -> tuple[Taker, str]:
    taker = Taker(client, customer)
    return taker, await taker.started(await publish(client, customer, question(), number()))


async def test_an_event_is_kept_once(client: httpx.AsyncClient, customer: Customer, database_url: str) -> None:
    """Sent again, in one batch or a later one, it is received and not recorded; changes are counted by item."""
    taker, submission_id = await _taken(client, customer)
    other = {"id": "p1", "type": "paused", "at": AT, "payload": {"seconds": 12}}
    first = await taker.note(submission_id, change("e1"), change("e1"), change("e2", "q3"), other)
    assert first.json() == {"submission_id": submission_id, "received": 4, "recorded": 3}
    second = await taker.note(submission_id, change("e1"), change("e3"))
    assert second.json() == {"submission_id": submission_id, "received": 2, "recorded": 1}
    assert (await taker.get(submission_id)).json()["answer_changes"] == [
        {"item_id": "q1", "changes": 2},
        {"item_id": "q3", "changes": 1},
    ]
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch("select id, type, payload from submission_event order by id")
    await connection.close()
    assert [(row["id"], row["type"]) for row in rows] == [
        ("e1", "answer_change"),
        ("e2", "answer_change"),
        ("e3", "answer_change"),
        ("p1", "paused"),
    ]
    assert rows[3]["payload"].replace(b" ", b"") == b'{"seconds":12}'


async def test_batches_at_once_keep_each_event_once(client: httpx.AsyncClient, customer: Customer) -> None:
    """Ten senders of the same and of other events: what is recorded adds up to what is there."""
    taker, submission_id = await _taken(client, customer)
    batches = [[change(f"e{nth}") for nth in range(start, start + 10)] for start in range(0, 50, 5)]
    answers = await asyncio.gather(*(taker.note(submission_id, *batch) for batch in batches))
    assert sum(answer.json()["recorded"] for answer in answers) == 55
    assert (await taker.get(submission_id)).json()["answer_changes"] == [{"item_id": "q1", "changes": 55}]


async def test_a_submission_holds_ten_thousand_events(
    client: httpx.AsyncClient, customer: Customer, database_url: str
) -> None:
    """The batch that does not fit is refused whole; what is known already still fits."""
    taker, submission_id = await _taken(client, customer)
    await taker.note(submission_id, change("known"))
    connection = await asyncpg.connect(database_url)
    await connection.execute("update submission set events = 9998 where id = $1", submission_id)
    await connection.close()
    full = await taker.note(submission_id, change("known"), change("a"), change("b"), change("c"))
    assert refused(full) == (409, "limit_reached")
    assert full.json()["error"]["details"] == {"resource": "events", "limit": 10000}
    assert (await taker.note(submission_id, change("known"), change("a"), change("b"))).json()["recorded"] == 2
    assert refused(await taker.note(submission_id, change("c"))) == (409, "limit_reached")
    assert (await taker.note(submission_id, change("a"))).json()["recorded"] == 0


async def test_a_batch_costs_its_events(client: httpx.AsyncClient, customer: Customer, database_url: str) -> None:
    """A batch of ten counts for ten requests; one that no longer fits waits, with one request counted."""
    taker, submission_id = await _taken(client, customer)
    before = int((await taker.get(submission_id)).headers["x-ratelimit-remaining"])
    ten = await taker.note(submission_id, *(change(f"e{nth}") for nth in range(10)))
    assert int(ten.headers["x-ratelimit-remaining"]) == before - 10
    connection = await asyncpg.connect(database_url)
    slow = Taker(client, await add_customer(connection, requests_per_minute=12))
    await connection.close()
    theirs = await slow.started(await publish(client, slow.customer))
    eight = [change(f"e{nth}") for nth in range(8)]
    assert (await slow.note(theirs, *eight)).status_code == 200
    refusal = await slow.note(theirs, *eight)
    assert refusal.status_code == 429
    assert refusal.json()["error"]["details"]["policy"] == "key"
    assert int(refusal.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("event", "param"),
    [
        (change("e1", "elsewhere"), "events[0].item_id"),
        ({"id": "e1", "type": "answer_change", "at": AT}, "events[0].item_id"),
        ({"id": "e1", "type": "paused", "at": "yesterday"}, "events[0].at"),
        ({"id": "e1", "type": "paused", "at": "2026-03-15T12:00:00"}, "events[0].at"),
        ({"id": "e1", "type": "paused", "at": "0001-01-01T00:00:00+14:00"}, "events[0].at"),
        ({"id": "e1", "type": "paused", "at": "9999-12-31T23:59:59-14:00"}, "events[0].at"),
        ({"id": "e1", "type": "slept", "at": AT}, "events[0].type"),
        ({"id": "", "type": "paused", "at": AT}, "events[0].id"),
        ({"id": "x" * 65, "type": "paused", "at": AT}, "events[0].id"),
        ({"id": "e1", "type": "paused", "at": AT, "payload": "text"}, "events[0].payload"),
        ({"id": "e1", "type": "paused", "at": AT, "payload": {"text": "x" * 2048}}, "events[0].payload"),
        ({"id": "e1", "type": "paused", "at": AT, "payload": {"text": "\0"}}, "events[0].payload.text"),
        ({"id": "e1", "type": "paused", "at": AT, "learner": "x"}, "events[0].learner"),
    ],
)
async def test_an_event_that_is_none_is_refused_by_its_place(
    client: httpx.AsyncClient, customer: Customer, event: dict[str, Any], param: str
) -> None:
    """400 with the path; nothing of the batch is kept."""
    taker, submission_id = await _taken(client, customer)
    refusal = await taker.note(submission_id, event)
    assert refusal.status_code == 400, refusal.text
    assert refusal.json()["error"]["param"] == param
    assert (await taker.get(submission_id)).json()["answer_changes"] == []


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b'{"text": "\xff"}', "malformed_json"),
        (b'{"\xc3(": 1}', "malformed_json"),
        (b'{"number": 1e999}', "invalid_field"),
        (b"  [{}]", "invalid_field"),
    ],
)
async def test_a_payload_that_nobody_could_read_is_not_kept(
    client: httpx.AsyncClient, customer: Customer, payload: bytes, code: str
) -> None:
    """400 for bytes that are no UTF-8 and numbers beyond a float: an export of the learner stays JSON."""
    taker, submission_id = await _taken(client, customer)
    body = b'{"events": [{"id": "e1", "type": "paused", "at": "%s", "payload": %s}]}' % (AT.encode(), payload)
    headers = customer.headers | {"Content-Type": "application/json"}
    refusal = await client.post(f"/v1/submissions/{submission_id}/events", content=body, headers=headers)
    assert refused(refusal) == (400, code)
    exported = await client.get(f"/v1/learners/{taker.learner}/export", headers=customer.headers)
    assert exported.json()["submissions"][0]["events"] == []


async def test_a_batch_has_one_to_a_hundred_events(client: httpx.AsyncClient, customer: Customer) -> None:
    """None and a hundred and one are 400."""
    taker, submission_id = await _taken(client, customer)
    assert refused(await taker.note(submission_id)) == (400, "invalid_field")
    many = [change(f"e{nth}") for nth in range(101)]
    assert refused(await taker.note(submission_id, *many)) == (400, "invalid_field")
    assert (await taker.note(submission_id, *many[:100])).json()["recorded"] == 100


async def test_events_arrive_after_a_submit_and_nowhere_else(
    client: httpx.AsyncClient, customer: Customer, database_url: str
) -> None:
    """What was under way when the attempt ended is kept; unknown and foreign submissions are the same 404."""
    taker, submission_id = await _taken(client, customer)
    await taker.submit(submission_id, picked())
    assert (await taker.note(submission_id, change("late"), key="k")).json()["recorded"] == 1
    assert (await taker.note(submission_id, change("late"), key="k")).json()["recorded"] == 1
    connection = await asyncpg.connect(database_url)
    stranger = Taker(client, await add_customer(connection))
    await connection.close()
    foreign = await stranger.note(submission_id, change("e1", "elsewhere"))
    unknown = await taker.note("sub_" + "a" * 26, change("e1", "elsewhere"))
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json()["error"] | {"request_id": ""} == unknown.json()["error"] | {"request_id": ""}


async def test_nothing_is_noted_of_a_learner_who_was_erased(client: httpx.AsyncClient, customer: Customer) -> None:
    """Events that arrive after the erasure are 409: what was forgotten stays forgotten."""
    taker, submission_id = await _taken(client, customer)
    await taker.note(submission_id, change("e1"))
    await taker.submit(submission_id, picked())
    erased = await client.delete(f"/v1/learners/{taker.learner}", headers=customer.headers)
    assert erased.status_code == 204, erased.text
    assert refused(await taker.note(submission_id, change("e2"))) == (409, "submission_closed")
    shown = (await taker.get(submission_id)).json()
    assert (shown["answers"], shown["results"], shown["answer_changes"], shown["score"]) == ([], None, [], "1.00")
