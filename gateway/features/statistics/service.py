"""Item statistics: counted in constant memory, by one process at a time and every ten minutes at most.

Rule source: security, "Learners and answer keys"; the formulas are in grading/statistics.py.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from asyncpg import Record
from msgspec import Struct

from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.errors import AssessmentNotFound, AssessmentNotPublished, InvalidParameter, Overloaded
from gateway.features.statistics import store
from gateway.features.statistics.schemas import Statistics
from gateway.features.statistics.store import Version
from gateway.ids import is_id
from gateway.published import Published
from gateway.services import Services
from gateway.stores import Connection
from grading.answers import Answers, read_answers
from grading.statistics import MILLION, Earned, ItemStatistics, Tally

ATTEMPTS_MIN: Final = 5
"""Below so many attempts statistics would speak of persons."""

AGE_MAX: Final = timedelta(minutes=10)
LEASE: Final = timedelta(seconds=30)
"""How long a process may be silent while it counts; it says so with every page."""

PAGE: Final = 100
"""Attempts that are in memory at a time."""

AUTHORS: Final = "write:assessments"
"""The scope to see what would tell the key: which choices are picked, and whether by those who know."""

_LOOKS: Final = 50
_LOOK_SECONDS: Final = 0.1


class _Kept(Struct, frozen=True):
    """Statistics as they are kept."""

    attempts: int
    items: tuple[ItemStatistics, ...]
    computed_at: datetime


class _Result(Struct, frozen=True):
    score: float


class _Row(Struct, frozen=True):
    """Of a kept result (gateway/grades.py) what is counted; its score has six places."""

    item_id: str
    points_cents: int
    result: _Result


_kept: Final = msgspec.json.Decoder(_Kept)
_results: Final = msgspec.json.Decoder(tuple[_Row, ...])
_encode: Final = msgspec.json.Encoder().encode


async def of_assessment(services: Services, caller: Caller, assessment_id: str, version: int | None) -> Statistics:
    """Return the statistics of a version, the published one if none is named, at most as old as `AGE_MAX`.

    Raises AssessmentNotFound, AssessmentNotPublished, InvalidParameter, and Overloaded where another counts for long.
    """
    if not is_id("asmt", assessment_id):
        raise AssessmentNotFound
    async with services.sql.session() as connection:
        row = await store.published_version(connection, caller.center.id, caller.env, assessment_id)
        if row is None:
            raise AssessmentNotFound
        if row["published_version"] is None:
            raise AssessmentNotPublished
        if version is not None and version > row["published_version"]:
            raise InvalidParameter("version", "a version that was published")
        which = Version(caller.center.id, caller.env, assessment_id, version or row["published_version"])
        published = await _published(services, connection, which)
        attempts = await store.count_up_to(connection, which, ATTEMPTS_MIN)
    if attempts < ATTEMPTS_MIN:
        return Statistics(
            assessment_id=assessment_id, version=which.version, attempts=attempts, items=(), computed_at=None
        )
    kept = await _newest(services, which, published)
    items = kept.items if AUTHORS in caller.scopes else tuple(_for_readers(item) for item in kept.items)
    return Statistics(
        assessment_id=assessment_id,
        version=which.version,
        attempts=kept.attempts,
        items=items,
        computed_at=kept.computed_at,
    )


async def _published(services: Services, connection: Connection, version: Version) -> Published:
    try:
        return await services.published.version(connection, *version.key)
    except AssessmentNotFound:
        raise InvalidParameter("version", "a version that was published") from None


def _for_readers(item: ItemStatistics) -> ItemStatistics:
    return msgspec.structs.replace(item, discrimination=None, choice_counts=None)


async def _newest(services: Services, version: Version, published: Published) -> _Kept:
    """What is kept, if it is new enough or another is counting anew; else count."""
    for _ in range(_LOOKS):
        now = as_datetime(services.clock.now_ms())
        async with services.sql.session() as connection:
            claim = await store.claim(connection, version, now, AGE_MAX, LEASE)
        if claim.outcome == "yours":
            return await _count(services, version, published, now)
        if claim.body is not None:
            return _kept.decode(claim.body)
        await asyncio.sleep(_LOOK_SECONDS)
    raise Overloaded


async def _count(services: Services, version: Version, published: Published, now: datetime) -> _Kept:
    try:
        tally = await _counted(services, version, published)
        kept = _Kept(tally.attempts, tally.items() if tally.attempts >= ATTEMPTS_MIN else (), now)
        async with services.sql.session() as connection:
            await store.keep(connection, version, _encode(kept), now)
    except BaseException:
        async with services.sql.session() as connection:
            await store.let_go(connection, version)
        raise
    return kept


async def _counted(services: Services, version: Version, published: Published) -> Tally:
    """Count page by page. Between two pages nothing is held, and others get the event loop."""
    tally = Tally(published.items)
    behind: tuple[datetime, str] | None = None
    while True:
        async with services.sql.session() as connection:
            rows = await store.page(connection, version, behind, PAGE)
            await store.go_on(connection, version, LEASE)
        await asyncio.to_thread(_add, tally, rows)
        if len(rows) < PAGE:
            return tally
        behind = rows[-1]["submitted_at"], rows[-1]["id"]


def _add(tally: Tally, rows: Sequence[Record]) -> None:
    for row in rows:
        earned = [
            Earned(one.item_id, round(one.result.score * MILLION), one.points_cents)
            for one in _results.decode(row["results"])
        ]
        tally.add(earned, _answers(row["answers"]))


def _answers(column: bytes | None) -> Answers:
    read = () if column is None else read_answers(column)
    return read if isinstance(read, tuple) else ()
