"""One generation from claim to end, module by module. Order of a step: lease and fence, the generator's call outside
any transaction, one transaction for artifacts and progress; so a crash costs at most one module.
"""

import asyncio
from datetime import timedelta
from typing import Final, Literal

import msgspec
from structlog.typing import FilteringBoundLogger

from gateway.generation.model import ArtifactDraft, GenerationFailed, Generator, Order, Outline
from gateway.ids import new_id
from gateway.log import describe, log
from gateway.stores import Overloaded, StoreDown
from gateway.work import store
from gateway.work.bench import CLAIMS_MAX, Bench
from gateway.work.checks import Checked, check_module, check_outline
from gateway.work.failures import Failure, failure_of
from gateway.work.leases import CancelWished, Halt, Halted, Lease, LeaseLost, Renewed, kept
from gateway.work.metrics import OUTCOMES
from gateway.work.queue import WakeUp
from gateway.work.quizzes import made_quiz
from gateway.work.store import Finished, GenerationClaim, ModuleKept

End = Literal["succeeded", "failed", "canceled"]

_TURNS: Final = 3
"""How often a worker looks again when another took what it had chosen; then the sweep tells of what is left."""


async def run_generation(bench: Bench, wake: WakeUp, halt: Halt) -> None:
    """Take the generation whose turn it is, and bring it as far as it goes. Raises StoreDown.

    That is the one the wake-up names, unless a center with less under way waits; its own wake-up then serves this one.
    """
    lease = timedelta(seconds=bench.lease_seconds)
    claim = await _claim(bench, wake, lease)
    if claim is None:
        return
    wake = WakeUp(wake.kind, claim.center_id, wake.env, claim.id, f"{claim.id}:{claim.fence}")
    facts = log.bind(
        request_id=claim.request_id,
        center_id=claim.center_id,
        env=claim.env,
        course_id=claim.course_id,
        generation_id=claim.id,
        hold_id=claim.hold_id,
        fence=claim.fence,
    )
    facts.info("generation.claimed", claims=claim.claims, modules_done=claim.modules_done)

    async def renew() -> Renewed:
        async with bench.sql.session() as connection:
            return await store.renew_generation(connection, claim, lease)

    async with kept(renew, bench.lease_seconds, halt) as held:
        if claim.cancel_requested:
            held.wish_cancel()
        await _Making(bench, wake, claim, held, facts).run()


async def _claim(bench: Bench, wake: WakeUp, lease: timedelta) -> GenerationClaim | None:
    for _ in range(_TURNS):
        async with bench.sql.session() as connection:
            turn = await store.generation_turn(connection, wake.env, wake.id, CLAIMS_MAX)
            if turn is None:
                return None
            claim = await store.claim_generation(connection, turn[0], wake.env, turn[1], lease, CLAIMS_MAX, bench.now())
        if claim is not None:
            return claim
    return None


