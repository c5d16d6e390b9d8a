"""The window in Lua, on a real server, with the test's own time: scenarios 13 to 15 to the microsecond."""

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quotas import keys
from quotas.windows import SECOND_US, LocalWindows, Policy
from tests.quotas.scripted import DECIDE, ScriptedRedis, fresh_center
from tests.quotas.test_windows import STEPS_US, counted_in

REAL_SERVER = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def scripted(redis_url: str) -> ScriptedRedis:
    return ScriptedRedis(redis_url)


def minute(center: str, limit: int, cost: int = 1, *, name: str = "minute", enforce: bool = True) -> Policy:
    return Policy(name, keys.minute("live", center).replace("minute", name), limit, 60, cost, enforce)


MOVES = st.lists(
    st.tuples(
        st.one_of(STEPS_US, st.integers(-400 * SECOND_US, -1)),
        st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=4),
        st.integers(1, 8),
    ),
    max_size=40,
)


@REAL_SERVER
@given(moves=MOVES)
def test_redis_and_the_local_window_decide_alike(
    scripted: ScriptedRedis, moves: list[tuple[int, list[tuple[int, bool]], int]]
) -> None:
    """Two policies, any costs, changing limits, batches, a clock that steps back: each verdict and number is the same."""
    center, local, now_us = fresh_center(), LocalWindows(1), 3_600 * SECOND_US
    for step_us, batch, limit in moves:
        now_us = max(0, now_us + step_us)
        requests = [
            [minute(center, limit + 2, cost, enforce=enforce), minute(center, limit, 1, name="key")]
            for cost, enforce in batch
        ]
        for policies, reply in zip(requests, scripted.decide_all(requests, now_us), strict=True):
            admitted, states = local.decide(policies, now_us)
            numbers = [n for state in states for n in (state.remaining, state.reset_after_seconds, state.wait_seconds)]
            assert [reply[0], *reply[2:]] == [int(admitted), *numbers]


@REAL_SERVER
@given(arrivals=st.lists(st.tuples(STEPS_US, st.integers(1, 3)), max_size=80), limit=st.integers(1, 10))
def test_never_more_than_the_limit_in_any_sixty_seconds(
    scripted: ScriptedRedis, arrivals: list[tuple[int, int]], limit: int
) -> None:
    """For random arrivals and costs, no 60 s hold more than N admitted; refusals are right up to one bucket."""
    center, now_us, trace = fresh_center(), 0, []
    for step_us, cost in arrivals:
        now_us += step_us
        if scripted.decide([minute(center, limit, cost)], now_us)[0] == 1:
            trace.append((now_us, cost))
            assert counted_in(trace, now_us - 60 * SECOND_US, now_us) <= limit
        else:
            assert counted_in(trace, now_us - 61 * SECOND_US, now_us) + cost > limit


def test_a_burst_on_each_side_of_a_minutes_edge_passes_once(scripted: ScriptedRedis) -> None:
    """N at 59.9 s and N at 60.1 s: the second N wait until the first have left, 60 s after they came."""
    center = fresh_center()
    for _ in range(100):
        assert scripted.decide([minute(center, 100)], 59_900_000)[0] == 1
    refused = [scripted.decide([minute(center, 100)], 60_100_000) for _ in range(100)]
    assert {reply[0] for reply in refused} == {0}
    assert refused[0][2:] == [0, 60, 60]
    assert scripted.decide([minute(center, 100)], 119_899_999)[0] == 0
    assert scripted.decide([minute(center, 100)], 119_900_000)[0] == 1


def test_a_spread_window_frees_its_places_one_by_one(scripted: ScriptedRedis) -> None:
    """N spread over a minute and N in the next second: only as many pass as left in that second."""
    center = fresh_center()
    for second in range(60):
        assert scripted.decide([minute(center, 60)], second * SECOND_US)[0] == 1
    passed = sum(scripted.decide([minute(center, 60)], 60 * SECOND_US + n * 10_000)[0] for n in range(100))
    assert passed == 1


def test_the_batch_is_decided_in_its_order(scripted: ScriptedRedis) -> None:
    """Requests of one call see those before them: the last places go to the first in the batch."""
    policies = [minute(fresh_center(), 3)]
    assert [reply[0] for reply in scripted.decide_all([policies] * 5, 0)] == [1, 1, 1, 0, 0]


def test_a_batch_costs_its_items_or_nothing(scripted: ScriptedRedis) -> None:
    """Cost n needs n places; the wait is until so many have left; more than the limit never fits."""
    center = fresh_center()
    assert scripted.decide([minute(center, 10, 4)], 0)[2:] == [6, 60, 0]
    assert scripted.decide([minute(center, 10, 5)], 5 * SECOND_US)[2:] == [1, 55, 0]
    assert scripted.decide([minute(center, 10, 6)], 10 * SECOND_US)[0:1] == [0]
    assert scripted.decide([minute(center, 10, 6)], 10 * SECOND_US)[2:] == [1, 50, 55]
    assert scripted.decide([minute(center, 10, 11)], 10 * SECOND_US)[2:] == [1, 50, 60]
    assert scripted.decide([minute(center, 10, 1)], 10 * SECOND_US)[2:] == [0, 50, 0]


