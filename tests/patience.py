"""A client as docs/errors.md asks for one: told that a store is away for a moment, it comes back when it was told to."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import httpx

TRIES: Final = 5


async def answered(ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """Ask until the answer is another than 503 `service_unavailable`, five times at most; returns the last answer.

    On a busy machine PostgreSQL may answer too late for the gateway's watcher. No other 5xx is excused: `overloaded` is
    what a deadlock is called, and a wait for a lock or a connection that had no end.
    """
    for _ in range(TRIES - 1):
        answer = await ask()
        if answer.status_code != 503 or answer.json()["error"]["code"] != "service_unavailable":
            return answer
        await asyncio.sleep(int(answer.headers["retry-after"]))
    return await ask()
