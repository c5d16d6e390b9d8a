"""The SQL of results. Lists walk an index from behind the last row that was shown: no statement outlives its page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import asyncpg
from msgspec import Struct

from gateway.features.results.schemas import Filters
from gateway.stores import Connection

Before = tuple[datetime, str] | None
"""The `submitted_at` and id of the last row that was shown; None before the first page."""


class Kept(Struct, frozen=True):
    """A learner of an assessment, and which of the attempts counts there: `best` or `last`."""

    assessment_id: str
    learner_ref: str
    keep: str


_COLUMNS: Final = """
    s.id, s.assessment_id, s.assessment_version, s.learner_ref, s.attempt, s.status, s.source, s.regrade_of, s.regraded_as,
    s.sequence, s.score_cents, s.max_cents, s.percent, s.passed, s.started_at, s.expires_at, s.submitted_at, s.graded_at
"""

_WAITS: Final = "s.graded_at is null and s.results is not null and s.regraded_as is null"
"""What a person can judge now: neither what was erased nor what has a newer grade, whose turn it is then."""


class _Question:
    """A statement that grows with what is asked, so that its plan fits what is asked."""

    def __init__(self, center_id: str, env: str) -> None:
        self.values: list[object] = [center_id, env]
        self.conditions = ["s.center_id = $1", "s.env = $2", "s.submitted_at is not null"]

    def put(self, value: object) -> str:
        self.values.append(value)
        return f"${len(self.values)}"

    def narrow(self, filters: Filters, before: Before) -> None:
        if filters.learner_ref is not None:
            self.conditions.append(f"s.learner_ref = {self.put(filters.learner_ref)}")
        if filters.status is not None:
            self.conditions.append(f"s.status = {self.put(filters.status)}")
        if filters.needs_review is not None:
            self.conditions.append(_WAITS if filters.needs_review else f"not ({_WAITS})")
        if filters.since is not None:
            self.conditions.append(f"s.submitted_at >= {self.put(filters.since)}")
        if filters.until is not None:
            self.conditions.append(f"s.submitted_at < {self.put(filters.until)}")
        if before is not None:
            at, submission_id = before
            self.conditions.append(f"(s.submitted_at, s.id) < ({self.put(at)}, {self.put(submission_id)})")

    @property
    def where(self) -> str:
        return " and ".join(self.conditions)


async def of_assessment(
    connection: Connection, center_id: str, env: str, assessment_id: str, filters: Filters, before: Before, limit: int
) -> Sequence[asyncpg.Record]:
    """Return attempts on an assessment, the last submitted first."""
    question = _Question(center_id, env)
    question.conditions.append(f"s.assessment_id = {question.put(assessment_id)}")
    question.narrow(filters, before)
    return await connection.fetch(_newest(question, question.put(limit)), *question.values)


async def of_learner(
    connection: Connection, center_id: str, env: str, learner_ref: str, before: Before, limit: int
) -> Sequence[asyncpg.Record]:
    """Return a learner's attempts on whatever assessments, the last submitted first."""
    question = _Question(center_id, env)
    question.narrow(Filters(learner_ref=learner_ref), before)
    return await connection.fetch(_newest(question, question.put(limit)), *question.values)


async def of_collection(
    connection: Connection, center_id: str, env: str, collection_id: str, filters: Filters, before: Before, limit: int
) -> Sequence[asyncpg.Record]:
    """Return attempts on the assessments of a collection, the last submitted first: the newest of each, then of all."""
    question = _Question(center_id, env)
    question.conditions.append("s.assessment_id = i.assessment_id")
    question.narrow(filters, before)
    most = question.put(limit)
    query = f"""
        select s.*
          from collection_item i
         cross join lateral ({_newest(question, most)}) s
         where i.center_id = $1 and i.env = $2 and i.collection_id = {question.put(collection_id)}
         order by s.submitted_at desc, s.id desc
         limit {most}
    """  # ruff: ignore[hardcoded-sql-expression] - made of literals of this module; values are parameters
    return await connection.fetch(query, *question.values)


def _newest(question: _Question, most: str) -> str:
    return f"""
        select {_COLUMNS} from submission s
         where {question.where}
         order by s.submitted_at desc, s.id desc
         limit {most}
    """  # ruff: ignore[hardcoded-sql-expression] - as above


async def collection_exists(connection: Connection, center_id: str, env: str, collection_id: str) -> bool:
    """Whether there is such a collection."""
    query = "select true from collection where center_id = $1 and env = $2 and id = $3"
    return await connection.fetchval(query, center_id, env, collection_id) is True


async def settings_of(
    connection: Connection, center_id: str, env: str, assessment_ids: Sequence[str]
) -> dict[str, bytes]:
    """Return the settings of each assessment as learners meet them now: those of its published version."""
    rows = await connection.fetch(
        """select v.assessment_id, v.settings
             from assessment a
             join assessment_version v on v.center_id = a.center_id and v.env = a.env and v.assessment_id = a.id
                                      and v.version = a.published_version
            where a.center_id = $1 and a.env = $2 and a.id = any ($3)""",
        center_id,
        env,
        list(assessment_ids),
    )
    return {row["assessment_id"]: row["settings"] for row in rows}


async def counting(connection: Connection, center_id: str, env: str, kept: Sequence[Kept]) -> set[str]:
    """Return the ids of the attempts that count: each learner's last, or the one with the best score as it is shown, of
    equals the earliest.
    """
    rows = await connection.fetch(
        """select c.id
             from unnest($3::text[], $4::text[], $5::text[]) w (assessment_id, learner_ref, keep)
            cross join lateral (
                select s.id
                  from submission s
                 where s.center_id = $1 and s.env = $2 and s.learner_ref = w.learner_ref
                   and s.assessment_id = w.assessment_id and s.submitted_at is not null and s.regraded_as is null
                 order by case when w.keep = 'best' then s.score_cents::numeric / nullif(s.max_cents, 0) end desc nulls last,
                          case when w.keep = 'best' then s.attempt end,
                          s.attempt desc
                 limit 1) c""",
        center_id,
        env,
        [one.assessment_id for one in kept],
        [one.learner_ref for one in kept],
        [one.keep for one in kept],
    )
    return {row["id"] for row in rows}
