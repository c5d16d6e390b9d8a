"""gap_select: gaps in a sentence are filled from options."""

from typing import Annotated, Literal

import msgspec
from msgspec import Struct

from grading.items.asked import Asked
from grading.parts import OptionGap, Stem


class GapSelectContent(Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence with gaps, each with its options."""

    stem: Stem
    gaps: Annotated[tuple[OptionGap, ...], msgspec.Meta(min_length=1, max_length=40)]


class GapSelectKey(Struct, frozen=True, forbid_unknown_fields=True):
    """The right option of every gap, by ids."""

    gaps: dict[str, str]


class GapSelectScoring(Struct, frozen=True, forbid_unknown_fields=True):
    """Right parts over all parts, or nothing unless all are right."""

    rule: Literal["mean", "all_or_nothing"] = "mean"


class GapSelect(Asked, frozen=True, tag="gap_select", kw_only=True):
    """Gaps with options."""

    content: GapSelectContent
    key: GapSelectKey
    scoring: GapSelectScoring = GapSelectScoring()
