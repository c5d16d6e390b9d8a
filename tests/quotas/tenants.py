"""Centers and holds for tests of the ledger, on the real tables."""

from datetime import UTC, datetime
from uuid import uuid4

from msgspec import Struct

from gateway.ids import new_id
from quotas import ledger
from quotas.ledger import HoldWish
from quotas.model import GENERATION, Change, Counters, Env, Granted, Held, Meter, Period, Refused
from quotas.plan_store import store_plans
from quotas.plans import BUILT_IN
from quotas.reconcile import reconcile
from quotas.sql import Connection, instant


def ms(*when: int) -> int:
    """A UTC instant in milliseconds: ``ms(2026, 3, 31, 23, 59)``."""
    return round(datetime(*when, tzinfo=UTC).timestamp() * 1000)  # type: ignore[arg-type, misc]


MARCH = Period(ms(2026, 3, 1), ms(2026, 4, 1))
APRIL = Period(ms(2026, 4, 1), ms(2026, 5, 1))
NOW_MS = ms(2026, 3, 15, 12)


class Tenant(Struct, frozen=True, kw_only=True):
    """A center on plan `starter` (50 units, 100 / 5 regenerations, 2 running) and short ways to its ledger."""

    id: str
    env: Env = "live"

    async def hold(
        self,
        connection: Connection,
        units: int = 1,
        *,
        meter: Meter = GENERATION,
        lineage_id: str | None = None,
        period: Period = MARCH,
        now_ms: int = NOW_MS,
        hold_id: str | None = None,
    ) -> Held:
        hold_id = hold_id or f"hold_{uuid4().hex}"
        wish = HoldWish(
            center_id=self.id,
            env=self.env,
            meter=meter,
            period=period,
            hold_id=hold_id,
            owner_id=f"gen_of_{hold_id}",
            subject_id="crs_1",
            units=units,
            lineage_id=lineage_id,
            request_id="req_1",
            actor="key_1",
        )
        return await ledger.hold(connection, wish, now_ms)

    async def held(
        self, connection: Connection, units: int = 1, *, now_ms: int = NOW_MS, period: Period = MARCH
    ) -> str:
        """A hold that fits; returns its id."""
        outcome = await self.hold(connection, units, now_ms=now_ms, period=period)
        assert isinstance(outcome, Granted), outcome
        return outcome.hold_id

    async def settle(self, connection: Connection, hold_id: str, units: int, *, now_ms: int = NOW_MS) -> Change:
        return await ledger.settle(connection, hold_id, units, request_id="req_2", now_ms=now_ms)

    async def refund(self, connection: Connection, hold_id: str, units: int, *, now_ms: int = NOW_MS) -> Change:
        return await ledger.refund(
            connection, hold_id, units, reason="said so", actor="cli:test", request_id="req_3", now_ms=now_ms
        )

    async def counters(self, connection: Connection, *, now_ms: int = NOW_MS, period: Period = MARCH) -> Counters:
        found = await ledger.counters(connection, self.id, self.env, period, now_ms)
        assert found is not None
        return found

    async def units(
        self, connection: Connection, *, meter: Meter = GENERATION, now_ms: int = NOW_MS, period: Period = MARCH
    ) -> tuple[int, int]:
        """Settled and held."""
        count = (await self.counters(connection, now_ms=now_ms, period=period)).meter(meter)
        return count.settled, count.held


async def new_tenant(connection: Connection, *, plan: str = "starter", env: Env = "live") -> Tenant:
    """A fresh center; the built-in plans are there."""
    await store_plans(connection, BUILT_IN)
    center_id = new_id("ctr", NOW_MS)
    await connection.execute(
        "insert into center (id, name, status, plan_id, created_at, updated_at) values ($1, 'a center', 'active', $2, $3, $3)",
        center_id,
        plan,
        instant(NOW_MS),
    )
    return Tenant(id=center_id, env=env)


async def set_limit(connection: Connection, tenant: Tenant, field: str, value: int | None) -> None:
    """Override one value: -1 = unlimited, None = back to the plan."""
    await connection.execute(
        f"insert into center_limit (center_id, {field}) values ($1, $2)"
        f" on conflict (center_id) do update set {field} = excluded.{field}",
        tenant.id,
        value,
    )


async def assert_reconciled(connection: Connection) -> None:
    """Counters = ledger = holds."""
    assert (await reconcile(connection, with_work=False)).differences == ()


def refused(outcome: Held) -> Refused:
    assert isinstance(outcome, Refused), outcome
    return outcome
