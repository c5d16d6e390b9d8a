"""The processes under measurement, and what they cost: CPU seconds and memory, as the operating system counts them."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import psutil
from msgspec import Struct

from gateway.parent_death import dying_with_us
from tests.bench.load import Target
from tests.serving import Served, serving

START_SECONDS = 30.0


class Server(Struct, frozen=True):
    """A server and the one process of it that answers requests."""

    name: str
    target: Target
    worker: psutil.Process

    def cpu_seconds(self) -> float:
        """User and system time of the answering process so far."""
        times = self.worker.cpu_times()
        return times.user + times.system

    def memory_mib(self) -> float:
        """Resident memory of the answering process."""
        return self.worker.memory_info().rss / 2**20


@asynccontextmanager
async def gateway(name: str, database_url: str, redis_url: str, **given: str) -> AsyncGenerator[Server, None]:
    """`coursegate serve` with one answering process, its log going to a file."""
    async with serving(database_url, redis_url, **given) as served:
        yield Server(name, _target(served), _busiest(served.workers()))


def _target(served: Served) -> Target:
    parts = urlsplit(served.url)
    return Target(parts.hostname or "127.0.0.1", parts.port or 80)


def _busiest(processes: list[psutil.Process]) -> psutil.Process:
    """Granian's worker: the one child that has imported an application."""
    return max(processes, key=lambda process: process.memory_info().rss)


@asynccontextmanager
async def peer(name: str, environment: Mapping[str, str]) -> AsyncGenerator[Server, None]:
    """An application of `tests.bench.peers` on the same server with the same loop."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "granian", "--interface", "asgi", "--factory", "--loop", "uvloop", "--http", "1", "--no-ws"),
        *("--workers", "1", "--backlog", "2048", "--backpressure", "2048", "--log-level", "warning"),
        *("--host", "127.0.0.1", "--port", str(port), f"tests.bench.peers:{name}"),
        env=os.environ | environment,
        preexec_fn=dying_with_us(signal.SIGTERM),
    )
    try:
        async with asyncio.timeout(START_SECONDS):
            while not await _answers(port):
                await asyncio.sleep(0.05)
        children = psutil.Process(process.pid).children(recursive=True)
        yield Server(name, Target("127.0.0.1", port), _busiest(children))
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
