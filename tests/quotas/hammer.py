"""One gateway process of a test: asks at random moments, and prints when it asked, when it was answered and what.

Arguments: URL, center, limit, window in seconds, seconds to run, seed. Output a line: `<before> <after> <admitted: 1 or 0> <degraded: 1 or 0>`.
"""

import asyncio
import random
import sys
import time

from quotas.admission import Admitted
from tests.quotas.gateways import Gateway, gateway


async def _ask_at_random(
    asked: Gateway, center: str, limit: int, window: int, ends_at: float, chance: random.Random
) -> None:
    while time.monotonic() < ends_at:
        before = time.monotonic()
        decision = await asked.ask(center, limit, window)
        after = time.monotonic()
        sys.stdout.write(f"{before} {after} {int(isinstance(decision, Admitted))} {int(decision.degraded)}\n")
        await asyncio.sleep(chance.choice([0, 0, chance.random() * 0.02, chance.random() * 0.5]))


async def main(url: str, center: str, limit: str, window: str, seconds: str, seed: str) -> None:
    chance = random.Random(int(seed))
    ends_at = time.monotonic() + float(seconds)
    async with gateway(url) as asked, asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(_ask_at_random(asked, center, int(limit), int(window), ends_at, chance))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
