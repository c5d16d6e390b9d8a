"""Scenarios 25 and 26: what no client sends by mistake, over a real socket; and what junk may cost."""

import asyncio
import contextlib
import itertools
import secrets
import string
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest

from gateway.app import Gateway
from gateway.clock import SystemClock
from gateway.key_format import make_key
from gateway.settings import Settings
from tests.running import Customer, add_customer, add_key, running, settings_for
from tests.serving import Served, serving, talking

ENDLESS = (
    b"POST /v1/presets HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
)


@pytest.fixture
async def customer(database_url: str) -> Customer:
    connection = await asyncpg.connect(database_url)
    try:
        return await add_customer(connection)
    finally:
        await connection.close()


@pytest.fixture
async def served(database_url: str, redis_url: str, customer: Customer) -> AsyncIterator[Served]:
    async with serving(database_url, redis_url, log_level="error") as gateway:
        yield gateway
        async with talking(gateway) as client:
            assert (await client.get("/healthz")).status_code == 200, "it goes on"


class Line:
    """A connection on which anything can be said."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, served: Served) -> "Line":
        url = httpx.URL(served.url)
        return cls(*await asyncio.open_connection(url.host, url.port))

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def hear(self, seconds: float = 10) -> bytes:
        """The first thing the server says, head and body together."""
        async with asyncio.timeout(seconds):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = next(
                (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
            )
            return head + await self.reader.readexactly(length)

    def close(self) -> None:
        self.writer.close()


def status_and_code(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head[9:12]), msgspec.json.decode(body)["error"]["code"]


def head(customer: Customer, *lines: str) -> bytes:
    start = ("POST /v1/presets HTTP/1.1", "Host: gateway", f"X-API-Key: {customer.key}")
    return "\r\n".join((*start, "Content-Type: application/json", *lines, "", "")).encode()


async def test_a_declared_2_mib_is_refused_before_it_comes(served: Served, customer: Customer) -> None:
    """413 as soon as the head is read; not one byte of the body is needed."""
    line = await Line.to(served)
    await line.say(head(customer, "Content-Length: 2097152"))
    assert status_and_code(await line.hear()) == (413, "body_too_large")
    line.close()


async def test_chunks_without_end_are_cut_off(served: Served, customer: Customer) -> None:
    """413 when one byte too many has come; who goes on sending may see a broken pipe before the answer."""
    line = await Line.to(served)
    await line.say(head(customer, "Transfer-Encoding: chunked"))
    said = asyncio.create_task(line.hear())
    with contextlib.suppress(ConnectionError):
        while not said.done():
            await line.say(b"8000\r\n" + b" " * 0x8000 + b"\r\n")
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        assert status_and_code(await said) == (413, "body_too_large")
    line.close()


@pytest.mark.parametrize("size", [40_000, 65_536, 1_000_000])
async def test_a_head_of_64_kib_is_refused_by_the_server(served: Served, customer: Customer, size: int) -> None:
    """What the HTTP server refuses has no envelope; it answers 4xx or hangs up."""
    line = await Line.to(served)
    try:
        await line.say(head(customer, "Content-Length: 2", "X-Filler: " + "a" * size) + b"{}")
        answer = await line.hear()
    except (ConnectionError, asyncio.IncompleteReadError):
        answer = b"HTTP/1.1 400 "
    assert 400 <= int(answer[9:12]) < 500
    line.close()


@pytest.mark.parametrize(
    "start",
    [
        b"GET /v1/usage HTTP/1.1\r\nHost: gateway\r\nBad Header: 1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
        b"GET\x00/v1/usage HTTP/1.1\r\n\r\n",
        b"POST /v1/presets HTTP/1.1\r\nHost: g\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"POST /v1/presets HTTP/1.1\r\nHost: g\r\nContent-Length: -1\r\n\r\n{}",
        ENDLESS + b"\r\nzz\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
    ids=["header", "tls", "nul", "two-lengths", "negative-length", "bad-chunk", "http2"],
)
async def test_what_is_no_http_ends_that_connection_alone(served: Served, start: bytes) -> None:
    """A refusal or a hang-up, never an answer as if it had been understood, and nobody else notices."""
    line = await Line.to(served)
    await line.say(start)
    try:
        async with asyncio.timeout(15):
            answer = await line.reader.read(4096)
    except ConnectionError:
        answer = b""
    assert answer == b"" or 400 <= int(answer[9:12]) < 500
    line.close()


async def test_half_a_body_and_gone_writes_nothing(served: Served, customer: Customer, database_url: str) -> None:
    """A client that hangs up in its body leaves neither a row nor a stuck request."""
    for _ in range(20):
        line = await Line.to(served)
        await line.say(head(customer, "Content-Length: 1000") + b'{"name": "A"')
        line.close()
    connection = await asyncpg.connect(database_url)
    assert await connection.fetchval("select count(*) from preset") == 0
    await connection.close()


@pytest.mark.chaos
async def test_a_body_that_drips_is_given_up_after_30_seconds(served: Served, customer: Customer) -> None:
    """408 `request_timeout`, which is retryable."""
    line = await Line.to(served)
    await line.say(head(customer, "Content-Length: 1000"))
    said = asyncio.create_task(line.hear(seconds=45))
    while not said.done():
        await line.say(b" ")
        await asyncio.wait({said}, timeout=1)
    assert status_and_code(await said) == (408, "request_timeout")
    line.close()


async def knock(app: Gateway, headers: list[tuple[bytes, bytes]], address: str) -> int:
    """One request straight into the application, at the least cost to this test."""
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": "/v1/usage",
        "raw_path": b"/v1/usage",
        "query_string": b"",
        "headers": headers,
        "client": (address, 1),
    }
    statuses: list[int] = []

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    await app(scope, receive, send)
    return statuses[0]


@pytest.fixture
async def app(database_url: str, redis_url: str) -> AsyncIterator[Gateway]:
    settings: Settings = settings_for(database_url, redis_url, log_level="error")
    async with running(settings) as started:
        yield started


async def test_100_000_junk_keys_cost_no_sql(app: Gateway, capfd: pytest.CaptureFixture[str]) -> None:
    """Junk is told by its checksum: not one SQL session, and one script at most for each."""
    sessions: list[float] = []
    app.services.sql.observe = sessions.append
    genuine = make_key("live").text
    junk = itertools.chain(
        (genuine[:-1] + letter for letter in string.ascii_lowercase if letter != genuine[-1]),
        (f"cg_live_{secrets.token_hex(25)}" for _ in itertools.count()),
    )
    address = f"2001:db8:{secrets.randbits(16):x}:{secrets.randbits(16):x}::1"
    statuses: dict[int, int] = {}
    clock = SystemClock()
    began = clock.monotonic_seconds()
    for _ in range(1_000):
        batch = (knock(app, [(b"x-api-key", next(junk).encode())], address) for _ in range(100))
        for status in await asyncio.gather(*batch):
            statuses[status] = statuses.get(status, 0) + 1
        capfd.readouterr()
    assert statuses.keys() <= {401, 429}
    minutes = int((clock.monotonic_seconds() - began) // 60) + 1
    # 30 a minute, and as many again for a decision that a busy machine's Redis made too late.
    assert 30 <= statuses[401] <= 60 * minutes
    assert sessions == []


async def test_unknown_forged_and_revoked_keys_cost_the_same(
    app: Gateway, customer: Customer, database_url: str
) -> None:
    """One read and one comparison each: nobody learns from the work which of them it was."""
    connection = await asyncpg.connect(database_url)
    revoked = await add_key(connection, customer.center_id)
    await connection.execute("update api_key set revoked_at = now() where id = $1", revoked.key_id)
    await connection.close()
    letters = iter(customer.key[8:20] + "B" * 32)
    forged = make_key("live", choose=lambda _alphabet: next(letters)).text
    seen = []
    for key in (make_key("live").text, forged, revoked.key):
        sessions: list[float] = []
        app.services.sql.observe = sessions.append
        address = f"2001:db8:{secrets.randbits(16):x}:{secrets.randbits(16):x}::1"
        assert await knock(app, [(b"x-api-key", key.encode())], address) == 401
        seen.append(len(sessions))
    assert seen == [1, 1, 1]


async def test_missing_and_foreign_ids_cost_the_same(app: Gateway, customer: Customer, database_url: str) -> None:
    """The same SQL and the same body for an id of nobody and one of another center: one predicate finds neither."""
    connection = await asyncpg.connect(database_url)
    other = await add_customer(connection)
    await connection.execute("update plan set requests_per_minute = 1000000000")
    await connection.close()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway.test") as client:
        made = await client.post("/v1/courses", json={}, headers=other.headers)
        foreign, missing = made.json()["id"], "crs_" + "a" * 26
        sessions: list[float] = []
        app.services.sql.observe = sessions.append
        counts: dict[str, int] = {foreign: 0, missing: 0}
        bodies: dict[str, Any] = {}
        for course_id in (foreign, missing) * 10:
            before = len(sessions)
            answer = await client.get(f"/v1/courses/{course_id}", headers=customer.headers)
            assert answer.status_code == 404
            counts[course_id] += len(sessions) - before
            body = answer.json()["error"]
            del body["request_id"]
            bodies[course_id] = body
    # The first request reads the key, and notes its use.
    assert abs(counts[foreign] - counts[missing]) <= 2
    assert bodies[foreign] == bodies[missing]
