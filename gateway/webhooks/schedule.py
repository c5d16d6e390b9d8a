"""When a delivery is tried again. Rule source: webhooks, "Attempts"."""

from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

PAUSES_SECONDS: Final = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""What lies before the second, third, … and tenth attempt; the first is made at once."""
SPREAD: Final = 0.2
RETRY_AFTER_MAX_SECONDS: Final = 86_400.0
"""A receiver may ask for patience of a day at most."""


def pause_seconds(tries: int, chance: Callable[[], float], retry_after_seconds: float | None = None) -> float | None:
    """How long to wait after that many attempts that failed; None: it was the last.

    `chance` gives 0 to 1 and spreads the wait by a fifth to both sides. A receiver that asks for longer is given it.
    """
    if tries > len(PAUSES_SECONDS):
        return None
    usual = PAUSES_SECONDS[tries - 1] * (1 + SPREAD * (2 * chance() - 1))
    return usual if retry_after_seconds is None else max(usual, retry_after_seconds)


def retry_after_seconds(header: str | None, now: datetime) -> float | None:
    """What `Retry-After` asks for, in seconds or as a date; None for what can't be read. Never more than a day."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), RETRY_AFTER_MAX_SECONDS)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if until.tzinfo is None:
        return None
    return min(max(0.0, (until - now).total_seconds()), RETRY_AFTER_MAX_SECONDS)
