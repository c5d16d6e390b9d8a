"""Which limits a request is under, and the headers that tell where they stand.

Rule source: conventions, "Rate limits"; draft-ietf-httpapi-ratelimit-headers-11.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from gateway.caller import Center
from gateway.ids import is_id
from gateway.key_format import Env
from quotas import keys
from quotas.admission import Decision, tightest
from quotas.windows import Policy, PolicyState

if TYPE_CHECKING:
    from gateway.pipeline.key_store import StoredKey

WINDOW_SECONDS: Final = 60
SAVES_LIMIT: Final = 30
"""Saves a minute of one submission."""

RawHeaders = list[tuple[bytes, bytes]]
_DEGRADED: Final = (b"x-ratelimit-mode", b"degraded")


def policies_of(stored: "StoredKey") -> tuple[Policy, ...]:
    """What a valid key is under: its center's limit, and its own where it has one."""
    center = stored.center
    policies = policies_of_center(stored.env, center)
    if stored.requests_per_minute is None:
        return policies
    return (*policies, Policy("key", keys.key(stored.env, center.id, stored.key_id), stored.requests_per_minute))


def policies_of_center(env: Env, center: Center) -> tuple[Policy, ...]:
    """What everybody who calls for a center is under."""
    return (Policy("minute", keys.minute(env, center.id), center.limits.requests_per_minute),)


def save_policies(env: str, center_id: str, submission_id: str | None) -> tuple[Policy, ...] | None:
    """What a save is under instead, where the path names a submission."""
    if submission_id is None or not is_id("sub", submission_id):
        return None
    return (Policy("save", keys.save(env, center_id, submission_id), SAVES_LIMIT),)


def headers_of(decision: Decision) -> RawHeaders:
    """X-RateLimit-* of the tightest policy, RateLimit and RateLimit-Policy of all."""
    policies = decision.policies
    if len(policies) == 1:
        first = shown = policies[0]
        policy = _policy_field(first.name, first.limit, first.window_seconds)
        state = b'"%b";r=%d;t=%d' % (_ascii(first.name), first.remaining, first.reset_after_seconds)
    else:
        shown = tightest(policies)
        policy = b", ".join(_policy_field(each.name, each.limit, each.window_seconds) for each in policies)
        state = b", ".join(_state_field(each) for each in policies)
    headers = [
        (b"x-ratelimit-limit", b"%d" % shown.limit),
        (b"x-ratelimit-remaining", b"%d" % shown.remaining),
        (b"x-ratelimit-reset", b"%d" % (decision.now_seconds + shown.reset_after_seconds)),
        (b"ratelimit-policy", policy),
        (b"ratelimit", state),
    ]
    if decision.degraded:
        headers.append(_DEGRADED)
    return headers


def _state_field(state: PolicyState) -> bytes:
    return b'"%b";r=%d;t=%d' % (_ascii(state.name), state.remaining, state.reset_after_seconds)


@lru_cache(maxsize=1024)
def _policy_field(name: str, limit: int, window_seconds: int) -> bytes:
    return b'"%b";q=%d;w=%d' % (_ascii(name), limit, window_seconds)


@lru_cache(maxsize=16)
def _ascii(name: str) -> bytes:
    return name.encode("ascii")
