import asyncio
import contextlib
import os
import shlex
import signal
import sys
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
import rich_click as click

from gateway.cli.failure import CommandFailed
from gateway.cli.output import console
from gateway.ports import Listening, claim_port
from gateway.private_files import write_private
from gateway.settings import load

if TYPE_CHECKING:
    from gateway.cli.dev_center import DevKeys
    from gateway.embedded import EmbeddedStores
    from gateway.embedded.process import Child

TOKEN_KEYS = "jwt-keys.pem"  # ruff: ignore[hardcoded-password-string] - a file's name
"""In the data folder: what signs people's tokens."""
CHECKPOINT_KEYS = "checkpoint-keys.pem"
"""... and what signs checkpoints of decision records."""
CHECKPOINTS = "checkpoints"
"""... and the checkpoints."""

_NEVER_TOLD = frozenset({"COURSEGATE_METRICS_ADDRESS"})
"""Each process has an endpoint of its own."""


class Ready(msgspec.Struct, frozen=True):
    """The ready file: everything that a client, or another process on the same stores, needs."""

    url: str
    metrics_url: str
    center_id: str
    live_key: str
    test_key: str
    provisioning_key: str
    database_url: str
    redis_url: str
    env: dict[str, str]


@click.command("dev")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 = any free port.")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where data and keys are kept; default .coursegate, for root a folder under /var/lib/coursegate.",
)
@click.option(
    "--ready-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Written (0600) when everything answers: URLs, keys and settings as JSON.",
)
def command(host: str, port: int, data_dir: Path | None, ready_file: Path | None) -> None:
    """Run everything on this machine: stores, gateway and worker.

    The stores are real Valkey and PostgreSQL servers from Python packages, closed to everyone else. Data and keys are
    kept; Ctrl-C or SIGTERM ends all of it. Example: `coursegate dev --port 8080`
    """
    from gateway.embedded.account import default_data_folder

    folder = (data_dir or default_data_folder()).absolute()
    listening, kept = claim_port(host, port)
    kept.close()
    asyncio.run(_until_told(_dev(listening, folder, ready_file.absolute() if ready_file else None)))


