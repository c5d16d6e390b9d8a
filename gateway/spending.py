"""Requests that count for more than one: a batch costs its items. Rule source: security, "Input"."""

from collections.abc import Callable, Sequence

from msgspec import structs

from gateway.errors import RateLimited
from quotas.admission import Admission, Decision, Refused
from quotas.windows import Policy


def refusal(decision: Refused) -> RateLimited:
    """The refusal by the policy that refuses longest."""
    by = decision.by
    return RateLimited(by.name, by.limit, by.window_seconds, decision.retry_after_seconds)


class Spending:
    """What one request was counted by, to count more of it once it is known how much it carries."""

    def __init__(self, admission: Admission, policies: Sequence[Policy], decided: Callable[[Decision], None]) -> None:
        self._admission = admission
        self._policies = policies
        self._decided = decided

    async def batch(self, items: int) -> None:
        """Count a batch of so many items; the request itself was the first. Raises RateLimited, with nothing more counted.

        One that is larger than a limit needs all of it.
        """
        if items < 2:
            return
        decision = await self._admission.decide(
            [structs.replace(policy, cost=max(0, min(items, policy.limit) - 1)) for policy in self._policies]
        )
        self._decided(decision)
        if isinstance(decision, Refused):
            raise refusal(decision)

    async def also(self, policy: Policy) -> None:
        """Count the request by one more limit, that of what it does. Raises RateLimited.

        The headers tell of all limits that the request was counted by; what it was counted by before, it is not again.
        """
        counted = [structs.replace(each, cost=0) for each in self._policies]
        decision = await self._admission.decide([*counted, policy])
        self._decided(decision)
        if isinstance(decision, Refused):
            raise refusal(decision)
