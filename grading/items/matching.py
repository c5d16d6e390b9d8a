"""matching: every stem gets a choice."""

from typing import Annotated, Literal

import msgspec
from msgspec import Struct

from grading.items.asked import Asked
from grading.parts import Choice, Stem


class MatchingContent(Struct, frozen=True, forbid_unknown_fields=True):
    """Stems that each get one choice; with `reuse` a choice may serve more than one stem. Extra choices may be left."""

    stem: Stem
    stems: Annotated[tuple[Choice, ...], msgspec.Meta(min_length=2, max_length=40)]
    choices: Annotated[tuple[Choice, ...], msgspec.Meta(min_length=2, max_length=50)]
    reuse: bool = False


class MatchingKey(Struct, frozen=True, forbid_unknown_fields=True):
    """The right choice of every stem, by ids."""

    pairs: dict[str, str]


class MatchingScoring(Struct, frozen=True, forbid_unknown_fields=True):
    """Right parts over all parts, or nothing unless all are right."""

    rule: Literal["mean", "all_or_nothing"] = "mean"


class Matching(Asked, frozen=True, tag="matching", kw_only=True):
    """Pairs."""

    content: MatchingContent
    key: MatchingKey
    scoring: MatchingScoring = MatchingScoring()
