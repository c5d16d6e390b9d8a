"""Which quota period a center is in now, from what is cached of it."""

from gateway.caller import Center
from quotas.model import Period
from quotas.periods import PeriodRule, period_at


def current_period(center: Center, now_ms: int) -> Period:
    """Return the period that holds `now_ms`; SQL corrects it where another process stored one since."""
    return period_at(PeriodRule(center.time_zone, center.period_anchor_day), now_ms, center.period)
