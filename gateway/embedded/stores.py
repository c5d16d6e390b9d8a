import fcntl
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from gateway.embedded.account import data_folder, serving_account
from gateway.embedded.failure import EmbeddedFailure
from gateway.embedded.postgres import EmbeddedPostgres, PostgresPasswords
from gateway.embedded.valkey import EmbeddedValkey
from gateway.private_files import write_private


class _Passwords(msgspec.Struct, frozen=True):
    postgres: PostgresPasswords
    valkey: str


class EmbeddedStores:
    """Both servers in one data folder, made on first use and found again afterwards, with the same passwords.

    `async with EmbeddedStores(folder) as stores:` gives `database_url` (runtime role), `migrate_database_url` (owner)
    and `redis_url`. `durable=False` gives up fsync and snapshots, for tests. Raises EmbeddedFailure, one line.
    """

    DATABASE = "coursegate"

    def __init__(self, folder: Path, *, durable: bool = True, may_flush: bool = False) -> None:
        self._account = serving_account()
        self.folder = folder.absolute()
        self._durable = durable
        self._may_flush = may_flush
        # Refused before anything is made: paths too long for a socket. The passwords follow at the start.
        self._equip(_Passwords(PostgresPasswords("", "", ""), ""))
        self._lock: int | None = None

    @property
    def database_url(self) -> str:
        """The gateway's own database, as the runtime role."""
        return self.postgres.url(self.DATABASE)

    @property
    def migrate_database_url(self) -> str:
        """The gateway's own database, as the owner of its schema."""
        return self.postgres.owner_url(self.DATABASE)

    @property
    def redis_url(self) -> str:
        """The Valkey server, as the user that sees `cg:*`."""
        return self.valkey.url

    async def start(self) -> None:
        """Start both servers and make the gateway's database where it is missing."""
        data_folder(self.folder, self._account)
        self._take_lock()
        try:
            self._equip(self._passwords())
            await self.valkey.start()
            await self.postgres.start()
            await self.postgres.create_database(self.DATABASE)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End both servers and let go of the folder; does nothing the second time."""
        try:
            await self.postgres.stop()
        finally:
            try:
                await self.valkey.stop()
            finally:
                self._release_lock()

    async def create_database(self, name: str, *, template: str | None = None) -> tuple[str, str]:
        """Make a further database; returns its URLs for the runtime role and for the owner."""
        await self.postgres.create_database(name, template=template)
        return self.postgres.url(name), self.postgres.owner_url(name)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _equip(self, passwords: _Passwords) -> None:
        self.valkey = EmbeddedValkey(
            self.folder / "valkey",
            self._account,
            passwords.valkey,
            durable=self._durable,
            may_flush=self._may_flush,
        )
        self.postgres = EmbeddedPostgres(
            self.folder / "postgres", self._account, passwords.postgres, durable=self._durable
        )

    def _passwords(self) -> _Passwords:
        file = self.folder / "stores.json"
        if file.is_file():
            return msgspec.json.decode(file.read_bytes(), type=_Passwords)
        postgres = PostgresPasswords(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(32))
        made = _Passwords(postgres, secrets.token_urlsafe(32))
        write_private(file, msgspec.json.encode(made).decode())
        return made

    def _take_lock(self) -> None:
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise EmbeddedFailure(f"the data folder {self.folder} is in use by another process") from None
        self._lock = descriptor

    def _release_lock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
