"""What an attempt looks like while it is taken and once it is graded, and what may be said with it."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Raw, Struct, field

from gateway.features.assessments.schemas import ShownItems
from gateway.grades import ItemForReview, ItemResult
from gateway.http import Request
from gateway.learners import LearnerRef
from grading.answers import Given

SubmissionStatus = Literal["in_progress", "graded", "awaiting_review", "expired"]
Source = Literal["api", "embed"]

_EXAMPLE: list[dict[str, Any]] = [{"item_id": "q1", "answer": {"type": "single_choice", "choice": "a"}}]

GivenAnswers = Annotated[
    Raw,
    Meta(
        description="A list of `{item_id, answer}`, each item once; `answer.type` is the item's. See docs/grading.md.",
        examples=[_EXAMPLE],
        extra_json_schema={"type": "array", "items": {"$ref": "#/components/schemas/Given"}, "maxItems": 200},
    ),
]
"""Answers as they came: read once it is known what they answer."""


NONE_GIVEN: Final = Raw()


class NewSubmission(Request, frozen=True):
    """Body of `POST /v1/assessments/{assessment_id}/submissions`. A CHILD names no `learner_ref`, all others must."""

    learner_ref: LearnerRef | None = None


class SaveAnswers(Request, frozen=True):
    """Body of `PUT /v1/submissions/{submission_id}/answers`: all answers so far, which replace those saved before.

    `sequence` rises with every save; one that is not above the newest is refused. What a learner is in the middle of
    may be saved: a number that is not finished, a choice too few.
    """

    sequence: Annotated[int, Meta(ge=1, le=2**53)]
    answers: GivenAnswers


class Submit(Request, frozen=True):
    """Body of `POST /v1/submissions/{submission_id}/submit`: all answers; without them the saved ones are graded."""

    answers: GivenAnswers = field(default_factory=lambda: NONE_GIVEN)


class Submission(Struct, frozen=True, kw_only=True):
    """One attempt of one learner, under the version that was published when it began.

    `score` and `max_score` are points as decimal text, `percent` is floored. They are null while nothing is graded, and
    where the assessment tells learners nothing yet; `passed` also while a person must judge. `attempt` counts from 1.
    `sequence` is that of the newest save, 0 before the first.
    """

    object: Literal["submission"] = "submission"
    id: str
    assessment_id: str
    assessment_version: int
    learner_ref: str
    attempt: int
    status: Annotated[SubmissionStatus, Meta(examples=["graded"])]
    source: Source
    regrade_of: str | None
    sequence: int
    score: str | None
    max_score: str
    percent: int | None
    passed: bool | None
    created_at: datetime
    started_at: datetime
    expires_at: datetime | None
    submitted_at: datetime | None
    graded_at: datetime | None


class Attempt(Submission, frozen=True, kw_only=True):
    """An attempt under way, with everything a frontend shows: `items` in this attempt's own order, and `answers` as saved."""

    title: str
    items: ShownItems
    answers: tuple[Given, ...]


class SubmittedAttempt(Submission, frozen=True, kw_only=True):
    """A graded attempt. `results` are in the order of the assessment, as far as its `feedback` goes; null: not told."""

    results: tuple[ItemResult, ...] | None


class Changes(Struct, frozen=True):
    """How often an answer was changed, as the frontend's `answer_change` events say."""

    item_id: str
    changes: int


class SubmissionInFull(Submission, frozen=True, kw_only=True):
    """One attempt with what its learner may know of it: questions, answers, results, and how often answers were changed.

    Totals and `results` are told as far as the assessment's `feedback` goes, null: not told.
    """

    title: str
    items: ShownItems
    answers: tuple[Given, ...]
    results: tuple[ItemResult, ...] | None
    answer_changes: tuple[Changes, ...]


class SubmissionForReview(Submission, frozen=True, kw_only=True):
    """One attempt with all that is known of it, for those who may judge it: nothing for its learner to see."""

    title: str
    items: ShownItems
    answers: tuple[Given, ...]
    results: tuple[ItemForReview, ...] | None
    answer_changes: tuple[Changes, ...]
