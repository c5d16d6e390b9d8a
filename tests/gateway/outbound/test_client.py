"""One POST, and how little of the other side is believed. Rule source: webhooks; security, "Webhooks"."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from gateway.clock import SystemClock
from gateway.outbound.client import ANSWER_BYTES_MAX, Outbound
from tests.gateway.outbound.certificates import Authority
from tests.gateway.webhooks.couriers import LOOPBACK, FakeNames
from tests.gateway.webhooks.receivers import Receiver, receiving

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncGenerator[int, None]:
    """A server that speaks bytes; gives its port. What is under way at its end is ended with it."""
    talks: dict[asyncio.Task[Any], asyncio.StreamWriter] = {}

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks[task] = writer
        with suppress(OSError, asyncio.IncompleteReadError):
            await talk(reader, writer)

    server = await asyncio.start_server(take, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.sleep(0)
        for task, writer in talks.items():
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()


async def head(reader: asyncio.StreamReader) -> bytes:
    """A request's head, and the `{}` that follows it."""
    whole = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(2)
    return whole


def outbound(names: FakeNames | None = None, **given: Any) -> Outbound:
    return Outbound(names or FakeNames(), LOOPBACK, SystemClock(), **{"seconds": 5.0, **given})


async def test_a_body_that_drips_ends_with_the_attempt() -> None:
    """The status was heard in time: what follows may take as long as it likes, we do not."""
    sent = 0

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        try:
            while True:
                writer.write(b"x")
                await writer.drain()
                sent += 1
                await asyncio.sleep(0.01)
        except OSError:
            writer.close()

    async with serving(drip) as port, outbound(seconds=0.5) as way:
        answered = await asyncio.wait_for(way.post(f"http://127.0.0.1:{port}/", {}, b"{}"), 5)
    assert (answered.status, answered.error) == (200, None)
    assert answered.text is not None
    assert set(answered.text) == {"x"}
    assert 400 <= answered.milliseconds < 3000


async def test_a_head_that_drips_is_a_timeout() -> None:
    """Without a status there is no success."""

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        try:
            for byte in b"HTTP/1.1 200 OK\r\n" + b"X-Slow: 1\r\n" * 1000:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.02)
        except OSError:
            writer.close()

    async with serving(drip) as port, outbound(seconds=0.3) as way:
        answered = await way.post(f"http://127.0.0.1:{port}/", {}, b"{}")
    assert (answered.status, answered.error, answered.text) == (None, "timeout", None)


async def test_four_kilobytes_of_an_answer_are_read_and_one_is_kept() -> None:
    """An endless answer is left; one that is compressed stays so."""
    left = asyncio.Event()

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while True:
                writer.write(b"1000\r\n" + b"y" * 4096 + b"\r\n")
                await writer.drain()
        except OSError:
            left.set()
            writer.close()

    async with serving(pour) as port, outbound() as way:
        answered = await way.post(f"http://127.0.0.1:{port}/", {}, b"{}")
        await asyncio.wait_for(left.wait(), 5)
    assert answered.text == "y" * 1024
    assert ANSWER_BYTES_MAX == 4096


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"", "connection"),
        (b"hello\r\n\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", "protocol"),
        (b"HTTP/1.1 999999 ?\r\n\r\n", "protocol"),
    ],
)
async def test_what_is_no_http_is_a_failure(said: bytes, error: str) -> None:
    """Nothing that a receiver says raises."""

    async def mumble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(said)
        writer.close()

    async with serving(mumble) as port, outbound() as way:
        answered = await way.post(f"http://127.0.0.1:{port}/", {}, b"{}")
    assert (answered.status, answered.error) == (None, error)


async def test_a_kept_connection_that_was_closed_meanwhile_is_no_failure() -> None:
    """A receiver may close what it kept at any time: the request goes again, on a fresh connection."""
    connections = 0

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        await reader.read(1)  # the next request's first byte, which gets no answer
        writer.transport.abort()

    async with serving(once) as port, outbound() as way:
        for _ in range(3):
            answered = await way.post(f"http://127.0.0.1:{port}/", {}, b"{}")
            assert (answered.status, answered.error) == (200, None)
    assert connections == 3


async def test_no_proxy_of_the_environment_is_asked_and_no_cookie_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the environment says of proxies is for others; what a receiver sets is forgotten."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with receiving(Receiver(headers={"Set-Cookie": "a=b"})) as receiver, outbound() as way:
        for _ in range(2):
            answered = await way.post(receiver.url, {"webhook-id": "x"}, b"{}")
            assert answered.status == 200
    for headers, _ in receiver.received:
        assert "cookie" not in headers
        assert headers["accept-encoding"] == "identity"


async def test_tls_is_verified_by_name(tmp_path: Path) -> None:
    """A certificate for the name is accepted, over SNI and with `Host`; another name's, another authority's are not."""
    authority = Authority()
    heads: list[bytes] = []

    async def well(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await head(reader))
        writer.write(b"HTTP/1.1 204 Done\r\n\r\n")
        writer.close()

    names = FakeNames(receiver_test=[["127.0.0.1"]], other_test=[["127.0.0.1"]])
    async with serving(well, authority.server(tmp_path, "receiver.test")) as port:
        async with outbound(names, trust=authority.trust()) as way:
            right = await way.post(f"https://receiver.test:{port}/", {}, b"{}")
            wrong = await way.post(f"https://other.test:{port}/", {}, b"{}")
            literal = await way.post(f"https://127.0.0.1:{port}/", {}, b"{}")
        async with outbound(names, trust=Authority().trust()) as way:
            untrusted = await way.post(f"https://receiver.test:{port}/", {}, b"{}")
    assert (right.status, right.error) == (204, None)
    assert f"Host: receiver.test:{port}\r\n".encode() in heads[0]
    assert [each.error for each in (wrong, literal, untrusted)] == ["tls"] * 3
    assert len(heads) == 1


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_tls_before_1_2_is_refused(tmp_path: Path) -> None:
    """A server that knows TLS 1.1 at best is not talked to, though the machine itself would; one that knows 1.2 is."""
    authority = Authority()

    async def well(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(b"HTTP/1.1 204 Done\r\n\r\n")
        writer.close()

    names = FakeNames(old_test=[["127.0.0.1"]], fair_test=[["127.0.0.1"]])
    old = authority.server(tmp_path, "old.test", newest=ssl.TLSVersion.TLSv1_1)
    fair = authority.server(tmp_path, "fair.test", newest=ssl.TLSVersion.TLSv1_2)
    lax, ours = authority.trust(), authority.trust()
    for each in (lax, ours):
        each.set_ciphers("ALL:@SECLEVEL=0")
        each.minimum_version = ssl.TLSVersion.TLSv1
    async with (
        serving(well, old) as old_port,
        serving(well, fair) as fair_port,
        outbound(names, trust=ours) as way,
    ):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", old_port, ssl=lax, server_hostname="old.test")
        except OSError:
            pytest.skip("this OpenSSL knows no TLS 1.1")
        writer.transport.abort()
        refused = await way.post(f"https://old.test:{old_port}/", {}, b"{}")
        taken = await way.post(f"https://fair.test:{fair_port}/", {}, b"{}")
    assert refused.status is None
    assert refused.error in {"tls", "connection"}
    assert taken.status == 204
