"""The real servers that tests share: one pair a test session, whoever runs the tests."""

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path

import msgspec

from gateway.embedded import EmbeddedStores
from gateway.embedded.account import serving_account
from gateway.embedded.postgres import RUNTIME, EmbeddedPostgres, PostgresPasswords
from gateway.embedded.valkey import EmbeddedValkey
from gateway.migrations import migrate
from quotas.plans import BUILT_IN

TEMPLATE = "coursegate_template"
_DISK, _MEMORY = Path("/var/tmp"), Path("/dev/shm")  # ruff: ignore[hardcoded-temp-file] - a fresh folder in it; pytest's own is closed to root's helper account
_ROOM_BYTES = 2 << 30
_PREFIX = "coursegate-test-"


class SharedStores(msgspec.Struct, frozen=True):
    """Where the session's servers are; travels to the processes of pytest-xdist as text."""

    folder: str
    admin_password: str
    owner_password: str
    runtime_password: str
    redis_url: str

    def postgres(self) -> EmbeddedPostgres:
        """The running server as seen by a process that did not start it: URLs, and making and dropping databases."""
        passwords = PostgresPasswords(self.admin_password, self.owner_password, self.runtime_password)
        return EmbeddedPostgres(Path(self.folder) / "postgres", serving_account(), passwords)


class Session:
    """The pair of servers of one test session, started on first need by the process that outlives all others."""

    def __init__(self) -> None:
        self._stores: EmbeddedStores | None = None
        self._shared: SharedStores | None = None

    def shared(self) -> SharedStores:
        if self._shared is None:
            sweep_forgotten_folders()
            self._stores = EmbeddedStores(fresh_folder(), durable=False)
            self._shared = asyncio.run(self._start(self._stores))
        return self._shared

    def stop(self) -> None:
        if self._stores is not None:
            asyncio.run(self._stores.stop())
            shutil.rmtree(self._stores.folder, ignore_errors=True)
            self._stores = self._shared = None

    @staticmethod
    async def _start(stores: EmbeddedStores) -> SharedStores:
        await stores.start()
        try:
            _, owner_url = await stores.create_database(TEMPLATE)
            await migrate(owner_url, runtime_role=RUNTIME, plans=BUILT_IN)
        except BaseException:
            await stores.stop()
            shutil.rmtree(stores.folder, ignore_errors=True)
            raise
        passwords = stores.postgres.passwords
        return SharedStores(str(stores.folder), passwords.admin, passwords.owner, passwords.runtime, stores.redis_url)


class PrivateValkey:
    """A Valkey of one test's own, to stop, freeze and empty at will."""

    def __init__(self, server: EmbeddedValkey) -> None:
        self.server = server
        self.url = server.url

    async def start(self) -> None:
        await self.server.start()

    async def stop(self) -> None:
        """End it in order. It comes back empty: nothing is kept."""
        await self.server.stop()

    async def restart(self) -> None:
        await self.server.stop()
        await self.server.start()

    def freeze(self) -> None:
        """It keeps its connections and says nothing more."""
        self.server.child.send(signal.SIGSTOP)

    def thaw(self) -> None:
        self.server.child.send(signal.SIGCONT)


class PrivatePostgres:
    """A PostgreSQL of one test's own with a migrated database, to stop, freeze and restart at will."""

    def __init__(self, server: EmbeddedPostgres, database: str = EmbeddedStores.DATABASE) -> None:
        self.server = server
        self.database_url = server.url(database)
        self.migrate_database_url = server.owner_url(database)

    async def start(self) -> None:
        await self.server.start()

    async def stop(self) -> None:
        """Fast shutdown: connections are ended, open transactions rolled back."""
        await self.server.stop()

    async def restart(self) -> None:
        await self.server.stop()
        await self.server.start()

    def freeze(self) -> None:
        """Every process of the server stops where it is: connections stay open and silent."""
        self._send_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._send_all(signal.SIGCONT)

    def _send_all(self, number: signal.Signals) -> None:
        self.server.child.send(number)
        for pid in _children_of(self.server.child.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


@contextlib.asynccontextmanager
async def private_valkey_server() -> AsyncGenerator[PrivateValkey, None]:
    folder = fresh_folder()
    server = EmbeddedValkey(folder / "valkey", serving_account(), "private", durable=False, may_flush=True)
    await server.start()
    try:
        yield PrivateValkey(server)
    finally:
        await server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.asynccontextmanager
async def private_postgres_server(options: dict[str, str] | None = None) -> AsyncGenerator[PrivatePostgres, None]:
    folder = fresh_folder()
    passwords = PostgresPasswords("admin", "owner", "runtime")
    server = EmbeddedPostgres(folder / "postgres", serving_account(), passwords, durable=False, options=options)
    await server.start()
    try:
        private = PrivatePostgres(server)
        await server.create_database(EmbeddedStores.DATABASE)
        await migrate(private.migrate_database_url, runtime_role=RUNTIME, plans=BUILT_IN)
        yield private
    finally:
        await server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def fresh_folder() -> Path:
    """A new folder with a short path, in which the servers' account reaches what is its own."""
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_folders()))
    folder.chmod(0o711)
    return folder


def _folders() -> Path:
    """In memory, if there is room: a new database is 300 small files, which a disk takes half a second to make."""
    with contextlib.suppress(OSError):
        if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES:
            return _MEMORY
    return _DISK


def sweep_forgotten_folders() -> None:
    """Remove what killed test sessions left: folders that name a process that is no more."""
    for folder in [*_DISK.glob(f"{_PREFIX}*"), *_MEMORY.glob(f"{_PREFIX}*")]:
        maker = folder.name.removeprefix(_PREFIX).split("-")[0]
        if maker.isdigit() and not Path(f"/proc/{maker}").exists() and Path("/proc/self").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
