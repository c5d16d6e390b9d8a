"""What the quota commands do at the desk: read counters, grant, refund, and show what they committed."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Final

from msgspec import Struct

from gateway.cli.administration import Desk, at_desk, center_id_of
from gateway.cli.failure import CommandFailed
from gateway.features.centers import service as centers
from gateway.ids import is_id, new_id
from gateway.settings import load
from gateway.stores import SqlStore
from quotas import ledger
from quotas.mirror import Mirror
from quotas.model import Change, Counters, Env, HoldState, Meter, Period
from quotas.periods import PeriodRule, label, period_at
from quotas.reconcile import Reconciliation, reconcile
from quotas.transport import open_transport

ENVS: Final[tuple[Env, ...]] = ("live", "test")
RECONCILE_SECONDS: Final = 3600.0


class Usage(Struct, frozen=True, kw_only=True):
    """A center's counters, one an env."""

    center_id: str
    envs: dict[Env, Counters]


def usage_of(center: str, envs: tuple[Env, ...]) -> Usage:
    """Read what a center uses now, straight from PostgreSQL."""

    async def work(desk: Desk) -> Usage:
        center_id = await center_id_of(desk, center)
        period = await _period_now(desk, center_id)
        found: dict[Env, Counters] = {}
        for env in envs:
            counters = await ledger.counters(desk.connection, center_id, env, period, desk.now_ms)
            assert counters is not None  # ruff: ignore[assert] - the center was found in this transaction
            found[env] = counters
        return Usage(center_id=center_id, envs=found)

    return at_desk(work)


def grant(center: str, env: Env, meter: Meter, units: int, reason: str) -> Change:
    """Add units to what the center may use in the running period; recorded as `cli:<user>` with the reason."""

    async def work(desk: Desk) -> Change:
        center_id = await center_id_of(desk, center)
        return await ledger.grant(
            desk.connection,
            center_id=center_id,
            env=env,
            meter=meter,
            period=await _period_now(desk, center_id),
            units=units,
            reason=reason,
            actor=f"cli:{desk.user}",
            request_id=new_id("req", desk.now_ms),
            now_ms=desk.now_ms,
        )

    return _and_show(work)


def refund(owner_id: str, units: int, reason: str) -> Change:
    """Give back units that the newest charged hold of a generation (or regeneration) was charged: once.

    Raises CommandFailed where nothing was charged, it was refunded before, or `units` is more than was charged.
    """

    async def work(desk: Desk) -> Change:
        if not (is_id("gen", owner_id) or is_id("rgn", owner_id)):
            raise CommandFailed("a generation's id is gen_ and 26 characters (a regeneration's rgn_)")
        charged = await ledger.charged_holds(desk.connection, owner_id)
        if not charged:
            raise CommandFailed(f"{owner_id}: no such generation, or it was charged nothing")
        change = await ledger.refund(
            desk.connection,
            charged[0],
            units,
            reason=reason,
            actor=f"cli:{desk.user}",
            request_id=new_id("req", desk.now_ms),
            now_ms=desk.now_ms,
        )
        if not change.changed:
            raise CommandFailed(f"{owner_id}: {_why_not(change.state, change)}; nothing was changed")
        return change

    return _and_show(work)


def reconciliation() -> Reconciliation:
    """Compare counters, ledger, holds and open work in one snapshot; needs SELECT alone."""
    settings = load(os.environ)

    async def run() -> Reconciliation:
        async with (
            SqlStore(settings.database_url, size=1) as sql,
            sql.session(wait_seconds=5, deadline_seconds=RECONCILE_SECONDS) as connection,
        ):
            return await reconcile(connection)

    return asyncio.run(run())


def _why_not(state: HoldState | None, change: Change) -> str:
    if state == "REFUNDED":
        return f"{change.refunded_units} units were refunded before, and a refund is given once"
    return f"{change.settled_units} units were charged, so 1 to {change.settled_units} can be refunded"


async def _period_now(desk: Desk, center_id: str) -> Period:
    center = await centers.get(desk.connection, None, center_id)
    stored = await ledger.last_stored_period(desk.connection, center_id)
    return period_at(PeriodRule(center.time_zone, center.period_anchor_day), desk.now_ms, stored)


def _and_show(work: Callable[[Desk], Awaitable[Change]]) -> Change:
    """Do it in one transaction; when it is committed, publish the counter, so that status follows at once."""
    epochs: list[int] = []

    async def remembering_the_epoch(desk: Desk) -> Change:
        epochs.append(await ledger.epoch(desk.connection))
        return await work(desk)

    change = at_desk(remembering_the_epoch)
    asyncio.run(_publish(load(os.environ).redis_url, change, epochs[0]))
    return change


async def _publish(redis_url: str, change: Change, epoch: int) -> None:
    # A lost publish is no harm: the entry turns into a miss within 5 s.
    center_id, env, period, count = change.center_id, change.env, change.period, change.count
    if center_id is None or env is None or period is None or count is None:
        return
    transport = await open_transport(redis_url)
    try:
        await Mirror(transport).publish(
            env,
            center_id,
            count.meter,
            label(period),
            limit=count.limit,
            settled=count.settled,
            held=count.held,
            version=count.version,
            epoch=epoch,
        )
    finally:
        await transport.aclose()
