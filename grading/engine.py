"""The one door to grading an item: load it once, then validate and grade any number of answers.

Pure functions of their arguments: no clock, no chance, no input or output. Same input, same bytes.
"""

from functools import lru_cache
from typing import Any, Final, Literal, assert_never

from msgspec import Struct

from grading.faults import Blank, Flaw, Flaws, FormatError, Malformed, Unloadable
from grading.items import (
    categorize,
    choice_matrix,
    composite,
    essay,
    formula,
    gap_select,
    gap_text,
    hotspot,
    marker_drop,
    matching,
    multiple_choice,
    numeric,
    ordering,
    parsons,
    quantity,
    short_text,
    single_choice,
    true_false,
)
from grading.items.categorize import Categorize
from grading.items.choice_matrix import ChoiceMatrix
from grading.items.composite import Composite
from grading.items.essay import Essay
from grading.items.formula import Formula
from grading.items.gap_select import GapSelect
from grading.items.gap_text import GapText
from grading.items.hotspot import Hotspot
from grading.items.marker_drop import MarkerDrop
from grading.items.matching import Matching
from grading.items.multiple_choice import MultipleChoice
from grading.items.numeric import Numeric
from grading.items.ordering import Ordering
from grading.items.parsons import Parsons
from grading.items.quantity import Quantity
from grading.items.short_text import ShortText
from grading.items.single_choice import SingleChoice
from grading.items.true_false import TrueFalse
from grading.kinds import Loaded
from grading.model import Answer, Item
from grading.parts import exact
from grading.result import Result, Scored, Share, cents_of, nearly_all, nearly_nothing, points_text, ratio, rounded
from grading.simple import SimpleItem

ANSWER_BUDGET_US: Final = 5_000
"""What grading one answer may cost at most; a composite of costly parts may come to more."""


class Compiled(Struct, frozen=True):
    """An item that can be graded: build it once per published version, share it freely."""

    id: str
    points_cents: int
    floor: Share
    allow_blank: bool
    loaded: Loaded

    @property
    def kind(self) -> str:
        """The `type` of the item and of its answers."""
        return self.loaded.reader.kind


class Graded(Struct, frozen=True, gc=False):
    """One graded answer: the exact share (None: a person must judge) and what may be shown of it."""

    share: Share | None
    result: Result


UNANSWERED: Final = Graded(0, Result(0.0, "0.00", "wrong", attempted=False))
"""What an item earns that was not answered at all, whatever its kind and floor."""


def load(item: Item) -> Compiled | Unloadable:
    """Return the item ready to grade, or every flaw that makes it ungradable. Never raises for what an author wrote."""
    flaws = Flaws()
    prepared = _prepare(item, flaws)
    if flaws or prepared is None:
        return Unloadable(flaws.all())
    if prepared.cost_us > ANSWER_BUDGET_US:
        return Unloadable((Flaw("content", "an answer to it could take too long to grade; make several items of it"),))
    return Compiled(item.id, cents_of(item.points), exact(item.floor), item.allow_blank, prepared)


def validate(item: Compiled, answer: Answer) -> tuple[FormatError, ...]:
    """Return all format errors of the answer; none means that it can be graded. Looks at no key."""
    reading = _read(item, answer)
    return reading.errors if isinstance(reading, Malformed) else ()


def grade(item: Compiled, answer: Answer) -> Graded | Malformed:
    """Return the answer's grade, or all its format errors."""
    reading = _read(item, answer)
    what = type(reading)
    if what is Malformed:
        malformed: Malformed = reading
        return malformed
    if what is Blank:
        return UNANSWERED
    return _graded(item, item.loaded.rubric.score(reading))


def _read(item: Compiled, answer: Answer) -> Any:
    """Return a reading, a blank that the item allows, or what is wrong with the answer."""
    reading = item.loaded.reader.read(answer)
    if type(reading) is Blank and not item.allow_blank:
        return Malformed((FormatError("answer_required", reading.param, "nothing is answered"),))
    return reading


def _graded(item: Compiled, scored: Scored) -> Graded:
    share = scored.share
    if share is None:
        return Graded(None, Result(None, "0.00", "needs_review", True, scored.parts, scored.notices))
    numerator, denominator = share.as_integer_ratio()
    if numerator < 0 and share < item.floor:
        numerator, denominator = item.floor.as_integer_ratio()
    whole = _whole(numerator, denominator, item.points_cents)
    if not scored.parts and not scored.notices:
        return whole
    shown = whole.result
    return Graded(whole.share, Result(shown.score, shown.points, shown.state, True, scored.parts, scored.notices))


@lru_cache(maxsize=8192)
def _whole(numerator: int, denominator: int, points_cents: int) -> Graded:
    """The grade of a whole item, its share at most 1. Remembered, because few different shares are ever earned."""
    share = ratio(numerator, denominator)
    if nearly_all(share):
        return Graded(1, Result(1.0, points_text(1, points_cents), "right", attempted=True))
    state: Literal["partial", "wrong"] = "wrong" if nearly_nothing(share) else "partial"
    return Graded(share, Result(rounded(share), points_text(share, points_cents), state, attempted=True))


def _prepare(item: Item, flaws: Flaws) -> Loaded | None:
    if isinstance(item, Composite):
        return composite.load(item, flaws, prepare_simple)
    return prepare_simple(item, flaws)


def prepare_simple(  # ruff: ignore[complex-structure, too-many-branches] - one branch a kind
    item: SimpleItem, flaws: Flaws
) -> Loaded | None:
    """Prepare an item of any kind but the composite; None only where a flaw leaves nothing to prepare."""
    match item:
        case SingleChoice():
            return single_choice.load(item, flaws)
        case TrueFalse():
            return true_false.load(item, flaws)
        case MultipleChoice():
            return multiple_choice.load(item, flaws)
        case ChoiceMatrix():
            return choice_matrix.load(item, flaws)
        case Matching():
            return matching.load(item, flaws)
        case Categorize():
            return categorize.load(item, flaws)
        case Ordering():
            return ordering.load(item, flaws)
        case GapSelect():
            return gap_select.load(item, flaws)
        case ShortText():
            return short_text.load(item, flaws)
        case Numeric():
            return numeric.load(item, flaws)
        case Quantity():
            return quantity.load(item, flaws)
        case GapText():
            return gap_text.load(item, flaws)
        case Formula():
            return formula.load(item, flaws)
        case Hotspot():
            return hotspot.load(item, flaws)
        case MarkerDrop():
            return marker_drop.load(item, flaws)
        case Parsons():
            return parsons.load(item, flaws)
        case Essay():
            return essay.load(item, flaws)
        case _:
            assert_never(item)
