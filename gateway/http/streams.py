"""Answers that are longer than memory: sent part by part, each part made when the one before has left.

What makes the parts holds nothing while it waits for a slow reader: no SQL connection above all. An answer that breaks off
ends without its last chunk, which every HTTP client takes for an error.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from typing import Any, Final, TypeVar

from litestar import Response
from litestar.types import Receive, Send

Content = TypeVar("Content")

JSON: Final = "application/json"
CSV: Final = "text/csv"
NDJSON: Final = "application/x-ndjson"


class Streamed(Response[Content]):
    """An answer in parts. `Content` is what the parts add up to, as the documentation shows it."""

    def __init__(
        self, parts: AsyncGenerator[bytes, None], *, media_type: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(b"", media_type=media_type, headers=dict(headers or {}))  # type: ignore[arg-type]
        self.parts = parts


async def begun(parts: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """Make the first part now: what stands against an answer is found while it can still be said."""
    first = await anext(parts)

    async def whole() -> AsyncGenerator[bytes, None]:
        yield first
        async for part in parts:
            yield part

    return whole()


async def send_parts(parts: AsyncGenerator[bytes, None], receive: Receive, send: Send) -> None:
    """Send the parts as the body of an answer that has begun, until the last one or until the client hangs up."""
    leaving = asyncio.ensure_future(_left(receive))
    try:
        async with aclosing(parts):
            async for part in parts:
                if leaving.done():
                    return
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        leaving.cancel()
        with suppress(asyncio.CancelledError):
            await leaving


async def _left(receive: Receive) -> None:
    message: Any = {}
    while message.get("type") != "http.disconnect":
        message = await receive()


def attachment(name: str) -> dict[str, str]:
    """Headers of an answer that a browser saves; `name` is made of an id, so that it needs no quoting."""
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
