"""Periods against an independent reckoning: a clock that is walked forward and read off the wall."""

import calendar
from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quotas.model import Period
from quotas.periods import PeriodRule, ZoneUnknown, is_zone, label, period_at, zone

ZONES = sorted({*files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()} - {"Factory"})
TRICKY = (
    "Pacific/Apia",
    "Pacific/Kwajalein",
    "America/Toronto",
    "Asia/Beirut",
    "Africa/Cairo",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "America/Scoresbysund",
    "Asia/Gaza",
    "America/Havana",
    "Europe/Lisbon",
    "Asia/Manila",
)
FIRST_YEAR, LAST_YEAR = 1905, 2045

rules = st.builds(
    PeriodRule,
    time_zone=st.one_of(st.sampled_from(TRICKY), st.sampled_from(ZONES)),
    anchor_day=st.one_of(st.none(), st.sampled_from([1, 28, 29, 30, 31]), st.integers(1, 31)),
)


def ms(*when: int) -> int:
    return round(datetime(*when, tzinfo=UTC).timestamp() * 1000)  # type: ignore[arg-type, misc]


instants = st.integers(ms(FIRST_YEAR + 1, 1, 1), ms(LAST_YEAR - 1, 1, 1))


@lru_cache(maxsize=64)
def wall_jumps(time_zone: str) -> list[tuple[datetime, timedelta]]:
    """Every change of the zone's offset: (the instant in UTC, the offset from then on), found by walking the clock."""
    tz = zone(time_zone)

    def offset_of(at: datetime) -> timedelta:
        return at.astimezone(tz).utcoffset() or timedelta()

    at = datetime(FIRST_YEAR - 1, 1, 1, tzinfo=UTC)
    jumps = [(at, offset_of(at))]
    while at.year <= LAST_YEAR + 1:
        later = at + timedelta(days=5)
        if offset_of(later) != jumps[-1][1]:
            low, high = at, later
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                low, high = (middle, high) if offset_of(middle) == jumps[-1][1] else (low, middle)
            jumps.append((high, offset_of(high)))
            at = high
        else:
            at = later
    return jumps


def first_instant_showing(time_zone: str, wall: datetime) -> datetime:
    """The first instant at which the clock shows `wall` or, where it never does, has jumped past it."""
    jumps = wall_jumps(time_zone)
    for index, (start, offset) in enumerate(jumps):
        end = jumps[index + 1][0] if index + 1 < len(jumps) else datetime.max.replace(tzinfo=UTC)
        shown = (wall - offset).replace(tzinfo=UTC)
        if start <= shown < end:
            return shown
        if shown < start:  # this stretch begins with the clock past `wall`, and none before showed it
            return start
    raise AssertionError("no stretch of the clock reaches that far")


def cuts_near(rule: PeriodRule, now_ms: int) -> list[int]:
    """The rule's boundaries from two months before to three after an instant."""
    around = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=now_ms)
    months = range(around.year * 12 + around.month - 3, around.year * 12 + around.month + 3)
    walls = [
        datetime(year, month + 1, min(rule.anchor_day or 1, calendar.monthrange(year, month + 1)[1]))  # ruff: ignore[call-datetime-without-tzinfo] - what a clock on the wall shows
        for year, month in (divmod(index, 12) for index in months)
    ]
    return [ms(*first_instant_showing(rule.time_zone, wall).timetuple()[:6]) for wall in walls]


def reckoned(rule: PeriodRule, now_ms: int) -> Period:
    cuts = cuts_near(rule, now_ms)
    index = bisect_right(cuts, now_ms)
    return Period(cuts[index - 1], cuts[index])


@settings(max_examples=300, deadline=None)
@given(rules, instants)
@example(PeriodRule("Pacific/Apia", 30), ms(2011, 12, 30, 9, 59, 59))
@example(PeriodRule("Pacific/Apia", 30), ms(2011, 12, 30, 10))
@example(PeriodRule("Pacific/Apia", 31), ms(2011, 12, 30, 10))
@example(PeriodRule("America/Toronto", 31), ms(1919, 3, 31, 4, 30))
@example(PeriodRule("UTC", 31), ms(2024, 2, 29))
@example(PeriodRule("UTC", 31), ms(1999, 2, 28))
def test_a_period_is_what_the_clock_on_the_wall_says(rule: PeriodRule, now_ms: int) -> None:
    """Every period starts at the first instant of its day in the center's zone, whatever the zone does that day."""
    period = period_at(rule, now_ms)
    assert period.start_ms <= now_ms < period.end_ms
    assert period == reckoned(rule, now_ms)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from((*TRICKY, "Europe/Berlin", "America/New_York", "Asia/Tehran")), st.integers(1, 31), st.data())
