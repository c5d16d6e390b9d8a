"""The SQL store as the gateway uses it: it fails fast, ends what hangs and recovers by itself."""

import asyncio
import contextlib
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

import asyncpg

from gateway.sql_connections import (
    Connection,
    Connections,
    Overloaded,
    RawConnection,
    Record,
    StoreDown,
    StoreUnreachable,
)

__all__ = ["Connection", "Overloaded", "Record", "SqlStore", "StoreDown", "StoreUnreachable"]

PROBE_EVERY_SECONDS: Final = 0.2
PROBE_TIMEOUT_SECONDS: Final = 0.5
"""A store that answers nothing for this long is down: 503 within 200 + 500 ms, short of the promised second."""

START_TIMEOUT_SECONDS: Final = 5.0
"""How long a start waits for PostgreSQL, which may be starting too."""

_SLICES: Final = 5

_GONE: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.QueryCanceledError,  # statement_timeout: nobody else cancels
    asyncpg.InsufficientResourcesError,  # disk full, out of memory, too many connections
    asyncpg.PostgresSystemError,  # input and output errors
    asyncpg.ReadOnlySQLTransactionError,  # a standby, after a switch
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InternalClientError,  # asyncpg met the end of a connection between two messages
    ConnectionError,
)
"""What PostgreSQL says when it can't serve, as opposed to what it says about a statement."""


class Session:
    """One borrowed connection. `async with sql.session() as connection:`; commit is the body's own affair."""

    __slots__ = ("_connection", "_ends_at", "_started_at", "_store", "_wait_seconds")

    def __init__(self, store: "SqlStore", wait_seconds: float, deadline_seconds: float) -> None:
        self._store = store
        self._wait_seconds = wait_seconds
        self._started_at = store.loop_time()
        self._ends_at = self._started_at + deadline_seconds
        self._connection: RawConnection | None = None

    async def __aenter__(self) -> RawConnection:
        connection = self._store.connections.take_idle()
        if connection is None:
            connection = await self._store.connections.wait_for_connection(self._wait_seconds)
        self._connection = connection
        self._store.in_use[self] = connection
        return connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        store, connection = self._store, self._connection
        if connection is None:
            return
        self._connection = None
        del store.in_use[self]
        closed, gone = connection.is_closed(), isinstance(error, _GONE)
        # Whoever left in the middle of a statement or a transaction leaves a connection nobody else may have.
        # Cancelled, or closed as a coroutine that nobody holds any more: what it sent is still to be answered.
        cut_off = gone or not (error is None or isinstance(error, Exception))
        usable = not closed and not cut_off and not connection.is_in_transaction()
        store.connections.give_back(connection, usable=usable)
        if store.observe is not None:
            store.observe(store.loop_time() - self._started_at)
        if error is not None and (gone or (closed and isinstance(error, Exception))):
            store.suspect()
            raise StoreDown(type(error).__name__) from error

    def overdue(self, now: float) -> bool:
        """Whether its deadline has passed (`now`: the event loop's time)."""
        return now > self._ends_at


class SqlStore:
    """At most `size` connections of this process to one PostgreSQL database.

    A watcher asks on its own connection every 200 ms. When no answer comes, every session in flight is ended and new
    ones fail at once with StoreDown, until an answer comes again: stopped, frozen and restarted servers need no hand.
    `observe` is told how many seconds each session lasted.
    """

    def __init__(self, url: str, *, size: int = 10, observe: Callable[[float], None] | None = None) -> None:
        self.connections = Connections(url, size, self.suspect)
        self.observe = observe
        self.in_use: dict[Session, RawConnection] = {}
        self.loop_time: Callable[[], float] = lambda: 0.0
        self._suspected = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None

    @property
    def up(self) -> bool:
        """Whether PostgreSQL answered the watcher's latest question."""
        return not self.connections.closed

    @property
    def busy(self) -> int:
        """Connections that are lent out now."""
        return len(self.in_use)

    def session(self, *, wait_seconds: float = 0.5, deadline_seconds: float = 5.0) -> Session:
        """Borrow a connection for the block.

        `wait_seconds` bounds the wait for one, `deadline_seconds` the whole block (kept to a fifth of a second).
        Raises StoreDown where PostgreSQL can't serve, before or within the block, and Overloaded.
        """
        return Session(self, wait_seconds, deadline_seconds)

    async def open(self) -> None:
        """Connect; raises StoreUnreachable in one line that says why, without credentials."""
        self.loop_time = asyncio.get_running_loop().time
        probe: RawConnection | None = None
        try:
            probe = await self.connections.connect(timeout=START_TIMEOUT_SECONDS)
            first = await self.connections.connect(timeout=START_TIMEOUT_SECONDS)  # the first request waits for none
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError, ValueError) as error:
            if probe is not None:
                probe.terminate()
            words = " ".join(str(error).split())[:200] or f"no answer in {START_TIMEOUT_SECONDS:.0f} seconds"
            raise StoreUnreachable(f"PostgreSQL does not answer: {words}") from error
        self.connections.reopen(first)
        self._watcher = asyncio.create_task(self._watch(probe), name="sql watcher")

    async def close(self) -> None:
        """End the watcher and every connection; sessions in flight end with StoreDown."""
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
            self._watcher = None
        self._go_down()
        await self.connections.shut_for_good()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def suspect(self) -> None:
        """A session lost its connection: ask now rather than at the next turn."""
        self._suspected.set()

    async def _watch(self, probe: RawConnection | None) -> None:
        try:
            while True:
                alive, probe = await self._ask(probe)
                if alive and not self.up:
                    self.connections.reopen()
                elif not alive and self.up:
                    self._go_down()
                self._end_overdue()
                self._suspected.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(PROBE_EVERY_SECONDS):
                        await self._suspected.wait()
        finally:
            if probe is not None:
                probe.terminate()

    async def _ask(self, probe: RawConnection | None) -> tuple[bool, RawConnection | None]:
        """Whether PostgreSQL answers in time, and the connection to ask on next."""
        question = asyncio.ensure_future(self._question(probe))
        try:
            # Slices: when our own loop stood still, not PostgreSQL, its answer is there before the last of them.
            for _ in range(_SLICES):
                done, _ = await asyncio.wait({question}, timeout=PROBE_TIMEOUT_SECONDS / _SLICES)
                if done:
                    return True, question.result()
        except Exception:  # ruff: ignore[blind-except, try-except-pass] - whatever it says, it is no answer; the watcher must go on asking
            pass
        finally:
            question.cancel()
        if probe is not None:
            probe.terminate()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await question
        return False, None

    async def _question(self, probe: RawConnection | None) -> RawConnection:
        if probe is None or probe.is_closed():
            probe = await self.connections.connect(timeout=PROBE_TIMEOUT_SECONDS)
        await probe.execute("select 1")
        return probe

    def _go_down(self) -> None:
        self.connections.shut()
        for connection in list(self.in_use.values()):
            connection.terminate()

    def _end_overdue(self) -> None:
        now = self.loop_time()
        for session, connection in list(self.in_use.items()):
            if session.overdue(now):
                connection.terminate()
