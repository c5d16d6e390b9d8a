"""Callers that never rest, and the record of every request: where it went, how long it took, how it ended.

Beside the callers each gateway is asked for `/healthz`, which needs no store: what those take is the machine's doing
and nobody's fault, so a bound that is promised for a store holds for the rest of the time (`waited`).
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import httpx
from msgspec import Struct

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
    """Several callers of several gateways, from entering the block to leaving it."""

    def __init__(self, clients: Sequence[httpx.AsyncClient]) -> None:
        self.clients = clients
        self.answers: list[Answer] = []
        self.is_ending = False
        self._callers: list[asyncio.Task[None]] = []
        self._controllers: list[asyncio.Task[None]] = []
        self._controls: list[list[tuple[float, float]]] = [[] for _ in clients]

    async def __aenter__(self) -> Self:
        self._controllers = [asyncio.create_task(self._control(gateway)) for gateway in range(len(self.clients))]
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
        slow = [
            ended - due for due, ended in self._controls[answer.gateway] if due < answer.ended and ended > answer.began
        ]
        return answer.seconds - max(slow, default=0.0)

    def slower_than(self, seconds: float) -> list[Answer]:
        """Requests that waited longer than that, for whatever but the machine."""
        return [answer for answer in self.answers if answer.seconds > seconds and self.waited(answer) > seconds]

    async def _control(self, gateway: int) -> None:
        """Ask what needs no store, each time from when it was due: a pause that lasted too long counts as well."""
        due = self.now()
        with suppress(httpx.TransportError):
            while True:
                assert (await self.clients[gateway].get("/healthz")).status_code == 200
                ended = self.now()
                self._controls[gateway].append((due, ended))
                due = ended + _BREATH_SECONDS
                await asyncio.sleep(_BREATH_SECONDS)
