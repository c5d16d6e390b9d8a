"""Provisioning: a partner sets what holds for its centers, suspends, reinstates and ends them. Orders make them.

The same functions serve `/v1/provisioning` and the command line, for which `partner_id` is None: it sees all centers.
All that change something run in the caller's transaction. Rule sources: centers, "Provisioning"; quotas, "Plans".
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET

from gateway.clock import as_datetime
from gateway.errors import (
    CenterNotFound,
    InvalidField,
    WrongState,
)
from gateway.features.api_keys import service as api_keys
from gateway.features.api_keys.service import Bounds, MadeApiKey, Maker, NewApiKey
from gateway.features.centers import store
from gateway.features.centers.schemas import (
    AnchorDay,
    CenterEdit,
    EffectiveLimits,
    LimitsEdit,
    NewCenterKey,
    PlanId,
    ProvisionedCenter,
)
from gateway.features.revocations import service as revocations
from gateway.ids import is_id
from gateway.key_format import Env
from gateway.keyring import Keyring
from gateway.scopes import CENTER_SCOPES
from gateway.stores import Connection, Record
from quotas import ledger
from quotas.model import Counters
from quotas.periods import PeriodRule, is_zone, period_at
from quotas.plans import OVERRIDABLE

ENVS: Final[tuple[Env, ...]] = ("live", "test")

__all__ = [
    "AnchorDay",
    "PlanId",
    "ProvisionedCenter",
    "check_center_scopes",
    "check_plan",
    "check_zone",
    "counters_of",
    "edit",
    "get",
    "hold_open",
    "id_of",
    "make_key",
    "newest",
    "render",
    "take",
]

Step = Literal["suspend", "reinstate", "end"]
_STEPS: Final[dict[Step, dict[str, str]]] = {
    "suspend": {"provisioning": "suspended", "active": "suspended", "suspended": "suspended"},
    "reinstate": {"suspended": "active", "active": "active"},
    "end": {"provisioning": "ended", "active": "ended", "suspended": "ended", "ended": "ended"},
}
"""For each step, the states it is possible in and the state it leads to."""


async def id_of(connection: Connection, name: str) -> str | None:
    """Return the id of the center that `name` is the id or the subdomain of; None where there is none."""
    row = await store.find(connection, None, name) or await store.find_by_subdomain(connection, name)
    return None if row is None else row["id"]


async def get(connection: Connection, partner_id: str | None, center_id: str) -> ProvisionedCenter:
    """Return the partner's center; raises CenterNotFound."""
    row = await store.find(connection, partner_id, center_id) if is_id("ctr", center_id) else None
    if row is None:
        raise CenterNotFound
    return render(row)


async def newest(
    connection: Connection, partner_id: str | None, *, limit: int, before: tuple[datetime, str] | None
) -> Sequence[Record]:
    """Return at most `limit` of the partner's centers, newest first, from behind the one `before` names."""
    return await store.newest(connection, partner_id, before=before, limit=limit)


async def edit(
    connection: Connection, partner_id: str | None, center_id: str, data: CenterEdit, now_ms: int
) -> ProvisionedCenter:
    """Change what was given. Another plan or limit works for the next admission, and every counter's version rises,
    so that a mirror entry written with the old one is older. Raises CenterNotFound, InvalidField, WrongState.
    """
    if data.time_zone is not UNSET:
        check_zone(data.time_zone)
    limits = LimitsEdit() if data.limits is UNSET else data.limits
    limits.check()
    if data.plan_id is not UNSET:
        await check_plan(connection, data.plan_id)
    if msgspec.structs.replace(data, limits=UNSET) == CenterEdit() and limits == LimitsEdit():
        return await get(connection, partner_id, center_id)
    row = await _lock(connection, partner_id, center_id)
    _require_not_ended(row["status"])
    before = _overrides(row)
    after = limits.laid_over(before)
    if after != before:
        await store.set_overrides(connection, center_id, after)
    await store.update(
        connection,
        center_id,
        plan_id=row["plan_id"] if data.plan_id is UNSET else data.plan_id,
        time_zone=row["time_zone"] if data.time_zone is UNSET else data.time_zone,
        period_anchor_day=row["period_anchor_day"] if data.period_anchor_day is UNSET else data.period_anchor_day,
        now=as_datetime(now_ms),
    )
    return await get(connection, partner_id, center_id)


