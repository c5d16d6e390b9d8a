"""The strict sliding window in pure Python: the same decisions as ``lua/window.lua``, for when Redis can't make them.

Never more than N in any window's length: a length is cut into 60 buckets, and a bucket leaves as a whole when its
last request is as old as the window is long. Times are microseconds of whatever clock the caller keeps to.
"""

from array import array
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import msgspec

BUCKETS: Final = 60
SECOND_US: Final = 1_000_000


class Policy(msgspec.Struct, frozen=True, gc=False):
    """One limit that applies to a request.

    `key` is its window (see quotas.keys), `limit` what may pass in any `window_seconds` (a multiple of 60), `cost`
    what this request counts; 0 only looks and is never refused. `enforce=False` counts and refuses nobody.
    """

    name: str
    key: str
    limit: int
    window_seconds: int = 60
    cost: int = 1
    enforce: bool = True


class PolicyState(msgspec.Struct, frozen=True, gc=False):
    """Where a policy stands after the decision.

    `reset_after_seconds`: until the oldest counted request leaves, 0 if none is counted.
    `wait_seconds`: 0 where the request fits; else until it would, and -1 where the policy refuses nobody.
    """

    name: str
    limit: int
    remaining: int
    reset_after_seconds: int
    wait_seconds: int
    window_seconds: int


class Window:
    """One window. Shapes: buckets, oldest first; of each the time of its last request and how much it counts.

    Arrays keep a full window near one kibibyte; of 61 entries, dropping the first is as good as a queue.
    """

    __slots__ = ("_counts", "_last_us", "_length_us", "_skew_us", "_width_us", "counted", "now_us")

    def __init__(self, length_seconds: int) -> None:
        self._length_us = length_seconds * SECOND_US
        self._width_us = self._length_us // BUCKETS
        self._last_us = array("q")
        self._counts = array("q")
        self._skew_us = 0
        self.counted = 0
        self.now_us = 0

    def __len__(self) -> int:
        return len(self._counts)

    def move_to(self, clock_us: int) -> None:
        """Drop what has left. Should the clock step back, the window's own time stands still and runs on from there."""
        last_us = self._last_us
        self.now_us = clock_us + self._skew_us
        if not last_us:
            return
        if self.now_us < last_us[-1]:
            self._skew_us = last_us[-1] - clock_us
            self.now_us = last_us[-1]
        left = 0
        while left < len(last_us) and last_us[left] + self._length_us <= self.now_us:
            self.counted -= self._counts[left]
            left += 1
        if left:
            del self._last_us[:left], self._counts[:left]
        if not last_us:
            # Nothing is counted that could be forgotten too early: the clock's own time holds again.
            self._skew_us = 0
            self.now_us = clock_us

    def count_in(self, cost: int) -> None:
        """Count a request at the time last moved to."""
        if self._last_us and self._last_us[-1] // self._width_us == self.now_us // self._width_us:
            self._last_us[-1] = self.now_us
            self._counts[-1] += cost
        else:
            self._last_us.append(self.now_us)
            self._counts.append(cost)
        self.counted += cost

    def seconds_to_reset(self) -> int:
        """Until the oldest counted requests leave, rounded up; 0 if there are none."""
        return self._seconds_until_left(self._last_us[0]) if self._last_us else 0

    def seconds_to_wait(self, limit: int, cost: int) -> int:
        """Until so much has left that `cost` fits, rounded up; the whole length where it never can."""
        if cost > limit:
            return self._length_us // SECOND_US
        too_many = self.counted + cost - limit
        for last_us, count in zip(self._last_us, self._counts, strict=True):
            too_many -= count
            if too_many <= 0:
                return self._seconds_until_left(last_us)
        return 0

    def _seconds_until_left(self, time_us: int) -> int:
        return -(-(time_us + self._length_us - self.now_us) // SECOND_US)


class LocalWindows:
    """This process's share of every limit while Redis is away: ``ceil(limit / expected_replicas)``.

    Holds at most `max_keys` windows and forgets the one unused for longest.
    """

    def __init__(self, expected_replicas: int, max_keys: int = 10_000) -> None:
        self._replicas = expected_replicas
        self._max_keys = max_keys
        self._windows: OrderedDict[str, Window] = OrderedDict()

    def __len__(self) -> int:
        return len(self._windows)

    def decide(self, policies: Sequence[Policy], clock_us: int) -> tuple[bool, tuple[PolicyState, ...]]:
        """Whether the request is admitted, and each policy's state. All are checked before any is counted in."""
        admitted = True
        asked: list[tuple[Policy, Window, int, int]] = []
        for policy in policies:
            window = self._window(policy)
            window.move_to(clock_us)
            limit, wait = -(-policy.limit // self._replicas), 0
            if policy.cost > 0 and window.counted + policy.cost > limit:
                if policy.enforce:
                    admitted, wait = False, window.seconds_to_wait(limit, policy.cost)
                else:
                    wait = -1
            asked.append((policy, window, limit, wait))
        if admitted:
            for policy, window, _, _ in asked:
                if policy.cost > 0:
                    window.count_in(policy.cost)
        return admitted, tuple(
            PolicyState(
                policy.name,
                limit,
                max(0, limit - window.counted),
                window.seconds_to_reset(),
                wait,
                policy.window_seconds,
            )
            for policy, window, limit, wait in asked
        )

    def _window(self, policy: Policy) -> Window:
        window = self._windows.get(policy.key)
        if window is None:
            window = self._windows[policy.key] = Window(policy.window_seconds)
            if len(self._windows) > self._max_keys:
                self._windows.popitem(last=False)
        else:
            self._windows.move_to_end(policy.key)
        return window
