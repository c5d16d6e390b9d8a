"""The machine's own pauses, so that a test on a busy machine blames the product for nothing but its own waits."""

import threading
import time
from types import TracebackType
from typing import Final, Self

_BEAT_SECONDS: Final = 0.005


class Pulse:
    """A thread that beats beside the test; a beat that comes late shows how long this process was not let run."""

    def __init__(self) -> None:
        self._beats: list[tuple[float, float]] = []
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def paused(self, began: float, ended: float) -> float:
        """Seconds, between two moments of `time.monotonic`, in which the process stood still."""
        late = ((max(due, began), min(came, ended)) for due, came in self._beats)
        return sum(max(0.0, came - due) for due, came in late)

    def _beat(self) -> None:
        due = time.monotonic() + _BEAT_SECONDS
        while not self._is_over.wait(max(0.0, due - time.monotonic())):
            came = time.monotonic()
            if came - due > _BEAT_SECONDS:
                self._beats.append((due, came))
            due = came + _BEAT_SECONDS

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._thread.join()
