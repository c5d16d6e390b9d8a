"""What is kept of a learner: all of it handed out, or erased but for the totals.

Rule source: assessments, "Results"; security, "Learners and answer keys".
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

import msgspec
from asyncpg import Record
from msgspec import Raw, structs

from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.features.learners import store
from gateway.features.learners.schemas import (
    ExportedChecks,
    ExportedEvent,
    ExportedSession,
    ExportedSubmission,
    LearnerExport,
)
from gateway.features.learners.store import Learner
from gateway.features.reviews import service as reviews
from gateway.features.submissions import service as submissions
from gateway.grades import kept_results, shown
from gateway.http.streams import JSON, Streamed, begun
from gateway.learners import learner_in_address
from gateway.log import log
from gateway.services import Services

ERASED_AT_ONCE: Final = 500
"""Rows that one transaction erases."""

WRITING_SECONDS_MAX: Final = 5.0
"""No transaction of the gateway's takes longer: the database ends one that does nothing for so long."""

WRITING_LOOK_SECONDS: Final = 0.02

SUBMISSIONS_AT_ONCE: Final = 10
ROWS_AT_ONCE: Final = 500
"""What is in memory at a time while an export is written."""

_encode: Final = msgspec.json.Encoder().encode


async def erase(services: Services, caller: Caller, learner_ref: str) -> None:
    """Erase answers, results, events, reviews and attempts under way; totals stay. Nothing to erase is fine too.

    Batch by batch: where it breaks off, asking again goes on. Raises InvalidParameter.
    """
    learner_in_address(caller, learner_ref)
    learner = Learner(caller.center.id, caller.env, learner_ref)
    now = as_datetime(services.clock.now_ms())
    async with services.sql.session() as connection:
        writing = await store.writing(connection)
    erased = await _erase_all(services, learner, now)
    if writing:
        await _until_written(services, writing)
        erased += await _erase_all(services, learner, now)
    async with services.sql.session(deadline_seconds=20) as connection:
        await store.forget_tries(connection, learner)
        await store.forget_replies(connection, learner)
    bodies = 0
    while dropped := await _redact_some(services, learner, caller, now):
        bodies += dropped
    if erased or bodies:
        async with services.sql.session() as connection:
            await store.seal(connection, learner, erased, bodies, caller.actor, caller.request_id, now)
    caller.facts["rows_erased"] = erased
    log.info("learner.erased", center_id=learner.center_id, env=learner.env, request_id=caller.request_id, rows=erased)


async def _erase_all(services: Services, learner: Learner, now: datetime) -> int:
    erased = 0
    for statement in store.ERASING:
        # Until nothing is found: a regrade may have copied answers while the statement waited for the old grade's lock.
        while found := await _erase_some(services, statement, learner, now):
            erased += found
    return erased


async def _until_written(services: Services, writing: frozenset[tuple[int, str]]) -> None:
    """Wait for what was being written when the erasure was asked for: it may be a first attempt, which nobody sees before."""
    with suppress(TimeoutError):
        async with asyncio.timeout(WRITING_SECONDS_MAX):
            while writing:
                await asyncio.sleep(WRITING_LOOK_SECONDS)
                async with services.sql.session() as connection:
                    writing &= await store.writing(connection)


async def _redact_some(services: Services, learner: Learner, caller: Caller, now: datetime) -> int:
    async with services.sql.session() as connection:
        return await store.redact_some(connection, learner, caller.actor, caller.request_id, now)


async def _erase_some(services: Services, statement: str, learner: Learner, now: datetime) -> int:
    async with services.sql.session() as connection:
        return await store.erase_some(connection, statement, learner, ERASED_AT_ONCE, now)


async def export(services: Services, caller: Caller, learner_ref: str) -> Streamed[LearnerExport]:
    """Hand out everything that is kept; of a learner who is not known that is empty lists. Raises InvalidParameter."""
    learner_in_address(caller, learner_ref)
    learner = Learner(caller.center.id, caller.env, learner_ref)
    headers = {"Content-Disposition": 'attachment; filename="learner.json"', "Cache-Control": "no-store"}
    return Streamed(await begun(_export(services, learner)), media_type=JSON, headers=headers)


async def _export(services: Services, learner: Learner) -> AsyncGenerator[bytes, None]:
    """Write a `LearnerExport` piece by piece; no connection is held between two pieces."""
    head = LearnerExport(
        learner_ref=learner.ref,
        created_at=as_datetime(services.clock.now_ms()),
        submissions=(),
        checks=(),
        sessions=(),
    )
    yield _encode(head).removesuffix(b'"submissions":[],"checks":[],"sessions":[]}') + b'"submissions":['
    behind, comma = "", b""
    while True:
        async with services.sql.session() as connection:
            rows = await store.submissions(connection, learner, behind, SUBMISSIONS_AT_ONCE)
        for row in rows:
            yield comma
            async for piece in _submission(services, learner, row):
                yield piece
            comma = b","
        if len(rows) < SUBMISSIONS_AT_ONCE:
            break
        behind = rows[-1]["id"]
    yield b'],"checks":['
    async for piece in _checks(services, learner):
        yield piece
    yield b'],"sessions":['
    async for piece in _sessions(services, learner):
        yield piece
    yield b"]}"


async def _submission(services: Services, learner: Learner, row: Record) -> AsyncGenerator[bytes, None]:
    said: Sequence[Record] = ()
    if row["reviews"]:
        async with services.sql.session() as connection:
            said = await store.reviews(connection, learner, row["id"])
    exported = ExportedSubmission(
        **structs.asdict(submissions.render(row)),
        regraded_as=row["regraded_as"],
        erased_at=row["erased_at"],
        answers=Raw(row["answers"] or row["saved"] or b"[]"),
        results=None if row["results"] is None else shown(kept_results(row["results"]), "parts"),
        reviews=tuple(reviews.render(one) for one in said),
        events=(),
    )
    yield _encode(exported).removesuffix(b"]}")
    behind, comma = "", b""
    while row["events"]:
        async with services.sql.session() as connection:
            rows = await store.events(connection, learner, row["id"], behind, ROWS_AT_ONCE)
        for event in rows:
            payload = Raw(event["payload"] or b"null")
            yield comma + _encode(ExportedEvent(**{**event, "payload": payload}))
            comma = b","
        if len(rows) < ROWS_AT_ONCE:
            break
        behind = rows[-1]["id"]
    yield b"]}"


async def _sessions(services: Services, learner: Learner) -> AsyncGenerator[bytes, None]:
    behind, comma = "", b""
    while True:
        async with services.sql.session() as connection:
            rows = await store.sessions(connection, learner, behind, ROWS_AT_ONCE)
        for row in rows:
            yield comma + _encode(ExportedSession(**row))
            comma = b","
        if len(rows) < ROWS_AT_ONCE:
            return
        behind = rows[-1]["id"]


async def _checks(services: Services, learner: Learner) -> AsyncGenerator[bytes, None]:
    behind, comma = ("", ""), b""
    while True:
        async with services.sql.session() as connection:
            rows = await store.checks(connection, learner, behind, ROWS_AT_ONCE)
        for row in rows:
            yield comma + _encode(ExportedChecks(**row))
            comma = b","
        if len(rows) < ROWS_AT_ONCE:
            return
        behind = rows[-1]["assessment_id"], rows[-1]["item_id"]
