"""One attempt under another version: what it earns there, and whether that takes the place of what it earned before.

Pure functions of their arguments; gateway/work/regrades.py reads and writes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, TypeAlias

from asyncpg import Record
from msgspec import Struct, structs

from gateway.given_answers import answers_of, graded_as_far_as_possible
from gateway.grades import Grade, KeptResult, added_up, grade_of, kept_bytes, kept_results
from gateway.published import Published
from grading.result import points_text, share_of

Policy: TypeAlias = Literal["never_lower", "replace"]

STAYS: Final = None
"""In place of a grade: the one before stays."""


class Found(Struct, frozen=True):
    """What came of one submission. `grade` None: its grade stays. `reviews`: how often it had been reviewed when read."""

    submission_id: str
    reviews: int
    status: str
    grade: Grade | None

    def row(self, new_id: str, now: datetime) -> tuple[object, ...]:
        """The fields of `regraded` in 0010_results.sql."""
        grade = self.grade
        if grade is None:
            return self.submission_id, self.reviews, None, None, None, None, None, None, None, None, None
        return (
            self.submission_id,
            self.reviews,
            new_id,
            self.status,
            kept_bytes(grade),
            grade.earned,
            grade.score_cents,
            grade.max_cents,
            grade.percent,
            grade.passed,
            now if grade.is_final else None,
        )


def regraded(rows: Sequence[Record], under: Published, policy: Policy) -> list[Found]:
    """Grade each submission's answers under this version; answers that it can't grade count as not given."""
    return [_regraded(row, under, policy) for row in rows]


def _regraded(row: Record, under: Published, policy: Policy) -> Found:
    if row["results"] is None or row["answers"] is None:
        return Found(row["id"], row["reviews"], row["status"], STAYS)  # erased: there is nothing to grade
    before = {one.item_id: one for one in kept_results(row["results"])}
    report = graded_as_far_as_possible(under.exam, answers_of(row["answers"]))
    grade = grade_of(under, report, {item_id: one.tries_before for item_id, one in before.items()})
    grade = added_up([_as_judged(one, before) for one in grade.results], under.settings.pass_percent)
    if policy == "never_lower" and _is_lower(grade, row):
        return Found(row["id"], row["reviews"], row["status"], STAYS)
    ended = "graded" if grade.is_final else "awaiting_review"
    return Found(row["id"], row["reviews"], "expired" if row["status"] == "expired" else ended, grade)


def _as_judged(one: KeptResult, before: Mapping[str, KeptResult]) -> KeptResult:
    """What a person said of this answer holds on: the same share of whatever points the item has now."""
    judged = before.get(one.item_id)
    if one.share is not None or judged is None or not judged.reviewed or judged.share is None:
        return one
    points = points_text(share_of(judged.share), one.points_cents)
    return structs.replace(judged, points_cents=one.points_cents, result=structs.replace(judged.result, points=points))


def _is_lower(grade: Grade, row: Record) -> bool:
    """Whether the learner would have a smaller share of the points, or lose a pass."""
    earned_before, most_before, passed_before = share_of(row["earned"]), int(row["max_cents"]), bool(row["passed"])
    if passed_before and not grade.passed:
        return True
    return share_of(grade.earned) * most_before < earned_before * grade.max_cents
