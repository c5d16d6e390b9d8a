"""Results of assessments, collections and learners: page by page, or all of them as CSV in constant memory.

Rule source: assessments, "Results"; security, "Input" (CSV).
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias

import msgspec
from asyncpg import Record

from gateway.caller import Caller
from gateway.errors import AssessmentNotFound, CollectionNotFound, InvalidParameter
from gateway.features.results import store
from gateway.features.results.schemas import Filters, SubmissionResult
from gateway.features.results.store import Before, Kept
from gateway.features.submissions import service as submissions
from gateway.http import Listing, Page, csv_rows, instant, micros
from gateway.http.csv_rows import Cell
from gateway.http.streams import CSV, Streamed, attachment, begun
from gateway.ids import is_id
from gateway.learners import learner_in_address, require_sight
from gateway.published import assessment_exists, settings_decoder
from gateway.services import Services
from gateway.stores import Connection
from grading.result import cents_text

CSV_PAGE: Final = 500
"""Rows that are in memory at a time while a list is written as CSV."""

Fetch: TypeAlias = Callable[[Connection, Before, int], Awaitable[Sequence[Record]]]
"""Reads a page of one list: from behind a place, so many rows."""


async def of_assessment(
    services: Services, caller: Caller, assessment_id: str, filters: Filters, limit: int, cursor: str | None
) -> Page[SubmissionResult]:
    """Return a page of an assessment's results, the last submitted first. Raises AssessmentNotFound, InvalidCursor,
    InvalidParameter.
    """
    filters = _held_to(caller, filters)
    listing = _listing(services, caller, f"/v1/assessments/{assessment_id}/results", filters)
    before = _before(listing.position(cursor))
    async with services.sql.session() as connection:
        await _require_assessment(connection, caller, assessment_id)
        return await _page(connection, caller, listing, _assessment(caller, assessment_id, filters), before, limit)


async def of_collection(
    services: Services, caller: Caller, collection_id: str, filters: Filters, limit: int, cursor: str | None
) -> Page[SubmissionResult]:
    """Return a page of the results of all assessments in a collection. Raises CollectionNotFound, InvalidCursor,
    InvalidParameter.
    """
    filters = _held_to(caller, filters)
    listing = _listing(services, caller, f"/v1/collections/{collection_id}/results", filters)
    before = _before(listing.position(cursor))

    async def fetch(connection: Connection, before: Before, limit: int) -> Sequence[Record]:
        return await store.of_collection(
            connection, caller.center.id, caller.env, collection_id, filters, before, limit
        )

    async with services.sql.session() as connection:
        there = is_id("col", collection_id) and await store.collection_exists(
            connection, caller.center.id, caller.env, collection_id
        )
        if not there:
            raise CollectionNotFound
        return await _page(connection, caller, listing, fetch, before, limit)


async def of_learner(
    services: Services, caller: Caller, learner_ref: str, limit: int, cursor: str | None
) -> Page[SubmissionResult]:
    """Return a page of a learner's results; of one who has taken nothing it is empty. Raises InvalidParameter,
    InvalidCursor, InsufficientRole for a learner whom the caller does not see.
    """
    learner_in_address(caller, learner_ref)
    listing = _listing(services, caller, "/v1/learners/results", Filters(learner_ref=learner_ref))
    before = _before(listing.position(cursor))

    async def fetch(connection: Connection, before: Before, limit: int) -> Sequence[Record]:
        return await store.of_learner(connection, caller.center.id, caller.env, learner_ref, before, limit)

    async with services.sql.session() as connection:
        await require_sight(connection, caller, learner_ref)
        return await _page(connection, caller, listing, fetch, before, limit)


async def as_csv(services: Services, caller: Caller, assessment_id: str, filters: Filters) -> Streamed[Any]:
    """Stream all of an assessment's results. Raises AssessmentNotFound, InvalidParameter."""
    filters = _held_to(caller, filters)
    async with services.sql.session() as connection:
        await _require_assessment(connection, caller, assessment_id)
    parts = await begun(_csv(services, caller, _assessment(caller, assessment_id, filters)))
    return Streamed(parts, media_type=CSV, headers=attachment(f"{assessment_id}.csv"))


