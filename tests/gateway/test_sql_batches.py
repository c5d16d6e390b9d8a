"""Statements that queue go together: in order, each with its own outcome, and never waiting to be joined."""

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest

from gateway.sql_batches import TOGETHER_MAX, WAITING_MAX, Batches
from gateway.stores import Connection, Overloaded, SqlStore, StoreDown


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
        early = await _both_lanes_busy(batches, doubling)
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


async def test_who_waits_behind_busy_lanes_is_refused_at_the_deadline(
    batches: Batches, database: "asyncpg.Pool[asyncpg.Record]"
) -> None:
    """Overloaded while the lanes are still busy; its statement never begins, and whoever has longer is served."""
    doubling = Doubling(gate=4712)
    async with database.acquire() as connection, connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(4712)")
        early = await _both_lanes_busy(batches, doubling)
        deadline = asyncio.get_running_loop().time() + 0.05
        hasty = asyncio.create_task(batches.run(doubling, 10, deadline=deadline))
        patient = asyncio.create_task(batches.run(doubling, 20, deadline=deadline + 20))
        with pytest.raises(Overloaded):
            await hasty
        assert not any(task.done() for task in (*early, patient))
    assert await asyncio.gather(*early, patient) == [2, 4, 40]
    assert doubling.sizes == [1, 1, 1]


async def test_a_full_queue_refuses_at_once(batches: Batches, database: "asyncpg.Pool[asyncpg.Record]") -> None:
    """As many as may wait are served when the lanes are free again; one more is Overloaded and holds nobody up."""
    doubling = Doubling(gate=4713)
    async with database.acquire() as connection, connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(4713)")
        early = await _both_lanes_busy(batches, doubling)
        deadline = asyncio.get_running_loop().time() + 30
        waiting = [asyncio.create_task(batches.run(doubling, 1, deadline=deadline)) for _ in range(WAITING_MAX)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await batches.run(doubling, 1, deadline=deadline)
    assert await asyncio.gather(*early, *waiting) == [2, 4] + [2] * WAITING_MAX


async def test_waiting_for_a_connection_ends_at_the_deadline_and_not_before(database_url: str) -> None:
    """With the pool lent out for longer than others wait for it, the hasty wish is Overloaded without a statement, and
    the one whose request has time gets the connection.
    """  # fmt: skip
    doubling = Doubling()
    async with SqlStore(database_url, size=1) as store:
        batches = Batches(store, pool_size=1)
        now = asyncio.get_running_loop().time()
        async with store.session():
            patient = asyncio.create_task(batches.run(doubling, 5, deadline=now + 20))
            await asyncio.sleep(0)
            with pytest.raises(Overloaded):
                await batches.run(doubling, 4, deadline=now + 0.05)
            await asyncio.sleep(0.7)  # a session waits half a second unless it is told otherwise
            assert doubling.sizes == []
        assert await patient == 10
    assert doubling.sizes == [1]


async def _both_lanes_busy(batches: Batches, doubling: Doubling) -> list[asyncio.Task[int]]:
    """Tasks that double 1 and 2, each waiting in SQL on a lane of its own."""
    early = []
    for number in (1, 2):
        early.append(asyncio.create_task(batches.run(doubling, number)))
        async with asyncio.timeout(10):
            while len(doubling.sizes) < number:
                await asyncio.sleep(0.001)
    return early
