"""The mirror: whatever order writes come in, the newest is shown, and nothing older ever again."""

import itertools
from collections.abc import AsyncIterator, Sequence

import pytest
import redis

from quotas import keys
from quotas.admission import Admission, Admitted, Policy
from quotas.mirror import Mirror, MirrorState
from quotas.transport import Transport, open_transport
from tests.clock import FrozenClock
from tests.quotas.scripted import PUBLISH, ScriptedRedis, fresh_center

EPOCH = 1_773_576_000_000_000


@pytest.fixture
async def transport(redis_url: str) -> AsyncIterator[Transport]:
    transport = await open_transport(redis_url)
    yield transport
    await transport.aclose()


def publication(version: int, epoch: int = EPOCH) -> Sequence[int | str]:
    return (50, version, 2 * version, version, epoch, 900)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_any_order_of_writes_ends_with_the_newest(redis_url: str, order: Sequence[int]) -> None:
    """(epoch, version) decides; a retry or a late write changes nothing. A restored database's epoch beats any version."""
    scripted, key = ScriptedRedis(redis_url), keys.mirror("live", fresh_center(), "generation", "2026-11")
    writes = [publication(1), publication(2), publication(9), publication(3, EPOCH + 1)]
    for which in (*order, *order):
        scripted.run(PUBLISH, [key], writes[which], 0)
    shown = scripted.client.hmget(key, "epoch", "version", "settled", "held")
    assert [int(value or 0) for value in shown] == [EPOCH + 1, 3, 3, 6]


def test_an_equal_write_only_refreshes_its_time(redis_url: str) -> None:
    """1 written, 0 refreshed, -1 older: and `at` follows Redis' clock."""
    scripted, key = ScriptedRedis(redis_url), keys.running("live", fresh_center())
    assert scripted.run(PUBLISH, [key], publication(2), 0) == [1]
    first_at = int(scripted.client.hget(key, "at") or 0)
    assert scripted.run(PUBLISH, [key], publication(2), 4_000_000) == [0]
    assert int(scripted.client.hget(key, "at") or 0) == first_at + 4_000
    assert scripted.run(PUBLISH, [key], publication(1), 9_000_000) == [-1]
    assert int(scripted.client.hget(key, "at") or 0) == first_at + 4_000


async def test_what_is_published_is_read_back(transport: Transport) -> None:
    """Limit, settled, held, version, epoch and an age; unlimited is None; what was never written is a miss."""
    mirror, center = Mirror(transport), fresh_center()
    assert await mirror.publish(
        "live", center, "generation", "2026-11", limit=50, settled=12, held=3, version=41, epoch=EPOCH
    )
    assert await mirror.publish(
        "live", center, "regenerations", "2026-11", limit=None, settled=0, held=0, version=0, epoch=EPOCH
    )
    assert await mirror.publish_running("live", center, limit=2, running=1, version=7, epoch=EPOCH)
    generation, regenerations, running, other = await mirror.read(
        [
            keys.mirror("live", center, "generation", "2026-11"),
            keys.mirror("live", center, "regenerations", "2026-11"),
            keys.running("live", center),
            keys.mirror("test", center, "generation", "2026-11"),
        ]
    )
    assert generation is not None
    assert generation == MirrorState(50, 12, 3, 41, EPOCH, generation.age_ms)
    assert generation.is_fresh
    assert regenerations is not None
    assert regenerations.limit is None
    assert running is not None
    assert (running.limit, running.held) == (2, 1)
    assert other is None


@pytest.mark.parametrize(("age_ms", "is_fresh"), [(0, True), (5_000, True), (5_001, False)])
def test_older_than_five_seconds_is_a_miss(age_ms: int, is_fresh: bool) -> None:
    """A reader then asks PostgreSQL."""
    assert MirrorState(1, 0, 0, 1, EPOCH, age_ms).is_fresh is is_fresh


async def test_an_age_is_told_by_redis_clock_alone(transport: Transport, redis_url: str) -> None:
    """An entry of long ago, or of a future that Redis' clock stepped back from, is not fresh."""
    center = fresh_center()
    for at_seconds in (0, 30 * 365 * 86_400):
        key = keys.mirror("live", center, "generation", str(at_seconds))
        ScriptedRedis(redis_url).run(PUBLISH, [key], publication(1), at_seconds * 1_000_000)
        (state,) = await Mirror(transport).read([key])
        assert state is not None
        assert not state.is_fresh


async def test_window_and_mirrors_come_in_one_round_trip(transport: Transport, clock: FrozenClock) -> None:
    """An admitted request gets the mirrors it asked for; a refused one gets none."""
    mirror, center = Mirror(transport), fresh_center()
    await mirror.publish("live", center, "generation", "2026-11", limit=50, settled=12, held=3, version=1, epoch=EPOCH)
    admission = Admission(
        transport, expected_replicas=1, monotonic_seconds=clock.monotonic_seconds, now_ms=clock.now_ms
    )
    policies = [Policy("minute", keys.minute("live", center), 1)]
    read = [keys.mirror("live", center, "generation", "2026-11"), keys.running("live", center)]
    decision = await admission.decide(policies, read)
    assert isinstance(decision, Admitted)
    shown, missing = decision.mirrors
    assert shown is not None
    assert (shown.settled, missing) == (12, None)
    assert not isinstance(await admission.decide(policies, read), Admitted)


async def test_a_center_costs_less_than_two_kibibytes(transport: Transport, redis_url: str) -> None:
    """A full window, both quotas and the running count together."""
    client, center = redis.Redis.from_url(redis_url), fresh_center()
    scripted, policy = ScriptedRedis(redis_url), Policy("minute", keys.minute("live", center), 500)
    for step in range(500):
        scripted.decide([policy], step * 123_456)
    mirror = Mirror(transport)
    for meter in ("generation", "regenerations"):
        await mirror.publish(
            "live", center, meter, "2026-11", limit=5_000, settled=4_321, held=123, version=123_456, epoch=EPOCH
        )
    await mirror.publish_running("live", center, limit=32, running=31, version=123_456, epoch=EPOCH)
    names = [
        policy.key,
        keys.running("live", center),
        *(keys.mirror("live", center, meter, "2026-11") for meter in ("generation", "regenerations")),
    ]
    sizes = [client.memory_usage(name) or 0 for name in names]
    assert all(sizes)
    assert sum(sizes) <= 2_048
    assert all(client.object("encoding", name) == b"listpack" for name in names)
    assert all(client.pttl(name) > 0 for name in names)
