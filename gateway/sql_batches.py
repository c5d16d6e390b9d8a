"""Statements that queue for PostgreSQL go together: one by one while it keeps up, several in one transaction when not.

What a server does one by one for many connections it does with cold caches and a wait for the disk each time; the same
work in a row, in one transaction, costs it less than half. Nobody waits in order to be joined by others, and nobody
waits for ever: neither behind others nor for a connection.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeAlias, TypeVar

from gateway.stores import Connection, Overloaded, SqlStore

TOGETHER_MAX: Final = 16
"""Wishes in one statement: few enough that the first does not wait long for the last."""
CONNECTIONS_A_LANE: Final = 5
"""One lane for so many connections of the pool, and two at least: the others are for everything else."""
WAIT_SECONDS: Final = 1.5
"""How long a wish waits for its statement to begin, where its request has no deadline of its own."""
WAITING_MAX: Final = 64 * TOGETHER_MAX
"""Wishes of one kind that wait: who comes when there are as many would hardly be served in time."""
_WAIT_SECONDS_MIN: Final = 0.001

Wish = TypeVar("Wish")
Outcome = TypeVar("Outcome")


Statement: TypeAlias = Callable[[Connection, Sequence[Wish]], Awaitable[Sequence[Outcome]]]
"""Asks for one wish or several; the outcomes come in the order of the wishes, and none says anything about the next.

It must not wait long for a lock: all who come later would wait with it.
"""


class Batches:
    """Runs statements of any kind, each kind in lanes of its own; one a process."""

    def __init__(self, sql: SqlStore, pool_size: int) -> None:
        self._sql = sql
        self._lanes = max(2, pool_size // CONNECTIONS_A_LANE)
        self._queues: dict[Statement[Any, Any], _Queue] = {}

    async def run(self, statement: Statement[Wish, Outcome], wish: Wish, *, deadline: float | None = None) -> Outcome:
        """Return the wish's outcome, as committed. Raises what the statement raises, StoreDown and Overloaded.

        `deadline` (the event loop's time, seconds): a wish whose statement has not begun by then is Overloaded, and so is
        one that finds too many waiting. A caller that is refused so, or cancelled before its statement began, has asked
        for nothing; later, it is done all the same.
        """
        queue = self._queues.get(statement)
        if queue is None:
            queue = self._queues[statement] = _Queue(statement, self._sql, self._lanes)
        outcome: Outcome = await queue.add(wish, deadline)
        return outcome


class _Asked:
    """A wish that waits for its statement to begin, until its deadline at most."""

    __slots__ = ("_timer", "deadline", "future", "wish")

    def __init__(self, wish: Any, deadline: float | None, loop: asyncio.AbstractEventLoop) -> None:
        self.wish = wish
        self.future: asyncio.Future[Any] = loop.create_future()
        self.deadline = loop.time() + WAIT_SECONDS if deadline is None else deadline
        self._timer = loop.call_at(self.deadline, self._give_up)

    @property
    def waits(self) -> bool:
        """Whether anybody still wants the outcome."""
        return not self.future.done()

    def begin(self) -> None:
        """The statement begins: from here on, its end is waited for."""
        self._timer.cancel()

    def answer(self, outcome: Any) -> None:
        """Tell the outcome to whoever still waits."""
        if not self.future.done():
            self.future.set_result(outcome)

    def _give_up(self) -> None:
        self.refuse(Overloaded("this statement did not begin in time"))

    def refuse(self, error: BaseException) -> None:
        """Tell why there is no outcome."""
        self._timer.cancel()
        if not self.future.done():
            self.future.set_exception(error)


class _Queue:
    def __init__(self, statement: Statement[Any, Any], sql: SqlStore, lanes: int) -> None:
        self._statement = statement
        self._sql = sql
        self._lanes_max = lanes
        self._lanes_open = 0
        self._lane_begins = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: deque[_Asked] = deque()
        self._loop = asyncio.get_running_loop()  # asked for once: each time costs a system call

    def add(self, wish: Any, deadline: float | None) -> "asyncio.Future[Any]":
        if len(self._waiting) >= WAITING_MAX:
            raise Overloaded(f"{WAITING_MAX} wait for this statement")
        asked = _Asked(wish, deadline, self._loop)
        self._waiting.append(asked)
        self._open_lane()
        return asked.future

    def _open_lane(self) -> None:
        """One more, if there may be: it begins after this tick, so that all who come in it are there."""
        if not self._lane_begins and self._lanes_open < self._lanes_max:
            self._lane_begins = True
            self._lanes_open += 1
            task = self._loop.create_task(self._serve())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve(self) -> None:
        self._lane_begins = False
        try:
            while batch := self._take():
                if self._waiting:
                    self._open_lane()
                await self._send(batch)
        finally:
            self._lanes_open -= 1

    def _take(self) -> list[_Asked]:
        batch: list[_Asked] = []
        while self._waiting and len(batch) < TOGETHER_MAX:
            asked = self._waiting.popleft()
            if asked.waits:
                batch.append(asked)
        return batch

    async def _send(self, batch: list[_Asked]) -> None:
        try:
            await self._ask(batch)
        except Exception as error:  # ruff: ignore[blind-except] - whatever it is, those who wait are told
            for asked in batch:
                asked.refuse(error)
        except BaseException:
            for asked in batch:
                asked.future.cancel()
            raise

    async def _ask(self, batch: list[_Asked]) -> None:
        """Ask for the batch on a connection; who gave up while there was none is left out."""
        latest = max(asked.deadline for asked in batch) - self._loop.time()
        async with self._sql.session(wait_seconds=max(_WAIT_SECONDS_MIN, latest)) as connection:
            batch = [asked for asked in batch if asked.waits]
            if not batch:
                return
            for asked in batch:
                asked.begin()
            outcomes = await self._statement(connection, [asked.wish for asked in batch])
        for asked, outcome in zip(batch, outcomes, strict=True):
            asked.answer(outcome)
