"""Attempts whose time is over are graded as they were saved last, also where nobody asks for them any more."""

import asyncio
from contextlib import suppress
from typing import Final

import asyncpg

from gateway.clock import Clock, as_datetime
from gateway.closing import Closing, run_out, submit, submit_alone
from gateway.keyring import Keyring
from gateway.log import log
from gateway.published import PublishedVersions
from gateway.sql_batches import TOGETHER_MAX
from gateway.stores import Connection, Overloaded, Record, SqlStore, StoreDown

PAUSE_SECONDS: Final = 2.0
"""How long an attempt may be over before a worker notices; who asks for it sooner ends it sooner."""

_DUE: Final = """
    select * from submission
     where status = 'in_progress' and expires_at <= $1 and id <> all ($2)
     order by expires_at limit $3"""


class Invigilator:
    """Ends attempts that ran out. Several do so at once: each attempt is ended by one of them, or by its learner."""

    def __init__(self, sql: SqlStore, published: PublishedVersions, keyring: Keyring, clock: Clock) -> None:
        self._sql = sql
        self._published = published
        self._keyring = keyring
        self._clock = clock
        self._set_aside: set[str] = set()
        """Attempts that this release can't grade: left as they are, named in the log, and out of the others' way."""

    async def keep_ending(self, stop: asyncio.Event) -> None:
        """End attempts until told to stop."""
        while not stop.is_set():
            try:
                while await self.end_some() == TOGETHER_MAX and not stop.is_set():
                    pass
            except (StoreDown, Overloaded, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("attempts.sweep_failed", error_type=type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(PAUSE_SECONDS):
                    await stop.wait()

    async def end_some(self) -> int:
        """End the attempts that have been over for longest; returns how many it took up."""
        now = as_datetime(self._clock.now_ms())
        async with self._sql.session() as connection:
            rows = await connection.fetch(_DUE, now, list(self._set_aside), TOGETHER_MAX)
            closings = [each for row in rows if (each := await self._graded(connection, row)) is not None]
            if closings:
                await self._write(connection, closings)
        return len(closings)

    async def _graded(self, connection: Connection, row: Record) -> Closing | None:
        """The attempt as it ends; None, and set aside, for one that can't be graded: it must not stop the others."""
        try:
            published = await self._published.version(
                connection, row["center_id"], row["env"], row["assessment_id"], row["assessment_version"]
            )
            return await run_out(connection, published, self._keyring, row, as_datetime(self._clock.now_ms()))
        except (StoreDown, Overloaded, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            raise
        except Exception as error:  # ruff: ignore[blind-except] - whatever is wrong with it, it is wrong with this one alone
            self._set_aside.add(row["id"])
            log.error("attempt.ungradable", submission_id=row["id"], exc_info=error)
            return None

    @staticmethod
    async def _write(connection: Connection, closings: list[Closing]) -> None:
        for wish, written in zip(closings, await submit(connection, closings), strict=True):
            try:
                done = written or await submit_alone(connection, wish)
            except (
                asyncpg.LockNotAvailableError,
                asyncpg.DeadlockDetectedError,
                asyncpg.IntegrityConstraintViolationError,
            ) as error:
                log.warning("attempt.not_ended", submission_id=wish.submission_id, error_type=type(error).__name__)
                continue
            if done["outcome"] == "submitted":
                log.info(
                    "submission.expired",
                    center_id=wish.center_id,
                    env=wish.env,
                    submission_id=wish.submission_id,
                    assessment_id=wish.assessment_id,
                )