def test_a_lowered_limit_shows_nothing_left_and_a_raised_one_works_at_once(scripted: ScriptedRedis) -> None:
    """The limit comes with each call: no count is lost or made up when it changes."""
    center = fresh_center()
    for second in range(10):
        scripted.decide([minute(center, 10)], second * SECOND_US)
    lowered = scripted.decide([minute(center, 4)], 10 * SECOND_US)
    assert (lowered[0], lowered[2], lowered[4]) == (0, 0, 56)
    assert scripted.decide([minute(center, 4)], 66 * SECOND_US)[0] == 1
    assert scripted.decide([minute(center, 12)], 66 * SECOND_US)[2] == 7


def test_refused_requests_and_looks_leave_the_window_as_it_was(scripted: ScriptedRedis) -> None:
    """A thousand refusals later the same places come free at the same time."""
    center = fresh_center()
    scripted.decide([minute(center, 1)], 0)
    before = scripted.client.hgetall(minute(center, 1).key)
    for n in range(200):
        assert scripted.decide([minute(center, 1)], n * 1_000)[0] == 0
        assert scripted.decide([minute(center, 1, 0)], n * 1_000)[0] == 1
    assert scripted.client.hgetall(minute(center, 1).key) == before


def test_redis_clock_stepping_back_neither_opens_a_second_window_nor_makes_a_long_wait(scripted: ScriptedRedis) -> None:
    """Five minutes back: the wait stays a minute from the step, and passes; nobody is admitted before."""
    for back_seconds in (1, 59, 60, 300):
        center = fresh_center()
        policies = [minute(center, 2)]
        start_us = 1_000 * SECOND_US
        scripted.decide_all([policies] * 2, start_us)
        stepped_us = start_us - back_seconds * SECOND_US
        assert scripted.decide(policies, stepped_us)[2:] == [0, 60, 60]
        assert scripted.decide(policies, stepped_us + 30 * SECOND_US)[2:] == [0, 30, 30]
        assert scripted.decide(policies, stepped_us + 60 * SECOND_US - 1)[0] == 0
        assert scripted.decide(policies, stepped_us + 60 * SECOND_US)[0] == 1


def test_the_window_is_one_small_hash(scripted: ScriptedRedis) -> None:
    """At most 61 fields in the compact encoding, under a kibibyte, swept when it means nothing any more."""
    policies = [minute(fresh_center(), 1_000_000)]
    fields = 0
    for step in range(400):
        scripted.decide(policies, step * 777_777)
        fields = max(fields, scripted.client.hlen(policies[0].key))
    assert fields <= 61
    assert (scripted.client.memory_usage(policies[0].key) or 2048) < 1024
    assert 60_000 < scripted.client.pttl(policies[0].key) <= 62_000


def test_an_empty_window_leaves_nothing_behind(scripted: ScriptedRedis) -> None:
    """Once all has left, a look removes the key; a sparse caller's window holds one field."""
    center = fresh_center()
    policies = [minute(center, 5)]
    scripted.decide(policies, 0)
    scripted.decide(policies, 30 * SECOND_US)
    scripted.decide(policies, 100 * SECOND_US)
    assert scripted.client.hkeys(policies[0].key) == [b"head"]
    assert scripted.decide([minute(center, 5, 0)], 200 * SECOND_US)[2:] == [5, 0, 0]
    assert not scripted.client.exists(policies[0].key)


def test_a_key_that_holds_something_else_harms_only_its_own_request(scripted: ScriptedRedis) -> None:
    """In a batch, the broken window is reported as such; the others are decided, and it is left alone."""
    broken, garbled, sound = (minute(fresh_center(), 5) for _ in range(3))
    scripted.client.set(broken.key, "what?")
    scripted.client.hset(garbled.key, "head", "what?")
    replies = scripted.decide_all([[broken], [sound, garbled], [sound]], 0)
    assert [reply[0] for reply in replies] == [-1, -1, 1]
    assert replies[2][2:] == [4, 60, 0]
    assert scripted.client.get(broken.key) == b"what?"


def test_a_deleted_bucket_makes_the_window_stricter_not_looser(scripted: ScriptedRedis) -> None:
    """Whatever somebody deletes by hand, the count never falls by more than what left, and is whole within a minute."""
    center = fresh_center()
    policies = [minute(center, 3)]
    for second in range(3):
        scripted.decide(policies, second * SECOND_US)
    field = next(name for name in scripted.client.hkeys(policies[0].key) if name != b"head")
    scripted.client.hdel(policies[0].key, field)
    assert scripted.decide(policies, 61 * SECOND_US)[0] == 0
    assert scripted.decide(policies, 62 * SECOND_US)[2] == 2


def test_a_call_that_makes_no_sense_writes_nothing(scripted: ScriptedRedis) -> None:
    """A script that fails changes nothing: here a second policy is announced and missing."""
    policy = minute(fresh_center(), 3)
    with pytest.raises(redis.ResponseError):
        scripted.run(DECIDE, [policy.key], [2, 0, 3, 60, 1, 1], 0)
    assert not scripted.client.exists(policy.key)
