"""`docs/webhooks.md`: what it says of types is so, and its receivers do what it says of receivers."""

import asyncio
import json
import os
import re
import shutil
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.clock import SystemClock, as_datetime
from gateway.outbound.client import Outbound
from gateway.stores import SqlStore
from gateway.webhooks.signing import shown_secret, signed_headers
from gateway.webhooks.types import SCOPE_OF
from gateway.work.couriers import Courier
from tests.gateway.webhooks.couriers import LOOPBACK, FakeNames, delivered
from tests.gateway.webhooks.endpoints import KEYRING, add_center, add_webhook, emit

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "webhooks.md").read_text(encoding="utf-8")


def code(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


class Documented:
    """A receiver of the page, running: what it prints, line by line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.port = 0

    async def said(self) -> list[Any]:
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), 20)
        found: list[Any] = json.loads(line)
        return found


@asynccontextmanager
async def running(language: str, secret: bytes, folder: Path) -> AsyncGenerator[Documented, None]:
    program = {"python": sys.executable, "javascript": shutil.which("node")}[language]
    if program is None:
        pytest.skip("the receiver in JavaScript can't be run: there is no node on this machine")
    file = folder / {"python": "receiver.py", "javascript": "receiver.mjs"}[language]
    file.write_text(code(language), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        program,
        str(file),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "WEBHOOK_SECRET": shown_secret(secret), "PORT": "0"},
    )
    try:
        receiver = Documented(process)
        [word, receiver.port] = await receiver.said()
        assert word == "listening"
        yield receiver
    finally:
        process.kill()
        await process.wait()


async def all_delivered(connection: Any, courier: Courier) -> int:
    """How many were sent until nothing waits; a claim whose answer a busy machine lost is made again."""
    pending, sent = "select exists (select from delivery where status = 'pending')", 0
    async with asyncio.timeout(60):
        while await connection.fetchval(pending):
            await connection.execute("update delivery set lease_until = null where status = 'pending'")
            sent += await delivered(courier)
    return sent


@pytest.mark.parametrize("language", ["python", "javascript"])
async def test_a_documented_receiver_takes_what_is_ours(
    language: str, database: Any, sql: SqlStore, tmp_path: Path
) -> None:
    """A real delivery is verified and handled; the same again is answered and not handled again; old news is left."""
    clock = SystemClock()
    async with database.acquire() as connection, Outbound(FakeNames(), LOOPBACK, clock) as outbound:
        courier = Courier(sql, KEYRING, outbound, clock, lambda: 0.5)
        center = await add_center(connection)
        webhook_id, secret = await add_webhook(connection, center)
        async with running(language, secret, tmp_path) as receiver:
            await connection.execute("update webhook set url = $1", f"http://127.0.0.1:{receiver.port}/")
            now = as_datetime(clock.now_ms())
            for number in (1, 2):
                await emit(connection, center, data=f'{{"id": "crs_{number}", "title": "Ünï ☃"}}', now=now)
            assert await all_delivered(connection, courier) == 2
            handled = [await receiver.said(), await receiver.said()]
            assert sorted(handled) == [["handled", "course.ready", "crs_1"], ["handled", "course.ready", "crs_2"]]
            await connection.execute("update delivery set status = 'pending', due_at = $1", now)
            assert await all_delivered(connection, courier) == 2
            await emit(connection, center, "course.failed", data='{"id": "crs_2"}', now=now)
            await connection.execute("update webhook set types = '{course.failed}'")
            await emit(connection, center, "course.failed", data='{"id": "crs_2"}', now=now)
            assert await all_delivered(connection, courier) == 1
            assert await receiver.said() == ["handled", "course.failed", "crs_2"], "nothing came twice"
        statuses = await connection.fetch("select status_code from delivery_attempt where delivery_id is not null")
    assert webhook_id
    assert {row["status_code"] for row in statuses} == {204}
    assert len(statuses) == 5


@pytest.mark.parametrize("language", ["python", "javascript"])
async def test_a_documented_receiver_refuses_what_is_not_ours(language: str, tmp_path: Path) -> None:
    """Another secret, another body, another id, another time, an old time, no signature: 400."""
    secret, body, now = bytes(range(32)), b'{"type": "x", "seq": 1, "data": {}}', SystemClock().now_ms() // 1000
    genuine = signed_headers("evt_1", now, body, [secret])
    old = signed_headers("evt_1", now - 301, body, [secret])
    ahead = signed_headers("evt_1", now + 400, body, [secret])
    async with running(language, secret, tmp_path) as receiver, httpx.AsyncClient() as client:

        async def status(headers: dict[str, str], content: bytes) -> int:
            sent = httpx.Headers(headers, encoding="latin-1")
            answer = await client.post(f"http://127.0.0.1:{receiver.port}/", headers=sent, content=content)
            return answer.status_code

        forged = [
            (signed_headers("evt_1", now, body, [bytes(32)]), body),
            (genuine, body + b" "),
            (genuine | {"webhook-id": "evt_2"}, body),
            (genuine | {"webhook-timestamp": str(now + 1)}, body),
            (genuine | {"webhook-timestamp": "soon"}, body),
            (genuine | {"webhook-timestamp": "\u00b2"}, body),
            (genuine | {"webhook-signature": ""}, body),
            (genuine | {"webhook-signature": genuine["webhook-signature"].replace("v1,", "v2,")}, body),
            ({"Content-Type": "application/json"}, body),
            (old, body),
            (ahead, body),
        ]
        assert [await status(headers, content) for headers, content in forged] == [400] * len(forged)
        assert await status(genuine, body) == 204
        both = signed_headers("evt_3", now, body, [bytes(32), secret])
        assert await status(both, body) == 204


def test_every_type_stands_on_the_page_with_its_scope() -> None:
    """The table is what is checked when a webhook is registered."""
    shown: dict[str, str] = {}
    for types, scope in re.findall(r"^\| (`[a-z_]+\.[^|]*) \| `([a-z:_]+)` \|$", PAGE, re.MULTILINE):
        shown |= dict.fromkeys(re.findall(r"`([^`]+)`", types), scope)
    assert shown == dict(SCOPE_OF)


def test_every_type_is_described() -> None:
    """When it is sent and what it carries; or that it is not sent yet."""
    described: set[str] = set()
    for types in re.findall(r"^\| ((?:`[a-z_]+\.[a-z_]+` ?)+)\| .+ \| .+ \|$", PAGE, re.MULTILINE):
        described |= set(re.findall(r"`([^`]+)`", types))
    unsent = re.search(r"^((?:`[a-z_.]+`(?:, | and )?)+) can be asked for and are not sent yet", PAGE, re.MULTILINE)
    assert unsent is not None
    assert described.isdisjoint(later := set(re.findall(r"`([^`]+)`", unsent[1])))
    assert described | later == set(SCOPE_OF)