class _Making:
    """One claim's work on one generation."""

    def __init__(
        self, bench: Bench, wake: WakeUp, claim: GenerationClaim, lease: Lease, facts: FilteringBoundLogger
    ) -> None:
        self._bench = bench
        self._wake = wake
        self._claim = claim
        self._lease = lease
        self._log = facts
        self._generator: Generator = bench.generators(wake.env)

    async def run(self) -> None:
        """Bring the generation as far as it goes, and leave it in order however that ends."""
        try:
            await self._as_far_as_it_goes()
        except LeaseLost:
            self._log.warning("generation.fenced")
        except (StoreDown, Overloaded):
            raise
        except Exception as error:  # ruff: ignore[blind-except] - the row is due again when its lease ends, and given up in time
            self._log.error("generation.crashed", error=describe(error))

    async def _as_far_as_it_goes(self) -> None:
        try:
            await self._go_on()
        except GenerationFailed as failed:
            await self._end("failed", failure_of(failed))
        except CancelWished:
            await self._end("canceled", None)
        except Halted:
            await self._hand_back()

    async def _go_on(self) -> None:
        """Go on behind the last finished module."""
        order, outline = await self._bench.patiently(self._read)
        if self._stops_here():
            return await self._stop()
        if outline is None:
            outline = await self._outline(order)
        index = self._claim.modules_done
        while index < len(outline.modules):
            if self._stops_here():
                return await self._stop()
            done = await self._module(order, outline, index)
            if done.ended:
                return await self._ended("succeeded", done.modules_done, None)
            if done.cancel_requested:
                self._lease.wish_cancel()
            index = done.modules_done
        return await self._end("succeeded", None)

    async def _end(self, status: End, failure: Failure | None) -> None:
        """Settle what is done, free the rest, and say so."""

        async def write() -> Finished | None:
            text = None if failure is None else msgspec.json.encode(failure).decode()
            async with self._bench.sql.session() as connection:
                return await store.finish_generation(connection, self._claim, status, text, self._bench.now())

        finished = await self._bench.patiently(write)
        if finished is None:
            raise LeaseLost
        await self._ended(finished.status, finished.settled, failure)

    async def _hand_back(self) -> None:
        """Give the lease up in order, so that another worker goes on at once."""

        async def write() -> bool:
            async with self._bench.sql.session() as connection:
                return await store.hand_back_generation(connection, self._claim)

        if await self._bench.patiently(write):
            self._log.info("generation.handed_back")
            self._bench.wake(msgspec.structs.replace(self._wake, key=f"{self._claim.id}:{self._claim.fence}"))

    def _stops_here(self) -> bool:
        return self._lease.cancel_requested or self._lease.halting

    async def _stop(self) -> None:
        if self._lease.cancel_requested:
            await self._end("canceled", None)
        else:
            await self._hand_back()

    async def _read(self) -> tuple[Order, Outline | None]:
        claim = self._claim
        async with self._bench.sql.session() as connection:
            try:
                order = await store.order(connection, claim.center_id, claim.env, claim.course_id)
            except LookupError:
                raise LeaseLost from None
            return order, await store.outline(connection, claim.center_id, claim.env, claim.course_id)

    async def _outline(self, order: Order) -> Outline:
        call = self._generator.outline(order)
        seconds = self._bench.outline_seconds(self._claim.env)
        made = check_outline(await self._lease.step(call, seconds, finishes_if_canceled=False), order)

        async def write() -> bool:
            async with self._bench.sql.session() as connection:
                return await store.keep_outline(connection, self._claim, made, self._bench.now())

        if not await self._bench.patiently(write):
            raise LeaseLost
        self._log.info("generation.outlined", modules_total=len(made.modules))
        return made

    async def _module(self, order: Order, outline: Outline, index: int) -> ModuleKept:
        async def make() -> list[Checked]:
            drafts: list[ArtifactDraft] = await self._generator.module(order, outline, index)
            return await asyncio.to_thread(check_module, drafts, order)

        made = await self._lease.step(make(), self._bench.making_seconds(self._claim.env))
        now_ms = self._bench.clock.now_ms()
        artifacts = [(new_id("art", now_ms), checked) for checked in made]
        asked = next((checked.quiz for checked in made if checked.quiz is not None), None)
        title = outline.modules[index].title
        quiz = None if asked is None else made_quiz(asked, new_id("asmt", now_ms), title)

        async def write() -> ModuleKept:
            async with self._bench.sql.session() as connection:
                return await store.keep_module(connection, self._claim, index, artifacts, quiz, self._bench.now())

        done = await self._bench.patiently(write)
        if not done.kept:
            raise LeaseLost
        self._log.info("generation.module_done", module_index=index, artifacts=len(artifacts))
        if flaws := [flaw for checked in made for flaw in checked.flaws]:
            self._log.warning("generation.items_refused", module_index=index, flaws=flaws)
        return done

    async def _ended(self, status: End, modules_done: int, failure: Failure | None) -> None:
        OUTCOMES.labels("generation", self._claim.env, status).inc()
        code = None if failure is None else failure.code
        self._log.info(f"generation.{status}", units=modules_done, failure_code=code)
        self._log.info(
            "hold.settled" if modules_done else "hold.released",
            units=modules_done or self._claim.units_held,
            units_freed=self._claim.units_held - modules_done,
        )
        await self._bench.publish(self._claim.center_id, self._claim.env, self._claim.hold_id)
