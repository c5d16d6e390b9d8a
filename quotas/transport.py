"""The only way to Redis while a request waits: one `submit`, whatever stands behind the URL.

Timeouts are 100 ms, redis-py's own retries are off, and no script is ever sent again unless Redis said that it did
not run. Who gets None decides without Redis.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from redis.asyncio.connection import AbstractConnection, Connection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from quotas.cluster import ClusterLanes
from quotas.lane import WAIT_SECONDS, Lane, Reply
from quotas.observer import Observer, Unobserved
from quotas.scripts import Script

CLUSTER_SCHEMES: Final = {"redis+cluster": "redis", "rediss+cluster": "rediss"}


class Transport(Protocol):
    """Calls of scripts, merged and pipelined."""

    def submit(
        self, script: Script, keys: Sequence[str], args: Sequence[int | str]
    ) -> "asyncio.Future[Reply | None] | None":
        """Send in this tick's write; all `keys` share a hash tag.

        The future's result is the script's reply to this call, or None where Redis did not decide within 100 ms.
        None instead of a future: Redis is known to be away, decide without it at once.
        """
        ...

    def is_degraded(self) -> bool:
        """Whether the breaker of any node is open."""
        ...

    async def aclose(self) -> None:
        """End all connections; whoever waits gets None."""
        ...


class SingleNode:
    """One Redis, or whatever looks like one."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self.submit = lane.submit

    def is_degraded(self) -> bool:
        """Whether the breaker is open."""
        return self._lane.breaker.is_open

    async def aclose(self) -> None:
        """End the connection."""
        await self._lane.aclose()


async def open_transport(url: str, observer: Observer | None = None) -> Transport:
    """Connect to `redis://`, `rediss://`, `unix://user:password@/path?db=0` or `redis+cluster://` (`rediss+cluster://`).

    A store that is away is no error: the transport is degraded then, and recovers by itself.
    Raises ValueError for a URL that names none of these; its text holds no credentials.
    """
    heard_by = observer or Unobserved()
    scheme = urlsplit(url).scheme
    if scheme in CLUSTER_SCHEMES:
        cluster = ClusterLanes(url.replace(scheme, CLUSTER_SCHEMES[scheme], 1), heard_by)
        await cluster.start()
        return cluster
    node, options = _single(url)
    kind: type[AbstractConnection] = options.pop("connection_class", Connection)
    lane = Lane(node, lambda: kind(**options), heard_by)
    await lane.connect()
    return SingleNode(lane)


def _single(url: str) -> tuple[str, dict[str, Any]]:
    options: dict[str, Any] = {**parse_url(url)}
    node = options["path"] if "path" in options else f"{options.get('host', 'localhost')}:{options.get('port', 6379)}"
    options |= {
        "socket_timeout": WAIT_SECONDS,
        "socket_connect_timeout": WAIT_SECONDS,
        "retry": Retry(NoBackoff(), 0),
        "driver_info": None,
        "protocol": 2,
    }
    return node, options
