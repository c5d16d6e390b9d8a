"""What a person says of an answer that no rule can judge."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from gateway.features.submissions.schemas import Submission
from gateway.http import Request
from grading.parts import Id

Score = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,6}(\.[0-9]{1,2})?\Z",
        description="Points as decimal text with at most two places, from 0 to the item's points.",
        examples=["7.50"],
    ),
]
Comment = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\S")]


class NewReview(Request, frozen=True):
    """Body of `POST /v1/submissions/{submission_id}/reviews`. A later review of the same item replaces an earlier one."""

    item_id: Id
    score: Score
    comment: Comment | None = None


class Review(Struct, frozen=True, kw_only=True):
    """One judgement; of several on one item the newest counts. `score` and `max_score` are points as decimal text;
    `reviewer` is the id of the key.
    """

    object: Literal["review"] = "review"
    id: str
    submission_id: str
    item_id: str
    score: str
    max_score: str
    comment: str | None
    reviewer: str
    created_at: datetime


class ReviewTaken(Review, frozen=True, kw_only=True):
    """A judgement, and the submission as it stands with it: graded, once no item waits for a person."""

    submission: Submission
