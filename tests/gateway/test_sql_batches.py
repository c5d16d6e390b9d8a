"""Statements that queue go together: in order, each with its own outcome, and never waiting to be joined."""

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest

from gateway.sql_batches import TOGETHER_MAX, Batches
from gateway.stores import Connection, SqlStore, StoreDown


class Doubling:
    """Doubles numbers in SQL and remembers how many came at a time. With `gate`, it waits for that advisory lock first."""

    def __init__(self, gate: int | None = None) -> None:
        self.sizes: list[int] = []
        self._gate = gate

    async def __call__(self, connection: Connection, numbers: Sequence[int]) -> list[int]:
        self.sizes.append(len(numbers))
        if self._gate is not None:
            await connection.execute("select pg_advisory_xact_lock_shared($1)", self._gate)
        rows = await connection.fetch(
            "select n * 2 + 0 / n as twice from unnest($1::int[]) with ordinality w (n, nth) order by nth",
            list(numbers),
        )
        return [row["twice"] for row in rows]


@pytest.fixture
def batches(sql: SqlStore) -> Batches:
    """Two lanes."""
    return Batches(sql, pool_size=10)


async def _together(batches: Batches, doubling: Doubling, numbers: Sequence[int]) -> list[int | BaseException]:
    return await asyncio.gather(*(batches.run(doubling, n) for n in numbers), return_exceptions=True)


async def test_what_comes_in_one_tick_goes_in_one_statement(batches: Batches) -> None:
    """Ten wishes, one statement, and each gets its own outcome."""
    doubling = Doubling()
    numbers = [1, 2, 4, 5, 10, 20, 25, 50, 100, 2]
    assert await _together(batches, doubling, numbers) == [n * 2 for n in numbers]
    assert doubling.sizes == [10]


async def test_a_lone_wish_goes_at_once_and_alone(batches: Batches) -> None:
    """Nobody waits for company."""
    doubling = Doubling()
    assert [await batches.run(doubling, n) for n in (1, 2)] == [2, 4]
    assert doubling.sizes == [1, 1]


async def test_a_batch_has_an_end(batches: Batches) -> None:
    """More than fit go in a further batch, on another lane."""
    doubling = Doubling()
    assert await _together(batches, doubling, [1] * (TOGETHER_MAX + 3)) == [2] * (TOGETHER_MAX + 3)
    assert sorted(doubling.sizes) == [3, TOGETHER_MAX]


async def test_what_queues_behind_busy_lanes_goes_together(
    batches: Batches, database: "asyncpg.Pool[asyncpg.Record]"
) -> None:
    """Both lanes wait in SQL; what comes meanwhile leaves in one statement when the first is free."""
    doubling = Doubling(gate=4711)
    async with database.acquire() as connection, connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(4711)")
        early = []
        for number in (1, 2):
            early.append(asyncio.create_task(batches.run(doubling, number)))
            async with asyncio.timeout(10):
                while len(doubling.sizes) < number:
                    await asyncio.sleep(0.001)
        late = [asyncio.create_task(batches.run(doubling, number)) for number in (4, 5, 10)]
        await asyncio.sleep(0)
        assert doubling.sizes == [1, 1]
    assert await asyncio.gather(*early, *late) == [2, 4, 8, 10, 20]
    assert doubling.sizes == [1, 1, 3]


async def test_an_error_is_told_to_all_who_were_in_it_and_to_nobody_else(batches: Batches) -> None:
    """A statement that fails fails for its wishes; the next is served as if nothing had been."""
    doubling = Doubling()
    outcomes = await _together(batches, doubling, [1, 0, 2])
    assert [type(outcome) for outcome in outcomes] == [asyncpg.DivisionByZeroError] * 3
    assert await batches.run(doubling, 5) == 10


async def test_who_left_before_the_statement_began_asked_for_nothing(batches: Batches) -> None:
    """A cancelled wish is left out, and the others are served."""
    doubling = Doubling()
    tasks = [asyncio.create_task(batches.run(doubling, number)) for number in (1, 2, 4)]
    asyncio.get_running_loop().call_soon(tasks[1].cancel)
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert outcomes[::2] == [2, 8]
    assert isinstance(outcomes[1], asyncio.CancelledError)
    assert doubling.sizes == [2]


async def test_a_store_that_is_away_is_told_to_all_that_wait(batches: Batches, sql: SqlStore) -> None:
    """StoreDown for everyone, at once; no lane stays closed behind it."""
    doubling = Doubling()
    await sql.close()
    outcomes = await _together(batches, doubling, [1] * (3 * TOGETHER_MAX))
    assert {type(outcome) for outcome in outcomes} == {StoreDown}
    await sql.open()
    assert await batches.run(doubling, 4) == 8
