"""What a center has used: read from the mirror where it is fresh, else from SQL once a process, and shown again."""

import asyncio
import contextlib
from typing import Final, Protocol

from gateway.caller import Caller, Center
from gateway.clock import Clock
from gateway.periods import current_period
from gateway.stores import Overloaded, SqlStore, StoreDown
from quotas import keys, ledger
from quotas.mirror import Entry, Mirror
from quotas.model import METERS, Counters, Env
from quotas.periods import label


class Tenant(Protocol):
    """Whoever stands for a center and an env: a caller, or a key that was verified."""

    @property
    def center(self) -> Center:
        """The center."""

    @property
    def env(self) -> Env:
        """Live or test."""


def mirror_keys(caller: Tenant, now_ms: int) -> tuple[str, ...]:
    """Name the mirrors of everything `GET /v1/usage` shows: each meter's, then the running generations'."""
    center_id, env = caller.center.id, caller.env
    period = label(current_period(caller.center, now_ms))
    return (*(keys.mirror(env, center_id, meter, period) for meter in METERS), keys.running(env, center_id))


async def show(mirror: Mirror, center_id: str, env: Env, counters: Counters) -> None:
    """Publish what SQL says; the mirror takes nothing older than what it has."""
    period = label(counters.period)
    running = counters.running
    await mirror.publish_all(
        [
            *(
                Entry(
                    keys.mirror(env, center_id, count.meter, period),
                    count.limit,
                    count.settled,
                    count.held,
                    count.version,
                    counters.epoch,
                )
                for count in counters.meters
            ),
            Entry(keys.running(env, center_id), running.limit, 0, running.running, running.version, counters.epoch),
        ]
    )


class CounterReader:
    """Reads counters from SQL: of any number of callers that miss at once, one asks."""

    def __init__(self, sql: SqlStore, mirror: Mirror, clock: Clock) -> None:
        self._sql: Final = sql
        self._mirror: Final = mirror
        self._clock: Final = clock
        self._under_way: Final[dict[tuple[str, Env], asyncio.Task[Counters]]] = {}

    async def read(self, caller: Caller) -> Counters:
        """Return the counters as committed, and show them in the mirror; raises StoreDown, Overloaded."""
        name = (caller.center.id, caller.env)
        task = self._under_way.get(name)
        if task is None:
            task = asyncio.create_task(self._read(caller))
            self._under_way[name] = task
            task.add_done_callback(lambda _: self._under_way.pop(name, None))
        return await asyncio.shield(task)

    async def refresh(self, caller: Caller) -> None:
        """Show what the caller's commit changed; a failure leaves an entry that turns into a miss within 5 s."""
        with contextlib.suppress(StoreDown, Overloaded):
            await self._read(caller)

    async def _read(self, caller: Caller) -> Counters:
        now_ms = self._clock.now_ms()
        period = current_period(caller.center, now_ms)
        async with self._sql.session() as connection:
            counters = await ledger.counters(connection, caller.center.id, caller.env, period, now_ms)
        if counters is None:
            raise LookupError(f"the center {caller.center.id} is gone")
        await show(self._mirror, caller.center.id, caller.env, counters)
        return counters
