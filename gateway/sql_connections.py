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

CONNECT_TIMEOUT_SECONDS: Final = 5.0
"""Nobody waits for this: whoever does is refused sooner, by the watcher or by their own deadline."""

_SERVER_SETTINGS: Final = {
    "application_name": "coursegate",
    "timezone": "UTC",
    "jit": "off",
    "enable_seqscan": "off",  # rows are looked up by key; a plan made while a table was small outlives its smallness
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
    """At most `size` connections to one database; `suspect` is called when one could not be opened.

    Who finds none idle waits in turn, while one more is opened beside it if the size allows: whichever comes first
    serves, so a slow connect costs nobody more than a busy pool does.
    """

    def __init__(self, url: str, size: int, suspect: Callable[[], None]) -> None:
        self._url = url
        self._size = size
        self._suspect = suspect
        self._closed = True
        self._idle: list[RawConnection] = []
        self._open = 0  # opened or being opened, lent out or idle
        self._waiting: deque[asyncio.Future[RawConnection]] = deque()
        self._openings: set[asyncio.Task[None]] = set()

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
        """PostgreSQL can't serve: refuse from now on, end what is idle or being opened, refuse all who wait."""
        self._closed = True
        for opening in self._openings:
            opening.cancel()
        while self._idle:
            self._end(self._idle.pop())
        while self._waiting:
            self._refuse_one("down")

    async def shut_for_good(self) -> None:
        """Shut, and wait until nothing is being opened any more."""
        self.shut()
        await asyncio.gather(*self._openings, return_exceptions=True)

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
        """The first connection that comes free or is opened. Raises Overloaded after `seconds`, and StoreDown."""
        if self._open < self._size:
            self._start_opening()
        turn: asyncio.Future[RawConnection] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(seconds):
                return await turn
        except TimeoutError:
            self._give_up(turn)
            raise Overloaded(f"{self._open} connections are busy") from None
        except asyncio.CancelledError:
            self._give_up(turn)
            raise

    def give_back(self, connection: RawConnection, *, usable: bool) -> None:
        """Hand a connection to whoever waits longest, or keep it; one that is not usable is ended and replaced."""
        if not usable:
            self._end(connection)
            if self._waiting and not self._closed:
                self._start_opening()
            return
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        self._idle.append(connection)

    def _give_up(self, turn: asyncio.Future[RawConnection]) -> None:
        if not turn.done() or turn.cancelled():
            turn.cancel()
            with contextlib.suppress(ValueError):
                self._waiting.remove(turn)
        elif turn.exception() is None:
            # The turn came in the very moment that its owner gave up.
            self.give_back(turn.result(), usable=not self._closed and not turn.result().is_closed())

    def _refuse_one(self, reason: str) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(StoreDown(reason))
                return

    def _end(self, connection: RawConnection) -> None:
        connection.terminate()
        self._open -= 1

    def _start_opening(self) -> None:
        self._open += 1
        opening = asyncio.get_running_loop().create_task(self._open_one(), name="sql connect")
        self._openings.add(opening)
        opening.add_done_callback(self._opening_ended)

    def _opening_ended(self, opening: asyncio.Task[None]) -> None:
        self._openings.discard(opening)
        # Counted here, since one that was canceled before its first step ran no line of its own.
        if opening.cancelled():
            self._open -= 1

    async def _open_one(self) -> None:
        try:
            connection = await self.connect(timeout=CONNECT_TIMEOUT_SECONDS)
        except (
            OSError,
            asyncpg.PostgresError,
            asyncpg.InterfaceError,
            asyncpg.InternalClientError,
            TimeoutError,
        ) as error:
            self._open -= 1
            self._suspect()
            # PostgreSQL has no room for one more: those that we have will serve.
            if not (isinstance(error, asyncpg.TooManyConnectionsError) and self._open):
                self._refuse_one(type(error).__name__)
        except Exception:
            self._open -= 1
            raise
        else:
            if self._closed:
                self._end(connection)
            else:
                self.give_back(connection, usable=True)

    async def connect(self, timeout: float) -> RawConnection:  # ruff: ignore[async-function-with-timeout] - asyncpg's own, which also ends the socket
        """A connection of our kind, outside the count."""
        return await asyncpg.connect(
            self._url,
            timeout=timeout,
            statement_cache_size=512,
            max_cached_statement_lifetime=0,  # statements are few and known: never prepared twice
            server_settings=_SERVER_SETTINGS,
        )
