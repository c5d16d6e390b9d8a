"""What a worker works with: handed to every piece of work, so that nothing reaches for it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol, TypeVar

import asyncpg

from gateway.clock import Clock, as_datetime
from gateway.generation.model import Generator
from gateway.stores import Overloaded, SqlStore, StoreDown
from gateway.work.queue import Env, WakeUp
from gateway.work.recently import Recently

CLAIMS_MAX: Final = 5
"""How often workers take a row before it is given up as `worker_lost`; leases handed back in order don't count."""

SANDBOX_SECONDS: Final = 75.0
"""A scripted module takes 60 s at most; what takes longer hangs."""
STALL_SECONDS_MIN: Final = 5.0
"""A scripted outline is made at once or never; a short lease leaves it this long to read a large source."""

LOCKED_OUT: Final = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)
"""A wait for another transaction that ended without its lock: nothing was written, and a later try may be luckier."""

_PAUSE_SECONDS: Final = 0.25

T = TypeVar("T")


class Publisher(Protocol):
    """Shows a hold's counters as they stand, after a commit that changed them; never raises."""

    async def __call__(self, center_id: str, env: str, hold_id: str) -> None:
        """Publish."""


@dataclass(frozen=True)
class Bench:
    """A worker's tools. `lease_seconds`: how long a claim lasts that is not renewed, renewed each third of it.

    `generator_seconds`: how long one call of a live generator may take. `told`: what the log was told not long ago.
    """

    sql: SqlStore
    clock: Clock
    generators: Callable[[Env], Generator]
    publish: Publisher
    wake: Callable[[WakeUp], None]
    lease_seconds: float
    generator_seconds: float = 600.0
    told: Recently = field(default_factory=Recently)

    def now(self) -> datetime:
        """Return the time as rows take it; leases alone go by the database's own clock."""
        return as_datetime(self.clock.now_ms())

    def outline_seconds(self, env: str) -> float:
        """Return how long an outline may take; a test key's scripted stall is one that never comes, for a lease."""
        return self.generator_seconds if env == "live" else max(STALL_SECONDS_MIN, self.lease_seconds)

    def making_seconds(self, env: str) -> float:
        """Return how long a module or a regeneration may take."""
        return self.generator_seconds if env == "live" else max(SANDBOX_SECONDS, self.lease_seconds)

    async def patiently(self, write: Callable[[], Awaitable[T]]) -> T:
        """Do `write`, again while PostgreSQL can't serve or another holds what it needs, for as long as a lease lasts.

        Raises StoreDown, Overloaded then. What it is given is conditional on a fence and says the same when said twice.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + self.lease_seconds
        while True:
            try:
                return await write()
            except (StoreDown, Overloaded):
                if loop.time() > until:
                    raise
            except LOCKED_OUT as error:
                if loop.time() > until:
                    raise Overloaded("another transaction held what was to be written") from error
            await asyncio.sleep(_PAUSE_SECONDS)
