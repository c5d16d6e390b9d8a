"""One regrade from claim to end, a few submissions at a time: each batch is one transaction under the fence, so that a
crash loses no submission and grades none twice.

Attempts that are submitted while it runs are found by another walk: it ends when nothing is left to look at.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec
from asyncpg import Record
from msgspec import Struct
from structlog.typing import FilteringBoundLogger

from gateway.clock import as_datetime
from gateway.errors import AssessmentNotFound
from gateway.ids import new_id
from gateway.log import log
from gateway.published import Published, PublishedVersions, UngradableVersion
from gateway.stores import Connection
from gateway.work.bench import CLAIMS_MAX, Bench
from gateway.work.leases import Halt, Lease, LeaseLost, Renewed, kept
from gateway.work.metrics import OUTCOMES
from gateway.work.queue import WakeUp
from gateway.work.regrading import Found, Policy, regraded

BATCH: Final = 25
"""Submissions that are in memory at a time, and in one transaction."""

BATCHES_A_TURN: Final = 40
"""After so many a regrade goes to the end of the queue: no large one stands before what else waits."""


class RegradeFailure(Struct, frozen=True):
    """Why a regrade ended before its end; what it had done by then stands."""

    code: Literal["worker_lost", "version_ungradable"]
    message: str
    retryable: bool


LOST: Final = RegradeFailure("worker_lost", "The work was interrupted too often; ask for it again to go on.", True)
UNGRADABLE: Final = RegradeFailure(
    "version_ungradable", "The published version no longer meets the rules of grading: publish it anew.", False
)


class RegradeClaim(Struct, frozen=True):
    """A regrade as it was when taken: writes carry `fence`."""

    center_id: str
    env: str
    id: str
    fence: int
    assessment_id: str
    from_version: int
    to_version: int
    policy: Policy
    request_id: str
    claims: int

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What every conditional write begins with."""
        return self.center_id, self.env, self.id, self.fence


async def run_regrade(bench: Bench, versions: PublishedVersions, wake: WakeUp, halt: Halt) -> None:
    """Take the regrade that the wake-up names, if it is due, and bring it as far as it goes. Raises StoreDown."""
    lease = timedelta(seconds=bench.lease_seconds)
    async with bench.sql.session() as connection:
        claim = await _claim(connection, wake, lease, bench.now())
    if claim is None:
        return
    facts = log.bind(
        request_id=claim.request_id,
        center_id=claim.center_id,
        env=claim.env,
        assessment_id=claim.assessment_id,
        regrade_id=claim.id,
        fence=claim.fence,
    )
    facts.info("regrade.claimed", claims=claim.claims)

    async def renew() -> Renewed:
        async with bench.sql.session() as connection:
            query = "select regrade_renew($1, $2, $3, $4, $5)"
            return Renewed(bool(await connection.fetchval(query, *claim.key, lease)))

    async with kept(renew, bench.lease_seconds, halt) as held:
        await _Regrading(bench, versions, wake, claim, held, facts).run()


async def _claim(connection: Connection, wake: WakeUp, lease: timedelta, now: datetime) -> RegradeClaim | None:
    row = await connection.fetchrow(
        "select * from regrade_claim($1, $2, $3, $4, $5, $6)", wake.center_id, wake.env, wake.id, lease, CLAIMS_MAX, now
    )
    return None if row is None else RegradeClaim(**{name: row[name] for name in RegradeClaim.__struct_fields__})


