"""What is counted and what becomes of it: meters, holds, and the answers of the ledger. Times are UTC milliseconds.

Rule source: quotas, "Meters and periods" and "Holds".
"""

from typing import Final, Literal

from msgspec import Struct

Env = Literal["live", "test"]

Meter = Literal["generation", "regenerations"]
GENERATION: Final[Meter] = "generation"
"""1 unit = 1 module with all its artifacts."""
REGENERATIONS: Final[Meter] = "regenerations"
"""1 unit = one regenerated artifact."""
METERS: Final[tuple[Meter, ...]] = (GENERATION, REGENERATIONS)

HoldState = Literal["HELD", "SETTLED", "RELEASED", "EXPIRED", "REFUNDED"]
LineKind = Literal["hold", "settle", "release", "expire", "refund", "grant"]

RUNNING_MAX_IN_TEST: Final = 2
"""The test env has every limit of its plan, apart from live, but runs at most this many generations."""


class Period(Struct, frozen=True, order=True):
    """A stretch of time, half-open `[start_ms, end_ms)`. The units of a meter begin anew with each."""

    start_ms: int
    end_ms: int


class MeterCount(Struct, frozen=True, kw_only=True):
    """One meter of one period as it stands. `limit` holds the grants and is None where unlimited.

    `version` rises with every change, `granted` is the part of `limit` that operators added.
    """

    meter: Meter
    limit: int | None
    settled: int
    held: int
    granted: int
    version: int

    @property
    def remaining(self) -> int | None:
        """Units that can still be held; a limit lowered below what is used leaves none. None = unlimited."""
        return None if self.limit is None else max(0, self.limit - self.settled - self.held)


class RunningCount(Struct, frozen=True, kw_only=True):
    """How many generations run and may run (None = unlimited)."""

    running: int
    limit: int | None
    version: int


class Counters(Struct, frozen=True, kw_only=True):
    """All of a center and env at one moment. `epoch` orders what is published before any version does."""

    period: Period
    meters: tuple[MeterCount, ...]
    running: RunningCount
    epoch: int

    def meter(self, name: Meter) -> MeterCount:
        """The count of one meter."""
        return next(count for count in self.meters if count.meter == name)


class Granted(Struct, frozen=True, kw_only=True, tag="granted"):
    """The units are held. `alerts`: the percents of `alert_percents` that this hold was the first to reach."""

    hold_id: str
    period: Period
    count: MeterCount
    alerts: tuple[int, ...]


class Refused(Struct, frozen=True, kw_only=True, tag="refused"):
    """Nothing is held. `used` = settled, and for scope `artifact` what is held too; that cap is never reset."""

    scope: Literal["center", "artifact"]
    limit: int
    used: int
    held: int
    requested: int
    resets_at_ms: int | None
    period: Period
    count: MeterCount


Held = Granted | Refused


class Change(Struct, frozen=True, kw_only=True):
    """What a step of a hold, or a grant, came to.

    `changed` False: the hold was in no state for it (`state`, None = no such hold) and nothing was written.
    `count` is the meter afterwards, None only where there is no such hold.
    """

    changed: bool
    state: HoldState | None
    units: int
    settled_units: int
    refunded_units: int
    center_id: str | None
    env: Env | None
    period: Period | None
    count: MeterCount | None
