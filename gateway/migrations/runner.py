import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import msgspec

from gateway.migrations.grants import grant_runtime_role
from gateway.migrations.plan_rows import write_plans
from gateway.stores import Connection
from quotas.plans import Plan

FOLDER = Path(__file__).parent

ADVISORY_LOCK = 0x636F_7572_7365
"""One migration runs at a time in a database: `cours` in ASCII, held by the session that migrates."""

_FILE_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")

_REGISTER = """
create table if not exists schema_migration (
    number      integer primary key,
    name        text not null,
    checksum    text not null,
    applied_at  timestamptz not null default clock_timestamp()
)
"""


class MigrationFailed(Exception):
    """The schema was not brought up to date; the text is one line. What was applied stays, the rest is resumed."""


class Migration(msgspec.Struct, frozen=True):
    """One file: its number, name, text and the SHA-256 of the text."""

    number: int
    name: str
    sql: str
    checksum: str


def migrations(folder: Path = FOLDER) -> list[Migration]:
    """All files in order of their numbers; raises MigrationFailed for a name or a number that can't be right."""
    found: dict[int, Migration] = {}
    for file in sorted(folder.glob("*.sql")):
        named = _FILE_NAME.fullmatch(file.name)
        if named is None:
            raise MigrationFailed(f"{file.name} is no migration's name; valid: 0001_what_it_brings.sql")
        number = int(named[1])
        if number in found:
            raise MigrationFailed(f"{file.name} and {found[number].name} have the same number")
        sql = file.read_text(encoding="utf-8")
        found[number] = Migration(number, file.name, sql, hashlib.sha256(sql.encode()).hexdigest())
    return list(found.values())


async def migrate(
    owner_url: str,
    *,
    runtime_role: str | None,
    plans: Sequence[Plan] = (),
    actor: str = "migrate",
    folder: Path = FOLDER,
) -> list[str]:
    """Apply what is missing, write the plans in the name of `actor`, grant the runtime role what it may; returns the names of applied files.

    Two at once: the second waits for the first. An interrupted run leaves whole migrations behind and is resumed.
    Raises MigrationFailed.
    """
    wanted = migrations(folder)
    try:
        connection = await asyncpg.connect(
            owner_url, timeout=10, server_settings={"application_name": "coursegate migrate"}
        )
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
        raise MigrationFailed(f"PostgreSQL can't be reached to migrate: {one_line(error)}") from error
    try:
        return await _migrate(connection, wanted, runtime_role, plans, actor)
    except asyncpg.LockNotAvailableError as error:
        raise MigrationFailed("another migration has been running for a minute; try again when it is done") from error
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise MigrationFailed(one_line(error)) from error
    finally:
        # Closing the session is what frees the lock, also when this process is killed instead.
        await connection.close(timeout=5)


async def missing_migrations(connection: Connection, folder: Path = FOLDER) -> list[str]:
    """Names of our files that this database does not have yet, empty when it is current.

    A database that is ahead of us (another version was rolled out and taken back) counts as current.
    """
    known = await connection.fetchval("select to_regclass('schema_migration') is not null")
    applied = (
        {row["number"] for row in await connection.fetch("select number from schema_migration")} if known else set()
    )
    return [migration.name for migration in migrations(folder) if migration.number not in applied]


async def migrations_current(connection: Connection) -> bool:
    """Whether every migration that this version brings has been applied."""
    return not await missing_migrations(connection)


def one_line(error: BaseException) -> str:
    """An error as one line without a statement's text: PostgreSQL's message, or the kind of error."""
    text = " ".join(str(error).split())
    return text[:300] or type(error).__name__


async def _migrate(
    connection: Connection, wanted: list[Migration], runtime_role: str | None, plans: Sequence[Plan], actor: str
) -> list[str]:
    await connection.execute("set lock_timeout = '60s'")
    await connection.execute("select pg_advisory_lock($1)", ADVISORY_LOCK)
    await connection.execute(_REGISTER)
    rows = await connection.fetch("select number, name, checksum from schema_migration")
    applied = {row["number"]: row["checksum"] for row in rows}
    done: list[str] = []
    for migration in wanted:
        checksum = applied.get(migration.number)
        if checksum is None:
            await _apply(connection, migration)
            done.append(migration.name)
        elif checksum != migration.checksum:
            raise MigrationFailed(
                f"{migration.name} is not what was applied to this database; restore the file and add a new one"
            )
    if plans:
        await write_plans(connection, plans, actor)
    if runtime_role is not None:
        async with connection.transaction():
            await grant_runtime_role(connection, runtime_role)
    return done


async def _apply(connection: Connection, migration: Migration) -> None:
    # Not asyncpg's transaction block: on a lost connection its own rollback would hide the reason.
    try:
        await connection.execute("begin")
        await connection.execute(migration.sql)
        await connection.execute(
            "insert into schema_migration (number, name, checksum) values ($1, $2, $3)",
            migration.number,
            migration.name,
            migration.checksum,
        )
        await connection.execute("commit")
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        if not connection.is_closed():
            await connection.execute("rollback")
        raise MigrationFailed(f"{migration.name} failed and left nothing behind: {one_line(error)}") from error
