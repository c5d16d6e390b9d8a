"""gap_text: gaps in a sentence are typed into."""

from typing import Annotated, Literal

import msgspec
from msgspec import Struct

from grading.items.asked import Asked
from grading.parts import AcceptedText, Gap, Stem


class GapTextContent(Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence with gaps to type into."""

    stem: Stem
    gaps: Annotated[tuple[Gap, ...], msgspec.Meta(min_length=1, max_length=40)]


class GapTextKey(Struct, frozen=True, forbid_unknown_fields=True):
    """The accepted answers of every gap, by its id."""

    gaps: dict[str, tuple[AcceptedText, ...]]


class GapTextScoring(Struct, frozen=True, forbid_unknown_fields=True):
    """Right parts over all parts, or nothing unless all are right."""

    rule: Literal["mean", "all_or_nothing"] = "mean"


class GapText(Asked, frozen=True, tag="gap_text", kw_only=True):
    """Gaps to type into."""

    content: GapTextContent
    key: GapTextKey
    scoring: GapTextScoring = GapTextScoring()
