"""A worker in a process of its own, with a slow fake generator: what chaos tests kill, freeze and stop.

`python tests/gateway/work/process.py CONCURRENCY STEP_SECONDS LEASE_SECONDS` with `COURSEGATE_*` in the environment.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from gateway import settings as settings_module
from gateway.clock import SystemClock
from gateway.worker import run
from tests.generators import FakeGenerator


async def main() -> None:
    concurrency, step_seconds = int(sys.argv[1]), float(sys.argv[2])
    settings = settings_module.load(os.environ)
    generator = FakeGenerator(step_seconds=step_seconds)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await run(settings, SystemClock(), concurrency, stop, generators=lambda _: generator)


if __name__ == "__main__":
    asyncio.run(main())
