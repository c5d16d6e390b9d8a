"""How this package tells what happened, without knowing who writes logs or counts metrics."""

from typing import Protocol


class Observer(Protocol):
    """Told of what an operator wants to know. Events are rare: none is sent for an ordinary decision.

    - ``redis.degraded``: node, error, failures. The breaker opened; windows are local from here.
    - ``redis.recovered``: node, degraded_seconds. Redis decides again.
    - ``redis.connection_lost``: node, error, waiting (calls that were answered without Redis).
    - ``redis.scripts_reloaded``: node, script.
    - ``rate_limit.would_refuse``: policy, key. A policy that only counts is over its limit.
    """

    def on_event(self, name: str, **facts: str | float) -> None:
        """Take note; must neither block nor raise."""


class Unobserved:
    """Nobody listens."""

    def on_event(self, name: str, **facts: str | float) -> None:
        """Nothing."""
