"""What a bound on work means on a machine that others use: processor time, in seconds of a machine at rest."""

from collections.abc import Callable
from time import process_time
from typing import Final

_NOMINAL_SECONDS: Final = 0.0004
"""What the yardstick takes on the machine that the bounds were set on, at rest."""
_ATTEMPTS: Final = 15


def stays_within(seconds: float, work: Callable[[], object]) -> bool:
    """Whether the work can be done within so many seconds: one of a few attempts shows it.

    Each attempt is set against a yardstick measured beside it, so that neither a slow nor a shared machine fails it.
    """
    return any(_spent(work) <= seconds * max(1.0, _spent(_yardstick) / _NOMINAL_SECONDS) for _ in range(_ATTEMPTS))


def _spent(work: Callable[[], object]) -> float:
    began = process_time()
    work()
    return process_time() - began


def _yardstick() -> int:
    return sum(number * number for number in range(16_000))
