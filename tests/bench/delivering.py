"""`python -m tests.bench.delivering`: how many deliveries one worker makes a second, and what a dead receiver costs others.

One real worker process on durable stores, receivers that listen on loopback in this process. What is timed: from the
commit of the events to the last row that says `succeeded`.
"""

import argparse
import asyncio
import os
import platform
import statistics
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import asyncpg
import msgspec
import psutil
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from tests.bench.stage import Stage, add_centers, stage
from tests.gateway.webhooks.endpoints import add_webhook
from tests.gateway.work.workers import SECRETS

RECEIVERS: Final = 50
DATA: Final = '{"object": "course", "id": "crs_x", "status": "ready", "external_ref": "lms-17", "title": "Tides"}'
MUST_A_SECOND: Final = 500
DEAD_MAX: Final = 1.05

console = Console(stderr=True)


class Report(Struct, frozen=True):
    """All of a run. `dead_over_alive`: the others' time with a dead receiver beside them over that without, by rounds;
    `dead_over_alive_cpu`: the worker's CPU time for all of it, which a busy machine disturbs less.
    """

    machine: str
    python: str
    receivers: int
    deliveries: int
    per_second: float
    worker_cpu_microseconds: float
    dead_over_alive: list[float]
    dead_over_alive_cpu: list[float]


class Receiver(asyncio.Protocol):
    """Answers each request with an empty 200, if it is alive."""

    def __init__(self, *, alive: bool) -> None:
        self._alive = alive
        self._heard = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what to answer on."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer what is whole."""
        self._heard += data
        while (end := self._heard.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._heard[:end]).lower()
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            if len(self._heard) < end + 4 + length:
                return
            del self._heard[: end + 4 + length]
            if self._alive and self._transport is not None:
                self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


class Ground:
    """Fifty webhooks of fifty centers, the last of them at a receiver that may be dead."""

    def __init__(self, pool: Any, centers: list[str], worker: psutil.Process) -> None:
        self._pool = pool
        self._centers = centers
        self._worker = worker

    def cpu_seconds(self) -> float:
        """User and system time of the worker so far."""
        times = self._worker.cpu_times()
        return times.user + times.system

    async def drain(self, centers: list[str], watched: list[str], events: int) -> float:
        """Seconds from the commit of so many events a center until all of those watched have arrived."""
        now = datetime.now(UTC)
        query = "select emit(c, 'live', 'course.ready', 'crs_x', $2::jsonb, $3) from unnest($1::text[]) c, generate_series(1, $4)"
        await self._pool.execute(query, centers, DATA, now, events)
        began = time.perf_counter()
        left = "select exists (select from delivery where status <> 'succeeded' and center_id = any ($1))"
        while await self._pool.fetchval(left, watched):
            await asyncio.sleep(0.02)
        return time.perf_counter() - began

    async def clear(self) -> None:
        """Forget all events, and that a receiver failed."""
        await self._pool.execute("delete from event")
        await self._pool.execute("update webhook set failing_since = null, status = 'enabled'")
        await self._pool.execute("vacuum analyze delivery")


async def main(arguments: argparse.Namespace) -> Report:
    """Measure, and report."""
    loop = asyncio.get_running_loop()
    async with stage() as ground, asyncpg.create_pool(ground.owner_url, min_size=2, max_size=4) as pool:
        centers, _ = await add_centers(ground, RECEIVERS)
        servers = [
            await loop.create_server(lambda alive=alive: Receiver(alive=alive), "127.0.0.1", 0)  # type: ignore[misc]
            for alive in [True] * (RECEIVERS + 1) + [False]
        ]
        ports = [server.sockets[0].getsockname()[1] for server in servers]
        for center, port in zip(centers, ports, strict=False):
            await add_webhook(pool, center, f"http://127.0.0.1:{port}/hook")
        async with _worker(ground, arguments.log) as process:
            tools = Ground(pool, centers, process)
            await tools.drain(centers, centers, 10)
            per_second, cpu = await _throughput(tools, centers, arguments)
            await pool.execute(
                "update webhook set url = $1 where center_id = $2", f"http://127.0.0.1:{ports[-1]}/hook", centers[-1]
            )
            ratios, costs = await _with_a_dead_one(tools, centers, arguments)
        for server in servers:
            server.close()
    return Report(
        machine=f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()} {platform.release()}",
        python=platform.python_version(),
        receivers=RECEIVERS,
        deliveries=RECEIVERS * arguments.events * arguments.rounds,
        per_second=per_second,
        worker_cpu_microseconds=cpu,
        dead_over_alive=ratios,
        dead_over_alive_cpu=costs,
    )


