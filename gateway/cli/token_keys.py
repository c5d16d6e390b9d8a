"""The files of keys that sign people's tokens, and checkpoints of decision records, as the operator changes them."""

import os
from pathlib import Path
from typing import Final, Literal

from msgspec import Struct

from gateway.cli.failure import CommandFailed
from gateway.private_files import write_private
from gateway.settings import variable
from gateway.tokens.key_file import TokenKeyFile, WrongKeyFile, read_key_file, written
from gateway.tokens.rotation import TOKEN_LIFE_MS, needed_until_ms, with_new, without

KeyFileKind = Literal["jwt-keys", "checkpoint-keys"]


class KeyFileUse(Struct, frozen=True):
    """The setting that names the file, and how long what a key signed needs the key itself."""

    field: str
    life_ms: int


KEY_FILES: Final[dict[KeyFileKind, KeyFileUse]] = {
    "jwt-keys": KeyFileUse("jwt_keys_file", TOKEN_LIFE_MS),
    "checkpoint-keys": KeyFileUse("checkpoint_keys_file", 600_000),  # what it signed alone is signed by its successor
}


def rotate_key_file(kind: KeyFileKind, file: Path | None, retired: int | None, now_ms: int) -> tuple[Path, bool]:
    """Add a key to the file, which is made if need be, or retire one that is no longer needed; returns where it is, and
    whether it was made just now.

    Raises CommandFailed.
    """
    setting = variable(KEY_FILES[kind].field)
    named = file or (Path(os.environ[setting]) if os.environ.get(setting) else None)
    if named is None:
        raise CommandFailed(f"{setting} is not set; say which `--file` to make")
    path = named.resolve()
    try:
        keys = read_key_file(path) if path.exists() else ()
        changed = with_new(keys, now_ms) if retired is None else _without(kind, keys, retired, now_ms)
        there = path.stat() if path.exists() else None
        owner = (there.st_uid, there.st_gid) if there is not None and os.geteuid() == 0 else None
        write_private(path, written(changed), owner)
    except WrongKeyFile as error:
        raise CommandFailed(f"{path} can't be used: {error}") from error
    except OSError as error:
        raise CommandFailed(f"{path} can't be written: {error.strerror}") from error
    return path, there is None


def _without(kind: KeyFileKind, keys: TokenKeyFile, version: int, now_ms: int) -> TokenKeyFile:
    try:
        rest = without(keys, version)
    except KeyError:
        raise CommandFailed(f"the file holds no v{version}") from None
    until_ms = needed_until_ms(keys, version, KEY_FILES[kind].life_ms)
    if until_ms is None:
        raise CommandFailed(f"v{version} is the newest version of {kind}; add one before retiring it")
    if until_ms > now_ms:
        minutes = -(-(until_ms - now_ms) // 60_000)
        raise CommandFailed(f"v{version} of {kind} is in use for {minutes} minutes more; it can't be removed")
    return rest
