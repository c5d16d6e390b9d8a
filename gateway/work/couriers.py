"""Delivers events to webhooks: takes what is due, sends it, and writes down what came of it.

A worker that dies between a receiver's 200 and the row leaves a lease that lapses: the event comes again under the same
`webhook-id`. At least once, never less.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

import asyncpg

from gateway.clock import Clock, as_datetime
from gateway.keyring import Keyring, Unreadable
from gateway.log import describe, log
from gateway.outbound.client import Answered, Outbound
from gateway.stores import Overloaded, SqlStore, StoreDown
from gateway.webhooks.schedule import pause_seconds, retry_after_seconds
from gateway.webhooks.secrets import unseal
from gateway.webhooks.signing import signed_headers
from gateway.work import deliveries
from gateway.work.deliveries import Claimed, Disabled, Outcome, Tried
from gateway.work.leases import Halt
from gateway.work.metrics import DELIVERIES, DELIVERIES_AGE, DELIVERIES_PENDING, DELIVERY_SECONDS

SLOTS: Final = 400
"""Attempts of one worker at a time: most of them wait for an answer."""
WINDOW: Final = 8
"""Attempts at one webhook at a time, over all workers; one that fails gets one."""
LEASE: Final = timedelta(seconds=30)
"""An attempt's 15 seconds, and as long again to write it down."""
IDLE_SECONDS: Final = 0.25
BUSY_SECONDS: Final = 0.02
SWEEP_SECONDS: Final = 10.0
_RECORDED_MAX: Final = 200
_SWEPT_MAX: Final = 1000
_GONE: Final = 410
_TROUBLE: Final = (StoreDown, Overloaded, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


class Courier:
    """One a worker. `chance` gives 0 to 1 and spreads the attempts of many deliveries."""

    def __init__(
        self,
        sql: SqlStore,
        keyring: Keyring,
        outbound: Outbound,
        clock: Clock,
        chance: Callable[[], float],
        *,
        slots: int = SLOTS,
        lease: timedelta = LEASE,
    ) -> None:
        self._sql = sql
        self._keyring = keyring
        self._outbound = outbound
        self._clock = clock
        self._chance = chance
        self._slots = slots
        self._lease = lease
        self._under_way: dict[asyncio.Task[None], Claimed] = {}
        self._tried: list[Tried] = []
        self._recording: asyncio.Task[None] | None = None

    async def keep_delivering(self, halt: Halt) -> None:
        """Deliver until told to stop; then end the attempts under way, and hand back what can't be waited for."""
        while not halt.asked.is_set():
            taken, began = 0, self._clock.monotonic_seconds()
            try:
                taken = await self.deliver_some()
            except _TROUBLE as error:
                log.warning("webhook.claim_failed", error=describe(error))
            # Looking takes longer the more webhooks wait: it never takes more than a third of a connection's time.
            pause = max(BUSY_SECONDS if taken else IDLE_SECONDS, 2 * (self._clock.monotonic_seconds() - began))
            await _until(halt.asked, pause)
        await self._end(halt)

    async def keep_sweeping(self, stop: asyncio.Event) -> None:
        """End what nobody will deliver and measure what waits, until told to stop."""
        while not stop.is_set():
            try:
                await self.sweep()
            except _TROUBLE as error:
                log.warning("webhook.sweep_failed", error=describe(error))
            await _until(stop, SWEEP_SECONDS)

    async def sweep(self) -> None:
        """End what nobody will deliver, and measure what waits. Raises StoreDown, Overloaded."""
        async with self._sql.session() as connection:
            discarded = await deliveries.sweep(connection, _SWEPT_MAX, self._now())
            pending, oldest_seconds = await deliveries.waiting(connection, self._now())
        DELIVERIES_PENDING.set(pending)
        DELIVERIES_AGE.set(oldest_seconds)
        if discarded:
            log.info("webhook.deliveries_discarded", deliveries=discarded)

    async def deliver_some(self) -> int:
        """Begin attempts for what is due, as far as there is room; returns how many. Raises StoreDown, Overloaded."""
        room = self._slots - len(self._under_way)
        if room <= 0:
            return 0
        async with self._sql.session() as connection:
            claims = await deliveries.claim(connection, slots=room, window=WINDOW, lease=self._lease, now=self._now())
        for claim in claims:
            task = asyncio.create_task(self._attempt(claim), name=claim.id)
            self._under_way[task] = claim
            task.add_done_callback(self._attempted)
        return len(claims)

    async def settle(self) -> None:
        """Wait until nothing is under way and everything is written down."""
        while self._under_way or self._recording is not None:
            await asyncio.wait([*self._under_way, *([self._recording] if self._recording else [])])

    async def _attempt(self, claim: Claimed) -> None:
        at_ms = self._clock.now_ms()
        try:
            answered = await self._send(claim, at_ms // 1000)
            tried = self._tried_of(claim, as_datetime(at_ms), answered)
        except Exception as error:  # ruff: ignore[blind-except] - whatever a receiver may answer, the attempt counts
            log.error("webhook.attempt_crashed", delivery_id=claim.id, exc_info=error)
            tried = self._tried_of(claim, as_datetime(at_ms), Answered(None, 0, "protocol"))
        _tell(claim, tried)
        self._tried.append(tried)
        if self._recording is None:
            self._recording = asyncio.create_task(self._record(), name="record")

    async def _send(self, claim: Claimed, sent_seconds: int) -> Answered:
        body = claim.body.encode()
        try:
            active = [
                unseal(self._keyring, sealed, center_id=claim.center_id, webhook_id=claim.webhook_id, number=number)
                for number, sealed in zip(claim.numbers or (), claim.sealed or (), strict=True)
            ]
        except Unreadable as error:
            log.error("webhook.secret_unreadable", webhook_id=claim.webhook_id, error=describe(error))
            return Answered(None, 0, "secret")
        return await self._outbound.post(claim.url, signed_headers(claim.event_id, sent_seconds, body, active), body)

    def _tried_of(self, claim: Claimed, at: datetime, answered: Answered) -> Tried:
        outcome: Outcome = "succeeded" if answered.error is None else "failed"
        due_at = None
        if answered.status == _GONE:
            outcome = "gone"
        elif outcome == "failed":
            now = self._now()
            pause = pause_seconds(claim.tries + 1, self._chance, retry_after_seconds(answered.retry_after, now))
            due_at = None if pause is None else now + timedelta(seconds=pause)
        return Tried(
            center_id=claim.center_id,
            env=claim.env,
            id=claim.id,
            fence=claim.fence,
            outcome=outcome,
            at=at,
            status_code=answered.status,
            milliseconds=answered.milliseconds,
            error=answered.error,
            answer=answered.text,
            due_at=due_at,
        )

    def _attempted(self, task: "asyncio.Task[None]") -> None:
        claim = self._under_way.pop(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # Its lease lapses, and it is tried again; the receiver may get it twice.
            log.error("webhook.attempt_lost", delivery_id=claim.id, exc_info=error)

    async def _record(self) -> None:
        """Write down what has been tried, many attempts a statement; what can't be written before its lease lapses is
        forgotten, and tried again.
        """
        try:
            until = self._clock.monotonic_seconds() + self._lease.total_seconds()
            while self._tried:
                batch = self._tried[:_RECORDED_MAX]
                try:
                    async with self._sql.session() as connection:
                        disabled = await deliveries.record(connection, batch, self._now())
                except _TROUBLE as error:
                    log.warning("webhook.record_failed", deliveries=len(batch), error=describe(error))
                    if self._clock.monotonic_seconds() > until:
                        del self._tried[: len(batch)]
                    await asyncio.sleep(IDLE_SECONDS)
                    continue
                del self._tried[: len(batch)]
                until = self._clock.monotonic_seconds() + self._lease.total_seconds()
                for one in disabled:
                    _tell_disabled(one)
        finally:
            self._recording = None

    async def _end(self, halt: Halt) -> None:
        waiting = asyncio.create_task(self.settle())
        hurrying = asyncio.create_task(halt.now.wait())
        await asyncio.wait([waiting, hurrying], return_when=asyncio.FIRST_COMPLETED)
        left = dict(self._under_way)
        for task in (hurrying, *left):
            task.cancel()
        await asyncio.gather(hurrying, *left, return_exceptions=True)
        if left:
            with suppress(*_TROUBLE):
                async with self._sql.session() as connection:
                    await deliveries.hand_back(connection, list(left.values()))
            log.info("webhook.deliveries_handed_back", deliveries=len(left))
        await waiting

    def _now(self) -> datetime:
        return as_datetime(self._clock.now_ms())


async def _until(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, or until the time is over."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def _tell(claim: Claimed, tried: Tried) -> None:
    DELIVERIES.labels(claim.env, tried.outcome).inc()
    DELIVERY_SECONDS.observe((tried.milliseconds or 0) / 1000)
    facts = log.bind(
        **({} if claim.request_id is None else {"request_id": claim.request_id}),
        center_id=claim.center_id,
        env=claim.env,
        webhook_id=claim.webhook_id,
        delivery_id=claim.id,
        event_id=claim.event_id,
        type=claim.type,
        attempt=claim.tries + 1,
        status=tried.status_code,
        milliseconds=tried.milliseconds,
    )
    if tried.outcome == "succeeded":
        facts.info("webhook.delivered")
    else:
        facts.warning("webhook.attempt_failed", error=tried.error, is_last=tried.due_at is None)


def _tell_disabled(one: Disabled) -> None:
    log.warning("webhook.disabled", center_id=one.center_id, env=one.env, webhook_id=one.webhook_id, reason=one.reason)
