"""One Valkey on a Unix socket, no TCP, for one ACL user that sees `cg:*` and nothing else."""

import asyncio
import hashlib
import signal
from pathlib import Path
from urllib.parse import quote

from gateway.embedded.account import Account, own_folder, socket_path
from gateway.embedded.binaries import valkey_server
from gateway.embedded.process import Child
from gateway.private_files import write_private

USER = "coursegate"

_MAY = (
    "-@all +@read +@write +@connection +@scripting +@transaction +@pubsub -@dangerous -@admin "
    "+time +info +script|load +script|exists +script|flush"
)


class EmbeddedValkey:
    """Start and stop one Valkey server.

    `folder`: its own, 0700; `durable`: keep the windows over a restart (a snapshot); `may_flush`: grant FLUSHALL.
    """

    def __init__(
        self, folder: Path, account: Account, password: str, *, durable: bool = True, may_flush: bool = False
    ) -> None:
        self.folder = folder
        self.socket = socket_path(folder / "valkey.sock")
        self._account = account
        self._password = password
        self._durable = durable
        self._may_flush = may_flush
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """`unix://user:password@/path?db=0`"""
        return f"unix://{USER}:{self._password}@{quote(str(self.socket))}?db=0"

    @property
    def child(self) -> Child:
        """The running server process."""
        if self._child is None:
            raise RuntimeError("Valkey was not started")
        return self._child

    @property
    def running(self) -> bool:
        """Whether the server process is alive; a frozen one is."""
        return self._child is not None and self._child.running

    def last_words(self) -> str:
        """The last line of the server's log."""
        return "no output" if self._child is None else self._child.last_words()

    async def start(self) -> None:
        """Start it and wait until it answers; raises EmbeddedFailure with a word."""
        own_folder(self.folder, self._account)
        program = valkey_server(self._account, self.folder.parent)
        acl = self.folder / "users.acl"
        secret = hashlib.sha256(self._password.encode()).hexdigest()
        flush = " +flushall" if self._may_flush else ""
        write_private(
            acl, f"user default off\nuser {USER} on #{secret} ~cg:* &cg:* {_MAY}{flush}\n", self._account.owner
        )
        self.socket.unlink(missing_ok=True)
        arguments: list[str | Path] = [program, "--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700"]
        arguments += ["--aclfile", acl, "--dir", self.folder, "--daemonize", "no", "--appendonly", "no"]
        arguments += ["--maxmemory-policy", "noeviction", "--always-show-logo", "no"]
        # Told to end, it ends, even where its folder is gone or full: what it holds may be lost.
        arguments += ["--save", "60 1000" if self._durable else "", "--shutdown-on-sigterm", "force"]
        self._child = Child("Valkey", arguments, log=self.folder / "log", death_signal=signal.SIGTERM)
        self._child.start(account=self._account, folder=self.folder, environment={"LC_ALL": "C"})
        try:
            await self._child.answers(self._pings, seconds=20)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End it in order; its socket is gone afterwards."""
        if self._child is not None:
            await self._child.stop(signal.SIGTERM, patience_seconds=10)
            self._child = None
            self.socket.unlink(missing_ok=True)

    async def _pings(self) -> bool:
        try:
            reader, writer = await asyncio.open_unix_connection(str(self.socket))
        except OSError:
            return False
        try:
            writer.write(f"AUTH {USER} {self._password}\r\nPING\r\n".encode())
            return await reader.readline() == b"+OK\r\n" and await reader.readline() == b"+PONG\r\n"
        except OSError:
            return False
        finally:
            writer.close()
