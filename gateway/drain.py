"""Stopping without dropping: first tell the clients, then the server.

On SIGTERM every answer says `Connection: close` for a moment, so clients leave idle connections; then the HTTP server
stops taking connections and finishes what it has. Streams end between two events when `asked` is set.
"""

import asyncio
from typing import Final

SECONDS: Final = 0.5
"""How long connections are still taken after the signal: what load balancers need to look elsewhere."""


class Drain:
    """Whether this process was asked to stop."""

    def __init__(self) -> None:
        self.asked = False
        self._waiting: list[asyncio.Future[None]] = []

    def ask(self) -> None:
        """Stop: answers close their connections, `/readyz` says unavailable, streams end."""
        self.asked = True
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    async def wait(self) -> None:
        """Return when the process was asked to stop."""
        if self.asked:
            return
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        await waiting


DRAIN: Final = Drain()
"""This process' own."""
