"""Children that make courses, each one task at a time: a long document keeps one core busy, never the worker.

A call that is cancelled, for whatever reason, ends its child, so no work runs on that nobody waits for.
"""

import asyncio
import os
import sys
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

import msgspec

from gateway.generation.builtin.child import HEAD_BYTES, Answer, framed
from gateway.generation.builtin.tasks import Reply, Task
from gateway.generation.model import GenerationFailed, Order
from gateway.log import log

RESTED_SECONDS: Final = 2.0
"""A child whose course was last worked on so long ago takes another course before a further child is started."""
SWOLLEN_BYTES: Final = 256 * 1024 * 1024
"""A child that once took more than this is not given another course, and ends when it has had nothing to do."""
IDLE_SECONDS: Final = 30.0

_answers: Final = msgspec.msgpack.Decoder(Answer)


class _Child:
    """One child process, with the order that it has read."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.order: Order | None = None
        self.idle_since = 0.0
        self.idle_end: asyncio.TimerHandle | None = None
        self.peak_bytes = 0

    @classmethod
    async def start(cls) -> Self:
        """Start one: without our settings, whose secrets it needs none of, and out of reach of a terminal's Ctrl-C."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "gateway.generation.builtin.child",
            str(os.getpid()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # a traceback may quote a customer's text
            env={name: value for name, value in os.environ.items() if not name.startswith("COURSEGATE_")},
            start_new_session=True,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def do(self, task: Task) -> Reply:
        """Have one task done; raises OSError or EOFError where the child ends instead."""
        tasks, answers = self._process.stdin, self._process.stdout
        if tasks is None or answers is None:
            raise EOFError
        self.order = task.order
        tasks.write(framed(task))
        await tasks.drain()
        head = await answers.readexactly(HEAD_BYTES)
        answer = _answers.decode(await answers.readexactly(int.from_bytes(head, "big")))
        self.peak_bytes = answer.peak_bytes
        return answer.reply

    async def end(self) -> None:
        """Kill it and wait until it is gone."""
        if self.idle_end is not None:
            self.idle_end.cancel()
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


class Crew:
    """At most `size` children, started when there is need and kept. Use it as a context: its end is theirs."""

    def __init__(self, size: int, swollen_bytes: int = SWOLLEN_BYTES, idle_seconds: float = IDLE_SECONDS) -> None:
        self._size = size
        self._swollen_bytes = swollen_bytes
        self._idle_seconds = idle_seconds
        self._slots = asyncio.Semaphore(size)
        self._busy = 0
        self._idle: list[_Child] = []
        self._ending: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Start one child, so that the first course need not wait for it."""
        self._rest(await _Child.start())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End every child; calls have ended before."""
        while self._idle:
            self._end(self._idle.pop())
        await asyncio.gather(*self._ending)

    @property
    def idle_pids(self) -> list[int]:
        """The process ids of the children that have nothing to do, the longest idle first."""
        return [child.pid for child in self._idle if child.alive]

    async def do(self, task: Task) -> Reply:
        """Have a task done, by the child that has read its order where there is one. Raises GenerationFailed."""
        async with self._slots:
            self._busy += 1
            try:
                child = await self._take(task.order)
                try:
                    reply = await child.do(task)
                except (OSError, EOFError):
                    self._end(child)
                    log.error("generator.child_lost")
                    raise GenerationFailed("generator_error", "The generator failed.", retryable=True) from None
                except BaseException:
                    self._end(child)
                    raise
                self._rest(child)
                return reply
            finally:
                self._busy -= 1

    async def _take(self, order: Order) -> _Child:
        chosen = self._choose(order)
        if chosen is not None:
            self._idle.remove(chosen)
            if chosen.idle_end is not None:
                chosen.idle_end.cancel()
            if not self._swollen(chosen) or chosen.order == order:
                return chosen
            self._end(chosen)
        return await _Child.start()

    def _choose(self, order: Order) -> _Child | None:
        """Pick the child that has read the order, else the one longest idle if it has rested or none may be added."""
        for child in [child for child in self._idle if not child.alive]:
            self._idle.remove(child)
            self._end(child)
        for child in self._idle:
            if child.order == order:
                return child
        full = self._busy + len(self._idle) > self._size
        rested = asyncio.get_running_loop().time() - RESTED_SECONDS
        if self._idle and (full or self._idle[0].order is None or self._idle[0].idle_since < rested):
            return self._idle[0]
        return None

    def _swollen(self, child: _Child) -> bool:
        return child.peak_bytes > self._swollen_bytes

    def _rest(self, child: _Child) -> None:
        loop = asyncio.get_running_loop()
        child.idle_since = loop.time()
        self._idle.append(child)
        if self._swollen(child):
            child.idle_end = loop.call_later(self._idle_seconds, self._dismiss, child)

    def _dismiss(self, child: _Child) -> None:
        if child in self._idle:
            self._idle.remove(child)
            self._end(child)

    def _end(self, child: _Child) -> None:
        ending = asyncio.get_running_loop().create_task(child.end())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
