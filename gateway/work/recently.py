"""What was met not long ago: so that what is wrong with one row is told, or tried again, once an hour and not each time."""

from collections.abc import Hashable
from typing import Final

REMEMBERED_SECONDS: Final = 3600.0
REMEMBERED_MAX: Final = 10_000


class Recently:
    """Remembers things for an hour, the latest 10 000 at most: what is forgotten sooner is only new once more."""

    def __init__(self, seconds: float = REMEMBERED_SECONDS, at_most: int = REMEMBERED_MAX) -> None:
        self._seconds = seconds
        self._at_most = at_most
        self._noted_at: dict[Hashable, float] = {}

    def is_new(self, thing: Hashable, now_seconds: float) -> bool:
        """Whether it was not noted within the hour; `now_seconds`: a clock's `monotonic_seconds()`."""
        noted_at = self._noted_at.get(thing)
        return noted_at is None or now_seconds - noted_at >= self._seconds

    def note(self, thing: Hashable, now_seconds: float) -> bool:
        """Remember it from now on; returns whether it was new. What is met again meanwhile is not remembered longer."""
        if not self.is_new(thing, now_seconds):
            return False
        self._noted_at.pop(thing, None)
        while len(self._noted_at) >= self._at_most:
            del self._noted_at[next(iter(self._noted_at))]
        self._noted_at[thing] = now_seconds
        return True
