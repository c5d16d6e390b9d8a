"""multiple_choice: some of several choices are ticked."""

from typing import Annotated, Literal

import msgspec
from msgspec import Struct

from grading.items.asked import Asked
from grading.parts import Choice, Id, Stem


class MultipleChoiceContent(Struct, frozen=True, forbid_unknown_fields=True):
    """A question with choices, of which from `min_choices` to `max_choices` (all, if null) are ticked."""

    stem: Stem
    choices: Annotated[tuple[Choice, ...], msgspec.Meta(min_length=2, max_length=50)]
    min_choices: Annotated[int, msgspec.Meta(ge=1)] = 1
    max_choices: int | None = None


class MultipleChoiceKey(Struct, frozen=True, forbid_unknown_fields=True):
    """The ids of all right choices."""

    correct: Annotated[tuple[Id, ...], msgspec.Meta(min_length=1)]


class MultipleChoiceScoring(Struct, frozen=True, forbid_unknown_fields=True):
    """How ticked right and ticked wrong choices count."""

    rule: Literal[
        "net_correct", "all_or_nothing", "balanced", "each_answer", "coverage", "halves", "right_minus_excess"
    ] = "net_correct"


class MultipleChoice(Asked, frozen=True, tag="multiple_choice", kw_only=True):
    """Some of several choices."""

    content: MultipleChoiceContent
    key: MultipleChoiceKey
    scoring: MultipleChoiceScoring = MultipleChoiceScoring()