async def _csv(services: Services, caller: Caller, fetch: Fetch) -> AsyncGenerator[bytes, None]:
    """Write page after page. No connection is held between two: a reader may be as slow as it likes."""
    yield csv_rows.rows([COLUMNS])
    before: Before = None
    while True:
        async with services.sql.session() as connection:
            rows = await fetch(connection, before, CSV_PAGE)
            counts = await _counting(connection, caller, rows)
        if rows:
            yield csv_rows.rows(_cells(row, counts=row["id"] in counts) for row in rows)
        if len(rows) < CSV_PAGE:
            return
        before = rows[-1]["submitted_at"], rows[-1]["id"]


COLUMNS: Final = (
    "id",
    "assessment_id",
    "assessment_version",
    "learner_ref",
    "attempt",
    "status",
    "score",
    "max_score",
    "percent",
    "passed",
    "counts",
    "source",
    "started_at",
    "submitted_at",
    "graded_at",
    "regrade_of",
    "regraded_as",
)
"""The first row."""


def _cells(row: Record, *, counts: bool) -> tuple[Cell, ...]:
    return (
        row["id"],
        row["assessment_id"],
        row["assessment_version"],
        row["learner_ref"],
        row["attempt"],
        row["status"],
        None if row["score_cents"] is None else Decimal(cents_text(row["score_cents"])),
        Decimal(cents_text(row["max_cents"])),
        row["percent"],
        row["passed"],
        counts,
        row["source"],
        _utc(row["started_at"]),
        _utc(row["submitted_at"]),
        _utc(row["graded_at"]),
        row["regrade_of"],
        row["regraded_as"],
    )


def _utc(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def _assessment(caller: Caller, assessment_id: str, filters: Filters) -> Fetch:
    async def fetch(connection: Connection, before: Before, limit: int) -> Sequence[Record]:
        return await store.of_assessment(
            connection, caller.center.id, caller.env, assessment_id, filters, before, limit
        )

    return fetch


async def _require_assessment(connection: Connection, caller: Caller, assessment_id: str) -> None:
    there = is_id("asmt", assessment_id) and await assessment_exists(
        connection, caller.center.id, caller.env, assessment_id
    )
    if not there:
        raise AssessmentNotFound


def _held_to(caller: Caller, filters: Filters) -> Filters:
    """Raise InvalidParameter for a learner that a key does not speak for, and for a time that no clock shows."""
    if filters.learner_ref is not None:
        learner_in_address(caller, filters.learner_ref)
    times = {"since": _in_utc("from", filters.since), "until": _in_utc("to", filters.until)}
    return msgspec.structs.replace(filters, **times)


def _in_utc(name: str, at: datetime | None) -> datetime | None:
    try:
        return None if at is None else at.astimezone(UTC)
    except OverflowError:
        raise InvalidParameter(name, "a time between the years 1 and 9999") from None


def _listing(services: Services, caller: Caller, route: str, filters: Filters) -> Listing:
    return Listing(services.keyring, caller, route, msgspec.to_builtins(filters), now_ms=services.clock.now_ms())


def _before(position: tuple[int | str, ...] | None) -> Before:
    return None if position is None else (instant(int(position[0])), str(position[1]))


async def _page(
    connection: Connection, caller: Caller, listing: Listing, fetch: Fetch, before: Before, limit: int
) -> Page[SubmissionResult]:
    rows = await fetch(connection, before, limit + 1)
    counts = await _counting(connection, caller, rows)
    return listing.page(
        rows,
        limit,
        show=lambda row: render(row, counts=row["id"] in counts),
        position=lambda row: (micros(row["submitted_at"]), row["id"]),
    )


async def _counting(connection: Connection, caller: Caller, rows: Iterable[Record]) -> set[str]:
    """Which of these attempts count: all attempts of their learners are looked at."""
    learners = {(row["assessment_id"], row["learner_ref"]) for row in rows}
    if not learners:
        return set()
    place = caller.center.id, caller.env
    settings = await store.settings_of(connection, *place, sorted({assessment_id for assessment_id, _ in learners}))
    keep = {assessment_id: settings_decoder.decode(column).keep for assessment_id, column in settings.items()}
    kept = [Kept(assessment_id, learner_ref, keep[assessment_id]) for assessment_id, learner_ref in sorted(learners)]
    return await store.counting(connection, *place, kept)


def render(row: Record, *, counts: bool) -> SubmissionResult:
    """Show a row of one of the lists."""
    submission = submissions.render(row)
    return SubmissionResult(**msgspec.structs.asdict(submission), counts=counts, regraded_as=row["regraded_as"])
