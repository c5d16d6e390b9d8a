"""Redis Cluster: redis-py's client knows which node owns which slot; a lane a node carries the calls.

A center's keys share a slot, so a decision is one call to one node. A node that dies degrades its own slots alone,
until the cluster has chosen another and the map of slots is read again.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Final
from weakref import WeakSet

from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.crc import key_slot
from redis.exceptions import MovedError, RedisClusterException, RedisError

from quotas.lane import WAIT_SECONDS, Call, Lane, Reply, answer_none
from quotas.observer import Observer
from quotas.scripts import Script

LOOK_EVERY_SECONDS: Final = 1.0
NO_HOST: Final = frozenset({"", "?"})
"""What a node says for the host of another whose name it does not know; the map of slots tells then."""


class ClusterLanes:
    """The transport to a cluster; the promises are those of `quotas.transport.Transport`."""

    def __init__(self, url: str, observer: Observer) -> None:
        self._observer = observer
        self._topology = RedisCluster.from_url(
            url,
            socket_timeout=WAIT_SECONDS,
            socket_connect_timeout=WAIT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            require_full_coverage=False,
            driver_info=None,
            protocol=2,
        )
        self._known = False
        self._unknown_since: float | None = None
        self._lanes: dict[str, Lane] = {}
        self._retiring: set[asyncio.Task[None]] = set()
        self._moved: list[Call] = []
        self._told: dict[int, MovedError] = {}
        self._forwarded: WeakSet[asyncio.Future[Reply | None]] = WeakSet()
        self._look_now = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._closing = False

    async def start(self) -> None:
        """Read the map of slots; a cluster that is away is read when it is back."""
        await self._look({})
        self._keeper = asyncio.create_task(self._keep_looking(), name="cluster map")

    def submit(
        self, script: Script, keys: Sequence[str], args: Sequence[int | str]
    ) -> "asyncio.Future[Reply | None] | None":
        """Send to the node that owns the slot."""
        slot = key_slot(keys[0].encode())
        lane = self._lane_of(slot)
        return None if lane is None else lane.submit(script, keys, args, slot)

    def is_degraded(self) -> bool:
        """Whether any node in use is away, or the map of slots was never read."""
        return not self._known or any(lane.breaker.is_open for lane in self._lanes.values())

    async def aclose(self) -> None:
        """End all connections."""
        self._closing = True  # redis-py may swallow a cancellation while it reads the map
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        answer_none(self._moved)
        await asyncio.gather(*(lane.aclose() for lane in self._lanes.values()), *self._retiring)
        self._lanes.clear()
        await self._topology.aclose()

    def _lane_of(self, slot: int) -> Lane | None:
        owners = self._topology.nodes_manager.slots_cache.get(slot)
        if not owners:
            return None
        node = owners[0]
        return self._lanes.get(node.name) or self._open_lane(node)

    def _open_lane(self, node: ClusterNode) -> Lane:
        def new_connection() -> AbstractConnection:
            return node.connection_class(**{**node.connection_kwargs, "retry": Retry(NoBackoff(), 0)})

        lane = self._lanes[node.name] = Lane(node.name, new_connection, self._observer, self._take_moved)
        return lane

    def _take_moved(self, calls: list[Call], error: str) -> None:
        """A slot has another owner; these calls did not run, so they may be sent once more, to the node just named."""
        asyncio.get_running_loop().call_later(WAIT_SECONDS, answer_none, calls)
        answer_none([call for call in calls if call[0] in self._forwarded])
        self._moved += [call for call in calls if call[0] not in self._forwarded]
        told = MovedError(error.removeprefix("MOVED "))
        if told.host not in NO_HOST:
            self._told[told.slot_id] = told
        self._look_now.set()

    async def _keep_looking(self) -> None:
        while not self._closing:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_SECONDS):
                    await self._look_now.wait()
            self._look_now.clear()
            if self._moved or self.is_degraded():
                told, self._told = self._told, {}
                moved, self._moved = self._moved, []
                await self._note(told)
                self._forward(moved)
                await self._look(told)

    async def _note(self, told: Mapping[int, MovedError]) -> None:
        """The owner of a slot says where it went, before the other nodes have heard of it."""
        for slot, moved in told.items():
            if slot in self._topology.nodes_manager.slots_cache:
                await self._topology.nodes_manager.move_slot(moved)

    async def _look(self, told: Mapping[int, MovedError]) -> None:
        read = self._topology.nodes_manager.initialize if self._known else self._topology.initialize
        try:
            async with asyncio.timeout(LOOK_EVERY_SECONDS):
                await read()
        except (RedisError, RedisClusterException, OSError, TimeoutError) as error:
            self._note_unknown(error)
            return
        self._note_known()
        await self._note(told)
        primaries = {owners[0].name for owners in self._topology.nodes_manager.slots_cache.values() if owners}
        for name in self._lanes.keys() - primaries:
            retired = asyncio.create_task(self._lanes.pop(name).aclose())
            self._retiring.add(retired)
            retired.add_done_callback(self._retiring.discard)

    def _note_unknown(self, error: BaseException) -> None:
        if not self._known and self._unknown_since is None:
            self._unknown_since = asyncio.get_running_loop().time()
            said = f"{type(error).__name__}: {error}"[:200]
            self._observer.on_event("redis.degraded", node="cluster", error=said, failures=1)

    def _note_known(self) -> None:
        self._known = True
        if self._unknown_since is not None:
            seconds = asyncio.get_running_loop().time() - self._unknown_since
            self._unknown_since = None
            self._observer.on_event("redis.recovered", node="cluster", degraded_seconds=round(seconds, 3))

    def _forward(self, moved: list[Call]) -> None:
        for call in moved:
            lane = self._lane_of(call[2])
            if lane is None or lane.breaker.is_open:
                answer_none([call])
            elif not call[0].done():
                self._forwarded.add(call[0])
                lane.resubmit([call])
