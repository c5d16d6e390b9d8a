"""The connections of this process to PostgreSQL: lent out, handed on in turn, opened and ended.

Our own pool, since asyncpg's asks the server for a reset at each return, makes a task for it, and knows no way to end
what hangs on a frozen server. Ours costs two list operations a session.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

import asyncpg

if TYPE_CHECKING:
    Record: TypeAlias = asyncpg.Record
    Connection: TypeAlias = asyncpg.Connection[Record] | asyncpg.pool.PoolConnectionProxy[Record]
    RawConnection: TypeAlias = asyncpg.Connection[Record]
else:
    # asyncpg's classes take no type arguments at run time.
    Record = asyncpg.Record
    Connection = RawConnection = asyncpg.Connection

CONNECT_TIMEOUT_SECONDS: Final = 0.7
"""A frozen server takes connections and says nothing."""

_SERVER_SETTINGS: Final = {
    "application_name": "coursegate",
    "timezone": "UTC",
    "jit": "off",
    "statement_timeout": "10000",
    "idle_in_transaction_session_timeout": "5000",
    "client_connection_check_interval": "1000",  # a statement whose caller is gone ends, and frees its locks
}


class StoreDown(Exception):
    """PostgreSQL can't serve: nothing of the session was committed, or its commit went unanswered. 503, try again."""


class Overloaded(Exception):
    """Every connection stayed busy for as long as the caller wanted to wait. 503, try again."""


class StoreUnreachable(Exception):
    """PostgreSQL did not answer at the start; the text is one line."""


class Connections:
    """At most `size` connections to one database; `suspect` is called when one could not be opened."""

    def __init__(self, url: str, size: int, suspect: Callable[[], None]) -> None:
        self._url = url
        self._size = size
        self._suspect = suspect
        self._closed = True
        self._idle: list[RawConnection] = []
        self._open = 0  # opened or being opened, lent out or idle
        self._waiting: deque[asyncio.Future[RawConnection | None]] = deque()

    @property
    def closed(self) -> bool:
        """Whether nothing is lent out: PostgreSQL can't serve."""
        return self._closed

    def reopen(self, first: RawConnection | None = None) -> None:
        """PostgreSQL answers: lend out again, beginning with `first` where one was opened meanwhile."""
        self._closed = False
        if first is not None:
            self._open += 1
            self._idle.append(first)

    def shut(self) -> None:
        """PostgreSQL can't serve: refuse from now on, end what is idle, tell all who wait."""
        self._closed = True
        while self._idle:
            self._idle.pop().terminate()
            self._open -= 1
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)

    def take_idle(self) -> RawConnection | None:
        """A connection that is free now, the one used last; None where there is none. Raises StoreDown."""
        if self._closed:
            raise StoreDown("down")
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
            self._open -= 1
        return None

    async def wait_for_connection(self, seconds: float) -> RawConnection:
        """Open one more where the size allows, else wait in turn. Raises Overloaded and StoreDown."""
        if self._open < self._size:
            return await self._open_one()
        turn: asyncio.Future[RawConnection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(seconds):
                connection = await turn
        except TimeoutError:
            self._pass_on(turn)
            raise Overloaded(f"{self._open} connections are busy") from None
        except asyncio.CancelledError:
            self._pass_on(turn)
            raise
        if connection is not None:
            return connection
        if self._closed:
            raise StoreDown("down")
        return await self._open_one()

    def give_back(self, connection: RawConnection, *, usable: bool) -> None:
        """Hand a connection to whoever waits longest, or keep it; one that is not usable is ended."""
        if not usable:
            connection.terminate()
            self._open -= 1
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                # None: there is room, open your own.
                turn.set_result(connection if usable else None)
                return
        if usable:
            self._idle.append(connection)

    def _pass_on(self, turn: asyncio.Future[RawConnection | None]) -> None:
        # The turn may have come in the very moment that its owner gave up.
        if turn.done() and not turn.cancelled():
            connection = turn.result()
            if connection is not None:
                self.give_back(connection, usable=not connection.is_closed())
            else:
                self._wake_one()
        else:
            turn.cancel()
            with contextlib.suppress(ValueError):
                self._waiting.remove(turn)

    def _wake_one(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    async def _open_one(self) -> RawConnection:
        self._open += 1
        try:
            connection = await self.connect(timeout=CONNECT_TIMEOUT_SECONDS)
        except BaseException as error:
            self._open -= 1
            self._wake_one()
            if isinstance(error, (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError)):
                self._suspect()
                raise StoreDown(type(error).__name__) from error
            raise
        if self._closed:
            connection.terminate()
            self._open -= 1
            raise StoreDown("down")
        return connection

    async def connect(self, timeout: float) -> RawConnection:  # ruff: ignore[async-function-with-timeout] - asyncpg's own, which also ends the socket
        """A connection of our kind, outside the count."""
        return await asyncpg.connect(
            self._url,
            timeout=timeout,
            statement_cache_size=512,
            max_cached_statement_lifetime=0,  # statements are few and known: never prepared twice
            server_settings=_SERVER_SETTINGS,
        )
