import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, assert_never

import rich_click as click
from msgspec import Struct

from gateway.cli.administration import Desk, at_desk
from gateway.cli.failure import CommandFailed
from gateway.cli.output import as_json, console, print_json, print_table
from gateway.cli.token_keys import KEY_FILES, KeyFileKind, rotate_key_file
from gateway.clock import SystemClock, as_datetime
from gateway.private_files import write_private
from gateway.secret_ring import SecretRing
from gateway.secret_uses import encryption_uses, pepper_uses
from gateway.settings import Settings, variable
from gateway.tokens.key_file import read_key_file
from gateway.tokens.rotation import needed_until_ms

RingKind = Literal["peppers", "encryption-keys"]
Kind = RingKind | KeyFileKind
FIELDS: Final[dict[Kind, str]] = {
    "peppers": "key_peppers",
    "encryption-keys": "encryption_keys",
    **{kind: use.field for kind, use in KEY_FILES.items()},
}

_MINUTES: Final[dict[KeyFileKind, str]] = {"jwt-keys": "token_minutes", "checkpoint-keys": "signing_minutes"}

the_kind = click.argument("kind", type=click.Choice(list(FIELDS)))


class Version(Struct, frozen=True):
    """One version of a secret: whether the settings hold it, and what in the database still needs it."""

    kind: Kind
    version: int
    held: bool
    newest: bool
    in_use: dict[str, int]
    signs: bool = False
    """Of the keys in files: whether it is the one that signs at present."""

    @property
    def is_needed(self) -> bool:
        """Whether something would stop to work without it."""
        return self.newest or any(self.in_use.values())


@click.group("secrets")
def command() -> None:
    """See which versions of the server's secrets are in use; add a version, retire one.

    Example: `coursegate secrets status`
    """


@command.command("status")
@as_json
def status(as_json: bool) -> None:
    """Show every version of the peppers, the encryption keys and the keys that sign people's tokens and checkpoints: held
    by the settings, in use by how many rows, or for how many minutes.

    A key's hash moves to the newest pepper when the key is used. Exit 1 where a version in use is not held.
    Example: `coursegate secrets status`
    """
    versions = at_desk(_versions)
    if as_json:
        print_json({"versions": versions})
    else:
        rows = [(v.kind, f"v{v.version}", _standing(v), _uses(v)) for v in versions]
        print_table(("secret", "version", "settings", "in use by"), rows)
    lost = [version for version in versions if version.is_needed and not version.held]
    if lost:
        raise CommandFailed(f"v{lost[0].version} of {lost[0].kind} is in use and not held by {_setting(lost[0].kind)}")


@command.command("rotate")
@the_kind
@click.option("--retire", "retired", type=click.IntRange(min=1), help="Remove this version instead of adding one.")
@click.option(
    "--env-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Put the new setting into this file (0600) instead of printing it.",
)
@click.option(
    "--file",
    "key_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="For `jwt-keys` and `checkpoint-keys`: the file to change, or to make, instead of the setting's.",
)
def rotate(kind: Kind, retired: int | None, env_file: Path | None, key_file: Path | None) -> None:
    """Add a fresh newest version of KIND (`peppers`, `encryption-keys`, `jwt-keys`, `checkpoint-keys`), or retire one that
    is not used.

    The setting that results is printed, or put into the env file: give it to every `serve` and `work` and restart
    them. `jwt-keys` and `checkpoint-keys` are files, which are changed in place and read again by themselves: a new key
    signs 10 minutes later. Who verifies exports needs the new `coursegate dpus keys`. After adding, wait until `secrets
    status` shows the old version unused before retiring it.

    Example: `coursegate secrets rotate peppers --env-file /etc/coursegate.env`, later with `--retire 1`
    """
    match kind:
        case "jwt-keys" | "checkpoint-keys":
            if env_file is not None:
                raise click.UsageError(f"`{kind}` are kept in a `--file`.")
            path, is_new = rotate_key_file(kind, key_file, retired, SystemClock().now_ms())
            if is_new:
                said = f"{path} is made; name it in {_setting(kind)} and start `serve` and `work` with it."
            else:
                said = f"{path} is changed; who reads it takes it over by itself."
            console().print(said, markup=False)
        case "peppers" | "encryption-keys":
            if key_file is not None:
                raise click.UsageError(f"`{kind}` are kept in an `--env-file`.")
            _rotate_ring(kind, retired, env_file)
        case _:
            assert_never(kind)


