"""What an assessment looks like, and what an author may say of one."""

from datetime import datetime
from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from gateway.assessment_settings import (
    AssessmentSettings,
    Autosave,
    Checks,
    FeedbackAt,
    Keep,
    MaxAttempts,
    Penalty,
    Percent,
    TimeLimit,
)
from gateway.http import Request
from gateway.http.texts import Title
from gateway.presented import Presented
from grading.model import Item
from grading.policy import Feedback

ITEMS_MAX: Final = 200

AssessmentStatus = Literal["draft", "published", "archived"]

Description = Annotated[str, Meta(max_length=2000)]

_ITEM_EXAMPLE: Final = {
    "type": "single_choice",
    "id": "q1",
    "points": "2.00",
    "content": {
        "stem": "What happens to a `String` that is assigned to a second variable?",
        "choices": [{"id": "a", "text": "It is moved."}, {"id": "b", "text": "It is copied."}],
    },
    "key": {"correct": "a"},
}
_SHOWN_EXAMPLE: Final = {name: value for name, value in _ITEM_EXAMPLE.items() if name != "key"} | {
    "floor": 0.0,
    "allow_blank": False,
}

_SETTINGS_EXAMPLE: Final = {
    "max_attempts": 3,
    "checks_per_question": 2,
    "pass_percent": 60,
    "autosave": "resumable",
    "time_limit_seconds": 1800,
    "keep": "best",
    "penalty_per_try": 0.1,
    "feedback": "parts",
    "feedback_at": "each_attempt",
    "shuffle": True,
}

Items = Annotated[tuple[Item, ...], Meta(max_length=ITEMS_MAX, examples=[[_ITEM_EXAMPLE]])]
"""Questions with their keys."""

ShownItems = Annotated[tuple[Presented, ...], Meta(examples=[[_SHOWN_EXAMPLE]])]
"""Questions without a key."""


Settings = Annotated[AssessmentSettings, Meta(examples=[_SETTINGS_EXAMPLE])]


class NewAssessment(Request, frozen=True):
    """Body of `POST /v1/assessments`. Items are checked as they are authored; an assessment may begin without any."""

    title: Title
    description: Description = ""
    course_id: str | None = None
    items: Items = ()
    settings: Settings = AssessmentSettings()


class SettingsEdit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Settings to change; what is absent stays. `null` lifts the limit on attempts, or on time."""

    max_attempts: MaxAttempts | UnsetType | None = UNSET
    checks_per_question: Checks | UnsetType = UNSET
    pass_percent: Percent | UnsetType = UNSET
    autosave: Autosave | UnsetType = UNSET
    time_limit_seconds: TimeLimit | UnsetType | None = UNSET
    keep: Keep | UnsetType = UNSET
    penalty_per_try: Penalty | UnsetType = UNSET
    feedback: Feedback | UnsetType = UNSET
    feedback_at: FeedbackAt | UnsetType = UNSET
    shuffle: bool | UnsetType = UNSET


class AssessmentEdit(Request, frozen=True):
    """Body of `PATCH /v1/assessments/{assessment_id}`: what is absent stays, items are replaced as a whole."""

    title: Title | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    course_id: str | UnsetType | None = UNSET
    items: Items | UnsetType = UNSET
    settings: Annotated[SettingsEdit, Meta(examples=[{"max_attempts": None, "shuffle": True}])] | UnsetType = UNSET


class AssessmentSummary(Struct, frozen=True, kw_only=True):
    """An assessment without its questions.

    `version` is the one that is shown: authors see the working copy, everybody else the published version as soon as
    there is one. While both are the same, `version` equals `published_version`.
    """

    object: Literal["assessment"] = "assessment"
    id: str
    course_id: str | None
    title: str
    description: str
    status: AssessmentStatus
    version: int
    published_version: int | None
    points_total: str
    settings: Settings
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    archived_at: datetime | None


class Assessment(AssessmentSummary, frozen=True, kw_only=True):
    """An assessment as everybody may see it: no field of it, however deep, is of a type that holds a key."""

    items: ShownItems


class AuthoredAssessment(AssessmentSummary, frozen=True, kw_only=True):
    """An assessment with its keys, as authored: for `write:assessments` and `include=keys` alone."""

    items: Items
