"""Commands on decision records: write a chain out, and verify what was written, from the file alone."""

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec
import rich_click as click

from gateway.cli.failure import CommandFailed, one_line
from gateway.cli.output import as_json, console, print_json
from gateway.cli.watching import nothing_shown, watched

if TYPE_CHECKING:
    from gateway.key_format import Env
    from gateway.records.findings import Findings
    from gateway.records.trust import Trust

a_file = click.Path(path_type=Path, dir_okay=False)


@click.group("dpus")
def command() -> None:
    """Export decision records, and verify an export offline.

    Example: `coursegate dpus verify north-college.ndjson --trust checkpoint-keys.txt`
    """


@command.command("export")
@click.argument("center")
@click.option("--env", type=click.Choice(("live", "test")), default="live", show_default=True, help="Which chain.")
@click.option("--output", "-o", type=a_file, help="The file to write; else stdout. Never one that is there.")
def export(center: str, env: "Env", output: Path | None) -> None:
    """Write a center's chain: records, bodies that were not dropped, checkpoints, public keys and a manifest.

    CENTER is an id (`ctr_…`) or a subdomain. The file holds what decisions were about, personal data too: keep it so.
    Example: `coursegate dpus export north-college --env live -o north-college.ndjson`
    """
    if output is None:
        asyncio.run(_write(center, env, sys.stdout.buffer))
        return
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CommandFailed(f"{output} is there already") from None
    except OSError as error:
        raise CommandFailed(f"{output} can't be written: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            asyncio.run(_write(center, env, file))
    except BaseException as error:
        output.unlink(missing_ok=True)  # half a chain would look like one that was cut
        if isinstance(error, OSError):
            raise CommandFailed(f"{output} can't be written: {error.strerror}") from error
        raise


@command.command("verify")
@click.argument("file", type=a_file)
@click.option(
    "--trust", help="A file of public keys, the current one first, or a fingerprint: whose checkpoints count."
)
@click.option("--untrusted", is_flag=True, help="Exit 0 for a sound chain though no key is trusted.")
@click.option("--checkpoints", type=a_file, help="Checkpoints of this chain that were kept outside of the database.")
@as_json
def verify(file: Path, trust: str | None, untrusted: bool, checkpoints: Path | None, as_json: bool) -> None:
    """Verify an export from the file alone: no database, no network.

    Exit 0: sound, under checkpoints of a trusted key. 1: broken, with the record and why; or nothing is trusted, unless
    `--untrusted`. 2: it can't be read.

    Examples: `coursegate dpus verify chain.ndjson --trust keys.txt --checkpoints checkpoints.txt`,
    `coursegate dpus verify chain.ndjson --trust 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08`,
    `coursegate dpus verify chain.ndjson --untrusted --json`
    """
    from gateway.records.export_file import Unreadable
    from gateway.records.export_file import verify as verify_file

    if trust is not None and untrusted:
        raise click.UsageError("--trust and --untrusted exclude each other")
    trusted = None if trust is None else _trust(trust)
    try:
        with watched(file.name) as progress:
            found = verify_file(file, trusted, checkpoints, progress)
    except Unreadable as error:
        raise click.UsageError(str(error)) from error
    counts = trusted is not None or untrusted
    if as_json:
        print_json(_document(found))
    else:
        _show(found, counts=counts)
    if found.fault is not None or not counts:
        sys.exit(1)


@command.command("keys")
@as_json
def keys(as_json: bool) -> None:
    """Print the public keys that sign checkpoints, the current one first, as `verify --trust` reads them.

    Keep them where whoever may write the database may not. Example: `coursegate dpus keys > checkpoint-keys.txt`
    """
    from gateway.clock import SystemClock
    from gateway.records.checkpoint_keys import public_keys
    from gateway.settings import load

    found = public_keys(load(os.environ).checkpoint_keys_file, begun_by_ms=SystemClock().now_ms())
    if as_json:
        print_json([{"key": str(key), "fingerprint": key.fingerprint} for key in found])
        return
    if not found:
        raise CommandFailed("no key signs checkpoints; COURSEGATE_CHECKPOINT_KEYS_FILE names the file of them")
    for key in found:
        console().print(f"{key}  # sha256:{key.fingerprint}", markup=False)


async def _write(center: str, env: "Env", file: BinaryIO) -> None:
    from gateway.features.centers import service as centers
    from gateway.records.checkpoint_keys import public_keys, with_former
    from gateway.records.exported import RecordLine, written
    from gateway.records.exporting import parts_of, size_of
    from gateway.settings import load
    from gateway.stores import SqlStore

    settings = load(os.environ)
    done = 0
    async with SqlStore(settings.database_url, size=1) as sql:
        async with sql.session(wait_seconds=5) as connection:
            center_id = await centers.id_of(connection, center)
            keys = await with_former(connection, public_keys(settings.checkpoint_keys_file))
        if center_id is None:
            raise CommandFailed("no such center; `coursegate centers list` shows them")
        async with sql.session(wait_seconds=5) as connection:
            size = await size_of(connection, center_id, env)
        with nothing_shown() if file.isatty() else watched(f"{center} {env}") as progress:
            async for part in parts_of(sql, center_id, env, keys):
                file.write(b"".join(map(written, part)))
                done += sum(isinstance(line, RecordLine) for line in part)
                progress(done, max(size, done))


def _trust(given: str) -> "Trust":
    """Of a fingerprint, or of the keys in a file."""
    from gateway.records.trust import Trust, WrongTrust, fingerprint

    alone = fingerprint(given)
    if alone is not None:
        return Trust((alone,))
    try:
        return Trust.in_text(Path(given).read_text(encoding="utf-8")[: 1 << 16])
    except OSError as error:
        raise click.BadParameter(f"no fingerprint, and no file: {error.strerror}", param_hint="--trust") from error
    except (UnicodeDecodeError, WrongTrust) as error:
        raise click.BadParameter(f"{given}: {error}", param_hint="--trust") from error


def _document(found: "Findings") -> dict[str, object]:
    return {
        "sound": found.fault is None,
        "first_broken_seq": None if found.fault is None else found.fault.seq,
        **msgspec.to_builtins(found),
        "limits": found.limits,
    }


def _show(found: "Findings", *, counts: bool) -> None:
    """`counts`: whether a sound chain is good enough as it is trusted. What the file says is shown without its tricks."""
    seen, fault = found.coverage, found.fault
    opened = "adopted" if seen.adopted else "from its genesis"
    trust = "none" if found.trust == "none" else ", ".join(found.trust)
    lines = [
        f"chain: {found.center} {found.env}, {opened}",
        f"records: {seen.records}, {seen.first_at} to {seen.last_at}, head {seen.head}",
        f"bodies: {seen.bodies} are as committed to, {seen.bodies_redacted} were dropped by records that say so",
        f"evidence: {found.documents} documents, {found.approvals} approvals",
        f"checkpoints: {seen.checkpoints}; believed up to record {found.signed_to}",
        *(f"key in the export: {key}" for key in found.keys),
        f"trust: {trust}",
        *(f"not proven: {limit}" for limit in found.limits),
    ]
    if fault is not None:
        said = "not trusted" if fault.code == "not_trusted" else "broken"
        lines.append(f"{said}: record {fault.seq}: {fault.message} ({fault.code})")
    elif counts:
        lines.append("sound")
    else:
        lines.append("sound in itself, but nothing is trusted: name a key with --trust, or say --untrusted")
    for line in lines:
        console().print(one_line(line), markup=False)
