"""A worker's bench for tests: real PostgreSQL, a frozen clock, a generator of the test's own."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from gateway.generation.model import Generator
from gateway.stores import SqlStore
from gateway.work.bench import Bench
from gateway.work.queue import WakeUp
from tests.clock import FrozenClock


@dataclass
class Seen:
    """What a bench told the outside."""

    published: list[str] = field(default_factory=list)
    woken: list[WakeUp] = field(default_factory=list)

    async def publish(self, _center_id: str, _env: str, hold_id: str) -> None:
        self.published.append(hold_id)


@asynccontextmanager
async def open_bench(
    database_url: str,
    generator: Generator,
    *,
    lease_seconds: float = 30.0,
    seen: Seen | None = None,
    clock: FrozenClock | None = None,
) -> AsyncGenerator[Bench, None]:
    told = seen or Seen()
    async with SqlStore(database_url, size=5) as sql:
        yield Bench(
            sql=sql,
            clock=clock or FrozenClock(),
            generators=lambda _: generator,
            publish=told.publish,
            wake=told.woken.append,
            lease_seconds=lease_seconds,
        )
