from gateway.clock import SystemClock


class FrozenClock:
    """A clock that a test sets: it stands still until told otherwise."""

    def __init__(self, now_ms: int = 1_773_576_000_000) -> None:
        """2026-03-15T12:00:00Z unless said otherwise."""
        self._now_ms = now_ms

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic_seconds(self) -> float:
        return self._now_ms / 1000

    def advance(self, milliseconds: int) -> None:
        self._now_ms += milliseconds

    def set(self, now_ms: int) -> None:
        self._now_ms = now_ms


class ShiftedClock:
    """A clock that runs, and is wrong by some minutes; its other clock, which only measures, is not."""

    def __init__(self, minutes: float) -> None:
        self.minutes = minutes
        self._right = SystemClock()

    def now_ms(self) -> int:
        return self._right.now_ms() + round(self.minutes * 60_000)

    def monotonic_seconds(self) -> float:
        return self._right.monotonic_seconds()
