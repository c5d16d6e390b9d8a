"""What a player shows: an attempt, and whose colours and words it wears."""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Raw, Struct

from gateway.assessment_settings import Autosave, FeedbackAt
from gateway.features.own_center.schemas import ShownTheme
from gateway.features.submissions.schemas import SubmissionInFull
from grading.policy import Feedback

_EXAMPLE: dict[str, Any] = {"Which is **prime**?": ["Which is ", ["strong", {}, ["prime"]], "?"]}

RichTexts = Annotated[
    Raw,
    Meta(
        description="Texts that hold Markdown or formulas, each with its nodes: text, or `[tag, {attribute: value}, nodes]`. "
        "A text that is not here is shown as it is.",
        examples=[_EXAMPLE],
        extra_json_schema={"type": "object", "additionalProperties": {"type": "array"}},
    ),
]


class PlayerSettings(Struct, frozen=True, kw_only=True):
    """How the attempt is taken; `checks_per_question` as far as the center's plan goes."""

    checks_per_question: int
    feedback: Feedback
    feedback_at: FeedbackAt
    autosave: Autosave
    max_attempts: int | None
    pass_percent: int
    time_limit_seconds: int | None


class Player(Struct, frozen=True, kw_only=True):
    """Everything that a player needs. `now` is the gateway's time; `attempts_left` after this one, null: as many as one
    likes; `checks_left` by item, empty where there are no checks.
    """

    object: Literal["player"] = "player"
    now: Annotated[datetime, Meta(extra_json_schema={"format": "date-time"})]
    locale: str
    center_name: str
    theme: ShownTheme
    settings: PlayerSettings
    attempts_left: int | None
    checks_left: dict[str, int]
    description: str
    rich: RichTexts
    submission: SubmissionInFull
