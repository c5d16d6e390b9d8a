"""The gateway's side of the queue: tells workers, after the commit, that something waits.

A wake-up inside the launch's transaction would serialise commits, so it comes after; a lost one costs seconds, since
workers sweep. Wake-ups of 20 ms leave in one statement.
"""

import asyncio
from typing import Final, Protocol

import asyncpg

from gateway.log import log
from gateway.stores import Overloaded, Session, StoreDown
from gateway.work import queue
from gateway.work.queue import WakeUp

GATHER_SECONDS: Final = 0.02
BATCH_MAX: Final = 500
WAITING_MAX: Final = 10_000
"""Wake-ups kept while PostgreSQL can't be reached; beyond it they are left to the sweep."""


class Sql(Protocol):
    """What sends wake-ups: the store's sessions."""

    def session(self, *, wait_seconds: float = 0.5, deadline_seconds: float = 5.0) -> Session:
        """Borrow a connection."""


class Waker:
    """Gathers wake-ups and sends them. `wake` never waits and never fails."""

    def __init__(self, sql: Sql, gather_seconds: float = GATHER_SECONDS) -> None:
        self._sql = sql
        self._gather_seconds = gather_seconds
        self._waiting: dict[str, WakeUp] = {}
        self._sending: asyncio.Task[None] | None = None

    def wake(self, wake: WakeUp) -> None:
        """Tell a worker soon; call it after the commit of what it tells of."""
        if len(self._waiting) < WAITING_MAX:
            self._waiting[wake.key] = wake
        if self._sending is None:
            self._sending = asyncio.get_running_loop().create_task(self._send_soon())

    async def close(self) -> None:
        """Send what waits still."""
        while self._sending is not None:
            await asyncio.wait({self._sending})

    async def _send_soon(self) -> None:
        try:
            await asyncio.sleep(self._gather_seconds)
            while self._waiting:
                batch = [self._waiting.pop(key) for key in list(self._waiting)[:BATCH_MAX]]
                async with self._sql.session() as connection:
                    await queue.send(connection, batch)
        except (StoreDown, Overloaded, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            # The sweep of every worker finds the rows themselves: nothing is lost but a second or two.
            self._waiting.clear()
            log.warning("queue.wake_failed", error_type=type(error).__name__)
        finally:
            self._sending = None
