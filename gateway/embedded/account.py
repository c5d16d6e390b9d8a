"""The account that runs the servers, and folders that it can reach."""

import errno
import hashlib
import os
import pwd
import stat
from pathlib import Path

import msgspec

from gateway.embedded.failure import EmbeddedFailure

SOCKET_PATH_BYTES_MAX = 107
"""`sockaddr_un.sun_path` holds 108 bytes, the last one NUL."""


class Account(msgspec.Struct, frozen=True):
    """Who runs the servers. `switches`: we are root and give root up for them, since PostgreSQL refuses to run as root."""

    name: str
    uid: int
    gid: int
    switches: bool

    @property
    def owner(self) -> tuple[int, int] | None:
        """Whom files for the servers are given to; None = they are ours already."""
        return (self.uid, self.gid) if self.switches else None


def serving_account() -> Account:
    """Ourselves, or for root the unprivileged `nobody` (PostgreSQL wants an account that has a name)."""
    if os.geteuid() != 0:
        uid = os.geteuid()
        try:
            name = pwd.getpwuid(uid).pw_name
        except KeyError:
            raise EmbeddedFailure(
                f"PostgreSQL needs an account with a name, and user id {uid} has none in /etc/passwd"
            ) from None
        return Account(name, uid, os.getegid(), switches=False)
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedFailure("PostgreSQL refuses to run as root, and there is no account `nobody` to run it") from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switches=True)


def own_folder(path: Path, account: Account) -> Path:
    """A folder that only `account` may open: made, or found and checked. Modes of parents are never touched."""
    path.mkdir(mode=0o700, exist_ok=True)
    if path.is_symlink():
        raise EmbeddedFailure(f"{path} is a symbolic link; a folder is needed there")
    if account.switches and path.stat().st_uid in {0, account.uid}:
        os.chown(path, account.uid, account.gid)
    if path.stat().st_uid != account.uid:
        raise EmbeddedFailure(f"{path} belongs to another user than {account.name}; choose another data folder")
    path.chmod(0o700)
    return path


def data_folder(path: Path, account: Account) -> Path:
    """The folder that holds everything: ours alone. As root others may pass through it to what is theirs, not list it."""
    path = path.absolute()
    try:
        make_folders(path, 0o711 if account.switches else 0o700)
    except OSError as error:
        raise EmbeddedFailure(f"the data folder {path} can't be made: {error.strerror}") from error
    found = path.stat()
    if found.st_uid != os.geteuid():
        raise EmbeddedFailure(f"the data folder {path} belongs to another user; choose another one")
    path.chmod(0o711 if account.switches else 0o700)
    closed = first_closed_folder(path, account)
    if closed is not None:
        raise EmbeddedFailure(
            f"{account.name} runs the servers for root and can't pass through {closed}; "
            "choose a data folder under /var/lib or /var/tmp"
        )
    return path


def make_folders(path: Path, mode: int) -> None:
    """Make what is missing of a path, with this mode whatever the umask; what is there keeps its own."""
    for folder in [*reversed(path.parents), path]:
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            folder.chmod(mode)
    if not path.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))


def first_closed_folder(path: Path, account: Account) -> Path | None:
    """The outermost folder on the way to `path`, itself included, that `account` can't pass through."""
    if not account.switches:
        return None
    for folder in [*reversed(path.resolve().parents), path.resolve()]:
        if not _may(folder, account, stat.S_IXUSR, stat.S_IXGRP, stat.S_IXOTH):
            return folder
    return None


def may_run(program: Path, account: Account) -> bool:
    """Whether `account` reaches and may execute `program`."""
    if not account.switches:
        return os.access(program, os.X_OK)
    return first_closed_folder(program.parent, account) is None and _may(
        program, account, stat.S_IXUSR, stat.S_IXGRP, stat.S_IXOTH
    )


def socket_path(path: Path) -> Path:
    """The path itself, or a refusal where the system could not bind a socket there."""
    length = len(os.fsencode(path))
    if length > SOCKET_PATH_BYTES_MAX:
        raise EmbeddedFailure(
            f"the socket {path} would have a path of {length} bytes and the system allows {SOCKET_PATH_BYTES_MAX}; "
            "choose a data folder with a shorter path"
        )
    return path


def _may(path: Path, account: Account, owner_bit: int, group_bit: int, other_bit: int) -> bool:
    found = path.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & owner_bit)
    if found.st_gid == account.gid:
        return bool(found.st_mode & group_bit)
    return bool(found.st_mode & other_bit)


def default_data_folder() -> Path:
    """`.coursegate` here; for root, whose home the servers' account can't enter, one of its own under /var/lib."""
    if os.geteuid() != 0:
        return Path(".coursegate")
    here = hashlib.sha256(os.fsencode(Path.cwd())).hexdigest()[:8]
    lib = Path("/var/lib")
    base = lib if os.access(lib, os.W_OK) else Path("/var/tmp")  # ruff: ignore[hardcoded-temp-file] - the folder in it is checked to be ours
    return base / "coursegate" / f"dev-{here}"
