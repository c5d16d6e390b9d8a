"""What a center has used of what it may use."""

from datetime import datetime
from typing import Literal

from msgspec import Struct


class UsagePeriod(Struct, frozen=True):
    """Half-open `[start, end)`; units begin anew at `resets_at`, which is `end`."""

    start: datetime
    end: datetime
    resets_at: datetime


class MeterUsage(Struct, frozen=True):
    """Units of one meter. `held` is reserved by work under way; `percent` counts settled and held, rounded down.

    `limit`, `remaining` and `percent` are null where the meter is unlimited.
    """

    limit: int | None
    settled: int
    held: int
    remaining: int | None
    percent: int | None


class Meters(Struct, frozen=True):
    """Each meter by name."""

    generation: MeterUsage
    regenerations: MeterUsage


class RateLimit(Struct, frozen=True):
    """The tightest limit a minute as this very request found it."""

    limit: int
    remaining: int
    resets_at: datetime


class RunningUsage(Struct, frozen=True):
    """Generations that run now, and how many may."""

    limit: int | None
    running: int


class Usage(Struct, frozen=True, kw_only=True):
    """`source` says who answered: the mirror in Redis, or the database itself."""

    object: Literal["usage"] = "usage"
    period: UsagePeriod
    meters: Meters
    rate_limit: RateLimit
    concurrent_generations: RunningUsage
    plan: str
    source: Literal["mirror", "database"]
