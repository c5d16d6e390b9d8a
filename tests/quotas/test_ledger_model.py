"""The ledger against a model: whatever is asked in whatever order, counters = ledger = holds = model after each step."""

import asyncio
from typing import Any, Literal
from uuid import uuid4

import asyncpg
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from msgspec import Struct

from quotas import ledger
from quotas.model import GENERATION, REGENERATIONS, Granted, HoldState, Meter, Period
from quotas.reconcile import reconcile
from quotas.sql import instant
from tests.quotas.tenants import APRIL, MARCH, NOW_MS, Tenant, new_tenant, set_limit

ARTIFACT_CAP = 5
BUILT_IN: dict[Meter, int] = {GENERATION: 50, REGENERATIONS: 100}
FIELD: dict[Meter, str] = {GENERATION: "generation_units_per_month", REGENERATIONS: "regenerations_per_month"}


class ModelHold(Struct):
    """What the model knows of one hold."""

    id: str
    meter: Meter
    period: Period
    units: int
    lineage_id: str | None
    state: HoldState = "HELD"
    settled: int = 0
    refunded: int = 0
    due: bool = False


class Ledger(RuleBasedStateMachine):
    """One center; the clock may only move from March to April."""

    url = ""
    holds = Bundle("holds")

    @initialize()
    def open(self) -> None:
        self.runner = asyncio.Runner()
        self.connection: Any = self.runner.run(asyncpg.connect(self.url))
        self.tenant: Tenant = self.run(new_tenant(self.connection))
        self.known: list[ModelHold] = []
        self.granted: dict[tuple[Meter, Period], int] = {}
        self.limits: dict[Meter, int | None] = dict(BUILT_IN)
        self.now_ms, self.period = NOW_MS, MARCH
        self.versions: dict[tuple[str, Period], int] = {}

    def run(self, coroutine: Any) -> Any:
        return self.runner.run(coroutine)

    def teardown(self) -> None:
        if hasattr(self, "connection"):
            self.run(self.connection.close())
            self.runner.close()

    def _settled(self, meter: Meter, period: Period) -> int:
        return sum(h.settled - h.refunded for h in self.known if (h.meter, h.period) == (meter, period))

    def _held(self, meter: Meter, period: Period) -> int:
        return sum(h.units for h in self.known if (h.meter, h.period, h.state) == (meter, period, "HELD"))

    def _used_of_lineage(self, lineage_id: str) -> int:
        return sum(
            h.units if h.state == "HELD" else h.settled - h.refunded for h in self.known if h.lineage_id == lineage_id
        )

    def _expected(self, meter: Meter, units: int, lineage_id: str | None) -> Literal["held", "artifact", "center"]:
        if lineage_id is not None and self._used_of_lineage(lineage_id) + units > ARTIFACT_CAP:
            return "artifact"
        limit = self.limits[meter]
        used = self._settled(meter, self.period) + self._held(meter, self.period)
        if limit is not None and used + units > limit + self.granted.get((meter, self.period), 0):
            return "center"
        return "held"

    @rule(target=holds, units=st.integers(1, 40))
    def hold_modules(self, units: int) -> ModelHold:
        return self._try_to_hold(GENERATION, units, None)

    @rule(target=holds, lineage_id=st.sampled_from(["art_1", "art_2"]))
    def hold_a_regeneration(self, lineage_id: str) -> ModelHold:
        return self._try_to_hold(REGENERATIONS, 1, lineage_id)

    def _try_to_hold(self, meter: Meter, units: int, lineage_id: str | None) -> ModelHold:
        hold = ModelHold(f"hold_{uuid4().hex}", meter, self.period, units, lineage_id)
        expected = self._expected(meter, units, lineage_id)
        outcome = self.run(
            self.tenant.hold(
                self.connection, units, meter=meter, lineage_id=lineage_id, period=self.period, now_ms=self.now_ms,
                hold_id=hold.id,
            )
        )  # fmt: skip
        assert ("held" if isinstance(outcome, Granted) else outcome.scope) == expected
        if isinstance(outcome, Granted):
            self.known.append(hold)
        else:
            hold.state = "RELEASED"  # never was: nothing may be done with it
        return hold

    @rule(hold=holds, share=st.integers(0, 4))
    def settle(self, hold: ModelHold, share: int) -> None:
        units = hold.units * share // 4
        change = self.run(self.tenant.settle(self.connection, hold.id, units, now_ms=self.now_ms))
        assert change.changed == (hold.state == "HELD" or (hold.state == "EXPIRED" and units > 0))
        if change.changed:
            hold.settled = max(units, hold.settled)
            hold.state = "SETTLED" if units else "RELEASED"

    @rule(hold=holds)
    def release(self, hold: ModelHold) -> None:
        change = self.run(ledger.release(self.connection, hold.id, request_id="req_1", now_ms=self.now_ms))
        assert change.changed == (hold.state == "HELD")
        if change.changed:
            hold.state = "RELEASED"

    @rule(hold=holds, seconds=st.sampled_from([None, -1, 3600]))
    def set_deadline(self, hold: ModelHold, seconds: int | None) -> None:
        statement = "select changed from quota_set_deadline($1, clock_timestamp() + make_interval(secs => $2))"
        changed = self.run(self.connection.fetchval(statement, hold.id, seconds))
        assert changed == (hold.state == "HELD")
        hold.due = seconds == -1

    @rule(hold=holds, share=st.integers(0, 4))
    def expire(self, hold: ModelHold, share: int) -> None:
        units = hold.units * share // 4
        change = self.run(ledger.expire(self.connection, hold.id, units, request_id="req_1", now_ms=self.now_ms))
        assert change.changed == (hold.state == "HELD" and hold.due)
        if change.changed:
            hold.state, hold.settled = "EXPIRED", units

    @rule(hold=holds, units=st.integers(0, 40))
    def refund(self, hold: ModelHold, units: int) -> None:
        change = self.run(self.tenant.refund(self.connection, hold.id, units, now_ms=self.now_ms))
        assert change.changed == (hold.state in {"SETTLED", "EXPIRED"} and 1 <= units <= hold.settled)
        if change.changed:
            hold.state, hold.refunded = "REFUNDED", units

    @rule(meter=st.sampled_from([GENERATION, REGENERATIONS]), units=st.integers(1, 20))
    def grant(self, meter: Meter, units: int) -> None:
        change = self.run(
            ledger.grant(
                self.connection, center_id=self.tenant.id, env="live", meter=meter, period=self.period, units=units,
                reason="a fair", actor="cli:test", request_id=None, now_ms=self.now_ms,
            )
        )  # fmt: skip
        assert change.changed
        self.granted[meter, self.period] = self.granted.get((meter, self.period), 0) + units

    @rule(meter=st.sampled_from([GENERATION, REGENERATIONS]), limit=st.sampled_from([None, -1, 0, 3, 30, 200]))
    def change_the_limit(self, meter: Meter, limit: int | None) -> None:
        self.run(set_limit(self.connection, self.tenant, FIELD[meter], limit))
        self.limits[meter] = BUILT_IN[meter] if limit is None else None if limit == -1 else limit

    @rule()
    def the_month_ends(self) -> None:
        self.now_ms, self.period = APRIL.start_ms, APRIL

    @invariant()
    def counters_are_the_model(self) -> None:
        if not hasattr(self, "connection"):
            return
        for period in (MARCH, APRIL):
            counters = self.run(self.tenant.counters(self.connection, now_ms=period.start_ms, period=period))
            for meter in (GENERATION, REGENERATIONS):
                count = counters.meter(meter)
                granted = self.granted.get((meter, period), 0)
                limit = self.limits[meter]
                assert (count.settled, count.held) == (self._settled(meter, period), self._held(meter, period))
                assert (count.limit, count.granted) == (None if limit is None else limit + granted, granted)
                assert count.version >= self.versions.get((meter, period), 0)
                self.versions[meter, period] = count.version

    @invariant()
    def ledger_and_holds_agree(self) -> None:
        if hasattr(self, "connection"):
            assert self.run(reconcile(self.connection, with_work=False)).differences == ()

    @invariant()
    def holds_are_the_model(self) -> None:
        if hasattr(self, "connection"):
            rows = self.run(
                self.connection.fetch(
                    "select id, state, settled_units, refunded_units, period_start from quota_hold where center_id = $1",
                    self.tenant.id,
                )
            )
            assert {tuple(row) for row in rows} == {
                (h.id, h.state, h.settled, h.refunded, instant(h.period.start_ms)) for h in self.known
            }


def test_the_ledger_is_what_the_model_says(database_url: str) -> None:
    """After every step, in any order: settled, held, granted, limits and every hold as a page of arithmetic has them."""

    class OfThisDatabase(Ledger):
        url = database_url

    quick = settings(
        max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
    )  # fmt: skip
    run_state_machine_as_test(OfThisDatabase, settings=quick)
