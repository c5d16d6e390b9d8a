"""What it takes to try questions out, and what comes of it."""

from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct

from gateway.features.assessments.schemas import Items
from gateway.grades import ItemResult
from gateway.http import Request


class Trial(Request, frozen=True):
    """Body of `POST /v1/grade`: items as authored, and answers `[{item_id, answer}]` to any of them."""

    items: Items
    answers: Annotated[Raw, Meta(examples=[[{"item_id": "q1", "answer": {"type": "single_choice", "choice": "a"}}]])]


class Grading(Struct, frozen=True, kw_only=True):
    """What the answers earn, item by item in the order of `items`; `percent` is floored.

    While `awaiting_review`, what a person must judge counts nothing.
    """

    object: Literal["grading"] = "grading"
    results: tuple[ItemResult, ...]
    score: str
    max_score: str
    percent: int
    awaiting_review: bool
