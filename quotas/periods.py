"""Quota periods: calendar or anchored months of a center's own time zone, computed, never reset by a job.

Pure arithmetic on UTC milliseconds. Rule source: quotas, "Meters and periods".
"""

import calendar
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from msgspec import Struct

from quotas.model import Period

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)


class Span(Protocol):
    """A stored period, whoever holds it."""

    @property
    def start_ms(self) -> int: ...  # ruff: ignore[undocumented-public-method]
    @property
    def end_ms(self) -> int: ...  # ruff: ignore[undocumented-public-method]


class PeriodRule(Struct, frozen=True):
    """Where a center's periods begin: at midnight in `time_zone` on `anchor_day` (1-31, clamped to each month's end).

    None = on the first: calendar months.
    """

    time_zone: str = "UTC"
    anchor_day: int | None = None


def period_at(rule: PeriodRule, now_ms: int, last_stored: Span | None = None) -> Period:
    """The one period that holds `now_ms`. `last_stored` is the center's last period in use, if there is one.

    A stored period stands as it is. The next one starts where it ends and runs to the rule's first boundary after
    that, so that a changed rule, or changed zone data, takes effect then: no instant is in two periods or in none.
    Raises ZoneUnknown.
    """
    if last_stored is not None and last_stored.start_ms <= now_ms < last_stored.end_ms:
        return Period(last_stored.start_ms, last_stored.end_ms)
    natural = _natural_period(rule, now_ms)
    if last_stored is None:
        return natural
    if now_ms >= last_stored.end_ms:
        return Period(max(natural.start_ms, last_stored.end_ms), natural.end_ms)
    return Period(natural.start_ms, min(natural.end_ms, last_stored.start_ms))


def label(period: Span) -> str:
    """The period's name in keys, from its start in UTC: unambiguous whatever zone or anchor cut it.

    ``label(Period(1_793_491_200_000, 1_796_083_200_000)) == "20261101T000000Z"``
    """
    start = _EPOCH + timedelta(milliseconds=period.start_ms)
    return start.strftime("%Y%m%dT%H%M%SZ")


class ZoneUnknown(ValueError):
    """No IANA time zone has that name."""


def is_zone(name: str) -> bool:
    """Whether `name` is an IANA time zone, spelled exactly so."""
    return name in _zone_names()


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    zones = frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())
    return zones - {"Factory"}  # the database's word for "not set", which no center is in


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """Read the zone from the `tzdata` package, not from the host, so that all processes agree. Raises ZoneUnknown."""
    if not is_zone(name):
        raise ZoneUnknown(f"{name[:64]!r} is no IANA time zone")
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def _natural_period(rule: PeriodRule, now_ms: int) -> Period:
    """The rule's own period around `now_ms`, as if it had always been in force."""
    local = (_EPOCH + timedelta(milliseconds=now_ms)).astimezone(zone(rule.time_zone))
    month = local.year * 12 + local.month - 1
    # The wall's month is a guess: the boundary may lie later in it, or be passed twice where clocks are set back.
    while _boundary(rule, month) > now_ms:
        month -= 1
    while _boundary(rule, month + 1) <= now_ms:
        month += 1
    return Period(_boundary(rule, month), _boundary(rule, month + 1))


@lru_cache(maxsize=4096)
def _boundary(rule: PeriodRule, month: int) -> int:
    """The instant at which the rule's period of `month` (counted from year 0) begins."""
    year, month_index = divmod(month, 12)
    days = calendar.monthrange(year, month_index + 1)[1]
    midnight = datetime(year, month_index + 1, min(rule.anchor_day or 1, days), tzinfo=zone(rule.time_zone))
    return (_first_instant(midnight) - _EPOCH) // timedelta(milliseconds=1)


def _first_instant(wall: datetime) -> datetime:
    """The first instant at which the wall's clock shows `wall`; where it never does, the first one after the gap."""
    # fold=0: of two, the first; in a gap, what the clock would show had it not been set forward.
    unset = wall.replace(fold=0).astimezone(UTC)
    if unset.astimezone(wall.tzinfo).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return unset
    # In a gap the clock jumps past `wall` at one instant between these two readings: find it to the second.
    before, after = wall.replace(fold=1).astimezone(UTC) - _SECOND, unset
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if middle.astimezone(wall.tzinfo).replace(tzinfo=None) < wall.replace(tzinfo=None):
            before = middle
        else:
            after = middle
    return after
