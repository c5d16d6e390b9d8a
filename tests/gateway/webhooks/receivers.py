"""A customer's server: real HTTP on loopback, that keeps what it was sent and answers as told."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

Answer = Callable[[web.Request, bytes], Awaitable[web.StreamResponse]]


@dataclass
class Receiver:
    """`statuses` are answered one after the other, the last for ever; `answer` instead, if it is there."""

    statuses: list[int] = field(default_factory=lambda: [200])
    answer: Answer | None = None
    headers: dict[str, str] = field(default_factory=dict)
    delay_seconds: float = 0.0
    text: str = "thanks"
    port: int = 0
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.received]

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            body = await request.read()
            self.received.append(({name.lower(): value for name, value in request.headers.items()}, body))
            if self.answer is not None:
                return await self.answer(request, body)
            await asyncio.sleep(self.delay_seconds)
            status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
            return web.Response(status=status, text=self.text, headers=self.headers)
        finally:
            self.under_way -= 1


@asynccontextmanager
async def receiving(receiver: Receiver | None = None) -> AsyncGenerator[Receiver, None]:
    """Let a receiver listen on a port of its own."""
    receiver = receiver or Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.take)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", receiver.port)
    await site.start()
    receiver.port = runner.addresses[0][1]
    try:
        yield receiver
    finally:
        await runner.cleanup()


async def until(happened: Callable[[], bool]) -> None:
    """Wait for it; long only where the machine is busy."""
    async with asyncio.timeout(30):
        while not happened():
            await asyncio.sleep(0.005)
