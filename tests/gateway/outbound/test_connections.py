"""What comes before an answer is bounded. Rule source: webhooks ("one slow receiver holds up no other"); security, "Webhooks"."""

import asyncio

import pytest

from gateway.outbound.connections import HEAD_BYTES_MAX, INTERIM_MAX
from tests.gateway.outbound.test_client import Talk, head, outbound, serving

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
WELL = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def saying(*parts: bytes) -> Talk:
    """A receiver that answers each request with this, and keeps the connection."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await head(reader)
            for part in parts:
                writer.write(part)
                await writer.drain()

    return talk


class Endless:
    """A receiver that never stops saying the same; `left` once nobody listens any more."""

    def __init__(self, words: bytes, before: bytes = b"") -> None:
        self._words = words
        self._before = before
        self.left = asyncio.Event()
        self.pouring = asyncio.Event()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(self._before)
        self.pouring.set()
        try:
            while True:
                writer.write(self._words)
                await writer.drain()
                await asyncio.sleep(0)
        except OSError:
            self.left.set()
            writer.close()


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(CONTINUE, id="small writes"),
        pytest.param(CONTINUE * 40_000, id="a megabyte at a time"),
        pytest.param(HINTS * 20_000, id="hints"),
        pytest.param(b"\r\n" * 500_000, id="empty lines"),
    ],
)
async def test_interim_answers_without_end_fail_the_attempt_and_hold_up_nobody(words: bytes) -> None:
    """The attempt is over long before its deadline, and another receiver of the same process is heard meanwhile."""
    flood = Endless(words)
    async with serving(flood.talk) as port, serving(saying(WELL)) as healthy, outbound(seconds=120.0) as way:
        flooded = asyncio.create_task(way.post(f"http://127.0.0.1:{port}/", {}, b"{}"))
        async with asyncio.timeout(60):
            await flood.pouring.wait()
            other = await way.post(f"http://127.0.0.1:{healthy}/", {}, b"{}")
            answered = await flooded
            await flood.left.wait()
    assert (other.status, other.error) == (200, None)
    assert (answered.status, answered.error, answered.text) == (None, "too_long", None)


async def test_a_head_may_be_long_but_not_longer_than_any_needs() -> None:
    """Headers of many kilobytes are read; beyond the bound the attempt has failed, however short each single one is."""

    def answer(headers: int) -> bytes:
        return b"HTTP/1.1 200 OK\r\n" + (b"X-Long: " + b"x" * 1014 + b"\r\n") * headers + b"Content-Length: 0\r\n\r\n"

    fits, exceeds = HEAD_BYTES_MAX // 1024 - 1, HEAD_BYTES_MAX // 1024 + 8
    for headers, heard in ((fits, (200, None)), (exceeds, (None, "too_long"))):
        async with serving(saying(answer(headers))) as port, outbound() as way:
            answered = await way.post(f"http://127.0.0.1:{port}/", {}, b"{}")
            assert (answered.status, answered.error) == heard


@pytest.mark.parametrize("parts", [(CONTINUE + WELL,), (CONTINUE, HINTS, WELL), (HINTS * INTERIM_MAX, WELL)])
async def test_a_few_interim_answers_are_passed_over(parts: tuple[bytes, ...]) -> None:
    """100 Continue and 103 Early Hints are no answer: the one that follows is, on a connection that can be used again."""
    async with serving(saying(*parts)) as port, outbound() as way:
        for _ in range(3):
            answered = await way.post(f"http://127.0.0.1:{port}/", {}, b"{}")
            assert (answered.status, answered.error, answered.text) == (200, None, "ok")


async def test_one_interim_answer_too_many_is_a_failure() -> None:
    """The bound is what the documentation says, also where all of it comes at once and an answer behind it."""
    async with serving(saying(HINTS * (INTERIM_MAX + 1) + WELL)) as port, outbound() as way:
        answered = await way.post(f"http://127.0.0.1:{port}/", {}, b"{}")
    assert (answered.status, answered.error) == (None, "too_long")


@pytest.mark.parametrize("words", [WELL * 20_000, CONTINUE * 40_000])
async def test_who_goes_on_after_its_answer_is_left(words: bytes) -> None:
    """The answer counts; the connection, which nobody reads any more, takes nothing in and is not used again."""
    flood = Endless(words, before=WELL)
    async with serving(flood.talk) as port, outbound() as way:
        answered = await way.post(f"http://127.0.0.1:{port}/", {}, b"{}")
        await asyncio.wait_for(flood.left.wait(), 60)
    assert (answered.status, answered.error, answered.text) == (200, None, "ok")


async def test_what_is_around_a_body_is_bounded_too() -> None:
    """The status was heard: an endless rest that brings no body is not waited for until the deadline."""
    flood = Endless(b"a" * 1_000_000, before=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;")
    async with serving(flood.talk) as port, outbound(seconds=120.0) as way:
        answered = await asyncio.wait_for(way.post(f"http://127.0.0.1:{port}/", {}, b"{}"), 60)
        await asyncio.wait_for(flood.left.wait(), 60)
    assert (answered.status, answered.error) == (200, None)