def test_offset_changes_lie_in_one_period(time_zone: str, anchor_day: int, data: st.DataObject) -> None:
    """The second before, the second of and the second after a change of clocks each belong to exactly one period."""
    rule = PeriodRule(time_zone, anchor_day)
    inner = [at for at, _ in wall_jumps(time_zone)[1:] if FIRST_YEAR < at.year < LAST_YEAR]
    at = data.draw(st.sampled_from(inner))
    for step in (-1, 0, 1):
        now_ms = ms(*at.timetuple()[:6]) + step * 1000
        assert period_at(rule, now_ms) == reckoned(rule, now_ms)


@settings(max_examples=200, deadline=None)
@given(
    rules,
    st.lists(rules, min_size=1, max_size=4),
    instants,
    st.lists(st.integers(0, 70 * 86_400), max_size=12),
    st.data(),
)
def test_no_instant_is_in_two_periods_or_in_none(
    rule: PeriodRule, later: list[PeriodRule], now_ms: int, waits: list[int], data: st.DataObject
) -> None:
    """Whenever rules change and however long nobody calls, the periods in use tile time from the first one on."""
    stored = [period_at(rule, now_ms)]
    for wait in waits:
        rule = data.draw(st.sampled_from([rule, *later]))
        now_ms += wait * 1000
        period = period_at(rule, now_ms, stored[-1])
        assert period.start_ms <= now_ms < period.end_ms
        if now_ms < stored[-1].end_ms:
            assert period == stored[-1]
            continue
        assert period.start_ms >= stored[-1].end_ms
        just_before = period_at(rule, period.start_ms - 1, stored[-1])
        assert just_before.end_ms == period.start_ms
        stored.append(period)


@settings(max_examples=200, deadline=None)
@given(rules, rules, instants)
def test_a_changed_rule_takes_effect_when_the_stored_period_ends(old: PeriodRule, new: PeriodRule, now_ms: int) -> None:
    """The stored period keeps its end; the next runs from there to the new rule's first boundary after it."""
    stored = period_at(old, now_ms)
    assert period_at(new, stored.end_ms - 1, stored) == stored
    following = period_at(new, stored.end_ms, stored)
    assert following.start_ms == stored.end_ms
    assert following.end_ms == next(cut for cut in cuts_near(new, stored.end_ms) if cut > stored.end_ms)


def test_an_instant_before_the_stored_period_does_not_reach_into_it() -> None:
    """A gateway whose clock is behind computes a period that ends where the stored one begins."""
    stored = Period(ms(2026, 5, 10), ms(2026, 6, 1))
    assert period_at(PeriodRule(), ms(2026, 5, 9, 23), stored) == Period(ms(2026, 5, 1), ms(2026, 5, 10))


def test_an_anchor_is_clamped_from_the_original_day() -> None:
    """Anchor 31: 28 February (29 in a leap year) is followed by 31 March, not by the 28th."""
    starts = [period_at(PeriodRule("UTC", 31), ms(2023, month, 20)).start_ms for month in (2, 3, 4, 5)]
    assert starts == [ms(2023, 1, 31), ms(2023, 2, 28), ms(2023, 3, 31), ms(2023, 4, 30)]
    assert period_at(PeriodRule("UTC", 31), ms(2024, 3, 1)).start_ms == ms(2024, 2, 29)


def test_a_midnight_that_does_not_exist_is_the_first_instant_that_does() -> None:
    """Apia skipped 30 December 2011 whole; Toronto's clocks went from 23:30 to 0:30 on 30 March 1919."""
    assert period_at(PeriodRule("Pacific/Apia", 30), ms(2012, 1, 1)).start_ms == ms(2011, 12, 30, 10)
    assert period_at(PeriodRule("America/Toronto", 31), ms(1919, 4, 1)).start_ms == ms(1919, 3, 31, 4, 30)


def test_a_midnight_that_happens_twice_is_the_first() -> None:
    """Havana sets clocks back from 1:00 to midnight on 1 November 2026: the month begins at the first midnight."""
    assert period_at(PeriodRule("America/Havana"), ms(2026, 11, 2)).start_ms == ms(2026, 11, 1, 4)
    assert period_at(PeriodRule("America/Havana"), ms(2026, 11, 1, 4, 30)).start_ms == ms(2026, 11, 1, 4)
    assert period_at(PeriodRule("America/Havana"), ms(2026, 11, 1, 3, 59, 59)).end_ms == ms(2026, 11, 1, 4)


def test_every_zone_of_the_package_is_known_and_nothing_else() -> None:
    """Names are exact: no path, no other case, no empty text."""
    assert len(ZONES) > 400
    for name in ZONES:
        assert zone(name).key == name
    for wrong in ("", "Factory", "utc ", "europe/berlin", "../zones", "Europe", "Mars/Olympus", "\0"):
        assert not is_zone(wrong)
        with pytest.raises(ZoneUnknown):
            zone(wrong)


def test_labels_are_the_start_in_utc() -> None:
    """Two periods of one center never share a label, whatever cut them."""
    assert label(Period(ms(2026, 11, 1), ms(2026, 12, 1))) == "20261101T000000Z"
    assert label(period_at(PeriodRule("Asia/Kolkata"), ms(2026, 11, 5))) == "20261031T183000Z"
