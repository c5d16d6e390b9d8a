"""Answers in parts: whole or visibly broken, and nothing is held while a reader takes its time."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from gateway.http.streams import begun, send_parts
from tests.gateway.features.many import multiply
from tests.gateway.features.taking import Taker, picked, publish
from tests.running import Customer, running, settings_for, talking_to


async def numbers(closed: list[bool], fails_at: int | None = None) -> AsyncGenerator[bytes, None]:
    try:
        for number in range(5):
            if number == fails_at:
                raise ValueError("here")
            yield b"%d" % number
    finally:
        closed.append(True)


async def never() -> Any:
    await asyncio.Event().wait()


async def test_parts_are_sent_in_order_and_then_the_end() -> None:
    """Each part as a chunk, and an empty last one."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append((message["body"], message["more_body"]))

    await send_parts(await begun(numbers([])), never, send)
    assert sent == [(b"%d" % number, True) for number in range(5)] + [(b"", False)]


async def test_what_breaks_off_has_no_end() -> None:
    """The last chunk is never sent, so that no client takes half an answer for a whole one."""
    sent: list[Any] = []
    closed: list[bool] = []

    async def send(message: Any) -> None:
        sent.append(message["more_body"])

    with pytest.raises(ValueError, match="here"):
        await send_parts(await begun(numbers(closed, fails_at=3)), never, send)
    assert (sent, closed) == ([True] * 3, [True])


async def test_what_fails_at_once_has_not_begun() -> None:
    """The first part is made before anything is sent: what stands against it can still be said."""
    with pytest.raises(ValueError, match="here"):
        await begun(numbers([], fails_at=0))


async def test_a_reader_who_leaves_ends_the_work() -> None:
    """No further part is made."""
    made: list[bytes] = []
    closed: list[bool] = []
    left = asyncio.Event()

    async def receive() -> Any:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        made.append(message["body"])
        left.set()
        await asyncio.sleep(0)

    await send_parts(numbers(closed), receive, send)
    assert len(made) < 5
    assert closed == [True]


async def test_slow_readers_leave_the_pool_to_others(
    customer: Customer, database: Any, database_url: str, redis_url: str
) -> None:
    """Three readers stop in the middle of a CSV; with two connections in all, others are answered as ever."""
    async with running(settings_for(database_url, redis_url, database_pool_size=2)) as app, talking_to(app) as client:
        assessment_id = await publish(client, customer)
        submitted = await Taker(client, customer).submit_at_once(assessment_id, picked())
        await multiply(database, submitted.json()["id"], 1200)
        reading = [Reader(app, customer, f"/v1/assessments/{assessment_id}/results") for _ in range(3)]
        try:
            for reader in reading:
                await reader.has_begun.wait()
            for _ in range(5):
                answer = await client.get(f"/v1/assessments/{assessment_id}", headers=customer.headers)
                assert answer.status_code == 200
        finally:
            for reader in reading:
                reader.goes_on.set()
        assert [await reader.lines() for reader in reading] == [1202] * 3


class Reader:
    """Reads a CSV up to its first rows, and goes on when told."""

    def __init__(self, app: Any, customer: Customer, path: str) -> None:
        self.has_begun, self.goes_on = asyncio.Event(), asyncio.Event()
        self._body = b""
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"format=csv",
            "headers": [(b"host", b"gateway.test"), (b"x-api-key", customer.key.encode())],
            "client": ("10.0.0.1", 4711),
            "server": ("gateway.test", 80),
            "root_path": "",
        }
        self._reading = asyncio.create_task(app(scope, never, self._take))

    async def _take(self, message: Any) -> None:
        self._body += message.get("body", b"")
        if self._body.count(b"\n") > 1:
            self.has_begun.set()
            await self.goes_on.wait()

    async def lines(self) -> int:
        await self._reading
        return self._body.count(b"\r\n")
