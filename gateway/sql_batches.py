"""Statements that queue for PostgreSQL go together: one by one while it keeps up, several in one transaction when not.

What a server does one by one for many connections it does with cold caches and a wait for the disk each time; the same
work in a row, in one transaction, costs it less than half. Nobody waits in order to be joined by others.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeAlias, TypeVar

from gateway.stores import Connection, SqlStore

TOGETHER_MAX: Final = 16
"""Wishes in one statement: few enough that the first does not wait long for the last."""
CONNECTIONS_A_LANE: Final = 5
"""One lane for so many connections of the pool, and two at least: the others are for everything else."""

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

    async def run(self, statement: Statement[Wish, Outcome], wish: Wish) -> Outcome:
        """Return the wish's outcome, as committed. Raises what the statement raises, StoreDown and Overloaded.

        A caller that is cancelled before its statement began has asked for nothing; later, it is done all the same.
        """
        queue = self._queues.get(statement)
        if queue is None:
            queue = self._queues[statement] = _Queue(statement, self._sql, self._lanes)
        outcome: Outcome = await queue.add(wish)
        return outcome


class _Queue:
    def __init__(self, statement: Statement[Any, Any], sql: SqlStore, lanes: int) -> None:
        self._statement = statement
        self._sql = sql
        self._lanes_max = lanes
        self._lanes_open = 0
        self._lane_begins = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: deque[tuple[Any, asyncio.Future[Any]]] = deque()

    def add(self, wish: Any) -> "asyncio.Future[Any]":
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((wish, future))
        self._open_lane()
        return future

    def _open_lane(self) -> None:
        """One more, if there may be: it begins after this tick, so that all who come in it are there."""
        if not self._lane_begins and self._lanes_open < self._lanes_max:
            self._lane_begins = True
            self._lanes_open += 1
            task = asyncio.get_running_loop().create_task(self._serve())
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

    def _take(self) -> list[tuple[Any, "asyncio.Future[Any]"]]:
        batch: list[tuple[Any, asyncio.Future[Any]]] = []
        while self._waiting and len(batch) < TOGETHER_MAX:
            wish, future = self._waiting.popleft()
            if not future.done():
                batch.append((wish, future))
        return batch

    async def _send(self, batch: list[tuple[Any, "asyncio.Future[Any]"]]) -> None:
        try:
            outcomes = await self._ask([wish for wish, _ in batch])
        except Exception as error:  # ruff: ignore[blind-except] - whatever it is, those who wait are told
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
        except BaseException:
            for _, future in batch:
                future.cancel()
            raise
        else:
            for (_, future), outcome in zip(batch, outcomes, strict=True):
                if not future.done():
                    future.set_result(outcome)

    async def _ask(self, wishes: list[Any]) -> Sequence[Any]:
        async with self._sql.session() as connection:
            return await self._statement(connection, wishes)
