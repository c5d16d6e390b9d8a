"""Redis Cluster, real processes: a center is one slot, and a node that dies degrades its own slots for seconds."""

import asyncio

import pytest

from quotas import keys
from quotas.admission import Admitted, Policy
from quotas.cluster import ClusterLanes
from quotas.lane import Reply
from quotas.mirror import Mirror
from quotas.scripts import DECIDE
from tests.quotas.cluster_nodes import cluster
from tests.quotas.gateways import Gateway, Heard, gateway, until
from tests.quotas.scripted import fresh_center


def center_of_shard(shard_of: dict[str, int], shard: int) -> str:
    return next(center for center, owner in shard_of.items() if owner == shard)


async def degraded(asked: Gateway, center: str) -> bool:
    return (await asked.ask(center, 100_000)).degraded


async def test_three_and_three_with_a_primary_killed() -> None:
    """Every center is decided by its node; the killed one's centers are decided locally until its replica took over;
    the others never notice. Then a slot moves to another node, and nobody is refused or degraded for it.
    """
    heard = Heard()
    async with cluster(3, 3) as nodes, gateway(nodes.url, heard=heard) as asked:
        shard_of = {
            center: nodes.shard_of(keys.minute("live", center)) for center in (fresh_center() for _ in range(60))
        }
        assert set(shard_of.values()) == {0, 1, 2}
        decisions = await asyncio.gather(*(asked.ask(center, 2) for center in shard_of for _ in range(3)))
        assert sum(isinstance(decision, Admitted) for decision in decisions) == 2 * len(shard_of)
        assert not any(decision.degraded for decision in decisions)

        center = center_of_shard(shard_of, 1)
        mirror = Mirror(asked.transport)
        assert await mirror.publish_running("live", center, limit=8, running=3, version=1, epoch=1)
        seen = await asked.admission.decide(
            [
                Policy("minute", keys.minute("live", center), 100),
                Policy("key", keys.key("live", center, "key_a"), 10),
                Policy("session", keys.session("live", center, "ses_a"), 10),
            ],
            [keys.running("live", center)],
        )
        assert isinstance(seen, Admitted)
        assert seen.mirrors[0] is not None

        mine, others = center_of_shard(shard_of, 0), center_of_shard(shard_of, 2)
        nodes.primaries[0].kill()
        assert await degraded(asked, mine)
        async with asyncio.timeout(20):
            while await degraded(asked, mine):
                assert not await degraded(asked, others)
                await asyncio.sleep(0.02)
        await until(lambda: not asked.transport.is_degraded())
        assert heard.names()["redis.degraded"] <= 2

        before = len(heard.events)
        await nodes.hand_over(keys.minute("live", others), nodes.primaries[2], nodes.primaries[1])
        answers = await asyncio.gather(*(degraded(asked, others) for _ in range(20)))
        assert answers == [False] * 20
        assert len(heard.events) == before


@pytest.mark.parametrize("host", ["", "?"])
async def test_a_slot_that_went_nobody_knows_where_keeps_no_call_waiting(host: str) -> None:
    """The node names a port alone: no node is made up of it, and who asked decides locally in time."""
    lanes = ClusterLanes("redis://127.0.0.1:1", Heard())
    asked: asyncio.Future[Reply | None] = asyncio.get_running_loop().create_future()
    lanes._take_moved([(asked, DECIDE, 7, ("cg:{c}",), (1,))], f"MOVED 7 {host}:6379")
    async with asyncio.timeout(5):
        assert await asked is None
    assert lanes._told == {}
    await lanes.aclose()


async def test_a_cluster_that_is_away_is_found_later() -> None:
    """No node answers at the start: local decisions, one event, and recovery without a hand."""
    heard = Heard()
    async with cluster(1, 0) as nodes:
        nodes.primaries[0].freeze()
        async with gateway(nodes.url, heard=heard) as asked:
            assert await degraded(asked, "ctr_a")
            assert asked.transport.is_degraded()
            nodes.primaries[0].thaw()
            await until(lambda: not asked.transport.is_degraded())
            assert not await degraded(asked, "ctr_a")
    assert heard.names() == {"redis.degraded": 1, "redis.recovered": 1}
