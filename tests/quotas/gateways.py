"""What the tests of admission need: an Admission as a gateway process has it, and somebody who listens."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable

from quotas import keys
from quotas.admission import Admission, Decision, Policy
from quotas.observer import Observer
from quotas.transport import Transport, open_transport


class Heard:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, str | float]]] = []

    def on_event(self, name: str, **facts: str | float) -> None:
        self.events.append((name, facts))

    def names(self) -> Counter[str]:
        return Counter(name for name, _ in self.events)


class Gateway:
    """One process' way to Redis and its Admission; `minutes_ahead` is how wrong its clocks are."""

    def __init__(self, transport: Transport, replicas: int, minutes_ahead: float, heard: Observer) -> None:
        self.transport = transport
        self.admission = Admission(
            transport,
            expected_replicas=replicas,
            monotonic_seconds=lambda: time.monotonic() + 60 * minutes_ahead,
            now_ms=lambda: int((time.time() + 60 * minutes_ahead) * 1000),
            observer=heard,
        )

    async def ask(self, center: str, limit: int, window_seconds: int = 60) -> Decision:
        return await self.admission.decide([Policy("minute", keys.minute("live", center), limit, window_seconds)])


@contextlib.asynccontextmanager
async def gateway(
    url: str, *, replicas: int = 1, minutes_ahead: float = 0, heard: Observer | None = None
) -> AsyncGenerator[Gateway, None]:
    heard = heard or Heard()
    transport = await open_transport(url, heard)
    try:
        yield Gateway(transport, replicas, minutes_ahead, heard)
    finally:
        await transport.aclose()


async def until(condition: Callable[[], bool], *, seconds: float = 10) -> None:
    """Wait for it; TimeoutError where it does not come."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)
