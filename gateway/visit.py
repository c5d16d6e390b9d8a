"""A request before it is known whose it is: its address, and how it is counted. For routes that need no key, and for those
whose limit goes by more than a key. Rule source: conventions, "Rate limits"; security, "People".
"""

from collections.abc import Callable, Sequence
from typing import Final

from gateway.caller import Caller
from gateway.spending import refusal
from quotas import keys
from quotas.admission import Admission, Decision, Refused
from quotas.windows import Policy

ADDRESS_LIMIT: Final = 30
"""Requests a minute of one address without a valid key."""


SESSION_LIMIT: Final = 120
"""Requests a minute of one learner's session, and uses of one embed token."""


def session_policies(env: str, center_id: str, session_id: str) -> tuple[Policy, ...]:
    """What a learner in a browser is under, by the session or by the token that is spent for one."""
    return (Policy("session", keys.session(env, center_id, session_id), SESSION_LIMIT),)


def address_policy(address: str, cost: int = 1) -> Policy:
    """What a call without a valid key is under; cost 0 only looks."""
    return Policy("address", keys.address(address), ADDRESS_LIMIT, cost=cost)


class Visit:
    """One request. `address` is what limits go by, an IPv6 one as its /64; `caller` is there where a credential was
    sent and judged. `facts` go into the request's one line in the log.
    """

    __slots__ = ("_admission", "_decided", "address", "caller", "facts", "is_counted", "started")

    def __init__(
        self,
        admission: Admission,
        address: str,
        decided: Callable[[Decision], None],
        facts: dict[str, str | int | bool],
        *,
        started: float,
    ) -> None:
        self._admission = admission
        self._decided = decided
        self.address = address
        self.facts = facts
        self.started = started
        self.is_counted = False
        self.caller: Caller | None = None

    async def count(self) -> None:
        """Count it by its address, as a call without a valid key. Raises RateLimited."""
        await self.decide((address_policy(self.address),))

    async def look(self) -> None:
        """Show how things stand for the address, and count nothing."""
        self._decided(await self._admission.decide((address_policy(self.address, cost=0),)))

    async def decide(self, policies: Sequence[Policy]) -> Decision:
        """Count it by these, all or none; their headers go onto the answer. Raises RateLimited."""
        self.is_counted = True
        decision = await self._admission.decide(policies)
        self._decided(decision)
        if isinstance(decision, Refused):
            raise refusal(decision)
        return decision
