"""Holding a row while working on it: the lease is renewed in the background, and its loss ends the work."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, TypeVar

from msgspec import Struct

from gateway.generation.model import GenerationFailed
from gateway.log import log
from gateway.stores import Overloaded, StoreDown

RENEWALS_A_LEASE: Final = 3

T = TypeVar("T")


class LeaseLost(Exception):
    """The fence is another's, or the row has ended: whatever we would write is refused."""


class Halted(Exception):
    """The worker stops and the step in progress took longer than it may wait."""


class CancelWished(Exception):
    """The owner wants an end, and the step in progress is one that nobody would keep."""


class Halt:
    """Whether a worker stops. `asked`: end behind the step in progress. `now`: don't wait for the step either."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.now = asyncio.Event()


class Renewed(Struct, frozen=True):
    """What a renewal learned."""

    held: bool
    cancel_requested: bool = False


class Lease:
    """A row that is ours. Steps run under it: they end early when it is lost, too slow, or the worker can't wait."""

    def __init__(self, halt: Halt) -> None:
        self._halt = halt
        self._lost = asyncio.Event()
        self._cancel = asyncio.Event()

    @property
    def halting(self) -> bool:
        """Whether to hand the lease back before the next step."""
        return self._halt.asked.is_set()

    @property
    def cancel_requested(self) -> bool:
        """Whether the owner wants the work to end."""
        return self._cancel.is_set()

    def wish_cancel(self) -> None:
        """Note that the owner wants the work to end."""
        self._cancel.set()

    async def step(self, call: Coroutine[Any, Any, T], seconds: float, *, finishes_if_canceled: bool = True) -> T:
        """Await a generator's call. Raises GenerationFailed, LeaseLost, Halted, and CancelWished if told not to finish."""
        running = asyncio.ensure_future(call)
        events = [self._lost, self._halt.now] + ([] if finishes_if_canceled else [self._cancel])
        ends = [asyncio.ensure_future(event.wait()) for event in events]
        try:
            await asyncio.wait([running, *ends], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if self._lost.is_set():
                raise LeaseLost
            if running.done():
                return _result(running)
            if self._cancel.is_set() and not finishes_if_canceled:
                raise CancelWished
            if self._halt.now.is_set():
                raise Halted
            raise GenerationFailed("generator_timeout", f"The generator took over {seconds:g} s.", retryable=True)
        finally:
            for task in (running, *ends):
                task.cancel()
            await asyncio.gather(running, *ends, return_exceptions=True)

    def _learn(self, renewed: Renewed) -> None:
        if renewed.cancel_requested:
            self._cancel.set()
        if not renewed.held:
            self._lost.set()


def _result(call: asyncio.Future[T]) -> T:
    """Return what the generator returned; whatever it raised is its failure, never a reason for us to crash."""
    error = call.exception()
    if error is None:
        return call.result()
    if isinstance(error, GenerationFailed):
        raise error
    log.error("generator.crashed", error_type=type(error).__name__)
    raise GenerationFailed("generator_error", "The generator failed.", retryable=True) from error


@asynccontextmanager
async def kept(
    renew: Callable[[], Awaitable[Renewed]], lease_seconds: float, halt: Halt
) -> AsyncGenerator[Lease, None]:
    """Renew the lease each third of its length while the block runs."""
    lease = Lease(halt)

    async def keep() -> None:
        while True:
            await asyncio.sleep(lease_seconds / RENEWALS_A_LEASE)
            try:
                lease._learn(await renew())  # ruff: ignore[private-member-access] - the two are one mechanism
            except (StoreDown, Overloaded) as error:
                # Ask again at the next turn. Should the lease lapse meanwhile, the fence decides, not this clock.
                log.warning("lease.renewal_failed", error_type=type(error).__name__)

    keeping = asyncio.create_task(keep(), name="lease")
    try:
        yield lease
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