async def _until_told(work: Coroutine[None, None, None]) -> None:
    """Run until SIGTERM or SIGINT, then let everything end in order; a second signal changes nothing."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    asked = False

    def stop() -> None:
        nonlocal asked
        if not asked:
            asked = True
            task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not asked:
            raise
        console().print("Stopped.")


async def _dev(listening: Listening, folder: Path, ready_file: Path | None) -> None:
    from gateway.cli.dev_center import keep_token_keys, prepare
    from gateway.cli.dev_parts import keep_running, parts_of
    from gateway.cli.sample_player import player_url
    from gateway.embedded import EmbeddedStores

    out = console()
    out.print("Starting PostgreSQL and Valkey ...")
    async with EmbeddedStores(folder, may_flush=True) as stores:
        keys = await prepare(stores, folder)
        keep_token_keys(folder / TOKEN_KEYS)
        keep_token_keys(folder / CHECKPOINT_KEYS)
        environment = _environment(stores, keys, listening, folder)
        load(environment)  # a setting of the caller's that is wrong stops us here, in its own words
        async with contextlib.AsyncExitStack() as children:
            out.print("Starting gateway and worker ...")
            gateway, worker = _children(folder, environment, listening)
            answering = folder / "serve.json"
            answering.unlink(missing_ok=True)
            for child in (gateway, worker):
                child.start(environment=environment)
                children.push_async_callback(child.stop, signal.SIGTERM, 25)
            # Both are told at once; the stack then only waits for each.
            children.callback(_tell_all, (gateway, worker))
            await gateway.answers(lambda: _written(answering, worker), seconds=60)
            told = msgspec.json.decode(answering.read_bytes(), type=dict[str, str])
            ready = Ready(
                url=told["url"],
                metrics_url=told["metrics_url"],
                center_id=keys.center_id,
                live_key=keys.live,
                test_key=keys.test,
                provisioning_key=keys.provisioning,
                database_url=stores.database_url,
                redis_url=stores.redis_url,
                env={
                    name: value
                    for name, value in environment.items()
                    if name.startswith("COURSEGATE_") and name not in _NEVER_TOLD
                },
            )
            _greet(ready, folder, await asyncio.to_thread(player_url, ready.url, ready.test_key))
            if ready_file is not None:
                write_private(ready_file, msgspec.json.format(msgspec.json.encode(ready), indent=2).decode())
                children.callback(ready_file.unlink, missing_ok=True)
            # Started again, the gateway has the addresses that the ready file tells.
            again = environment | {"COURSEGATE_METRICS_ADDRESS": urlsplit(ready.metrics_url).netloc}
            await keep_running(parts_of(stores, [(gateway, again), (worker, environment)]))


def _environment(stores: "EmbeddedStores", keys: "DevKeys", listening: Listening, folder: Path) -> dict[str, str]:
    return {
        "COURSEGATE_PUBLIC_URL": listening.url,
        "COURSEGATE_WEBHOOK_ALLOW_CIDRS": "127.0.0.0/8,::1/128",  # a receiver under development listens beside us
        **os.environ,
        "COURSEGATE_DATABASE_URL": stores.database_url,
        "COURSEGATE_MIGRATE_DATABASE_URL": stores.migrate_database_url,
        "COURSEGATE_REDIS_URL": stores.redis_url,
        "COURSEGATE_KEY_PEPPERS": keys.key_peppers,
        "COURSEGATE_ENCRYPTION_KEYS": keys.encryption_keys,
        "COURSEGATE_JWT_KEYS_FILE": str(folder / TOKEN_KEYS),
        "COURSEGATE_CHECKPOINT_KEYS_FILE": str(folder / CHECKPOINT_KEYS),
        "COURSEGATE_CHECKPOINT_FILE": str(folder / CHECKPOINTS),
    }


def _children(folder: Path, environment: dict[str, str], listening: Listening) -> "tuple[Child, Child]":
    from gateway.embedded.process import Child
    from gateway.metrics_endpoint import FOLDER_VARIABLE, fresh_metrics_folder

    # One folder for both, so that one address shows gateway and worker alike.
    environment[FOLDER_VARIABLE] = str(fresh_metrics_folder(folder / "metrics"))
    log = folder / "coursegate.log"
    program = [sys.executable, "-m", "gateway"]
    serve = [*program, "serve", "--host", listening.host, "--port", str(listening.port)]
    serve += ["--ready-file", str(folder / "serve.json")]
    # Killed with us where we are killed; both are made to survive that.
    gateway = Child("the gateway", serve, log=log, death_signal=signal.SIGKILL)
    worker = Child("the worker", [*program, "work"], log=log, death_signal=signal.SIGKILL)
    return gateway, worker


def _tell_all(children: "Iterable[Child]") -> None:
    for child in children:
        child.send(signal.SIGTERM)


async def _written(file: Path, worker: "Child") -> bool:
    if not worker.running:
        raise CommandFailed(f"the worker ended with status {worker.exit_code}: {worker.last_words()}")
    return await asyncio.to_thread(file.is_file)


def _greet(ready: Ready, folder: Path, player: str) -> None:
    out = console()
    out.print(f"\nCoursegate answers on {ready.url}  (docs: {ready.url}/docs)", markup=False)
    rows = (
        ("metrics", ready.metrics_url),
        ("center", ready.center_id),
        ("live key", ready.live_key),
        ("test key", ready.test_key),
        ("provisioning key", ready.provisioning_key),
        ("data", str(folder)),
        ("log", f"coursegate logs tail --follow {shlex.quote(str(folder / 'coursegate.log'))}"),
    )
    for name, value in rows:
        out.print(f"  {name:<17} {value}", markup=False)
    out.print(f"A quiz in the player, for one hour and one visitor:\n  {player}", markup=False, soft_wrap=True)
    out.print("Ctrl-C stops everything; data and keys are kept.")