async def counters_of(connection: Connection, center: ProvisionedCenter, now_ms: int) -> dict[Env, Counters]:
    """Read what a change of limits leaves of the center's counters: to be shown in the mirror once it is committed."""
    stored = await ledger.last_stored_period(connection, center.id)
    period = period_at(PeriodRule(center.time_zone, center.period_anchor_day), now_ms, stored)
    found: dict[Env, Counters] = {}
    for env in ENVS:
        counters = await ledger.counters(connection, center.id, env, period, now_ms)
        assert counters is not None  # ruff: ignore[assert] - the center was found in this transaction
        found[env] = counters
    return found


async def make_key(
    connection: Connection, keyring: Keyring, partner: Maker, center_id: str, data: NewCenterKey, now_ms: int
) -> MadeApiKey:
    """Make a key for one of the partner's own centers, with any scope but `provision:centers`.

    Raises CenterNotFound, InvalidField, WrongState, LimitReached, InvalidApiKey where the partner's key was revoked meanwhile.
    """
    assert partner.center_id is not None  # ruff: ignore[assert] - a partner's key calls
    check_center_scopes(data)
    await get(connection, partner.center_id, center_id)
    # The partner before its centers, as a cascade takes them: ids say nothing about who belongs to whom.
    await api_keys.lock_centers(connection, {partner.center_id})
    await api_keys.lock_centers(connection, {center_id})
    _require_not_ended((await get(connection, partner.center_id, center_id)).status)
    await api_keys.bounds_of(connection, partner, as_datetime(now_ms))
    if data.revoke_unused:
        await revocations.revoke_unused(connection, center_id, partner.center_id, now_ms)
    wanted = NewApiKey(name=data.name, env=data.env, scopes=data.scopes)
    return await api_keys.add(connection, keyring, partner, center_id, wanted, Bounds(), now_ms)


def check_center_scopes(data: NewCenterKey) -> None:
    """Raise InvalidField where a center would be given what is a partner's alone."""
    for index, scope in enumerate(data.scopes):
        if scope not in CENTER_SCOPES:
            raise InvalidField(f"scopes[{index}]", "any scope but `provision:centers`")


async def take(
    connection: Connection, partner_id: str | None, center_id: str, step: Step, now_ms: int
) -> ProvisionedCenter:
    """Suspend, reinstate or end; a center that is so already stays as it is. Raises CenterNotFound, WrongState."""
    row = await _lock(connection, partner_id, center_id)
    following = _STEPS[step].get(row["status"])
    if following is None:
        raise WrongState(current=row["status"], allowed=list(_STEPS[step]))
    if following != row["status"]:
        await store.set_status(connection, center_id, following, as_datetime(now_ms))
    return await get(connection, partner_id, center_id)


def render(row: Record) -> ProvisionedCenter:
    """Show a row as the center its partner sees."""
    overrides = _overrides(row)
    return ProvisionedCenter(
        id=row["id"],
        name=row["name"],
        subdomain=row["subdomain"],
        status=row["status"],
        plan_id=row["plan_id"],
        limits=msgspec.json.decode(row["limits"], type=EffectiveLimits),
        overridden=[name for name in OVERRIDABLE if overrides[name] is not None],
        locale=row["locale"],
        time_zone=row["time_zone"],
        period_anchor_day=row["period_anchor_day"],
        order_id=row["order_id"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        suspended_at=row["suspended_at"],
        ended_at=row["ended_at"],
    )


async def hold_open(connection: Connection, center_id: str) -> None:
    """Hold a center still until the transaction ends. Raises CenterNotFound, WrongState where it has ended."""
    _require_not_ended((await _lock(connection, None, center_id))["status"])


def _require_not_ended(status: str) -> None:
    if status == "ended":
        raise WrongState(
            current=status, allowed=list(_STEPS["suspend"]), message="The center has ended: nothing opens it again."
        )


async def _lock(connection: Connection, partner_id: str | None, center_id: str) -> Record:
    there = is_id("ctr", center_id) and await store.lock(connection, partner_id, center_id)
    row = await store.find(connection, partner_id, center_id) if there else None
    if row is None:
        raise CenterNotFound
    return row


def check_zone(name: str) -> None:
    """Raise InvalidField for what is no time zone."""
    if not is_zone(name):
        raise InvalidField("time_zone", "the name of an IANA time zone, such as `Europe/Berlin`")


async def check_plan(connection: Connection, plan_id: str) -> None:
    """Raise InvalidField for a plan that is none."""
    plans = await store.plan_ids(connection)
    if plan_id not in plans:
        raise InvalidField("plan_id", f"one of {', '.join(plans)}")


def _overrides(row: Record) -> dict[str, Any]:
    stored = {} if row["overrides"] is None else msgspec.json.decode(row["overrides"])
    return {name: stored.get(name) for name in OVERRIDABLE}
