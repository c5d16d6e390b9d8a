"""What a dry run says."""

from typing import Literal

from msgspec import Struct


class Flaw(Struct, frozen=True):
    """What keeps an assessment from being published: where, and what it must be."""

    param: str
    requirement: str


class Validation(Struct, frozen=True, kw_only=True):
    """What publishing would say. `valid` is true exactly where `flaws` is empty; nothing was changed."""

    object: Literal["validation"] = "validation"
    valid: bool
    points_total: str
    flaws: list[Flaw]
