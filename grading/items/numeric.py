"""numeric: a bare number is typed."""

from typing import Annotated, Literal

import msgspec
from msgspec import Struct

from grading.items.asked import Asked
from grading.parts import AcceptedNumber, Stem


class NumericContent(Struct, frozen=True, forbid_unknown_fields=True):
    """A question whose answer is a bare number; a unit, if any, is named by the stem."""

    stem: Stem
    decimal_mark: Literal[".", ","] = "."
    group_mark: Literal[",", ".", " ", "'"] | None = None
    allow_fraction: bool = False
    allow_percent: bool = False


class NumericKey(Struct, frozen=True, forbid_unknown_fields=True):
    """The accepted numbers; the best match counts."""

    answers: Annotated[tuple[AcceptedNumber, ...], msgspec.Meta(min_length=1)]


class NumericScoring(Struct, frozen=True, forbid_unknown_fields=True):
    """Which accepted answer counts where several match."""

    rule: Literal["best_match", "first_match"] = "best_match"


class Numeric(Asked, frozen=True, tag="numeric", kw_only=True):
    """A bare number."""

    content: NumericContent
    key: NumericKey
    scoring: NumericScoring = NumericScoring()
