"""The SQL store: what callers share is never mixed up, and what is wrong is said at once."""

import asyncio
import contextlib

import asyncpg
import pytest

from gateway.sql_connections import Connections
from gateway.stores import Overloaded, SqlStore, StoreDown, StoreUnreachable
from tests.stores import PrivatePostgres


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


async def test_a_connect_that_was_called_off_before_it_began_takes_no_place(database_url: str) -> None:
    """PostgreSQL goes down in the moment in which a connection is to be opened: its place is free when service resumes."""
    connections = Connections(database_url, 1, suspect=lambda: None)
    connections.reopen()
    waiting = asyncio.create_task(connections.wait_for_connection(5))
    await asyncio.sleep(0)
    connections.shut()
    with pytest.raises(StoreDown):
        await waiting
    connections.reopen()
    connection = await connections.wait_for_connection(5)
    assert await connection.fetchval("select 1") == 1
    connections.give_back(connection, usable=False)
    await connections.shut_for_good()


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
