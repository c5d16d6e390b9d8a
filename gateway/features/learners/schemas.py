"""Everything that is kept of a learner, without a key in it."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct

from gateway.features.events.schemas import EventType
from gateway.features.reviews.schemas import Review
from gateway.features.submissions.schemas import Submission
from gateway.grades import ItemResult

Answers = Annotated[
    Raw,
    Meta(
        description="As they were graded, or saved last: a list of `{item_id, answer}`.",
        examples=[[{"item_id": "q1", "answer": {"type": "single_choice", "choice": "a"}}]],
        extra_json_schema={"type": "array", "items": {"type": "object"}},
    ),
]
Payload = Annotated[Raw, Meta(examples=[{"seconds": 12}], extra_json_schema={"type": ["object", "null"]})]


class ExportedEvent(Struct, frozen=True, kw_only=True):
    """What a frontend said of an attempt. `at` is its own time, `received_at` ours."""

    id: str
    type: EventType
    item_id: str | None
    at: datetime
    received_at: datetime
    payload: Payload


class ExportedSubmission(Submission, frozen=True, kw_only=True):
    """An attempt with all that is kept of it. `erased_at`: when its answers, results and events were erased."""

    regraded_as: str | None
    erased_at: datetime | None
    answers: Answers
    results: tuple[ItemResult, ...] | None
    reviews: tuple[Review, ...]
    events: tuple[ExportedEvent, ...]


class ExportedChecks(Struct, frozen=True, kw_only=True):
    """How often a learner had answers to an item checked; and where a try costs points, how often one was tried."""

    assessment_id: str
    item_id: str
    used: int
    tries: int


class ExportedSession(Struct, frozen=True, kw_only=True):
    """When a learner took an attempt in a browser, and at whose page. It is kept for 30 days after its end."""

    id: str
    assessment_id: str
    submission_id: str
    origin: str | None
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None


class LearnerExport(Struct, frozen=True, kw_only=True):
    """Everything kept about a learner. `created_at` is when the export was begun."""

    object: Literal["learner_export"] = "learner_export"
    learner_ref: str
    created_at: datetime
    submissions: tuple[ExportedSubmission, ...]
    checks: tuple[ExportedChecks, ...]
    sessions: tuple[ExportedSession, ...]
