"""Starts and ends worker processes; only those it started."""

import asyncio
import hashlib
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

PROGRAM = Path(__file__).with_name("process.py")
SECRETS = {
    "COURSEGATE_KEY_PEPPERS": "v1:" + hashlib.sha256(b"a pepper for tests").hexdigest(),
    "COURSEGATE_ENCRYPTION_KEYS": "v1:" + hashlib.sha256(b"an encryption key for tests").hexdigest(),
}


class Worker:
    """One worker process; its log lines are kept."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.log: list[str] = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.log.append(line.decode())

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def kill(self) -> None:
        """SIGKILL: no goodbye."""
        self.signal(signal.SIGKILL)
        await self.ended()

    async def ended(self) -> int:
        """Wait for its end; returns the exit code."""
        code = await self._process.wait()
        await self._reading
        return code

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None


@asynccontextmanager
async def worker(
    database_url: str, redis_url: str, *, concurrency: int = 2, step_seconds: float = 0.1, lease_seconds: int = 2
) -> AsyncGenerator[Worker, None]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(PROGRAM),
        str(concurrency),
        str(step_seconds),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={
            **os.environ,
            **SECRETS,
            "COURSEGATE_DATABASE_URL": database_url,
            "COURSEGATE_REDIS_URL": redis_url,
            "COURSEGATE_LEASE_SECONDS": str(lease_seconds),
            "COURSEGATE_WEBHOOK_ALLOW_CIDRS": "127.0.0.0/8",
        },
    )
    started = Worker(process)
    try:
        yield started
    finally:
        if started.is_alive:
            started.signal(signal.SIGCONT)
            await started.kill()
