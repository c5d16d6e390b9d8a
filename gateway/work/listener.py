"""PgQueuer's side of a worker: takes wake-ups, runs their work, comes back by itself when PostgreSQL went away.

A wake-up is held while its work runs, so that a busy worker leaves the others' share in the queue. It proves nothing:
the row's own lease and fence decide who works.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from typing import Any, Final

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.domain.models import Job, Schedule
from pgqueuer.errors import RetryRequested

from gateway.log import log
from gateway.stores import Overloaded, StoreDown
from gateway.work import queue
from gateway.work.leases import Halt
from gateway.work.queue import WakeUp

AGAIN_SECONDS: Final = 1.0
POLL_SECONDS: Final = 5.0
BACK_SECONDS: Final = 1.0

Work = Callable[[WakeUp, Halt], Awaitable[None]]
Chore = Callable[[], Awaitable[None]]


class Listener:
    """One queue's worth of slots: at most `slots` pieces of work at a time, whatever PgQueuer's tables say."""

    def __init__(
        self,
        database_url: str,
        works: Mapping[str, Work],
        *,
        slots: int,
        lease_seconds: float,
        chores: Mapping[str, tuple[str, Chore]] | None = None,
    ) -> None:
        """`works` by entrypoint; `chores` by name, each with its cron expression, run by one worker among all."""
        self._database_url = database_url
        self._works = works
        self._slots = asyncio.Semaphore(slots)
        self._limit = max(2, slots)  # PgQueuer asks for twice its batch of 1; the semaphore holds the true number
        self._lease_seconds = lease_seconds
        self._chores = chores or {}

    async def listen(self, halt: Halt) -> None:
        """Take wake-ups until told to stop; returns when the work in progress has ended."""
        while not halt.asked.is_set():
            try:
                await self._listen_once(halt)
            except Exception as error:  # ruff: ignore[blind-except] - however a connection dies, the worker must not
                log.warning("queue.lost", error_type=type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_SECONDS):
                    await halt.asked.wait()

    async def _listen_once(self, halt: Halt) -> None:
        async with AsyncExitStack() as stack:
            connection = await asyncpg.connect(self._database_url, timeout=5, command_timeout=10)
            stack.push_async_callback(_close, connection)
            own = Halt()  # ends with this connection too, so that work does not outlive the wake-up it stands for
            app = PgQueuer(
                connection=queue.driver(connection), channel=queue.CHANNEL, queries=queue.queries(connection)
            )
            for name, work in self._works.items():
                app.entrypoint(name, accepts_context=False)(self._handler(work, own))
            for name, (expression, chore) in self._chores.items():
                app.schedule(name, expression, accepts_context=False)(_scheduled(name, chore))
            connection.add_termination_listener(lambda _: own.asked.set())
            following = asyncio.create_task(_follow(halt, own, app.shutdown))
            stack.push_async_callback(_cancel, following)
            await app.run(
                dequeue_timeout=timedelta(seconds=POLL_SECONDS),
                batch_size=1,
                max_concurrent_tasks=self._limit,
                heartbeat_timeout=timedelta(seconds=max(2.0, self._lease_seconds)),
                shutdown_on_listener_failure=True,
            )

    def _handler(self, work: Work, halt: Halt) -> Callable[[Job], Awaitable[None]]:
        async def handle(job: Job) -> None:
            wake = queue.read(job.payload)
            if wake is None:
                log.warning("queue.unreadable", entrypoint=job.entrypoint)
                return
            try:
                async with asyncio.timeout(BACK_SECONDS):
                    await self._slots.acquire()
            except TimeoutError:
                # PgQueuer counts slots in its table, which may be emptied: what we have no room for goes back to all.
                raise RetryRequested(delay=timedelta(seconds=BACK_SECONDS)) from None
            try:
                if not halt.asked.is_set():
                    await _run(work, wake, halt)
            finally:
                self._slots.release()

        return handle


async def _run(work: Work, wake: WakeUp, halt: Halt) -> None:
    try:
        await work(wake, halt)
    except (StoreDown, Overloaded) as error:
        log.warning("work.interrupted", kind=wake.kind, id=wake.id, error_type=type(error).__name__)
    except Exception as error:  # ruff: ignore[blind-except] - PgQueuer would log its text, which may quote content
        log.error("work.crashed", kind=wake.kind, id=wake.id, error_type=type(error).__name__)


def _scheduled(name: str, chore: Chore) -> Callable[[Schedule], Awaitable[None]]:
    async def run(_: Schedule) -> None:
        try:
            await chore()
        except (StoreDown, Overloaded, asyncpg.PostgresError) as error:
            log.warning("chore.failed", chore=name, error_type=type(error).__name__)

    return run


async def _follow(halt: Halt, own: Halt, shutdown: asyncio.Event) -> None:
    """Pass on that the worker stops, to PgQueuer and to the work in progress; and that PgQueuer does, to the work."""

    async def from_above() -> None:
        await halt.asked.wait()
        shutdown.set()
        await halt.now.wait()
        own.now.set()

    async def from_pgqueuer() -> None:
        await shutdown.wait()
        own.asked.set()

    await asyncio.gather(from_above(), from_pgqueuer())


async def _cancel(task: "asyncio.Task[Any]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _close(connection: Any) -> None:
    with suppress(Exception):  # it is given up either way
        await connection.close(timeout=1)
