"""The only place that reads a clock: everything else is told the time."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class Clock(Protocol):
    """Whoever knows the time."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00:00Z."""
        ...

    def monotonic_seconds(self) -> float:
        """Seconds since some instant, for measuring how long something took; never steps back."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00:00Z."""
        return time.time_ns() // 1_000_000

    def monotonic_seconds(self) -> float:
        """Seconds since some instant; never steps back."""
        return time.perf_counter()


def as_datetime(ms: int) -> datetime:
    """Turn milliseconds since 1970 into the UTC instant that SQL and JSON take."""
    return _EPOCH + timedelta(milliseconds=ms)


def as_ms(instant: datetime) -> int:
    """Turn an aware instant into whole milliseconds since 1970."""
    return (instant - _EPOCH) // _MILLISECOND