async def _throughput(tools: Ground, centers: list[str], arguments: argparse.Namespace) -> tuple[float, float]:
    """The median of deliveries a second, and the worker's microseconds for each."""
    rates, before = [], tools.cpu_seconds()
    for _ in range(arguments.rounds):
        await tools.clear()
        rates.append(len(centers) * arguments.events / await tools.drain(centers, centers, arguments.events))
        console.print(f"  {rates[-1]:8.0f} deliveries/s")
    spent = tools.cpu_seconds() - before
    return statistics.median(rates), spent / (len(centers) * arguments.events * arguments.rounds) * 1e6


async def _with_a_dead_one(
    tools: Ground, centers: list[str], arguments: argparse.Namespace
) -> tuple[list[float], list[float]]:
    """The others' time with a dead receiver beside them over that without, in turns."""
    others, ratios, costs = centers[:-1], [], []
    for _ in range(arguments.rounds):
        alone, alone_cpu = await _timed(tools, others, others, arguments.events)
        beside, beside_cpu = await _timed(tools, centers, others, arguments.events)
        ratios.append(beside / alone)
        costs.append(beside_cpu / alone_cpu)
        console.print(f"  {ratios[-1]:8.3f} times as long with a dead receiver, {costs[-1]:.3f} times the CPU")
    return ratios, costs


async def _timed(tools: Ground, centers: list[str], watched: list[str], events: int) -> tuple[float, float]:
    await tools.clear()
    before = tools.cpu_seconds()
    seconds = await tools.drain(centers, watched, events)
    return seconds, tools.cpu_seconds() - before


@asynccontextmanager
async def _worker(ground: Stage, log: Path) -> AsyncGenerator[psutil.Process, None]:
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "gateway", "work", "--concurrency", "2"),
            stdout=out,
            stderr=out,
            env={
                **os.environ,
                **SECRETS,
                "COURSEGATE_DATABASE_URL": ground.database_url,
                "COURSEGATE_REDIS_URL": ground.redis_url,
                "COURSEGATE_WEBHOOK_ALLOW_CIDRS": "127.0.0.0/8",
            },
        )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        await process.wait()


def show(report: Report) -> None:
    """Print what a reader wants to compare."""
    table = Table("webhooks", "found", "must reach")
    table.add_row(f"deliveries/s, {report.receivers} receivers", f"{report.per_second:.0f}", f">= {MUST_A_SECOND}")
    table.add_row("worker, µs CPU a delivery", f"{report.worker_cpu_microseconds:.0f}", "reported")
    median = statistics.median(report.dead_over_alive)
    table.add_row("others' time with a dead receiver / without", f"{median:.3f}", f"<= {DEAD_MAX}")
    cpu = statistics.median(report.dead_over_alive_cpu)
    table.add_row("worker's CPU for it, with / without", f"{cpu:.3f}", "reported")
    console.print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.delivering", description=__doc__)
    parser.add_argument("--events", type=int, default=60, help="events a webhook and round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--log", type=Path, default=Path(os.devnull), help="where the worker logs")
    parser.add_argument("--json", type=Path, help="where to write all figures")
    given = parser.parse_args()
    made = asyncio.run(main(given))
    show(made)
    if given.json is not None:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(made)))
