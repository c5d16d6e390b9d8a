"""Which quota period a center is in now, from what is cached of it."""

from functools import lru_cache
from typing import Final

from gateway.caller import Center, StoredPeriod
from quotas.model import Period
from quotas.periods import PeriodRule, period_at

_HOUR_MS: Final = 3_600_000


def current_period(center: Center, now_ms: int) -> Period:
    """Return the period that holds `now_ms`; SQL corrects it where another process stored one since."""
    found = _period_around(center.time_zone, center.period_anchor_day, center.period, now_ms // _HOUR_MS)
    if found.start_ms <= now_ms < found.end_ms:
        return found
    return period_at(PeriodRule(center.time_zone, center.period_anchor_day), now_ms, center.period)


@lru_cache(maxsize=10_000)
def _period_around(time_zone: str, anchor_day: int | None, last_stored: StoredPeriod | None, hour: int) -> Period:
    """The period of an hour's first instant: nearly always that of the whole hour."""
    return period_at(PeriodRule(time_zone, anchor_day), hour * _HOUR_MS, last_stored)
