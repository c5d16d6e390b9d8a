"""What Prometheus is told. Labels are route templates, policies and outcomes: never an id, never an address.

Requests are counted in plain dictionaries and handed to prometheus-client once a second: its own counters take a lock
and a memory map each time, which would be a twentieth of a request.
"""

from bisect import bisect_left
from typing import Final

from prometheus_client import Counter, Gauge, Histogram

BUCKETS_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS: Final = Counter(
    "coursegate_requests", "Requests by route template, method and status", ("route", "method", "status")
)
REQUEST_SECONDS: Final = Histogram(
    "coursegate_request_seconds", "Time to the whole answer", ("route", "method"), buckets=BUCKETS_SECONDS
)
ADMISSIONS: Final = Counter("coursegate_admissions", "Rate-limit decisions", ("outcome", "mode"))
ADMISSION_SECONDS: Final = Histogram(
    "coursegate_redis_seconds", "Time of one admission decision, Redis included", buckets=BUCKETS_SECONDS
)
SQL_SECONDS: Final = Histogram("coursegate_sql_seconds", "Time of one SQL session", buckets=BUCKETS_SECONDS)
BREAKER_OPEN: Final = Gauge(
    "coursegate_redis_breaker_open", "1 while Redis is given up and limits are local", multiprocess_mode="livemax"
)
DEGRADED_SECONDS: Final = Counter("coursegate_degraded_seconds", "Seconds spent without Redis")
REFUSALS: Final = Counter("coursegate_quota_refusals", "Refusals by quota", ("meter", "env"))
INTERNAL_ERRORS: Final = Counter("coursegate_internal_errors", "Requests that ended in `internal_error`")


class Tally:
    """Requests and decisions since the last `flush`, counted for next to nothing."""

    def __init__(self) -> None:
        self._requests: dict[tuple[str, str, int], int] = {}
        self._latencies: dict[tuple[str, str], list[float]] = {}
        self._admissions: dict[tuple[bool, bool], int] = {}
        self._decisions: list[float] = _empty()

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request has been answered."""
        counted = (route, method, status)
        self._requests[counted] = self._requests.get(counted, 0) + 1
        timed = (route, method)
        latency = self._latencies.get(timed)
        if latency is None:
            latency = self._latencies[timed] = _empty()
        latency[bisect_left(BUCKETS_SECONDS, seconds)] += 1
        latency[-1] += seconds

    def admission(self, seconds: float, *, admitted: bool, degraded: bool) -> None:
        """One decision has been made, in Redis or without it."""
        counted = (admitted, degraded)
        self._admissions[counted] = self._admissions.get(counted, 0) + 1
        self._decisions[bisect_left(BUCKETS_SECONDS, seconds)] += 1
        self._decisions[-1] += seconds

    def flush(self) -> None:
        """Hand everything on."""
        for (route, method, status), count in self._requests.items():
            REQUESTS.labels(route, method, str(status)).inc(count)
        for (route, method), latency in self._latencies.items():
            _add(REQUEST_SECONDS.labels(route, method), latency)
        for (admitted, degraded), count in self._admissions.items():
            ADMISSIONS.labels("admitted" if admitted else "refused", "degraded" if degraded else "redis").inc(count)
        _add(ADMISSION_SECONDS, self._decisions)
        self._requests.clear()
        self._latencies.clear()
        self._admissions.clear()
        self._decisions = _empty()


def _empty() -> list[float]:
    """One count a bucket, one for what is slower than all, and the sum."""
    return [0.0] * (len(BUCKETS_SECONDS) + 2)


def _add(histogram: Histogram, observed: list[float]) -> None:
    # prometheus-client has no way to add many observations at once, so this goes to the values behind `observe`.
    histogram._sum.inc(observed[-1])  # ruff: ignore[private-member-access]
    for bucket, count in zip(histogram._buckets, observed, strict=False):  # ruff: ignore[private-member-access]
        if count:
            bucket.inc(count)
