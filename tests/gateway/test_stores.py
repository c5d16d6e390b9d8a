"""The SQL store: 503 within a second when PostgreSQL can't serve, nothing half done, and recovery without a hand."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Self

import asyncpg
import pytest

from gateway.stores import Overloaded, SqlStore, StoreDown, StoreUnreachable
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
        await asyncio.gather(*self._tasks, return_exceptions=True)

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


async def test_a_pool_that_is_exhausted_refuses_after_the_wait(sql: SqlStore) -> None:
    """All ten connections busy: the eleventh waits as long as it wanted to, and the first one free goes to whoever waits."""
    loop = asyncio.get_running_loop()
    async with contextlib.AsyncExitStack() as busy:
        for _ in range(10):
            await busy.enter_async_context(sql.session())
        assert sql.busy == 10
        began = loop.time()
        with pytest.raises(Overloaded):
            async with sql.session(wait_seconds=0.1):
                pass
        assert 0.09 < loop.time() - began < 0.5

        async def wait_in_turn() -> object:
            async with sql.session(wait_seconds=10) as connection:
                return await connection.fetchval("select 1")

        waiting = [asyncio.create_task(wait_in_turn()) for _ in range(30)]
        await asyncio.sleep(0)
    assert await asyncio.gather(*waiting) == [1] * 30
    assert sql.busy == 0


async def test_a_pool_larger_than_the_server_allows_uses_what_it_gets(private_postgres: PrivatePostgres) -> None:
    """PostgreSQL has no room for more connections: callers share those there are, nobody is told that it is down."""
    admin = await asyncpg.connect(private_postgres.server.admin_url)
    await admin.execute("alter role coursegate connection limit 4")
    await admin.close()

    async def ask() -> object:
        async with store.session(wait_seconds=10) as connection:
            await connection.execute("select pg_sleep(0.02)")
            return await connection.fetchval("select 1")

    async with SqlStore(private_postgres.database_url, size=10) as store:
        assert await asyncio.gather(*(ask() for _ in range(40))) == [1] * 40
        assert store.up


async def test_a_caller_that_gives_up_leaks_no_connection(sql: SqlStore) -> None:
    """Cancelled at any point, waiting, in a statement or in a transaction: all ten connections remain to be had."""

    async def work() -> None:
        async with sql.session(wait_seconds=5) as connection, connection.transaction():
            await connection.execute("select pg_sleep(0.01)")
            await connection.execute("select 1")

    for turn in range(40):
        tasks = [asyncio.create_task(work()) for _ in range(25)]
        for _ in range(turn):
            await asyncio.sleep(0.001)
        for task in tasks[::2]:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(result is None or isinstance(result, asyncio.CancelledError) for result in ended)
    async with contextlib.AsyncExitStack() as busy:
        for _ in range(10):
            connection = await busy.enter_async_context(sql.session(wait_seconds=2))
            assert await connection.fetchval("select 1") == 1
        with pytest.raises(Overloaded):
            async with sql.session(wait_seconds=0.01):
                pass


async def test_a_session_past_its_deadline_is_ended(sql: SqlStore) -> None:
    """A statement that hangs, on a lock say, costs its own caller a 503 and frees its locks."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(StoreDown):
        async with sql.session(deadline_seconds=0.3) as connection:
            await connection.fetchval("select pg_sleep(30)")
    assert loop.time() - began < 1.5
    async with sql.session() as connection:
        assert await connection.fetchval("select 1") == 1


async def test_an_open_transaction_is_never_handed_on(sql: SqlStore) -> None:
    """Whoever leaves a transaction open loses it: the next borrower starts clean."""
    async with sql.session() as connection:
        await connection.execute("begin")
        await connection.execute("set local lock_timeout = '1ms'")
    async with sql.session() as connection:
        assert not connection.is_in_transaction()
        assert await connection.fetchval("show lock_timeout") == "0"


async def test_a_coroutine_that_is_dropped_in_a_statement_hands_nothing_on(sql: SqlStore) -> None:
    """Closed instead of cancelled, in the middle of `begin`: the next caller's commit is a commit, not a savepoint's end."""

    async def ask() -> None:
        async with sql.session() as connection, connection.transaction():
            await connection.execute("select 1")

    asked = ask()
    asked.send(None)
    asked.close()
    async with sql.session() as connection:
        assert not connection.is_in_transaction()
        assert await connection.fetchval("select 1") == 1
    assert sql.busy == 0


async def test_errors_of_a_statement_pass_through(sql: SqlStore) -> None:
    """What PostgreSQL says about a statement is the caller's affair, and the connection stays in use."""
    async with sql.session() as connection:
        pid = await connection.fetchval("select pg_backend_pid()")
    with pytest.raises(asyncpg.UndefinedTableError):
        async with sql.session() as connection:
            await connection.execute("select * from nowhere")
    async with sql.session() as connection:
        assert await connection.fetchval("select pg_backend_pid()") == pid


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://someone:s3cret@127.0.0.1:1/none",
        "postgresql://someone:s3cret@/none?host=%2Fnowhere",
        "nonsense://someone:s3cret@x",
    ],
)
async def test_a_store_missing_at_the_start_is_one_line(url: str) -> None:
    """The start stops with one line that says why and shows no password."""
    with pytest.raises(StoreUnreachable, match=r"^PostgreSQL does not answer: ") as refused:
        await SqlStore(url).open()
    assert "\n" not in str(refused.value)
    assert "s3cret" not in str(refused.value)


async def test_a_wrong_password_at_the_start_is_one_line(private_postgres: PrivatePostgres) -> None:
    """Whom it refused is said, the password is not."""
    with pytest.raises(StoreUnreachable, match='password authentication failed for user "coursegate"'):
        await SqlStore(private_postgres.database_url.replace(":runtime@", ":guess@")).open()
