"""One PostgreSQL on a Unix socket in a 0700 folder, no TCP, scram passwords, three roles."""

import asyncio
import contextlib
import os
import shutil
import signal
from pathlib import Path
from urllib.parse import quote

import asyncpg
import msgspec

from gateway.embedded.account import Account, own_folder, socket_path
from gateway.embedded.binaries import postgres_programs
from gateway.embedded.process import Child, run_to_end
from gateway.private_files import write_private

ADMIN, OWNER, RUNTIME = "coursegate_admin", "coursegate_owner", "coursegate"
"""Superuser (never handed out), owner of the schema (migrations), and the role of `serve` and `work`."""

_PORT = "5432"

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": _PORT,
    "max_connections": "200",
    "shared_buffers": "64MB",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "io_method": "sync",  # no helper processes for a few megabytes of data
    "max_wal_size": "512MB",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",  # statements may carry what no log may hold
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
_QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresPasswords(msgspec.Struct, frozen=True):
    """One random password a role."""

    admin: str
    owner: str
    runtime: str


class EmbeddedPostgres:
    """Start and stop one PostgreSQL server.

    `folder`: its own, 0700, with `data` and `socket` inside; `durable`: False gives up fsync (tests).
    """

    def __init__(
        self,
        folder: Path,
        account: Account,
        passwords: PostgresPasswords,
        *,
        durable: bool = True,
        options: dict[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.socket_folder = folder / "socket"
        socket_path(self.socket_folder / f".s.PGSQL.{_PORT}")
        self._account = account
        self.passwords = passwords
        self._options = _SETTINGS | ({} if durable else _QUICK) | (options or {})
        self._durable = durable
        self._child: Child | None = None

    def url(self, database: str) -> str:
        """Where the runtime role finds a database."""
        return self._url(RUNTIME, self.passwords.runtime, database)

    def owner_url(self, database: str) -> str:
        """Where the schema's owner finds a database."""
        return self._url(OWNER, self.passwords.owner, database)

    @property
    def admin_url(self) -> str:
        """Where the superuser makes and drops databases."""
        return self._url(ADMIN, self.passwords.admin, "postgres")

    @property
    def child(self) -> Child:
        """The running server process."""
        if self._child is None:
            raise RuntimeError("PostgreSQL was not started")
        return self._child

    @property
    def running(self) -> bool:
        """Whether the server process is alive; a frozen one is."""
        return self._child is not None and self._child.running

    def last_words(self) -> str:
        """The last line of the server's log."""
        return "no output" if self._child is None else self._child.last_words()

    async def start(self) -> None:
        """Start it, made first where it is not there, and wait until it answers; raises EmbeddedFailure with a word."""
        for folder in (self.folder, self.socket_folder):
            own_folder(folder, self._account)
        programs = postgres_programs(self._account, self.folder.parent)
        if not (self.data / "PG_VERSION").is_file() or not (self.folder / "made").is_file():
            self._make(programs)
        await self._clear_stale()
        socket_folders = '"' + str(self.socket_folder).replace('"', '""') + '"'
        arguments: list[str | Path] = [programs / "postgres", "-D", self.data]
        for name, value in {**self._options, "unix_socket_directories": socket_folders}.items():
            arguments += ["-c", f"{name}={value}"]
        # SIGQUIT ends PostgreSQL at once and safely; what was committed is in its log and recovered at the next start.
        self._child = Child("PostgreSQL", arguments, log=self.folder / "log", death_signal=signal.SIGQUIT)
        self._child.start(account=self._account, folder=self.folder, environment=_environment(self.folder))
        try:
            await self._child.answers(self._connects, seconds=60)
            await self._make_roles()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End it in order: open transactions are rolled back, everything else is on disk."""
        if self._child is not None:
            await self._child.stop(signal.SIGINT, patience_seconds=15)
            self._child = None

    async def create_database(self, name: str, *, template: str | None = None) -> None:
        """Make a database that the owner role owns and the runtime role may connect to; one that exists stays as it is."""
        connection = await asyncpg.connect(self.admin_url)
        try:
            with contextlib.suppress(asyncpg.DuplicateDatabaseError):
                origin = "" if template is None else f' template "{template}"'
                await connection.execute(f'create database "{name}" owner {OWNER}{origin}')
                await connection.execute(f'revoke all on database "{name}" from public')
                await connection.execute(f'grant connect on database "{name}" to {RUNTIME}')
        finally:
            await connection.close()

    async def drop_database(self, name: str) -> None:
        """Drop a database and end every connection to it."""
        connection = await asyncpg.connect(self.admin_url)
        try:
            await connection.execute(f'drop database if exists "{name}" with (force)')
        finally:
            await connection.close()

    def _make(self, programs: Path) -> None:
        # A start that was interrupted leaves a half-made folder: begin again, nothing was ever kept in it.
        shutil.rmtree(self.data, ignore_errors=True)
        own_folder(self.data, self._account)
        password = self.folder / "password"
        write_private(password, self.passwords.admin, self._account.owner)
        arguments: list[str | Path] = [programs / "initdb", "-D", self.data, "-U", ADMIN, "--pwfile", password]
        arguments += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin"]
        arguments += ["--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions"]
        arguments += [] if self._durable else ["--no-sync"]
        try:
            run_to_end(arguments, account=self._account, folder=self.folder, environment=_environment(self.folder))
        finally:
            password.unlink(missing_ok=True)
        write_private(self.folder / "made", "", self._account.owner)

    async def _clear_stale(self) -> None:
        """End a server that outlived its starter (we hold the folder's lock), and drop a pid file that names another."""
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return
        if self._serves_us(pid):
            os.kill(pid, signal.SIGINT)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(15):
                    while self._serves_us(pid):  # ruff: ignore[async-busy-wait] - not our child: nothing tells of its end
                        await asyncio.sleep(0.02)
        if not self._serves_us(pid):
            pid_file.unlink(missing_ok=True)

    def _serves_us(self, pid: int) -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return False
        command = Path(f"/proc/{pid}/cmdline")
        if not command.exists():
            # No /proc: trust the pid file, as PostgreSQL itself does.
            return not Path("/proc/self").exists()
        return os.fsencode(self.data) in command.read_bytes().split(b"\0")

    async def _connects(self) -> bool:
        try:
            connection = await asyncpg.connect(self.admin_url, timeout=5)
        except (OSError, asyncpg.CannotConnectNowError, TimeoutError):
            return False
        await connection.close()
        return True

    async def _make_roles(self) -> None:
        connection = await asyncpg.connect(self.admin_url)
        try:
            known = {row["rolname"] for row in await connection.fetch("select rolname from pg_roles")}
            for role, password in ((OWNER, self.passwords.owner), (RUNTIME, self.passwords.runtime)):
                verb = "alter" if role in known else "create"
                # Random passwords are URL-safe base64: no quote can be in them.
                await connection.execute(
                    f"{verb} role {role} login nosuperuser nocreatedb nocreaterole noreplication password '{password}'"
                )
            await connection.execute(f"alter role {RUNTIME} set idle_in_transaction_session_timeout = '5s'")
        finally:
            await connection.close()

    def _url(self, role: str, password: str, database: str) -> str:
        return f"postgresql://{role}:{password}@/{database}?host={quote(str(self.socket_folder), safe='')}&port={_PORT}"


def _environment(folder: Path) -> dict[str, str]:
    return {"LC_ALL": "C", "TZ": "UTC", "HOME": str(folder), "PATH": "/usr/bin:/bin"}
