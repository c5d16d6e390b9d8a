"""One connection to one Redis node: redis-py makes it (TLS, users, databases), then whole replies come by callback.

redis-py's own read path wakes a task and three layers a reply. Here its stream is exchanged for a protocol that feeds
hiredis directly, which is what makes a decision cost microseconds.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Final

import hiredis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError

from quotas.scripts import Script

_INCOMPLETE: Final = object()


class Wire(asyncio.Protocol):
    """An open connection. `on_replies` gets the replies that arrived together, in the order of the commands;
    `on_lost` is called once, when the connection ended for whatever reason but our own `abort`.
    """

    __slots__ = ("_connection", "_on_lost", "_on_replies", "_reader", "_transport", "_writer", "write")

    def __init__(
        self,
        connection: AbstractConnection,
        on_replies: Callable[[list[Any]], None],
        on_lost: Callable[[BaseException], None],
    ) -> None:
        self._reader = hiredis.Reader(notEnoughData=_INCOMPLETE)
        self._on_replies = on_replies
        self._on_lost: Callable[[BaseException], None] | None = on_lost
        writer = connection._writer  # ruff: ignore[private-member-access] - redis-py has no public way to its transport; pinned below 9
        if writer is None:
            raise RedisConnectionError("the connection closed while it was set up")
        connection._writer = connection._reader = None  # ruff: ignore[private-member-access] - the transport is ours from here
        self._connection, self._writer = connection, writer
        self._transport: asyncio.Transport = writer.transport  # type: ignore[assignment]
        self._transport.set_protocol(self)
        self.write = self._transport.write

    def data_received(self, data: bytes) -> None:
        """Hand on whole replies; a stream that is not Redis' protocol ends the connection."""
        reader = self._reader
        replies = []
        try:
            reader.feed(data)
            while (reply := reader.gets()) is not _INCOMPLETE:
                replies.append(reply)
        except hiredis.ProtocolError as error:
            self._lose(error)
            return
        if replies:
            self._on_replies(replies)

    def connection_lost(self, exc: Exception | None) -> None:
        """The node or the network ended it."""
        self._lose(exc or RedisConnectionError("Redis closed the connection"))

    def abort(self) -> None:
        """End it now; what was under way is never answered."""
        self._on_lost = None
        self._transport.abort()

    def _lose(self, error: BaseException) -> None:
        on_lost = self._on_lost
        self.abort()
        if on_lost is not None:
            on_lost(error)


async def open_wire(
    connection: AbstractConnection,
    scripts: Iterable[Script],
    on_replies: Callable[[list[Any]], None],
    on_lost: Callable[[BaseException], None],
) -> Wire:
    """Connect, sign in and load the scripts. Raises RedisError or OSError, and leaves nothing open then."""
    try:
        await connection.connect()  # type: ignore[no-untyped-call]
        for script in scripts:
            await connection.send_command("SCRIPT", "LOAD", script.source)
            await connection.read_response()
        return Wire(connection, on_replies, on_lost)
    except BaseException:
        await connection.disconnect(nowait=True)
        raise
