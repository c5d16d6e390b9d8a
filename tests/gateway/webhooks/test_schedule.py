"""When a delivery is tried again, whatever its receiver asks for. Rule source: webhooks, "Attempts"."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateway.webhooks.schedule import PAUSES_SECONDS, RETRY_AFTER_MAX_SECONDS, pause_seconds, retry_after_seconds

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        (" 120 ", 120.0),
        ("9" * 5000, 86_400.0),
        ("Sun, 15 Mar 2026 12:00:30 GMT", 30.0),
        ("Sun, 15 Mar 2026 11:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400.0),
        ("Sun, 15 Mar 99999999999999999999 13:00:00 GMT", None),
        ("Sun, 15 Mar 2026 13:00:00 +99999999999999999999", None),
        ("Sun, 15 Mar 2026 13:00:00 -0000", None),
        ("Sun, 15 Mar 2026 99:00:00 GMT", None),
        ("\udcff\udcfe", None),
        ("\u0663", None),
        ("-5", None),
        ("1e9", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    """A day at most; what is neither is as if it were not there."""
    assert retry_after_seconds(header, NOW) == seconds


@given(
    some.one_of(
        some.text(max_size=40),
        some.builds("Sun, {} Mar {} {}:{}:00 {}".format, *[some.integers() for _ in range(4)], some.text(max_size=8)),
    )
)
def test_no_answer_of_a_receiver_breaks_the_schedule(header: str) -> None:
    """It is some time from now to a day, or nothing."""
    seconds = retry_after_seconds(header, NOW)
    assert seconds is None or 0 <= seconds <= RETRY_AFTER_MAX_SECONDS


@given(some.integers(1, 12), some.floats(0, 1, exclude_max=True), some.none() | some.floats(0, RETRY_AFTER_MAX_SECONDS))
def test_each_pause_is_a_fifth_more_or_less_and_never_shorter_than_asked_for(
    tries: int, chance: float, asked: float | None
) -> None:
    """Ten attempts, then none; a receiver that asks for less than is planned is not tried sooner."""
    pause = pause_seconds(tries, lambda: chance, asked)
    if tries > len(PAUSES_SECONDS):
        assert pause is None
    else:
        usual = PAUSES_SECONDS[tries - 1]
        assert pause is not None
        assert 0.8 * usual <= pause <= max(1.2 * usual, asked or 0)
        assert asked is None or pause >= asked
