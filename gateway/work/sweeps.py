"""What makes the queue forgetful without harm: every worker looks at the rows themselves, every second or two.

Several sweep at once: each row is ended by one of them, and a wake-up for one wait is kept once.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Final

import asyncpg
import msgspec

from gateway.log import describe, log
from gateway.stores import Connection, Overloaded, Record, StoreDown
from gateway.work import queue
from gateway.work.bench import CLAIMS_MAX, Bench
from gateway.work.failures import WORKER_LOST
from gateway.work.metrics import HOLDS, OUTCOMES, QUEUE_AGE, QUEUE_DEPTH
from gateway.work.queue import Kind, WakeUp
from gateway.work.regrades import LOST as REGRADE_LOST

SWEEP_SECONDS_MAX: Final = 2.0
HOLDS_SHOWN: Final = timedelta(hours=1)
_ENDED_MAX: Final = 50
_WOKEN_MAX: Final = 500
_CLOSED_MAX: Final = 500


async def keep_sweeping(bench: Bench, stop: asyncio.Event) -> None:
    """Sweep until told to stop, at least every two seconds and several times a lease."""
    pause = min(SWEEP_SECONDS_MAX, bench.lease_seconds / 3)
    while not stop.is_set():
        await sweep(bench)
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await stop.wait()


async def sweep(bench: Bench) -> None:
    """End what nobody will finish, wake workers for all that waits, and measure it; whatever fails is logged.

    A row that can't be ended keeps no other from it, and a part of the sweep that fails none of the others.
    """
    for name, part in _PARTS.items():
        try:
            await part(bench)
        except (StoreDown, Overloaded, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("sweep.failed", part=name, error=describe(error))
            if not bench.sql.up:
                return


async def _end_generations(bench: Bench) -> None:
    await _end(bench, "generation", "select * from generation_sweep($1, $2, $3, $4)")


async def _end_regenerations(bench: Bench) -> None:
    await _end(bench, "regeneration", "select * from regeneration_sweep($1, $2, $3, $4)")


async def _end(bench: Bench, kind: Kind, query: str) -> None:
    failure = msgspec.json.encode(WORKER_LOST).decode()
    async with bench.sql.session() as connection:
        rows = await connection.fetch(query, CLAIMS_MAX, failure, _ENDED_MAX, bench.now())
    for row in rows:
        await _tell(bench, kind, row)


async def _end_regrades(bench: Bench) -> None:
    failure = msgspec.json.encode(REGRADE_LOST).decode()
    async with bench.sql.session() as connection:
        query = "select * from regrade_sweep($1, $2, $3, $4)"
        rows = await connection.fetch(query, CLAIMS_MAX, failure, _ENDED_MAX, bench.now())
    for row in rows:
        OUTCOMES.labels("regrade", row["env"], "worker_lost").inc()
        log.warning("regrade.failed", failure_code=REGRADE_LOST.code, regrade_id=row["id"], **_whose(row))


async def _close_sessions(bench: Bench) -> None:
    async with bench.sql.session() as connection:
        closed = await connection.fetchval("select learner_sessions_sweep($1, $2)", bench.now(), _CLOSED_MAX)
    if closed:
        log.info("sessions.closed", sessions=closed)


async def _wake(bench: Bench) -> None:
    async with bench.sql.session() as connection:
        due = await _due(connection)
        if due:
            await queue.send(connection, due)


async def _due(connection: Connection) -> list[WakeUp]:
    rows = await connection.fetch("select * from work_due($1, $2)", CLAIMS_MAX, _WOKEN_MAX)
    return [WakeUp(row["kind"], row["center_id"], row["env"], row["id"], row["key"]) for row in rows]


async def _measure(bench: Bench) -> None:
    async with bench.sql.session() as connection:
        waiting = await connection.fetch("select * from work_waiting()")
        holds = await connection.fetch("select * from holds_by_state($1)", bench.now() - HOLDS_SHOWN)
    for row in waiting:
        QUEUE_DEPTH.labels(row["kind"]).set(row["waiting"])
        QUEUE_AGE.labels(row["kind"]).set(row["oldest_seconds"])
    for row in holds:
        HOLDS.labels(row["state"]).set(row["holds"])


def _whose(row: Record) -> dict[str, str]:
    return {name: row[name] for name in ("request_id", "center_id", "env")}


async def _tell(bench: Bench, kind: Kind, row: Record) -> None:
    facts = _whose(row) | {f"{kind}_id": row["id"], "hold_id": row["hold_id"]}
    if row["trouble"] is not None:
        if bench.told.note((kind, row["env"], row["id"], row["trouble"]), bench.clock.monotonic_seconds()):
            log.error("sweep.row_failed", sqlstate=row["trouble"], **facts)
        return
    canceled = kind == "generation" and row["status"] == "canceled"
    OUTCOMES.labels(kind, row["env"], "canceled" if canceled else "worker_lost").inc()
    if row["expired"]:
        log.warning("hold.expired", **facts)
    if canceled:
        log.info("generation.canceled", units=row["modules_done"], **facts)
    else:
        log.warning(f"{kind}.failed", failure_code=WORKER_LOST.code, **facts)
    await bench.publish(row["center_id"], row["env"], row["hold_id"])


_PARTS: Final = {
    "end_generations": _end_generations,
    "end_regenerations": _end_regenerations,
    "end_regrades": _end_regrades,
    "close_sessions": _close_sessions,
    "wake": _wake,
    "measure": _measure,
}
