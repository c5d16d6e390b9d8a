"""Another plans file changes limits: each center on the plan has that in its chain, some seconds later.

Rule source: centers, "Decision records". The change itself was kept in the transaction that made it: a worker that is killed
here leaves the rest to the next.
"""

import asyncio
from contextlib import suppress
from typing import Final

import asyncpg

from gateway.clock import Clock, as_datetime
from gateway.log import describe, log
from gateway.stores import Overloaded, SqlStore, StoreDown

PAUSE_SECONDS: Final = 10.0
CENTERS_AT_ONCE: Final = 200
"""Whose chains are held for one commit."""


async def keep_sealing(sql: SqlStore, clock: Clock, stop: asyncio.Event) -> None:
    """Seal changes of plans until told to stop."""
    while not stop.is_set():
        try:
            while await seal_some(sql, clock) is not None and not stop.is_set():
                pass
        except (StoreDown, Overloaded, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("plan_changes.failed", error=describe(error))
        with suppress(TimeoutError):
            async with asyncio.timeout(PAUSE_SECONDS):
                await stop.wait()


async def seal_some(sql: SqlStore, clock: Clock, centers: int = CENTERS_AT_ONCE) -> int | None:
    """Seal the oldest change for at most so many centers; returns for how many, or None where nothing is left to do."""
    async with sql.session(deadline_seconds=60) as connection:
        sealed: int | None = await connection.fetchval(
            "select plan_change_seal($1, $2)", centers, as_datetime(clock.now_ms())
        )
    if sealed:
        log.info("plan_changes.sealed", centers=sealed)
    return sealed
