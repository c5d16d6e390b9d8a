"""`coursegate serve` and `work` as processes of their own, for what only processes can show: races, kills, signals."""

import asyncio
import base64
import os
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psutil

from gateway.parent_death import dying_with_us
from tests.running import ENCRYPTION_KEYS, PEPPERS, token_keys_file

START_SECONDS = 30.0


def environment(database_url: str, redis_url: str, **given: str) -> dict[str, str]:
    """The settings of a `serve` or `work` on these stores; `given` overrides, by setting name in lower case."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("COURSEGATE_")}
    settings = {
        "database_url": database_url,
        "redis_url": redis_url,
        "key_peppers": _spelled(PEPPERS.by_version),
        "encryption_keys": _spelled(ENCRYPTION_KEYS.by_version),
        "public_url": "https://gateway.test",
        "jwt_keys_file": str(token_keys_file()),
    } | given
    return own | {f"COURSEGATE_{name.upper()}": value for name, value in settings.items()}


def _spelled(versions: Any) -> str:
    return ",".join(
        f"v{version}:{base64.urlsafe_b64encode(secret).rstrip(b'=').decode()}" for version, secret in versions.items()
    )


class Served(msgspec.Struct, frozen=True):
    """A gateway that answers at `url`; `process` is its parent process."""

    url: str
    metrics_url: str
    process: asyncio.subprocess.Process
    log: Path

    def workers(self) -> list[psutil.Process]:
        """The processes that answer requests: Granian's children, without multiprocessing's tracker."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [child for child in children if "resource_tracker" not in " ".join(child.cmdline())]

    def kill(self) -> None:
        """End it as a crash does, with all that belongs to it."""
        family = [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]
        for member in family:
            member.kill()


@asynccontextmanager
async def serving(database_url: str, redis_url: str, *arguments: str, **given: str) -> AsyncGenerator[Served, None]:
    """One gateway between its first answer and its graceful end (or the kill that a test gave it)."""
    with tempfile.TemporaryDirectory(prefix="cg-serve-") as folder:
        ready, log = Path(folder) / "ready.json", Path(folder) / "log"
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "gateway",
                "serve",
                "--port",
                "0",
                "--ready-file",
                str(ready),
                *arguments,
                env=environment(database_url, redis_url, **given),
                stdout=output,
                stderr=output,
                preexec_fn=dying_with_us(signal.SIGTERM),
            )
        try:
            async with asyncio.timeout(START_SECONDS):
                while not ready.exists():
                    if process.returncode is not None:
                        raise RuntimeError(f"serve ended with {process.returncode}: {log.read_text()[-2000:]}")
                    await asyncio.sleep(0.02)
            said = msgspec.json.decode(ready.read_bytes())
            yield Served(said["url"], said["metrics_url"], process, log)
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await process.wait()


@asynccontextmanager
async def serving_many(
    count: int, database_url: str, redis_url: str, **given: str
) -> AsyncGenerator[list[Served], None]:
    """Several gateways on the same stores."""
    async with AsyncExitStack() as stack:
        given = {"expected_replicas": str(count)} | given
        async with asyncio.TaskGroup() as starting:
            starts = [
                starting.create_task(stack.enter_async_context(serving(database_url, redis_url, **given)))
                for _ in range(count)
            ]
        yield [start.result() for start in starts]


@asynccontextmanager
async def talking(served: Served) -> AsyncGenerator[httpx.AsyncClient, None]:
    """A client of one gateway, over a real socket."""
    limits = httpx.Limits(max_connections=100)
    async with httpx.AsyncClient(base_url=served.url, limits=limits, timeout=20, trust_env=False) as client:
        yield client


class Working(msgspec.Struct, frozen=True):
    """A worker that has begun to listen."""

    process: asyncio.subprocess.Process
    log: Path

    async def ended(self, number: signal.Signals) -> int:
        """Signal it and wait for its end; returns the exit status."""
        self.process.send_signal(number)
        return await self.process.wait()


@asynccontextmanager
async def working(database_url: str, redis_url: str, **given: str) -> AsyncGenerator[Working, None]:
    """One `coursegate work` between its start and its graceful end (or the kill that a test gave it)."""
    with tempfile.TemporaryDirectory(prefix="cg-work-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "gateway",
                "work",
                env=environment(database_url, redis_url, **given),
                stdout=output,
                stderr=output,
                preexec_fn=dying_with_us(signal.SIGTERM),
            )
        try:
            async with asyncio.timeout(START_SECONDS):
                while b"worker.started" not in log.read_bytes():
                    if process.returncode is not None:
                        raise RuntimeError(f"work ended with {process.returncode}: {log.read_text()[-2000:]}")
                    await asyncio.sleep(0.02)
            yield Working(process, log)
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await process.wait()