class _Regrading:
    """One claim's work on one regrade."""

    def __init__(
        self,
        bench: Bench,
        versions: PublishedVersions,
        wake: WakeUp,
        claim: RegradeClaim,
        lease: Lease,
        facts: FilteringBoundLogger,
    ) -> None:
        self._bench = bench
        self._versions = versions
        self._wake = wake
        self._claim = claim
        self._lease = lease
        self._log = facts
        self._batches_left = BATCHES_A_TURN

    async def run(self) -> None:
        """Bring the regrade as far as it goes, and leave it in order however that ends."""
        try:
            await self._go_on()
        except LeaseLost:
            self._log.warning("regrade.fenced")
        except UngradableVersion:
            await self._end(UNGRADABLE)

    async def _go_on(self) -> None:
        under = await self._bench.patiently(self._version)
        while True:
            walked = await self._walk(under)
            if walked is None:
                return await self._hand_back()
            if walked == 0 and await self._end(None):
                return None

    async def _walk(self, under: Published) -> int | None:
        """Go through what is pending, the first submitted first; how much that was, or None where
        the worker stops, or has done enough for now.
        """
        looked_at, behind = 0, None
        while True:
            if self._lease.halting or not self._batches_left:
                return None
            rows = await self._bench.patiently(lambda behind=behind: self._page(behind))  # type: ignore[misc]
            if not rows:
                return looked_at
            found = await asyncio.to_thread(regraded, rows, under, self._claim.policy)
            await self._keep(found)
            looked_at += len(rows)
            self._batches_left -= 1
            behind = rows[-1]["submitted_at"], rows[-1]["id"]

    async def _page(self, behind: tuple[datetime, str] | None) -> Sequence[Record]:
        at, submission_id = behind or (None, None)
        async with self._bench.sql.session() as connection:
            return await connection.fetch(
                """select s.id, s.status, s.answers, s.results, s.earned, s.max_cents, s.passed, s.reviews, s.submitted_at
                     from regrade r
                    cross join lateral regrade_pending(r) s
                    where r.center_id = $1 and r.env = $2 and r.id = $3
                      and ($4::timestamptz is null or (s.submitted_at, s.id) > ($4, $5))
                    order by s.submitted_at, s.id limit $6""",
                self._claim.center_id,
                self._claim.env,
                self._claim.id,
                at,
                submission_id,
                BATCH,
            )

    async def _version(self) -> Published:
        claim = self._claim
        async with self._bench.sql.session() as connection:
            try:
                return await self._versions.version(
                    connection, claim.center_id, claim.env, claim.assessment_id, claim.to_version
                )
            except AssessmentNotFound:
                raise LeaseLost from None  # deleted, and the regrade with it

    async def _keep(self, found: Sequence[Found]) -> None:
        now_ms = self._bench.clock.now_ms()
        rows = [one.row(new_id("sub", now_ms), self._bench.now()) for one in found]

        async def write() -> int | None:
            async with self._bench.sql.session() as connection:
                query = "select regrade_keep($1, $2, $3, $4, $5, $6)"
                count: int | None = await connection.fetchval(query, *self._claim.key, rows, as_datetime(now_ms))
                return count

        if await self._bench.patiently(write) is None:
            raise LeaseLost

    async def _end(self, failure: RegradeFailure | None) -> bool:
        """End it; False where there is more to look at."""

        async def write() -> str:
            text = None if failure is None else msgspec.json.encode(failure).decode()
            async with self._bench.sql.session() as connection:
                query = "select regrade_finish($1, $2, $3, $4, $5, $6)"
                return str(await connection.fetchval(query, *self._claim.key, text, self._bench.now()))

        outcome = await self._bench.patiently(write)
        if outcome == "lost":
            raise LeaseLost
        if outcome == "ended":
            status = "succeeded" if failure is None else "failed"
            OUTCOMES.labels("regrade", self._claim.env, status).inc()
            self._log.info(f"regrade.{status}", failure_code=None if failure is None else failure.code)
        return outcome == "ended"

    async def _hand_back(self) -> None:
        """Give the lease up in order, so that another worker goes on at once."""

        async def write() -> bool:
            async with self._bench.sql.session() as connection:
                return bool(await connection.fetchval("select regrade_hand_back($1, $2, $3, $4)", *self._claim.key))

        if await self._bench.patiently(write):
            self._log.info("regrade.handed_back")
            self._bench.wake(msgspec.structs.replace(self._wake, key=f"{self._claim.id}:{self._claim.fence}"))
