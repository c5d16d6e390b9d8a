"""Items as frozen values: what is asked (content, public), what is right (key, never sent) and how it counts (scoring).

Content and key are two types for every kind, so a learner's payload that is built from `content` cannot hold a key.
Shapes and words are those of the grading contract; the kinds form one tagged union, `Item`, told apart by `type`.
"""

import enum
import typing
from typing import Annotated, Literal

import msgspec

from grading.parts import AcceptedNumber, AcceptedText, Choice, Gap, Id, OptionGap, Points, SourceRef, Stem


class Kind(enum.StrEnum):
    """The item types that are made and read here; the value is the tag `type`."""

    SINGLE_CHOICE = "single_choice"
    MULTIPLE_CHOICE = "multiple_choice"
    TRUE_FALSE = "true_false"
    SHORT_TEXT = "short_text"
    NUMERIC = "numeric"
    MATCHING = "matching"
    ORDERING = "ordering"
    GAP_SELECT = "gap_select"
    GAP_TEXT = "gap_text"


class SingleChoiceContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question with 2 to 50 choices, of which one is picked."""

    stem: Stem
    choices: Annotated[tuple[Choice, ...], msgspec.Meta(min_length=2, max_length=50)]


class SingleChoiceKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The id of the right choice."""

    correct: Id


class MultipleChoiceContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question with choices, of which from `min_choices` to `max_choices` (all, if null) are ticked."""

    stem: Stem
    choices: Annotated[tuple[Choice, ...], msgspec.Meta(min_length=2, max_length=50)]
    min_choices: Annotated[int, msgspec.Meta(ge=1)] = 1
    max_choices: int | None = None


class MultipleChoiceKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The ids of all right choices."""

    correct: Annotated[tuple[Id, ...], msgspec.Meta(min_length=1)]


class TrueFalseContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A statement to judge."""

    stem: Stem


class TrueFalseKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the statement holds."""

    value: bool


class ShortTextContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question that is answered in a few words; `max_length` in code points."""

    stem: Stem
    max_length: Annotated[int, msgspec.Meta(ge=1, le=500)] = 100


class ShortTextKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The accepted answers; the best match counts."""

    answers: Annotated[tuple[AcceptedText, ...], msgspec.Meta(min_length=1)]


class NumericContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question whose answer is a bare number; a unit, if any, is named by the stem."""

    stem: Stem
    decimal_mark: Literal[".", ","] = "."
    group_mark: Literal[",", ".", " ", "'"] | None = None
    allow_fraction: bool = False
    allow_percent: bool = False


class NumericKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The accepted numbers; the best match counts."""

    answers: Annotated[tuple[AcceptedNumber, ...], msgspec.Meta(min_length=1)]


class MatchingContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Stems that each get one choice; with `reuse` a choice may serve more than one stem. Extra choices may be left."""

    stem: Stem
    stems: Annotated[tuple[Choice, ...], msgspec.Meta(min_length=2, max_length=40)]
    choices: Annotated[tuple[Choice, ...], msgspec.Meta(min_length=2, max_length=50)]
    reuse: bool = False


class MatchingKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The right choice of every stem, by ids."""

    pairs: dict[str, str]


class OrderingContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """2 to 40 items to be put in order; they are listed in no telling order."""

    stem: Stem
    items: Annotated[tuple[Choice, ...], msgspec.Meta(min_length=2, max_length=40)]


class OrderingKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All ids in the right order."""

    order: tuple[Id, ...]


class GapSelectContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence with gaps, each with its options."""

    stem: Stem
    gaps: Annotated[tuple[OptionGap, ...], msgspec.Meta(min_length=1, max_length=40)]


class GapSelectKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The right option of every gap, by ids."""

    gaps: dict[str, str]


class GapTextContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence with gaps to type into."""

    stem: Stem
    gaps: Annotated[tuple[Gap, ...], msgspec.Meta(min_length=1, max_length=40)]


class GapTextKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The accepted answers of every gap, by its id."""

    gaps: dict[str, tuple[AcceptedText, ...]]


class SingleChoiceScoring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The right choice earns everything."""

    rule: Literal["choice"] = "choice"


class ExactScoring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Right or wrong."""

    rule: Literal["exact"] = "exact"


class MultipleChoiceScoring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How ticked right and ticked wrong choices count."""

    rule: Literal[
        "net_correct", "all_or_nothing", "balanced", "each_answer", "coverage", "halves", "right_minus_excess"
    ] = "net_correct"


class BestMatchScoring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which accepted answer counts where several match."""

    rule: Literal["best_match", "first_match"] = "best_match"


class MeanScoring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Right parts over all parts, or nothing unless all are right."""

    rule: Literal["mean", "all_or_nothing"] = "mean"


class OrderingScoring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
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


class _Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", kw_only=True):
    """What every item has. `source_ref` is null for items that no source backs; `floor` is the least score."""

    id: Id
    points: Points = "1.00"
    floor: Annotated[float, msgspec.Meta(ge=-1, le=0)] = 0.0
    allow_blank: bool = False
    source_ref: SourceRef | None = None


class SingleChoice(_Asked, frozen=True, tag="single_choice", kw_only=True):
    """One of several choices."""

    content: SingleChoiceContent
    key: SingleChoiceKey
    scoring: SingleChoiceScoring = SingleChoiceScoring()


class MultipleChoice(_Asked, frozen=True, tag="multiple_choice", kw_only=True):
    """Some of several choices."""

    content: MultipleChoiceContent
    key: MultipleChoiceKey
    scoring: MultipleChoiceScoring = MultipleChoiceScoring()


class TrueFalse(_Asked, frozen=True, tag="true_false", kw_only=True):
    """A statement that holds or does not."""

    content: TrueFalseContent
    key: TrueFalseKey
    scoring: ExactScoring = ExactScoring()


class ShortText(_Asked, frozen=True, tag="short_text", kw_only=True):
    """A few words."""

    content: ShortTextContent
    key: ShortTextKey
    scoring: BestMatchScoring = BestMatchScoring()


class Numeric(_Asked, frozen=True, tag="numeric", kw_only=True):
    """A bare number."""

    content: NumericContent
    key: NumericKey
    scoring: BestMatchScoring = BestMatchScoring()


class Matching(_Asked, frozen=True, tag="matching", kw_only=True):
    """Pairs."""

    content: MatchingContent
    key: MatchingKey
    scoring: MeanScoring = MeanScoring()


class Ordering(_Asked, frozen=True, tag="ordering", kw_only=True):
    """A sequence."""

    content: OrderingContent
    key: OrderingKey
    scoring: OrderingScoring = OrderingScoring()


class GapSelect(_Asked, frozen=True, tag="gap_select", kw_only=True):
    """Gaps with options."""

    content: GapSelectContent
    key: GapSelectKey
    scoring: MeanScoring = MeanScoring()


class GapText(_Asked, frozen=True, tag="gap_text", kw_only=True):
    """Gaps to type into."""

    content: GapTextContent
    key: GapTextKey
    scoring: MeanScoring = MeanScoring()


Item = SingleChoice | MultipleChoice | TrueFalse | ShortText | Numeric | Matching | Ordering | GapSelect | GapText


def kind_of(item: Item) -> Kind:
    """The kind of `item`, as its tag says."""
    return Kind(typing.cast("str", type(item).__struct_config__.tag))
