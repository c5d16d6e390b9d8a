"""true_false: a statement is judged."""

from typing import Literal

from msgspec import Struct

from grading.items.asked import Asked
from grading.parts import Stem


class TrueFalseContent(Struct, frozen=True, forbid_unknown_fields=True):
    """A statement to judge."""

    stem: Stem


class TrueFalseKey(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the statement holds."""

    value: bool


class TrueFalseScoring(Struct, frozen=True, forbid_unknown_fields=True):
    """Right or wrong."""

    rule: Literal["exact"] = "exact"


class TrueFalse(Asked, frozen=True, tag="true_false", kw_only=True):
    """A statement that holds or does not."""

    content: TrueFalseContent
    key: TrueFalseKey
    scoring: TrueFalseScoring = TrueFalseScoring()
