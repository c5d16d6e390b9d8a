"""Load over loopback: raw HTTP/1.1 on kept connections, so that the generator costs less than what it measures.

Closed loop (every connection sends its next request when the last is answered) finds the most a server does; open loop
(requests start on a schedule) finds the time an answer takes at a rate.
"""

import asyncio
import time
from collections.abc import Iterator
from typing import Final, Self

import uvloop
from msgspec import Struct

LONGEST_SECONDS: Final = 60.0


class Outcome(Struct):
    """What came of a load: answers by status, and each answer's milliseconds."""

    seconds: float
    statuses: dict[int, int]
    milliseconds: list[float]

    @property
    def answers(self) -> int:
        """All answers."""
        return sum(self.statuses.values())

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds within which this share of the answers came."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


class _Connection(asyncio.Protocol):
    """One connection with one request under way."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport
        self._buffer = bytearray()
        self._answered: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(exc or ConnectionResetError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        length = _content_length(bytes(self._buffer[: head_end + 2]).lower())
        if len(self._buffer) < head_end + 4 + length:
            return
        status = int(self._buffer[9:12])
        self._buffer.clear()
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(status)

    async def ask(self, request: bytes) -> int:
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answered

    def close(self) -> None:
        self._transport.close()


def _content_length(head: bytes) -> int:
    at = head.find(b"content-length:")
    return int(head[at + 15 : head.index(b"\r\n", at)]) if at >= 0 else 0


class Target(Struct, frozen=True):
    """Where requests go."""

    host: str
    port: int

    async def connect(self) -> _Connection:
        """Open one connection."""
        _, connection = await asyncio.get_running_loop().create_connection(_Connection, self.host, self.port)
        return connection


class _Tally:
    def __init__(self) -> None:
        self.statuses: dict[int, int] = {}
        self.milliseconds: list[float] = []
        self.began = time.perf_counter()

    def note(self, status: int, began: float) -> None:
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.milliseconds.append((time.perf_counter() - began) * 1000)

    def outcome(self) -> Outcome:
        return Outcome(time.perf_counter() - self.began, self.statuses, self.milliseconds)


async def closed_loop(target: Target, requests: Iterator[bytes], *, connections: int, seconds: float) -> Outcome:
    """Keep every connection busy for `seconds`, or until the requests run out."""
    lines = [await target.connect() for _ in range(connections)]
    tally = _Tally()
    until = tally.began + min(seconds, LONGEST_SECONDS)

    async def keep_busy(connection: _Connection) -> None:
        for request in requests:
            began = time.perf_counter()
            if began > until:
                return
            tally.note(await connection.ask(request), began)

    await asyncio.gather(*(keep_busy(line) for line in lines))
    outcome = tally.outcome()
    for line in lines:
        line.close()
    return outcome


async def open_loop(
    target: Target, requests: Iterator[bytes], *, per_second: float, connections: int, seconds: float
) -> Outcome:
    """Start requests on a schedule; a late start counts as part of the answer's time."""
    free: asyncio.Queue[_Connection] = asyncio.Queue()
    for _ in range(connections):
        free.put_nowait(await target.connect())
    tally = _Tally()
    running: set[asyncio.Task[None]] = set()

    async def ask(request: bytes, due: float) -> None:
        connection = await free.get()
        tally.note(await connection.ask(request), due)
        free.put_nowait(connection)

    for number in range(int(per_second * min(seconds, LONGEST_SECONDS))):
        due = tally.began + number / per_second
        if (pause := due - time.perf_counter()) > 0.0005:
            await asyncio.sleep(pause)
        task = asyncio.create_task(ask(next(requests), due))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    outcome = tally.outcome()
    while not free.empty():
        free.get_nowait().close()
    return outcome


class Requests:
    """An endless turn of prepared requests."""

    def __init__(self, prepared: list[bytes]) -> None:
        self._prepared = prepared
        self._next = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        self._next = (self._next + 1) % len(self._prepared)
        return self._prepared[self._next]


def request(method: str, path: str, *, key: str | None = None, body: bytes = b"", headers: str = "") -> bytes:
    """Spell a request out."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    if key is not None:
        lines.append(f"Authorization: Bearer {key}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    elif method == "POST":
        lines.append("Content-Length: 0")
    return ("\r\n".join(lines) + "\r\n" + headers + "\r\n").encode() + body


def run_closed(target: Target, prepared: list[bytes], *, connections: int, seconds: float, once: bool) -> Outcome:
    """Run a closed loop in this process; `once`: each request is sent a single time."""
    requests = iter(prepared) if once else Requests(prepared)
    return uvloop.run(closed_loop(target, requests, connections=connections, seconds=seconds))


def run_open(
    target: Target, prepared: list[bytes], *, per_second: float, connections: int, seconds: float, once: bool
) -> Outcome:
    """Run an open loop in this process."""
    requests = iter(prepared) if once else Requests(prepared)
    return uvloop.run(open_loop(target, requests, per_second=per_second, connections=connections, seconds=seconds))
