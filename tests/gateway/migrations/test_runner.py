"""The migrations: whole or not at all, one at a time, and the runtime role gets rows and no schema."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
from msgspec import structs

from gateway.embedded.postgres import RUNTIME
from gateway.migrations import MigrationFailed, migrate, migrations, migrations_current, missing_migrations
from quotas.plans import BUILT_IN


def _write(folder: Path, **files: str) -> Path:
    for name, sql in files.items():
        (folder / f"{name.removeprefix('m')}.sql").write_text(sql)
    return folder


async def _one(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_a_fresh_database_becomes_current_once(empty_database_urls: tuple[str, str]) -> None:
    """Every file is applied once; a second run changes nothing."""
    url, owner_url = empty_database_urls
    applied = await migrate(owner_url, runtime_role=RUNTIME)
    assert applied == [migration.name for migration in migrations()]
    assert await migrate(owner_url, runtime_role=RUNTIME) == []
    connection = await asyncpg.connect(url)
    assert await migrations_current(connection)
    await connection.close()


async def test_an_unmigrated_database_is_not_current(empty_database_urls: tuple[str, str]) -> None:
    """The runtime role can tell that migrations are missing, and which."""
    connection = await asyncpg.connect(empty_database_urls[0])
    assert await missing_migrations(connection) == [migration.name for migration in migrations()]
    await connection.close()


async def test_two_migrations_at_once_apply_each_file_once(empty_database_urls: tuple[str, str]) -> None:
    """The second waits for the first and finds nothing to do."""
    _, owner_url = empty_database_urls
    both = await asyncio.gather(migrate(owner_url, runtime_role=RUNTIME), migrate(owner_url, runtime_role=RUNTIME))
    assert sorted(both, key=len) == [[], [migration.name for migration in migrations()]]


async def test_a_failing_migration_leaves_nothing_and_resumes(
    empty_database_urls: tuple[str, str], tmp_path: Path
) -> None:
    """What came before stays, the failing file leaves no table behind, and the repaired file is applied."""
    _, owner_url = empty_database_urls
    broken = "create table half (a int); select 1 / 0"
    _write(tmp_path, m0001_first="create table first (a int)", m0002_second=broken)
    with pytest.raises(MigrationFailed, match=r"^0002_second\.sql failed and left nothing behind: division by zero$"):
        await migrate(owner_url, runtime_role=None, folder=tmp_path)
    assert await _one(owner_url, "select to_regclass('first') is not null and to_regclass('half') is null")
    _write(tmp_path, m0002_second="create table half (a int)")
    assert await migrate(owner_url, runtime_role=None, folder=tmp_path) == ["0002_second.sql"]


async def test_a_migration_killed_in_the_middle_is_resumed(
    empty_database_urls: tuple[str, str], tmp_path: Path
) -> None:
    """The session that migrates is ended half way: one clear line, no half table, no lock left, the next run goes on."""
    _, owner_url = empty_database_urls
    _write(tmp_path, m0001_slow="create table half (a int); select pg_sleep(60)")
    running = asyncio.create_task(migrate(owner_url, runtime_role=None, folder=tmp_path))
    connection = await asyncpg.connect(owner_url)
    async with asyncio.timeout(20):
        while not await connection.fetchval(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and wait_event = 'PgSleep'"
        ):
            await asyncio.sleep(0.02)
    with pytest.raises(
        MigrationFailed, match=r"^0001_slow\.sql failed and left nothing behind: .*terminating connection"
    ):
        await running
    assert await connection.fetchval("select to_regclass('half') is null")
    await connection.close()
    _write(tmp_path, m0001_slow="create table half (a int)")
    assert await migrate(owner_url, runtime_role=None, folder=tmp_path) == ["0001_slow.sql"]


async def test_a_changed_file_is_refused(empty_database_urls: tuple[str, str], tmp_path: Path) -> None:
    """An applied migration is history: editing it stops the run before anything else happens."""
    _, owner_url = empty_database_urls
    _write(tmp_path, m0001_first="create table first (a int)")
    await migrate(owner_url, runtime_role=None, folder=tmp_path)
    _write(tmp_path, m0001_first="create table first (a text)", m0002_second="create table second (a int)")
    with pytest.raises(MigrationFailed, match=r"0001_first\.sql is not what was applied"):
        await migrate(owner_url, runtime_role=None, folder=tmp_path)
    assert await _one(owner_url, "select to_regclass('second') is null")


@pytest.mark.parametrize("name", ["1_short", "0001-dash", "0001_Upper"])
def test_a_wrong_file_name_is_refused(tmp_path: Path, name: str) -> None:
    """A file that would be skipped or sorted wrongly stops the run instead."""
    (tmp_path / f"{name}.sql").write_text("select 1")
    with pytest.raises(MigrationFailed, match="no migration's name"):
        migrations(tmp_path)


def test_two_files_with_one_number_are_refused(tmp_path: Path) -> None:
    """Which one comes first would be chance."""
    _write(tmp_path, m0001_a="select 1", m0001_b="select 1")
    with pytest.raises(MigrationFailed, match="same number"):
        migrations(tmp_path)


async def test_a_store_that_is_not_there_is_named_in_one_line() -> None:
    """No traceback, no password: PostgreSQL can't be reached, and why."""
    with pytest.raises(MigrationFailed, match=r"^PostgreSQL can't be reached to migrate: ") as refused:
        await migrate("postgresql://owner:s3cret@127.0.0.1:1/none", runtime_role=None)
    assert "s3cret" not in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_the_runtime_role_changes_rows_and_never_the_schema(database: "asyncpg.Pool[asyncpg.Record]") -> None:
    """DDL, TRUNCATE and the register of migrations are refused to the role of `serve` and `work`."""
    for statement in (
        "create table mine (a int)",
        "create temporary table mine (a int)",
        "alter table center add column extra int",
        "drop table course",
        "truncate course",
        "update schema_migration set checksum = ''",
        "create role mine",
        "create schema mine",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await database.execute(statement)
    assert await database.fetchval("select count(*) from course") == 0


async def test_history_is_only_added_to(empty_database_urls: tuple[str, str], tmp_path: Path) -> None:
    """On the ledger the runtime role may read and insert, not change, delete or empty."""
    url, owner_url = empty_database_urls
    _write(tmp_path, m0001_ledger="create table quota_ledger (id int); create table other (id int)")
    await migrate(owner_url, runtime_role=RUNTIME, folder=tmp_path)
    connection = await asyncpg.connect(url)
    await connection.execute("insert into quota_ledger values (1); insert into other values (1)")
    await connection.execute("update other set id = 2; delete from other")
    for statement in ("update quota_ledger set id = 2", "delete from quota_ledger", "truncate quota_ledger"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.close()


async def test_an_unknown_runtime_role_is_named(empty_database_urls: tuple[str, str]) -> None:
    """A misspelt role stops the run with its name."""
    with pytest.raises(MigrationFailed, match='runtime role "nobody-here" does not exist'):
        await migrate(empty_database_urls[1], runtime_role="nobody-here")


async def test_plans_are_written_and_changed_with_the_migration(empty_database_urls: tuple[str, str]) -> None:
    """The table says what the plans say, again after a change; running twice writes nothing new."""
    _, owner_url = empty_database_urls
    await migrate(owner_url, runtime_role=RUNTIME, plans=BUILT_IN)
    connection = await asyncpg.connect(owner_url)
    before = await connection.fetch("select xmin::text, * from plan order by id")
    assert {row["id"]: row["generation_units_per_month"] for row in before} == {
        "starter": 50,
        "pro": 500,
        "partner": 5000,
    }
    assert {row["id"]: row["regenerations_per_month"] for row in before}["partner"] is None
    await migrate(owner_url, runtime_role=RUNTIME, plans=BUILT_IN)
    assert await connection.fetch("select xmin::text, * from plan order by id") == before
    smaller = [structs.replace(plan, requests_per_minute=7, alert_percents=(50,)) for plan in BUILT_IN]
    await migrate(owner_url, runtime_role=RUNTIME, plans=smaller)
    after = await connection.fetch("select requests_per_minute, alert_percents from plan")
    assert [tuple(row) for row in after] == [(7, [50])] * 3
    await connection.close()
