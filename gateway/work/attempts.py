"""Attempts whose time is over are graded as they were saved last, also where nobody asks for them any more."""

import asyncio
from contextlib import suppress
from datetime import datetime
from typing import Final, TypeAlias

import asyncpg

from gateway.clock import Clock, as_datetime
from gateway.closing import Closing, run_out, submit, submit_alone
from gateway.keyring import Keyring
from gateway.log import describe, log
from gateway.published import PublishedVersions
from gateway.sql_batches import TOGETHER_MAX
from gateway.stores import Connection, Overloaded, Record, SqlStore, StoreDown
from gateway.work.bench import LOCKED_OUT
from gateway.work.recently import Recently

Place: TypeAlias = tuple[datetime, str]
"""Where an attempt stands among those that are over: since when, and its id."""

PAUSE_SECONDS: Final = 2.0
"""How long an attempt may be over before a worker notices; who asks for it sooner ends it sooner."""

LOCK_WAIT_MS: Final = 100
"""How long an attempt that another holds is waited for; it comes up again, and the others' turn is now."""

_DUE: Final = """
    select * from submission
     where status = 'in_progress' and expires_at <= $1 and ($2::timestamptz is null or (expires_at, id) > ($2, $3))
     order by expires_at, id limit $4"""

_ITS_OWN: Final = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.RaiseError)
"""What PostgreSQL says of a row that it would say again."""


class Invigilator:
    """Ends attempts that ran out. Several do so at once: each attempt is ended by one of them, or by its learner."""

    def __init__(self, sql: SqlStore, published: PublishedVersions, keyring: Keyring, clock: Clock) -> None:
        self._sql = sql
        self._published = published
        self._keyring = keyring
        self._clock = clock
        self._behind: Place | None = None
        self._set_aside = Recently()
        """Attempts that can't be ended as things are: named in the log, and tried again in an hour."""

    async def keep_ending(self, stop: asyncio.Event) -> None:
        """End attempts until told to stop."""
        while not stop.is_set():
            try:
                await self.end_some()
                while self._behind is not None and not stop.is_set():
                    await self.end_some()
            except (StoreDown, Overloaded, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("attempts.sweep_failed", error_type=type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(PAUSE_SECONDS):
                    await stop.wait()

    async def end_some(self) -> int:
        """End the attempts that come next, those that have been over for longest first; returns how many it took up.

        Each call goes on behind the one before, from the first again at the end: what can't be ended stops no others.
        """
        now = as_datetime(self._clock.now_ms())
        async with self._sql.session() as connection:
            rows = await connection.fetch(_DUE, now, *(self._behind or (None, None)), TOGETHER_MAX)
            self._behind = (rows[-1]["expires_at"], rows[-1]["id"]) if len(rows) == TOGETHER_MAX else None
            closings = [each for row in rows if (each := await self._graded(connection, row)) is not None]
            if closings:
                await self._write(connection, closings)
        return len(closings)

    async def _graded(self, connection: Connection, row: Record) -> Closing | None:
        """The attempt as it ends; None for one that is set aside, or has to be: it must not stop the others."""
        if not self._set_aside.is_new(row["id"], self._clock.monotonic_seconds()):
            return None
        try:
            published = await self._published.version(
                connection, row["center_id"], row["env"], row["assessment_id"], row["assessment_version"]
            )
            return await run_out(connection, published, self._keyring, row, as_datetime(self._clock.now_ms()))
        except (StoreDown, Overloaded, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            raise
        except Exception as error:  # ruff: ignore[blind-except] - whatever is wrong with it, it is wrong with this one alone
            self._set_aside.note(row["id"], self._clock.monotonic_seconds())
            log.error("attempt.ungradable", submission_id=row["id"], exc_info=error)
            return None

    async def _write(self, connection: Connection, closings: list[Closing]) -> None:
        for wish, written in zip(closings, await _together(connection, closings), strict=True):
            try:
                done = written or await submit_alone(connection, wish, LOCK_WAIT_MS)
            except LOCKED_OUT as error:
                log.warning("attempt.not_ended", submission_id=wish.submission_id, error=describe(error))
                continue
            except _ITS_OWN as error:
                self._set_aside.note(wish.submission_id, self._clock.monotonic_seconds())
                log.error("attempt.not_ended", submission_id=wish.submission_id, error=describe(error))
                continue
            if done["outcome"] == "submitted":
                log.info(
                    "submission.expired",
                    center_id=wish.center_id,
                    env=wish.env,
                    submission_id=wish.submission_id,
                    assessment_id=wish.assessment_id,
                )


async def _together(connection: Connection, closings: list[Closing]) -> list[Record | None]:
    """What became of each; all None where one of them can't be written, so that nothing was."""
    try:
        return await submit(connection, closings)
    except _ITS_OWN:
        return [None] * len(closings)
