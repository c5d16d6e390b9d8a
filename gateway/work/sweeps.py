"""What makes the queue forgetful without harm: every worker looks at the rows themselves, every second or two.

Several sweep at once: each row is ended by one of them, and a wake-up for one wait is kept once.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

import asyncpg
import msgspec

from gateway.log import log
from gateway.stores import Connection, Overloaded, StoreDown
from gateway.work import queue
from gateway.work.bench import CLAIMS_MAX, Bench
from gateway.work.failures import WORKER_LOST
from gateway.work.metrics import HOLDS, OUTCOMES, QUEUE_AGE, QUEUE_DEPTH
from gateway.work.queue import WakeUp

SWEEP_SECONDS_MAX: Final = 2.0
HOLDS_SHOWN: Final = timedelta(hours=1)
_ENDED_MAX: Final = 50
_WOKEN_MAX: Final = 500


async def keep_sweeping(bench: Bench, stop: asyncio.Event) -> None:
    """Sweep until told to stop, at least every two seconds and several times a lease."""
    pause = min(SWEEP_SECONDS_MAX, bench.lease_seconds / 3)
    while not stop.is_set():
        try:
            await sweep(bench)
        except (StoreDown, Overloaded, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("sweep.failed", error_type=type(error).__name__)
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await stop.wait()


async def sweep(bench: Bench) -> None:
    """End what nobody will finish, then wake workers for all that waits."""
    failure = msgspec.json.encode(WORKER_LOST).decode()
    async with bench.sql.session() as connection:
        generations = await _ended(connection, "generation_sweep", failure, bench)
        regenerations = await _ended(connection, "regeneration_sweep", failure, bench)
        due = await _due(connection)
        if due:
            await queue.send(connection, due)
        await _measure(connection, bench.now())
    for kind, rows in (("generation", generations), ("regeneration", regenerations)):
        for row in rows:
            await _tell(bench, kind, row)


async def _ended(connection: Connection, sweeper: str, failure: str, bench: Bench) -> Sequence[asyncpg.Record]:
    query = f"select * from {sweeper}($1, $2, $3, $4)"  # ruff: ignore[hardcoded-sql-expression] - one of two literals
    return await connection.fetch(query, CLAIMS_MAX, failure, _ENDED_MAX, bench.now())


async def _due(connection: Connection) -> list[WakeUp]:
    rows = await connection.fetch("select * from work_due($1, $2)", CLAIMS_MAX, _WOKEN_MAX)
    return [WakeUp(row["kind"], row["center_id"], row["env"], row["id"], row["key"]) for row in rows]


async def _measure(connection: Connection, now: datetime) -> None:
    for row in await connection.fetch("select * from work_waiting()"):
        QUEUE_DEPTH.labels(row["kind"]).set(row["waiting"])
        QUEUE_AGE.labels(row["kind"]).set(row["oldest_seconds"])
    for row in await connection.fetch("select * from holds_by_state($1)", now - HOLDS_SHOWN):
        HOLDS.labels(row["state"]).set(row["holds"])


async def _tell(bench: Bench, kind: str, row: asyncpg.Record) -> None:
    canceled = kind == "generation" and row["status"] == "canceled"
    OUTCOMES.labels(kind, row["env"], "canceled" if canceled else "worker_lost").inc()
    facts = {
        "request_id": row["request_id"],
        "center_id": row["center_id"],
        "env": row["env"],
        f"{kind}_id": row["id"],
        "hold_id": row["hold_id"],
    }
    if row["expired"]:
        log.warning("hold.expired", **facts)
    if canceled:
        log.info("generation.canceled", units=row["modules_done"], **facts)
    else:
        log.warning(f"{kind}.failed", failure_code=WORKER_LOST.code, **facts)
    await bench.publish(row["center_id"], row["env"], row["hold_id"])
