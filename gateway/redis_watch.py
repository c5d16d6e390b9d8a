"""What the Redis transport tells, as log lines and metrics: one line when it is given up, one when it is back."""

from gateway import metrics
from gateway.clock import Clock
from gateway.log import log

_WARNINGS = frozenset({"redis.degraded", "redis.connection_lost", "rate_limit.would_refuse"})


class RedisWatch:
    """The transport's observer in the gateway."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def on_event(self, name: str, **facts: str | float) -> None:
        """Count and log; never blocks, never raises."""
        if name == "redis.degraded":
            metrics.BREAKER_OPEN.set(1)
        elif name == "redis.recovered":
            metrics.BREAKER_OPEN.set(0)
            metrics.DEGRADED_SECONDS.inc(float(facts.get("degraded_seconds", 0.0)))
        if name in _WARNINGS:
            log.warning(name, **facts)
        else:
            log.info(name, **facts)
