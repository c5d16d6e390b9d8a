"""When the breaker opens."""

from quotas.breaker import Breaker


def test_the_fifth_failure_within_a_second_opens_it() -> None:
    """Four don't; the fifth does, and says so once."""
    breaker = Breaker()
    assert [breaker.note_failures(1, now) for now in (0.0, 0.2, 0.4, 0.6)] == [False] * 4
    assert not breaker.is_open
    assert breaker.note_failures(1, 1.0)
    assert breaker.is_open
    assert not breaker.note_failures(1, 1.0)


def test_failures_further_apart_than_a_second_leave_it_closed() -> None:
    """One failure every 300 ms, for ever."""
    breaker = Breaker()
    assert not any(breaker.note_failures(1, 0.3 * number) for number in range(100))


def test_many_that_fail_at_once_open_it() -> None:
    """A hung connection fails all that wait on it in one moment."""
    breaker = Breaker()
    assert breaker.note_failures(200, 7.0)
    assert int(breaker.opened_at_seconds) == 7


def test_a_closed_breaker_starts_to_count_anew() -> None:
    """What failed before the recovery does not count after it."""
    breaker = Breaker()
    breaker.note_failures(5, 0.0)
    breaker.close()
    assert not breaker.note_failures(4, 0.1)
    assert breaker.note_failures(1, 0.2)
