"""Callers that never rest, and the record of every request: where it went, how long it took, how it ended.

Beside the callers each gateway is asked for `/healthz`, which needs no store: what those take is the machine's doing
and nobody's fault, so a bound that is promised for a store holds for the rest of the time (`waited`). A store that is
well all the time may be asked beside them too: how slow the machine makes it is nobody's fault either.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Any, Self

import httpx
import msgspec
from msgspec import Struct

from gateway.stores import Overloaded, StoreDown

_BREATH_SECONDS = 0.01


class Answer(Struct, frozen=True):
    """One request: `began` and `ended` in seconds of the event loop, `code` of an error, `what` as its caller named it."""

    gateway: int
    what: str
    began: float
    ended: float
    status: int
    code: str | None
    degraded: bool
    retry_after: str | None

    @property
    def seconds(self) -> float:
        return self.ended - self.began


class Traffic:
    """Several callers of several gateways, from entering the block to leaving it.

    `also` asks whatever else requests depend on that does not fail in this test.
    """

    def __init__(
        self, clients: Sequence[httpx.AsyncClient], *, also: Callable[[], Awaitable[object]] | None = None
    ) -> None:
        self.clients = clients
        self.answers: list[Answer] = []
        self.is_ending = False
        self._callers: list[asyncio.Task[None]] = []
        self._controllers: list[asyncio.Task[None]] = []
        self._controls: list[list[tuple[float, float]]] = [[] for _ in clients]
        self._also = also
        self._also_took: list[tuple[float, float]] = []

    async def __aenter__(self) -> Self:
        asked = [partial(_ask_health, client) for client in self.clients]
        self._controllers = [
            asyncio.create_task(self._control(ask, took)) for ask, took in zip(asked, self._controls, strict=True)
        ]
        if self._also is not None:
            self._controllers.append(asyncio.create_task(self._control(self._also, self._also_took)))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                await self.finish()
        finally:
            tasks = self._callers + self._controllers
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def start(self, caller: Coroutine[Any, Any, None]) -> None:
        """Let somebody call; whoever goes on for ever looks at `is_ending`."""
        self._callers.append(asyncio.create_task(caller))

    async def finish(self, seconds: float = 30.0) -> None:
        """Let all callers come to their end; the first that failed ends it with its error."""
        self.is_ending = True
        async with asyncio.timeout(seconds):
            await asyncio.gather(*self._callers)

    async def ask(self, gateway: int, method: str, path: str, *, what: str, **options: Any) -> httpx.Response:
        """One request, recorded."""
        began = self.now()
        response = await self.clients[gateway].request(method, path, **options)
        self.answers.append(
            Answer(
                gateway=gateway,
                what=what,
                began=began,
                ended=self.now(),
                status=response.status_code,
                code=response.json()["error"]["code"] if response.status_code >= 400 else None,
                degraded=response.headers.get("x-ratelimit-mode") == "degraded",
                retry_after=response.headers.get("retry-after"),
            )
        )
        return response

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def until(self, condition: Callable[[], bool], seconds: float = 30.0) -> None:
        """Wait for a condition; a caller that failed ends the wait with its error."""
        async with asyncio.timeout(seconds):
            while not condition():
                for caller in self._callers:
                    if caller.done():
                        caller.result()
                await asyncio.sleep(_BREATH_SECONDS)

    async def until_each(self, condition: Callable[[Answer], bool]) -> None:
        """Wait until every gateway has given such an answer to a request that began after now."""
        since = self.now()

        def seen() -> bool:
            found = {answer.gateway for answer in self.answers if answer.began >= since and condition(answer)}
            return len(found) == len(self.clients)

        await self.until(seen)

    def waited(self, answer: Answer) -> float:
        """Seconds the request took beyond what its gateway, the machine and we ourselves were slow at the time."""
        machine = (_slowest(took, answer) for took in (self._controls[answer.gateway], self._also_took))
        return answer.seconds - sum(machine)

    def slower_than(self, seconds: float) -> list[Answer]:
        """Requests that waited longer than that, for whatever but the machine."""
        return [answer for answer in self.answers if answer.seconds > seconds and self.waited(answer) > seconds]

    def unexcused(self, seconds: float = 0.4) -> list[Answer]:
        """The 503s for which the machine gives no reason: at that time or just before, nothing else was that slow."""
        return [
            answer
            for answer in self.answers
            if answer.status == 503
            and max(
                _slowest(took, msgspec.structs.replace(answer, began=answer.began - 1))
                for took in (self._controls[answer.gateway], self._also_took)
            )
            < seconds
        ]

    async def _control(self, ask: Callable[[], Awaitable[object]], took: list[tuple[float, float]]) -> None:
        """Ask over and over, each time from when it was due: a pause that lasted too long counts as well."""
        due = self.now()
        with suppress(httpx.TransportError):
            while True:
                with suppress(StoreDown, Overloaded):
                    await ask()
                ended = self.now()
                took.append((due, ended))
                due = ended + _BREATH_SECONDS
                await asyncio.sleep(_BREATH_SECONDS)


async def _ask_health(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).status_code == 200


def _slowest(took: Sequence[tuple[float, float]], answer: Answer) -> float:
    """The longest of those at the same time as the answer."""
    return max((ended - due for due, ended in took if due < answer.ended and ended > answer.began), default=0.0)
