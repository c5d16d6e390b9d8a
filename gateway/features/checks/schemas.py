"""One answer, tried out while the attempt goes on."""

from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct

from gateway.http import Request
from gateway.learners import LearnerRef
from grading.result import Notice, PartSignal

GivenAnswer = Annotated[
    Raw,
    Meta(
        description="The answer, its `type` the item's. See docs/grading.md.",
        examples=[{"type": "single_choice", "choice": "a"}],
        extra_json_schema={"type": "object"},
    ),
]
"""An answer as it came: read once it is known what it answers."""


class NewCheck(Request, frozen=True):
    """Body of `POST /v1/assessments/{assessment_id}/check`. A CHILD names no `learner_ref`, all others must."""

    item_id: Annotated[str, Meta(max_length=64, examples=["q1"])]
    answer: GivenAnswer
    learner_ref: LearnerRef | None = None


class Checked(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a check tells: with feedback `score` whether the answer is right, with `parts` all that a result tells.

    `checks_left` counts this learner's further checks of this question, whichever version asks it.
    """

    state: Literal["right", "partial", "wrong", "needs_review"]
    checks_left: int
    correct: bool | None = None
    score: str | None = None
    max_score: str | None = None
    parts: tuple[PartSignal, ...] | None = None
    notices: tuple[Notice, ...] | None = None
