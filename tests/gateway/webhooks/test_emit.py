"""Events are written in the transaction that makes them true. Rule source: webhooks."""

import json
from typing import Any

from gateway.ids import is_id
from tests.gateway.webhooks.endpoints import NOW, add_center, add_webhook, emit


async def test_an_event_reaches_each_enabled_webhook_that_wants_it(database: Any) -> None:
    """One event, one delivery for each enabled webhook of that center and env that wants the type, and for no other."""
    async with database.acquire() as connection:
        center, other = await add_center(connection), await add_center(connection)
        wanting = {(await add_webhook(connection, center))[0], (await add_webhook(connection, center))[0]}
        await add_webhook(connection, center, types=["course.failed"])
        await add_webhook(connection, center, status="disabled")
        await add_webhook(connection, center, env="test")
        await add_webhook(connection, other)
        await emit(connection, center, data='{"id": "crs_x", "external_ref": "ä"}')
        events = await connection.fetch("select * from event")
        deliveries = await connection.fetch("select * from delivery")
    assert len(events) == 1
    assert is_id("evt", events[0]["id"])
    assert {row["webhook_id"] for row in deliveries} == wanting
    assert all(is_id("dlv", row["id"]) and row["event_id"] == events[0]["id"] for row in deliveries)
    assert all(row["status"] == "pending" and row["due_at"] == NOW for row in deliveries)
    assert json.loads(events[0]["body"]) == {
        "type": "course.ready",
        "timestamp": "2026-03-15T12:00:00.000000Z",
        "center_id": center,
        "env": "live",
        "seq": events[0]["seq"],
        "data": {"id": "crs_x", "external_ref": "ä"},
    }


async def test_a_center_without_a_webhook_that_wants_it_leaves_nothing(database: Any) -> None:
    """Where nobody listens, nothing is written."""
    async with database.acquire() as connection:
        center = await add_center(connection)
        await emit(connection, center)
        await add_webhook(connection, center, types=["course.failed"])
        await emit(connection, center)
        assert await connection.fetchval("select count(*) from event") == 0


async def test_a_disabled_webhook_finds_its_events_later(database: Any) -> None:
    """The event of a disabled webhook is kept for a recovery; no delivery is made of it."""
    async with database.acquire() as connection:
        center = await add_center(connection)
        await add_webhook(connection, center, status="disabled")
        await emit(connection, center)
        assert await connection.fetchval("select count(*) from event") == 1
        assert await connection.fetchval("select count(*) from delivery") == 0


async def test_an_event_vanishes_with_its_transaction(database: Any) -> None:
    """What was rolled back is told to nobody."""
    async with database.acquire() as connection:
        center = await add_center(connection)
        await add_webhook(connection, center)
        transaction = connection.transaction()
        await transaction.start()
        await emit(connection, center)
        await transaction.rollback()
        assert await connection.fetchval("select count(*) from event") == 0


async def test_seq_rises_from_event_to_event(database: Any) -> None:
    """Later events of one resource have higher numbers."""
    async with database.acquire() as connection:
        center = await add_center(connection)
        await add_webhook(connection, center)
        for _ in range(3):
            await emit(connection, center)
        numbers = [row["seq"] for row in await connection.fetch("select seq from event order by ctid")]
    assert numbers == sorted(set(numbers))


async def test_what_would_be_too_large_is_left_out(database: Any) -> None:
    """A body is at most 20 kB: data beyond it shrinks to what names the object, and says so."""
    async with database.acquire() as connection:
        center = await add_center(connection)
        await add_webhook(connection, center)
        large = {"object": "course", "id": "crs_x", "external_ref": "e", "status": "ready", "text": "x" * 20_000}
        await emit(connection, center, data=json.dumps(large))
        body = await connection.fetchval("select body from event")
    assert len(body.encode()) < 20_000
    assert json.loads(body)["data"] == {
        "object": "course",
        "id": "crs_x",
        "external_ref": "e",
        "status": "ready",
        "truncated": True,
    }


async def test_ids_made_by_the_database_are_ids_like_all_others(database: Any) -> None:
    """The time stands in front, version and variant are those of a UUIDv7, and no two are alike."""
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    async with database.acquire() as connection:
        ids = [await connection.fetchval("select new_id('evt', $1)", NOW) for _ in range(200)]
    assert len(set(ids)) == 200
    for each in ids:
        assert is_id("evt", each)
        number = 0
        for letter in each[4:]:
            number = number << 5 | alphabet.index(letter)
        number >>= 2
        assert number >> 80 == int(NOW.timestamp() * 1000)
        assert number >> 76 & 15 == 7
        assert number >> 62 & 3 == 2
