"""What became of attempts, as lists show it."""

from datetime import datetime
from typing import Literal, TypeAlias

from msgspec import Struct

from gateway.features.submissions.schemas import Submission

ResultStatus: TypeAlias = Literal["graded", "awaiting_review", "expired"]


class SubmissionResult(Submission, frozen=True, kw_only=True):
    """An attempt that is over, for those who teach: totals are there whatever learners are told, `passed` is null while a person must judge.

    `counts`: whether it is the one of its learner's attempts that counts, by the assessment's `keep`; where it was graded
    again, the newest grade stands for it. `regraded_as` is the submission that holds its newer grade, if there is one.
    """

    counts: bool
    regraded_as: str | None


class Filters(Struct, frozen=True, kw_only=True):
    """What results may be narrowed by; every one given must fit. `since` is included, `until` is not."""

    learner_ref: str | None = None
    status: ResultStatus | None = None
    needs_review: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
