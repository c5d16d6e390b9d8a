import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import IO, Final

import msgspec
import rich_click as click

from gateway.cli.failure import CommandFailed
from gateway.cli.output import console
from gateway.clock import SystemClock

SHIPPED_SOURCE: Final = Path(__file__).with_name("tides.md")
START_SECONDS: Final = 120
STOP_SECONDS: Final = 40

_clock: Final = SystemClock()


class Access(msgspec.Struct, frozen=True):
    """A gateway to tour and the keys that open it; with a provisioning key the tour sees a quota refuse."""

    url: str
    live_key: str
    provisioning_key: str | None = None


@click.command("demo")
@click.option(
    "--source",
    type=click.Path(path_type=Path, dir_okay=False),
    default=SHIPPED_SOURCE,
    help="Markdown or text to make the course of; a text on tides ships with Coursegate.",
)
@click.option("--url", help="A running gateway; without it the tour starts one of its own and leaves nothing behind.")
@click.option(
    "--key-file",
    type=click.File("r"),
    help="Where the gateway's API key stands, `-` for stdin; else it comes from COURSEGATE_KEY.",
)
def command(source: Path, url: str | None, key_file: IO[str] | None) -> None:
    """Take the tour: a course from a real document, launched inside its limits, its quiz taken, every refusal on the way.

    Exit 0 only if all of it held. Examples: `coursegate demo`, `coursegate demo --source notes.md`,
    `COURSEGATE_KEY=cg_live_… coursegate demo --url https://gateway.example.com`
    """
    from gateway.cli.tour import take_tour

    text = read_source(source)
    if url is None:
        if key_file is not None:
            raise click.UsageError("--key-file goes with --url")
        with _own_gateway() as access:
            take_tour(access, source.name, text)
        return
    take_tour(Access(url.rstrip("/"), _key(key_file)), source.name, text)


def read_source(path: Path) -> str:
    """Return the document's text; raises CommandFailed with the reason where it is none."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CommandFailed(f"{path} can't be read: {error.strerror}") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandFailed(f"{path} is no text in UTF-8: byte {error.start} does not fit") from error


def _key(file: IO[str] | None) -> str:
    key = file.read().strip() if file is not None else os.environ.get("COURSEGATE_KEY", "").strip()
    if not key:
        raise click.UsageError("--url needs an API key: in COURSEGATE_KEY, or --key-file FILE (`-` reads stdin)")
    return key


@contextlib.contextmanager
def _own_gateway() -> Generator[Access, None, None]:
    """Run `coursegate dev` for the length of the tour, in a folder that goes with it."""
    folder = Path("/var/tmp") / f"coursegate-demo-{secrets.token_hex(4)}"  # ruff: ignore[hardcoded-temp-file] - the stores' own user must reach it; the name is random
    ready = folder.with_suffix(".ready.json")
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "dev", "--port", "0", "--data-dir", str(folder), "--ready-file", str(ready)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        with console().status("Starting PostgreSQL, Valkey, gateway and worker ..."):
            yield _when_ready(process, ready)
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=STOP_SECONDS)
        process.kill()
        shutil.rmtree(folder, ignore_errors=True)
        ready.unlink(missing_ok=True)


def _when_ready(process: "subprocess.Popen[str]", ready: Path) -> Access:
    until = _clock.monotonic_seconds() + START_SECONDS
    while not ready.exists():
        if process.poll() is not None:
            _, error = process.communicate()
            raise CommandFailed(
                f"the gateway did not start: {error.strip().splitlines()[-1] if error.strip() else '?'}"
            )
        if _clock.monotonic_seconds() > until:
            raise CommandFailed(f"the gateway did not answer within {START_SECONDS} seconds")
        time.sleep(0.05)
    return msgspec.json.decode(ready.read_bytes(), type=Access)
