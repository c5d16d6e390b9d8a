"""Reading what an answer says about the rate limit, and proving a limit over a recorded trace."""

import re
from collections.abc import Iterable, Sequence

import httpx
from msgspec import Struct

from tests.scenarios.traffic import Answer

WINDOW_SECONDS = 60


class Told(Struct, frozen=True):
    """The headers of one answer; `remaining` and `t_seconds` by policy, from the IETF fields."""

    limit: int
    left: int
    reset_at_seconds: int
    limits: dict[str, int]
    remaining: dict[str, int]
    t_seconds: dict[str, int]


def told(answer: httpx.Response) -> Told:
    """The rate headers, each of which must be there and well formed."""
    policies = re.findall(r'"(\w+)";q=(\d+);w=60(?:, |$)', answer.headers["ratelimit-policy"])
    states = re.findall(r'"(\w+)";r=(\d+);t=(\d+)(?:, |$)', answer.headers["ratelimit"])
    assert [name for name, _ in policies] == [name for name, _, _ in states] != []
    return Told(
        limit=int(answer.headers["x-ratelimit-limit"]),
        left=int(answer.headers["x-ratelimit-remaining"]),
        reset_at_seconds=int(answer.headers["x-ratelimit-reset"]),
        limits={name: int(limit) for name, limit in policies},
        remaining={name: int(left) for name, left, _ in states},
        t_seconds={name: int(seconds) for name, _, seconds in states},
    )


def assert_refused(answer: httpx.Response, policy: str) -> int:
    """A 429 that says everywhere the same; returns the seconds to wait."""
    assert answer.status_code == 429
    error, wait = answer.json()["error"], int(answer.headers["retry-after"])
    assert 0 < wait <= WINDOW_SECONDS
    assert (error["type"], error["code"], error["retryable"]) == ("rate_limit_error", f"retry_after_{wait}", True)
    limits = told(answer)
    assert error["details"] == {
        "policy": policy,
        "limit": limits.limits[policy],
        "window_seconds": WINDOW_SECONDS,
        "retry_after": wait,
    }
    assert (limits.remaining[policy], limits.t_seconds[policy]) == (0, wait)
    return wait


def admitted(answers: Iterable[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.status == 200]


def most_in_any_window(answers: Sequence[Answer]) -> int:
    """The most requests that were certainly admitted within less than 60 s.

    A decision falls between sending and receiving, so those count that were received less than 60 s after the first
    of them was sent.
    """
    most = 0
    for first in answers:
        ends = first.began + WINDOW_SECONDS
        most = max(most, sum(answer.began >= first.began and answer.ended < ends for answer in answers))
    return most
