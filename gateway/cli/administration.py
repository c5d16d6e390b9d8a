"""What the administering commands share: the stores of the settings, the secrets, and who does it."""

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

import asyncpg
import msgspec
import rich_click as click
from msgspec import Struct

from gateway.cli.failure import CommandFailed
from gateway.clock import SystemClock
from gateway.features.centers import service as centers
from gateway.http.decoding import field_problem
from gateway.keyring import Keyring
from gateway.records.sealing import act_as
from gateway.settings import Settings, load
from gateway.stores import Connection, SqlStore

Result = TypeVar("Result")
Given = TypeVar("Given", bound=Struct)


class Desk(Struct, frozen=True):
    """One command's transaction, and what it works with. `user` is recorded as `cli:<user>`."""

    connection: Connection
    settings: Settings
    keyring: Keyring
    now_ms: int
    user: str


def at_desk(work: Callable[[Desk], Awaitable[Result]]) -> Result:
    """Run `work` in one transaction on the settings' database: all of it, or nothing if it raises.

    Raises CommandFailed where the database lacks what the work needs, besides what `work` raises.
    """
    settings = load(os.environ)
    keyring = Keyring(settings.key_peppers.by_version, settings.encryption_keys.by_version)

    async def run() -> Result:
        async with (
            SqlStore(settings.database_url, size=1) as sql,
            sql.session(wait_seconds=5, deadline_seconds=60) as connection,
            connection.transaction(),
        ):
            await act_as(connection, f"cli:{user_name()}", None)
            return await work(Desk(connection, settings, keyring, SystemClock().now_ms(), user_name()))

    try:
        return asyncio.run(run())
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.UndefinedFunctionError) as error:
        raise CommandFailed("the database is not up to date; run `coursegate migrate` first") from error
    except asyncpg.InsufficientPrivilegeError as error:
        raise CommandFailed("the database's role may not do this; `coursegate migrate` grants it its rights") from error
    except asyncpg.PostgresError as error:
        raise CommandFailed(f"PostgreSQL refused: {type(error).__name__} ({error.sqlstate})") from error


def user_name() -> str:
    """The system's name for who runs the command; its number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def shown_time(instant: datetime | None) -> str:
    """An instant as people read it, to the second in UTC; a dash for none."""
    return "-" if instant is None else f"{instant:%Y-%m-%d %H:%M:%S}Z"


def given(kind: type[Given], **values: object) -> Given:
    """Judge what was given by the rules of the API's own request bodies; raises UsageError."""
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise click.UsageError(field_problem(str(error), kind).message) from error


async def center_id_of(desk: Desk, text: str) -> str:
    """Return the id behind an id or a subdomain; raises CommandFailed where there is no such center."""
    center_id = await centers.id_of(desk.connection, text)
    if center_id is None:
        raise CommandFailed("no such center; `coursegate centers list` shows them")
    return center_id
