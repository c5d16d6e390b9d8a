"""The window in pure Python: what it promises, held against plain lists of times."""

from hypothesis import given
from hypothesis import strategies as st

from quotas.windows import SECOND_US, LocalWindows, Policy, Window

STEPS_US = st.one_of(
    st.integers(0, 3),
    st.integers(0, 2 * SECOND_US),
    st.integers(0, 70 * SECOND_US),
    st.sampled_from([0, 1, 999_999, SECOND_US, 59 * SECOND_US, 60 * SECOND_US - 1, 60 * SECOND_US, 60 * SECOND_US + 1]),
)
ARRIVALS = st.lists(st.tuples(STEPS_US, st.integers(0, 3)), max_size=120)


def minute(limit: int, cost: int = 1, *, name: str = "minute", enforce: bool = True) -> Policy:
    return Policy(name, f"cg:live:{{c:ctr_a}}:window:{name}", limit, 60, cost, enforce)


def counted_in(trace: list[tuple[int, int]], from_us: int, to_us: int) -> int:
    """What was admitted after `from_us` and up to `to_us`."""
    return sum(cost for at_us, cost in trace if from_us < at_us <= to_us)


@given(arrivals=ARRIVALS, limit=st.integers(1, 12))
def test_never_more_than_the_limit_in_any_sixty_seconds(arrivals: list[tuple[int, int]], limit: int) -> None:
    """For any arrivals and costs, no 60 s that end with an admission hold more than N."""
    windows, now_us, trace = LocalWindows(1), 0, []
    for step_us, cost in arrivals:
        now_us += step_us
        admitted, _ = windows.decide([minute(limit, cost)], now_us)
        if admitted and cost:
            trace.append((now_us, cost))
            assert counted_in(trace, now_us - 60 * SECOND_US, now_us) <= limit


@given(arrivals=ARRIVALS, limit=st.integers(1, 12))
def test_nobody_is_refused_for_more_than_one_bucket_too_long(arrivals: list[tuple[int, int]], limit: int) -> None:
    """A refusal is right up to a second: what was admitted in the last 61 s leaves no room."""
    windows, now_us, trace = LocalWindows(1), 0, []
    for step_us, cost in arrivals:
        now_us += step_us
        admitted, _ = windows.decide([minute(limit, cost)], now_us)
        if admitted:
            trace.append((now_us, cost))
        else:
            assert counted_in(trace, now_us - 61 * SECOND_US, now_us) + cost > limit


@given(arrivals=ARRIVALS, limit=st.integers(3, 12))
def test_who_waits_as_long_as_told_is_admitted(arrivals: list[tuple[int, int]], limit: int) -> None:
    """The wait is whole seconds from 1 to 60, and enough, if nobody else takes the place."""
    windows, now_us = LocalWindows(1), 0
    for step_us, cost in arrivals:
        now_us += step_us
        admitted, (state,) = windows.decide([minute(limit, cost)], now_us)
        if not admitted:
            assert 1 <= state.wait_seconds <= 60
            now_us += state.wait_seconds * SECOND_US
            assert windows.decide([minute(limit, cost)], now_us)[0]


@given(arrivals=ARRIVALS, limit=st.integers(1, 6))
def test_a_refused_request_consumes_nothing(arrivals: list[tuple[int, int]], limit: int) -> None:
    """Refusals leave the state as it was: dropping them from the trace changes no other decision."""
    every, only_admitted, now_us = LocalWindows(1), LocalWindows(1), 0
    for step_us, cost in arrivals:
        now_us += step_us
        admitted, states = every.decide([minute(limit, cost)], now_us)
        if admitted:
            assert only_admitted.decide([minute(limit, cost)], now_us) == (True, states)


def test_a_refusal_by_one_policy_consumes_none_of_the_other() -> None:
    """All policies are checked before any is counted in."""
    windows = LocalWindows(1)
    both = [minute(10), minute(1, name="key")]
    assert windows.decide(both, 0)[0]
    admitted, states = windows.decide(both, 1)
    assert not admitted
    assert [(state.remaining, state.wait_seconds) for state in states] == [(9, 0), (0, 60)]


def test_a_policy_that_only_counts_refuses_nobody_and_says_so() -> None:
    """A new limit may run along: it counts beyond its limit, and marks whom it would refuse."""
    windows = LocalWindows(1)
    policy = minute(1, enforce=False)
    assert [windows.decide([policy], at_us)[1][0].wait_seconds for at_us in range(3)] == [0, -1, -1]


def test_a_look_costs_nothing_and_is_never_refused() -> None:
    """Cost 0 shows what is left."""
    windows = LocalWindows(1)
    assert windows.decide([minute(1)], 0)[0]
    admitted, (state,) = windows.decide([minute(1, 0)], SECOND_US)
    assert (admitted, state.remaining, state.reset_after_seconds) == (True, 0, 59)


@given(limit=st.integers(1, 1000), replicas=st.integers(1, 40))
def test_each_process_takes_its_share_rounded_up(limit: int, replicas: int) -> None:
    """Locally ceil(N / expected_replicas) pass, no more."""
    windows = LocalWindows(replicas)
    share = -(-limit // replicas)
    assert sum(windows.decide([minute(limit)], 0)[0] for _ in range(share + 3)) == share


def test_memory_is_bounded_and_the_longest_unused_window_goes_first() -> None:
    """However many keys come, `max_keys` stay; the active ones among them."""
    windows = LocalWindows(1, max_keys=10)
    busy = minute(2, name="busy")
    for number in range(100):
        windows.decide([busy, minute(5, name=f"w{number}")], number)
    assert len(windows) == 10
    assert not windows.decide([busy], 100)[0]


@given(back_us=st.integers(1, 600 * SECOND_US), limit=st.integers(1, 5))
def test_a_clock_that_steps_back_gives_no_second_window_and_no_long_wait(back_us: int, limit: int) -> None:
    """The window's own time stands still for the moment of the step and runs on: the wait stays within a minute."""
    windows, now_us = LocalWindows(1), 1_000 * SECOND_US
    for _ in range(limit):
        assert windows.decide([minute(limit)], now_us)[0]
    admitted, (state,) = windows.decide([minute(limit)], now_us - back_us)
    assert not admitted
    assert state.wait_seconds == 60
    assert not windows.decide([minute(limit)], now_us - back_us + 60 * SECOND_US - 1)[0]
    assert windows.decide([minute(limit)], now_us - back_us + 60 * SECOND_US)[0]


def test_longer_windows_have_wider_buckets_and_as_few_of_them() -> None:
    """Fifteen minutes are kept in at most 61 buckets too."""
    window = Window(900)
    for second in range(2_000):
        window.move_to(second * SECOND_US)
        window.count_in(1)
    assert len(window) <= 61
    assert window.counted >= 900
