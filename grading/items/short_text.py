"""short_text: a few words are typed."""

from typing import Annotated, Literal

import msgspec
from msgspec import Struct

from grading.items.asked import Asked
from grading.parts import AcceptedText, Stem


class ShortTextContent(Struct, frozen=True, forbid_unknown_fields=True):
    """A question that is answered in a few words; `max_length` in code points."""

    stem: Stem
    max_length: Annotated[int, msgspec.Meta(ge=1, le=500)] = 100


class ShortTextKey(Struct, frozen=True, forbid_unknown_fields=True):
    """The accepted answers; the best match counts."""

    answers: Annotated[tuple[AcceptedText, ...], msgspec.Meta(min_length=1)]


class ShortTextScoring(Struct, frozen=True, forbid_unknown_fields=True):
    """Which accepted answer counts where several match."""

    rule: Literal["best_match", "first_match"] = "best_match"


class ShortText(Asked, frozen=True, tag="short_text", kw_only=True):
    """A few words."""

    content: ShortTextContent
    key: ShortTextKey
    scoring: ShortTextScoring = ShortTextScoring()
