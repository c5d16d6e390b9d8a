"""The SQL store when PostgreSQL fails: 503 within a second, nothing half done, and recovery without a hand."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Self

import asyncpg
import pytest

from gateway.stores import Overloaded, SqlStore, StoreDown
from tests.stores import PrivatePostgres


@pytest.fixture
async def guarded(private_postgres: PrivatePostgres) -> AsyncIterator[SqlStore]:
    async with SqlStore(private_postgres.database_url, size=4) as store:
        yield store


async def _add_center(sql: SqlStore, number: int) -> None:
    async with sql.session() as connection, connection.transaction():
        await connection.execute("insert into fact values ($1)", number)
        await connection.execute("insert into fact values ($1)", -number)


async def _becomes(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


class Load:
    """Eight callers that never rest, and what became of every call: seconds it took, and how it ended."""

    def __init__(self, sql: SqlStore) -> None:
        self.sql = sql
        self.calls: list[tuple[float, str]] = []
        self.committed: set[int] = set()
        self._next = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._caller()) for _ in range(8)]
        await _becomes(lambda: len(self.committed) > 20)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        assert all(isinstance(end, asyncio.CancelledError) for end in ended), ended

    def seen(self, outcome: str) -> int:
        return sum(1 for _, ended in self.calls if ended == outcome)

    @property
    def slowest(self) -> float:
        return max(seconds for seconds, _ in self.calls)

    async def _caller(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._next += 1
            number, began = self._next, loop.time()
            try:
                await _add_center(self.sql, number)
            except StoreDown:
                self.calls.append((loop.time() - began, "down"))
                await asyncio.sleep(0.01)
            except Overloaded:
                self.calls.append((loop.time() - began, "overloaded"))
            else:
                self.calls.append((loop.time() - began, "committed"))
                self.committed.add(number)


async def _facts_are_whole(private: PrivatePostgres, load: Load) -> None:
    """Every call that was told so is committed, and none is half done."""
    connection = await asyncpg.connect(private.migrate_database_url)
    numbers = {row["number"] for row in await connection.fetch("select number from fact")}
    await connection.close()
    assert load.committed <= numbers
    assert numbers == {-number for number in numbers}


@pytest.fixture
async def fact_table(private_postgres: PrivatePostgres) -> None:
    connection = await asyncpg.connect(private_postgres.migrate_database_url)
    await connection.execute(
        "create table fact (number bigint primary key); grant select, insert on fact to coursegate"
    )
    await connection.close()


async def _stop(private: PrivatePostgres) -> None:
    await private.stop()


async def _freeze(private: PrivatePostgres) -> None:
    private.freeze()
    await asyncio.sleep(0)


@pytest.mark.parametrize("fail", [_stop, _freeze], ids=["stopped", "frozen"])
async def test_a_store_that_fails_under_load_answers_within_a_second_and_recovers(
    private_postgres: PrivatePostgres,
    guarded: SqlStore,
    fact_table: None,
    fail: Callable[[PrivatePostgres], Awaitable[None]],
) -> None:
    """Stopped or frozen: every call ends within a second, nothing is half done, and service resumes by itself."""
    async with Load(guarded) as load:
        await fail(private_postgres)
        await _becomes(lambda: load.seen("down") > 50)
        assert not guarded.up
        before = len(load.committed)
        if private_postgres.server.running:
            private_postgres.thaw()
        else:
            await private_postgres.start()
        await _becomes(lambda: len(load.committed) > before + 50)
        assert guarded.up
    assert load.slowest < 1.0
    await _facts_are_whole(private_postgres, load)


async def test_a_restart_under_load_needs_no_hand(
    private_postgres: PrivatePostgres, guarded: SqlStore, fact_table: None
) -> None:
    """Three restarts in a row: calls fail fast meanwhile, nothing is half done, and each time service resumes."""
    async with Load(guarded) as load:
        for _ in range(3):
            before = len(load.committed)
            await private_postgres.restart()
            await _becomes(lambda before=before: len(load.committed) > before + 20)  # type: ignore[misc]
    assert load.slowest < 1.0
    await _facts_are_whole(private_postgres, load)


async def test_while_it_is_down_nobody_waits(private_postgres: PrivatePostgres, guarded: SqlStore) -> None:
    """Once the watcher knows, a session is refused without touching the network."""
    private_postgres.freeze()
    await _becomes(lambda: not guarded.up, seconds=2)
    loop = asyncio.get_running_loop()
    began = loop.time()
    for _ in range(1000):
        with pytest.raises(StoreDown):
            async with guarded.session():
                pass
    assert loop.time() - began < 0.5
    private_postgres.thaw()
    await _becomes(lambda: guarded.up)


async def test_one_ended_connection_is_one_refusal(private_postgres: PrivatePostgres, guarded: SqlStore) -> None:
    """A backend that an operator ends costs the call that ran on it, and no other."""
    async with guarded.session() as connection:
        pid = await connection.fetchval("select pg_backend_pid()")
    admin = await asyncpg.connect(private_postgres.server.admin_url)

    async def be_ended() -> None:
        async with guarded.session() as connection:
            await admin.execute("select pg_terminate_backend($1)", pid)
            await connection.fetchval("select pg_sleep(5)")

    with pytest.raises(StoreDown):
        await be_ended()
    await admin.close()
    async with guarded.session() as connection:
        assert await connection.fetchval("select pg_backend_pid()") != pid
