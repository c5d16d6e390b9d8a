"""May this request pass? Asked of Redis, and answered here whenever Redis does not answer.

Every policy of a request is checked before any is counted, in one step; a refused request consumes nothing.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from quotas.mirror import MirrorState, mirror_state
from quotas.observer import Observer, Unobserved
from quotas.scripts import DECIDE
from quotas.transport import Transport
from quotas.windows import SECOND_US, LocalWindows, Policy, PolicyState

__all__ = ["Admission", "Admitted", "Decision", "Policy", "PolicyState", "Refused"]


class Admitted(msgspec.Struct, frozen=True):
    """The request passes and was counted.

    `policies` are in the order asked; `now_seconds` is Redis' time (this machine's where degraded), rounded up, so
    that ``now_seconds + reset_after_seconds`` is never too early; `mirrors` are in the order asked, None is a miss.
    """

    policies: tuple[PolicyState, ...]
    now_seconds: int
    degraded: bool
    mirrors: tuple[MirrorState | None, ...] = ()


class Refused(msgspec.Struct, frozen=True):
    """The request does not pass; nothing was counted.

    `by` refuses for longest; who waits `retry_after_seconds` is admitted, if nobody else took the place. The
    `reset_after_seconds` of every policy that refuses is `retry_after_seconds`.
    """

    policies: tuple[PolicyState, ...]
    now_seconds: int
    degraded: bool
    by: PolicyState
    retry_after_seconds: int


Decision = Admitted | Refused


def tightest(policies: Sequence[PolicyState]) -> PolicyState:
    """The policy with the fewest left, which the X-RateLimit headers show; of equal ones the one that refuses longest."""
    if len(policies) == 1:
        return policies[0]
    return min(policies, key=lambda policy: (policy.remaining, -policy.wait_seconds, -policy.reset_after_seconds))


class Admission:
    """One a process.

    `expected_replicas`: server processes that share the limits; `monotonic_seconds` and `now_ms` are the gateway's
    clocks, used only while Redis is away.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        expected_replicas: int,
        monotonic_seconds: Callable[[], float],
        now_ms: Callable[[], int],
        observer: Observer | None = None,
    ) -> None:
        self._submit = transport.submit
        self._local = LocalWindows(expected_replicas)
        self._monotonic_seconds = monotonic_seconds
        self._now_ms = now_ms
        self._observer = observer or Unobserved()

    async def decide(self, policies: Sequence[Policy], read: Sequence[str] = ()) -> Decision:
        """Admit or refuse, within 100 ms even where Redis hangs.

        `policies` have distinct keys and share a hash tag, with `read`, the mirrors to fetch in the same round trip.
        """
        keys = [policy.key for policy in policies]
        args = [len(policies), len(read)]
        for policy in policies:
            args += (policy.limit, policy.window_seconds, policy.cost, 1 if policy.enforce else 0)
        if read:
            keys += read
        if not keys:
            return Admitted((), -(-self._now_ms() // 1000), False)
        waiting = self._submit(DECIDE, keys, args)
        if waiting is None:
            return self._decide_alone(policies, len(read))
        reply: Any = await waiting
        if reply is None or reply[0] < 0:
            return self._decide_alone(policies, len(read))
        at = 2
        states = []
        for policy in policies:
            states.append(
                PolicyState(policy.name, policy.limit, reply[at], reply[at + 1], reply[at + 2], policy.window_seconds)
            )
            if reply[at + 2] < 0:
                self._observer.on_event("rate_limit.would_refuse", policy=policy.name, key=policy.key)
            at += 3
        if reply[0] == 0:
            return _refused(states, reply[1], degraded=False)
        mirrors = tuple([mirror_state(row) for row in reply[at:]]) if read else ()
        return Admitted(tuple(states), reply[1], False, mirrors)

    def _decide_alone(self, policies: Sequence[Policy], reads: int) -> Decision:
        now_seconds = -(-self._now_ms() // 1000)
        admitted, states = self._local.decide(policies, int(self._monotonic_seconds() * SECOND_US))
        if not admitted:
            return _refused(states, now_seconds, degraded=True)
        return Admitted(states, now_seconds, True, (None,) * reads)


def _refused(states: Sequence[PolicyState], now_seconds: int, *, degraded: bool) -> Refused:
    wait = max(state.wait_seconds for state in states)
    shown = tuple(
        [
            msgspec.structs.replace(state, reset_after_seconds=wait) if state.wait_seconds > 0 else state
            for state in states
        ]
    )
    by = next(state for state in shown if state.wait_seconds == wait)
    return Refused(shown, now_seconds, degraded, by, wait)