def _rotate_ring(kind: RingKind, retired: int | None, env_file: Path | None) -> None:
    async def work(desk: Desk) -> SecretRing:
        ring = _ring(desk.settings, kind)
        if retired is None:
            return ring.with_new()
        version = next((v for v in await _versions(desk) if v.kind == kind and v.version == retired), None)
        if version is None or not version.held:
            raise CommandFailed(f"{_setting(kind)} holds no v{retired}")
        if version.newest:
            raise CommandFailed(f"v{retired} is the newest version of {kind}; add one before retiring it")
        if version.is_needed:
            raise CommandFailed(f"v{retired} of {kind} is in use by {_uses(version)}; it can't be removed")
        return ring.without(retired)

    line = f"{_setting(kind)}={at_desk(work).text()}"
    if env_file is None:
        sys.stdout.write(f"{line}\n")
        return
    try:
        put_setting(env_file, line)
    except OSError as error:
        raise CommandFailed(f"{env_file} can't be written: {error.strerror}") from error
    console().print(f"{env_file} has the new {_setting(kind)}; restart what reads it.", markup=False)


def put_setting(env_file: Path, line: str) -> None:
    """Replace the setting's line of an env file, or add it; the file ends up with mode 0600, whole or not at all."""
    name = line.partition("=")[0]
    same = re.compile(rf"\s*(export\s+)?{re.escape(name)}\s*=")
    target = env_file.resolve()  # a link stays a link
    before = target.read_text(encoding="utf-8").splitlines() if target.exists() else []
    after: list[str] = []
    for old in before:
        found = same.match(old)
        if found is None:
            after.append(old)
        elif not any(same.match(kept) for kept in after):
            after.append(f"{found[1] or ''}{line}")
    if not any(same.match(kept) for kept in after):
        after.append(line)
    owner = target.stat() if target.exists() else None
    is_root = os.geteuid() == 0
    write_private(target, "\n".join(after) + "\n", (owner.st_uid, owner.st_gid) if owner and is_root else None)


async def _versions(desk: Desk) -> list[Version]:
    """All versions that are held or in use, newest first."""
    uses = await pepper_uses(desk.connection, as_datetime(desk.now_ms))
    sealed = await encryption_uses(desk.connection)
    found: list[Version] = []
    kinds: tuple[tuple[RingKind, dict[int, dict[str, int]]], ...] = (("peppers", uses), ("encryption-keys", sealed))
    for kind, used in kinds:
        held = _ring(desk.settings, kind).versions
        numbers = sorted({*held, *used}, reverse=True)
        found.extend(Version(kind, n, n in held, n == held[0], used.get(n, {})) for n in numbers)
    for name, use in KEY_FILES.items():
        found.extend(_in_file(name, use.life_ms, getattr(desk.settings, use.field), desk.now_ms))
    return found


def _in_file(kind: KeyFileKind, life_ms: int, path: Path | None, now_ms: int) -> Iterator[Version]:
    keys = () if path is None else read_key_file(path)
    signing = max((key.version for key in keys if key.from_ms <= now_ms), default=None)
    for key in keys:
        until_ms = needed_until_ms(keys, key.version, life_ms)
        minutes = 0 if until_ms is None else max(0, -(-(until_ms - now_ms) // 60_000))
        yield Version(kind, key.version, True, until_ms is None, {_MINUTES[kind]: minutes}, key.version == signing)


def _ring(settings: Settings, kind: RingKind) -> SecretRing:
    ring: SecretRing = getattr(settings, FIELDS[kind])
    return ring


def _setting(kind: Kind) -> str:
    return variable(FIELDS[kind])


def _standing(version: Version) -> str:
    return "newest" if version.newest else "held" if version.held else "missing"


def _uses(version: Version) -> str:
    words = {
        "api_keys": "API keys",
        "claims": "idempotency claims",
        "webhook_secrets": "webhook secrets",
        "token_minutes": "minutes more by tokens",
        "signing_minutes": "minutes more until its successor has signed all",
    }
    used = [f"{count} {words[what]}" for what, count in version.in_use.items() if count]
    begins = version.newest and not version.signs and version.kind in KEY_FILES
    return ", ".join([*(["signs"] if version.signs else []), *used]) or ("signs soon" if begins else "nothing")
