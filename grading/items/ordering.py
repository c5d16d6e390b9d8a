"""ordering: items are put in order."""

from typing import Annotated, Literal

import msgspec
from msgspec import Struct

from grading.items.asked import Asked
from grading.parts import Choice, Id, Stem


class OrderingContent(Struct, frozen=True, forbid_unknown_fields=True):
    """2 to 40 items to be put in order; they are listed in no telling order."""

    stem: Stem
    items: Annotated[tuple[Choice, ...], msgspec.Meta(min_length=2, max_length=40)]


class OrderingKey(Struct, frozen=True, forbid_unknown_fields=True):
    """All ids in the right order."""

    order: tuple[Id, ...]


class OrderingScoring(Struct, frozen=True, forbid_unknown_fields=True):
    """What a nearly right order earns."""

    rule: Literal[
        "adjacent",
        "all_or_nothing",
        "position",
        "adjacent_with_last",
        "neighbours",
        "pairs",
        "tau",
        "longest_run",
        "longest_subsequence",
        "distance",
    ] = "adjacent"


class Ordering(Asked, frozen=True, tag="ordering", kw_only=True):
    """A sequence."""

    content: OrderingContent
    key: OrderingKey
    scoring: OrderingScoring = OrderingScoring()
