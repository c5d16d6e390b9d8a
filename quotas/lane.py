"""The way to one Redis node: what arrives in one tick of the event loop leaves in one write, merged into one script
call where it may; replies come back in order; and nobody waits for a node that does not answer.

A call's future resolves to its reply, or to None: then Redis did not decide, and must not be asked again.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final

import hiredis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from quotas.breaker import PROBE_EVERY_SECONDS, Breaker
from quotas.observer import Observer
from quotas.scripts import ALL, DECIDE, PROBE_ARGS, Script, probe_keys
from quotas.wire import Wire, open_wire

WAIT_SECONDS: Final = 0.1
PATIENCE_SECONDS: Final = 0.08
SECOND_LOOK_SECONDS: Final = WAIT_SECONDS - PATIENCE_SECONDS
CONNECT_SECONDS: Final = 1.0
MAX_CALLS_A_SCRIPT: Final = 256
MAX_BATCHES_IN_FLIGHT: Final = 32
MAX_WAITING: Final = 20_000

Reply = list[Any] | int
Call = tuple["asyncio.Future[Reply | None]", Script, int, Sequence[str], Sequence[int | str]]
"""Future, script, hash slot (0 where slots don't matter), KEYS, ARGV. A plain tuple: one is made a request."""


class Batch:
    """One script call under way: the calls it carries, and since when the oldest of them waits."""

    __slots__ = ("calls", "script", "since_seconds")

    def __init__(self, script: Script, calls: list[Call], since_seconds: float) -> None:
        self.script = script
        self.calls = calls
        self.since_seconds = since_seconds

    def command(self, verb: str, script: str) -> bytes:
        """The script call in Redis' protocol: keys of all calls, then arguments of all calls."""
        keys: list[str] = []
        args: list[int | str] = []
        for call in self.calls:
            keys += call[3]
            args += call[4]
        packed: bytes = hiredis.pack_command((verb, script, len(keys), *keys, *args))  # type: ignore[arg-type]
        return packed


def batches_of(calls: list[Call], since_seconds: float) -> list[Batch]:
    """Calls of one script and one slot go together, up to a size that does not hold up the node."""
    groups: dict[tuple[Script, int], list[Call]] = {}
    for call in calls:
        groups.setdefault(call[1:3], []).append(call)
    return [
        Batch(script, group[first : first + MAX_CALLS_A_SCRIPT], since_seconds)
        for (script, _), group in groups.items()
        for first in range(0, len(group), MAX_CALLS_A_SCRIPT)
    ]


def answer_none(calls: list[Call]) -> None:
    """Redis did not decide these."""
    for call in calls:
        if not call[0].done():
            call[0].set_result(None)


class Lane:
    """One node. `submit` is the hot path; everything else runs when something begins, ends or breaks."""

    def __init__(
        self,
        node: str,
        new_connection: Callable[[], AbstractConnection],
        observer: Observer,
        on_moved: Callable[[list[Call], str], None] | None = None,
    ) -> None:
        self.node = node
        self.breaker = Breaker()
        self._new_connection = new_connection
        self._observer = observer
        self._on_moved = on_moved
        self._loop = asyncio.get_running_loop()
        self._wire: Wire | None = None
        self._waiting: list[Call] = []
        self._waiting_since = 0.0
        self._flush_is_due = False
        self._in_flight: deque[Batch] = deque()
        self._watch: asyncio.TimerHandle | None = None
        self._looked_again_for = -1.0
        self._connecting: asyncio.Task[None] | None = None
        self._probing: asyncio.Task[None] | None = None
        self._sample_key = "cg:{probe}"
        self._closed = False

    def submit(
        self, script: Script, keys: Sequence[str], args: Sequence[int | str], slot: int = 0
    ) -> "asyncio.Future[Reply | None] | None":
        """Ask the node in this tick's write. None where it is known not to answer: no wait at all then."""
        if self.breaker.is_open or len(self._waiting) >= MAX_WAITING:
            return None
        return self._enqueue(script, keys, args, slot)

    def resubmit(self, calls: list[Call]) -> None:
        """Take over calls that another node pointed here; their futures stay the same."""
        if not self._waiting:
            self._waiting_since = self._loop.time()
        self._waiting += calls
        self._schedule_flush()

    async def connect(self) -> bool:
        """Connect now, if not connected; True if that worked. Failing is no error: calls are then answered None."""
        if self._wire is None:
            await asyncio.wait([self._begin_connecting()])
        return self._wire is not None

    async def aclose(self) -> None:
        """End the connection; what waits is answered None."""
        self._closed = True
        tasks = [task for task in (self._connecting, self._probing) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._watch is not None:
            self._watch.cancel()
        self._drop_connection()
        answer_none(self._take_everything())

    def _enqueue(
        self, script: Script, keys: Sequence[str], args: Sequence[int | str], slot: int
    ) -> "asyncio.Future[Reply | None]":
        future: asyncio.Future[Reply | None] = self._loop.create_future()
        if not self._waiting:
            self._waiting_since = self._loop.time()
        self._waiting.append((future, script, slot, keys, args))
        if not self._flush_is_due:
            self._schedule_flush()
        return future

    def _schedule_flush(self) -> None:
        self._flush_is_due = True
        self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_is_due = False
        if not self._waiting or self._closed:
            return
        if self._watch is None:
            self._watch = self._loop.call_later(PATIENCE_SECONDS, self._check_waiting)
        if self._wire is None:
            self._begin_connecting()
            return
        if len(self._in_flight) >= MAX_BATCHES_IN_FLIGHT:
            return
        calls, self._waiting = self._waiting, []
        self._sample_key = calls[0][3][0]
        commands = []
        for batch in batches_of(calls, self._waiting_since):
            try:
                commands.append(batch.command("EVALSHA", batch.script.sha))
            except (TypeError, UnicodeEncodeError) as error:
                self._fail(batch.calls, _said(error))  # what can't be written is no reason to let anybody wait
            else:
                self._in_flight.append(batch)
        self._wire.write(b"".join(commands))

    def _take_replies(self, replies: list[Any]) -> None:
        for reply in replies:
            batch = self._in_flight.popleft()
            if type(reply) is list and len(reply) == len(batch.calls):
                for call, answer in zip(batch.calls, reply, strict=False):
                    if not call[0].done():
                        call[0].set_result(answer)
            else:
                self._take_error(batch, str(reply))
            if self._wire is None:
                return
        if self._waiting:
            self._flush()

    def _take_error(self, batch: Batch, error: str) -> None:
        code = error.partition(" ")[0]
        if code == "NOSCRIPT" and self._wire is not None:
            self._observer.on_event("redis.scripts_reloaded", node=self.node, script=batch.script.name)
            self._in_flight.append(batch)
            self._wire.write(batch.command("EVAL", batch.script.source))
        elif code == "MOVED" and self._on_moved is not None:
            self._on_moved(batch.calls, error)
        elif code in {"ASK", "TRYAGAIN"}:
            answer_none(batch.calls)  # the slot is on its way to another node: nobody's failure, and soon over
        else:
            self._fail(batch.calls, error)
            if code == "READONLY":
                self._lose(ConnectionError(error))

    def _check_waiting(self) -> None:
        """The one timer: a call has its 100 ms, and the event loop looks at the socket once more before they end.

        Without the second look, a process that stood still for a moment would blame Redis: uvloop's timers fire
        before it reads what has arrived meanwhile.
        """
        self._watch = None
        if self._in_flight:
            since = self._in_flight[0].since_seconds
        elif self._waiting:
            since = self._waiting_since
        else:
            return
        left = since + PATIENCE_SECONDS - self._loop.time()
        if left > 0:
            self._watch = self._loop.call_later(left, self._check_waiting)
        elif self._looked_again_for != since:
            self._looked_again_for = since
            self._watch = self._loop.call_later(SECOND_LOOK_SECONDS, self._check_waiting)
        else:
            self._lose(TimeoutError(f"no answer within {WAIT_SECONDS * 1000:.0f} ms"))

    def _lose(self, error: BaseException) -> None:
        was_connected = self._wire is not None
        self._drop_connection()
        calls = self._take_everything()
        if was_connected and not self._closed:
            self._observer.on_event("redis.connection_lost", node=self.node, error=_said(error), waiting=len(calls))
        self._fail(calls, _said(error))

    def _drop_connection(self) -> None:
        if self._wire is not None:
            self._wire.abort()
            self._wire = None

    def _take_everything(self) -> list[Call]:
        calls = [call for batch in self._in_flight for call in batch.calls] + self._waiting
        self._in_flight.clear()
        self._waiting = []
        return calls

    def _fail(self, calls: list[Call], error: str) -> None:
        answer_none(calls)
        if calls and not self._closed and self.breaker.note_failures(len(calls), self._loop.time()):
            self._observer.on_event("redis.degraded", node=self.node, error=error, failures=len(calls))
            self._probing = self._loop.create_task(self._probe_until_it_decides())

    def _begin_connecting(self) -> "asyncio.Task[None]":
        if self._connecting is None:
            self._connecting = self._loop.create_task(self._connect())
        return self._connecting

    async def _connect(self) -> None:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                self._wire = await open_wire(self._new_connection(), ALL, self._take_replies, self._lose)
        except (RedisError, OSError, TimeoutError) as error:
            self._lose(error)
        finally:
            self._connecting = None
        self._flush()

    async def _probe_until_it_decides(self) -> None:
        while self.breaker.is_open:
            await asyncio.sleep(PROBE_EVERY_SECONDS)
            if not await self.connect():
                continue
            if await self._enqueue(DECIDE, probe_keys(self._sample_key), PROBE_ARGS, slot=-1) is not None:
                self.breaker.close()
        seconds = self._loop.time() - self.breaker.opened_at_seconds
        self._observer.on_event("redis.recovered", node=self.node, degraded_seconds=round(seconds, 3))


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:200]
