"""When to stop asking Redis, and when it may be asked again. Pure: times are arguments."""

from collections import deque
from typing import Final

OPENS_AFTER_FAILURES: Final = 5
WITHIN_SECONDS: Final = 1.0
PROBE_EVERY_SECONDS: Final = 1.0


class Breaker:
    """Opens at the fifth failure within one second and stays open until `close` is called.

    `is_open` is a plain attribute: it is read once a request.
    """

    __slots__ = ("_failures", "is_open", "opened_at_seconds")

    def __init__(self) -> None:
        self.is_open = False
        self.opened_at_seconds = 0.0
        self._failures: deque[float] = deque(maxlen=OPENS_AFTER_FAILURES)

    def note_failures(self, count: int, now_seconds: float) -> bool:
        """Note that `count` decisions failed now. True if that opened the breaker."""
        if self.is_open:
            return False
        self._failures.extend([now_seconds] * min(count, OPENS_AFTER_FAILURES))
        if len(self._failures) < OPENS_AFTER_FAILURES or now_seconds - self._failures[0] > WITHIN_SECONDS:
            return False
        self.is_open = True
        self.opened_at_seconds = now_seconds
        return True

    def close(self) -> None:
        """Redis decided again: start counting anew."""
        self.is_open = False
        self._failures.clear()
