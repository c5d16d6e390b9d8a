"""Regenerations of one artifact, one after the other: each its own version, its own unit."""

import asyncio
from datetime import timedelta

import msgspec
from structlog.typing import FilteringBoundLogger

from gateway.generation.model import ArtifactDraft, GenerationFailed, Order, Outline
from gateway.ids import new_id
from gateway.log import describe, log
from gateway.stores import Overloaded, StoreDown
from gateway.work import store
from gateway.work.bench import CLAIMS_MAX, Bench
from gateway.work.checks import Checked, check_draft
from gateway.work.failures import Failure, failure_of
from gateway.work.leases import Halt, Halted, Lease, LeaseLost, Renewed, kept
from gateway.work.metrics import OUTCOMES
from gateway.work.queue import WakeUp
from gateway.work.quizzes import made_quiz
from gateway.work.store import RegenerationClaim


async def run_regenerations(bench: Bench, wake: WakeUp, halt: Halt) -> None:
    """Work through what waits on the artifact that the wake-up names, oldest first. Raises StoreDown."""
    lease = timedelta(seconds=bench.lease_seconds)
    while not halt.asked.is_set():
        async with bench.sql.session() as connection:
            claim = await store.claim_regeneration(connection, wake.center_id, wake.env, wake.id, lease, CLAIMS_MAX)
        if claim is None:
            return
        await _run(bench, wake, claim, lease, halt)


async def _run(bench: Bench, wake: WakeUp, claim: RegenerationClaim, lease: timedelta, halt: Halt) -> None:
    facts = log.bind(
        request_id=claim.request_id,
        center_id=claim.center_id,
        env=claim.env,
        artifact_id=claim.artifact_id,
        regeneration_id=claim.id,
        hold_id=claim.hold_id,
        fence=claim.fence,
    )
    facts.info("regeneration.claimed", claims=claim.claims)

    async def renew() -> Renewed:
        async with bench.sql.session() as connection:
            return await store.renew_regeneration(connection, claim, lease)

    async with kept(renew, bench.lease_seconds, halt) as held:
        await _Remaking(bench, wake, claim, held, facts).run()


class _Material(msgspec.Struct, frozen=True):
    """Where the artifact stands, and what was made and asked before."""

    order: Order
    outline: Outline
    module_index: int
    earlier: list[ArtifactDraft]
    notes: list[str]


class _Remaking:
    """One claim's work on one regeneration."""

    def __init__(
        self, bench: Bench, wake: WakeUp, claim: RegenerationClaim, lease: Lease, facts: FilteringBoundLogger
    ) -> None:
        self._bench = bench
        self._wake = wake
        self._claim = claim
        self._lease = lease
        self._log = facts

    async def run(self) -> None:
        """Make the next version, or leave the regeneration in order however else that ends."""
        try:
            await self._as_far_as_it_goes()
        except LeaseLost:
            self._log.warning("regeneration.fenced")
        except (StoreDown, Overloaded):
            raise
        except Exception as error:  # ruff: ignore[blind-except] - the row is due again when its lease ends, and given up in time
            self._log.error("regeneration.crashed", error=describe(error))

    async def _as_far_as_it_goes(self) -> None:
        try:
            await self._make()
        except GenerationFailed as failed:
            await self._fail(failure_of(failed))
        except Halted:
            await self._hand_back()

    async def _make(self) -> None:
        """Make the next version and keep it."""
        material = await self._bench.patiently(self._read)
        kind = material.earlier[0].kind
        generator = self._bench.generators(self._wake.env)

        async def make() -> Checked:
            draft = await generator.regenerate(
                material.order, material.outline, material.module_index, kind, material.earlier, material.notes
            )
            if draft.kind != kind:
                raise GenerationFailed(
                    "generator_error", "The generator returned another kind of artifact.", retryable=True
                )
            return await asyncio.to_thread(check_draft, draft, material.order)

        made = await self._lease.step(make(), self._bench.making_seconds(self._claim.env))
        if made.flaws:
            self._log.warning("regeneration.items_refused", flaws=list(made.flaws))
        if kind == "quiz" and made.quiz is None:
            raise GenerationFailed("generator_error", "No question of the new quiz can be graded.", retryable=True)
        version = await self._keep(made, material.outline.modules[material.module_index].title)
        OUTCOMES.labels("regeneration", self._claim.env, "succeeded").inc()
        self._log.info("regeneration.succeeded", version=version)
        self._log.info("hold.settled", units=1)
        await self._bench.publish(self._claim.center_id, self._claim.env, self._claim.hold_id)

    async def _fail(self, failure: Failure) -> None:
        """End without a version; the unit comes back."""

        async def write() -> bool:
            text = msgspec.json.encode(failure).decode()
            async with self._bench.sql.session() as connection:
                return await store.fail_regeneration(connection, self._claim, text, self._bench.now())

        if not await self._bench.patiently(write):
            raise LeaseLost
        OUTCOMES.labels("regeneration", self._claim.env, "failed").inc()
        self._log.info("regeneration.failed", failure_code=failure.code)
        self._log.info("hold.released", units=1)
        await self._bench.publish(self._claim.center_id, self._claim.env, self._claim.hold_id)

    async def _hand_back(self) -> None:
        """Give the lease up in order, so that another worker starts at once."""

        async def write() -> bool:
            async with self._bench.sql.session() as connection:
                return await store.hand_back_regeneration(connection, self._claim)

        if await self._bench.patiently(write):
            self._log.info("regeneration.handed_back")
            self._bench.wake(msgspec.structs.replace(self._wake, key=f"{self._claim.id}:{self._claim.fence}"))

    async def _read(self) -> _Material:
        claim = self._claim
        async with self._bench.sql.session() as connection:
            row = await store.artifact(connection, claim.center_id, claim.env, claim.artifact_id)
            if row is None:
                raise LeaseLost
            course_id = row["course_id"]
            order = await store.order(connection, claim.center_id, claim.env, course_id)
            outline = await store.outline(connection, claim.center_id, claim.env, course_id)
            earlier, notes = await store.earlier(
                connection, claim.center_id, claim.env, claim.artifact_id, claim.note_id
            )
        if outline is None or not earlier:
            raise LeaseLost
        return _Material(order, outline, row["module_index"], earlier, notes)

    async def _keep(self, made: Checked, title: str) -> int:
        quiz = None
        if made.quiz is not None:
            quiz = made_quiz(made.quiz, new_id("asmt", self._bench.clock.now_ms()), title)

        async def write() -> int | None:
            async with self._bench.sql.session() as connection:
                return await store.keep_version(connection, self._claim, made, quiz, self._bench.now())

        version = await self._bench.patiently(write)
        if version is None:
            raise LeaseLost
        return version
