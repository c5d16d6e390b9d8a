"""Workers as processes of their own, killed and stopped."""

import json
import signal
from typing import Any

from aiohttp import web

from tests.gateway.webhooks.endpoints import NOW, add_center, add_webhook, emit
from tests.gateway.webhooks.receivers import Receiver, receiving, until
from tests.gateway.webhooks.verifying import is_genuine
from tests.gateway.work.workers import Worker, worker


async def test_killed_between_the_200_and_the_row_it_comes_again_under_its_id(
    database: Any, database_url: str, redis_url: str
) -> None:
    """The 200 is on its way when the worker dies: another one sends the same event, under its `webhook-id`."""
    first: Worker | None = None

    async def last_words(request: web.Request, _: bytes) -> web.StreamResponse:
        assert first is not None
        if len(receiver.received) == 1:
            first.signal(signal.SIGSTOP)  # so that it can't write down what it is told next
        response = web.Response(text="thanks")
        await response.prepare(request)
        await response.write_eof()
        if len(receiver.received) == 1:
            await first.kill()
        return response

    async with receiving(Receiver(answer=last_words)) as receiver, database.acquire() as connection:
        center = await add_center(connection)
        _, secret = await add_webhook(connection, center, receiver.url)
        async with worker(database_url, redis_url) as first:
            await emit(connection, center, now=NOW)
            await until(lambda: first is not None and not first.is_alive)
        row = await connection.fetchrow("select * from delivery")
        assert (row["status"], row["attempts"], row["fence"]) == ("pending", 0, 1)
        await connection.execute("update delivery set lease_until = clock_timestamp()")  # half a minute later
        async with worker(database_url, redis_url) as second:
            await until(lambda: len(receiver.received) == 2)
            second.signal(signal.SIGTERM)
            assert await second.ended() == 0
        row = await connection.fetchrow("select * from delivery")
        assert (row["status"], row["attempts"], row["fence"]) == ("succeeded", 1, 2)
    (headers, body), (again, same_body) = receiver.received
    assert headers["webhook-id"] == again["webhook-id"]
    assert body == same_body
    assert is_genuine(secret, headers, body)
    assert is_genuine(secret, again, same_body)
    said = [json.loads(line) for line in second.log if '"event":"webhook.delivered"' in line]
    assert [(line["status"], line["attempt"]) for line in said] == [(200, 1)]


async def test_two_worker_processes_share_the_deliveries(database: Any, database_url: str, redis_url: str) -> None:
    """Every event arrives once where nobody dies, however many workers there are."""
    async with receiving() as receiver, database.acquire() as connection:
        center = await add_center(connection)
        for number in range(4):
            await add_webhook(connection, center, f"{receiver.url}/{number}")
        async with worker(database_url, redis_url), worker(database_url, redis_url):
            for _ in range(25):
                await emit(connection, center, now=NOW)
            await until(lambda: len(receiver.received) == 100)
            while await connection.fetchval("select exists (select from delivery where status <> 'succeeded')"):
                pass
        assert await connection.fetchval("select max(attempts) from delivery") == 1
    assert len(receiver.received) == 100
