"""A whole assessment: load all its items, grade all answers of a submission, add up what was earned.

Sums are exact: shares are added unrounded, and only the total is rounded.
"""

from collections.abc import Iterable, Sequence
from math import lcm
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from grading.answers import Answers, Misshapen
from grading.engine import UNANSWERED, Compiled, Graded, grade, load
from grading.faults import ERRORS_MAX, Flaw, FormatError, Malformed, Unloadable, shown
from grading.model import Item
from grading.result import Result, Share, cents, cents_text, ratio, share_text

MOST_ITEMS: Final = 200
FLAWS_TOLD: Final = 100
"""Where so many flaws are found, the items behind them are not looked at: what a refusal costs has its bound too."""
COST_BUDGET_US: Final = 200_000
"""What the worst submission may cost to grade, in microseconds."""


class CompiledAssessment(Struct, frozen=True):
    """All items of one published version, ready to grade; built once, shared freely."""

    items: tuple[Compiled, ...]
    places: dict[str, int]


def load_all(items: Sequence[Item]) -> CompiledAssessment | Unloadable:
    """Return the assessment ready to grade, or every flaw of every item, with paths such as `items[3].key.correct`.

    Where the flaws are very many, the last items are not looked at.
    """
    if len(items) > MOST_ITEMS:
        return Unloadable((Flaw("items", f"at most {MOST_ITEMS} items"),))
    flaws: list[Flaw] = []
    ready: list[Compiled] = []
    places: dict[str, int] = {}
    cost_us = 0
    for place, item in enumerate(items):
        if len(flaws) >= FLAWS_TOLD or cost_us > COST_BUDGET_US:
            break
        if places.setdefault(item.id, place) != place:
            flaws.append(Flaw(f"items[{place}].id", f"the id {shown(item.id)!r} is there twice"))
        loaded = load(item)
        if isinstance(loaded, Unloadable):
            flaws += [Flaw(f"items[{place}].{flaw.param}", flaw.message) for flaw in loaded.flaws]
        else:
            ready.append(loaded)
            cost_us += loaded.loaded.cost_us
    if cost_us > COST_BUDGET_US:
        flaws.append(
            Flaw("items", "together the items take too long to grade: use fewer patterns, formulas or fuzzy texts")
        )
    return Unloadable(tuple(flaws)) if flaws else CompiledAssessment(tuple(ready), places)


ItemState: TypeAlias = Literal["right", "partial", "wrong", "unanswered", "needs_review"]


class ItemGrade(Struct, frozen=True, gc=False):
    """What one item of a submission earned."""

    item_id: str
    points_cents: int
    share: Share | None
    result: Result

    @property
    def share_text(self) -> str | None:
        """The exact share for storage ("2/3"); None while a person must judge."""
        return None if self.share is None else share_text(self.share)

    @property
    def max_score(self) -> str:
        """The item's points, as decimal text."""
        return cents_text(self.points_cents)

    @property
    def state(self) -> ItemState:
        """The result's state, and `unanswered` for an item that was not attempted."""
        return self.result.state if self.result.attempted else "unanswered"


class Totals(Struct, frozen=True):
    """What a submission earned: decimal texts with two places; `percent` is floored, so only full marks are 100.

    While `awaiting_review`, what a person must still judge counts nothing. An assessment without points is 0 percent.
    `earned_cents` is the exact sum in hundredths of a point.
    """

    score: str
    max_score: str
    percent: int
    awaiting_review: bool
    earned_cents: Share


class Report(Struct, frozen=True):
    """A graded submission: every item of the assessment, in its order, and the totals."""

    items: tuple[ItemGrade, ...]
    totals: Totals


def grade_all(assessment: CompiledAssessment, answers: Answers) -> Report | Malformed:
    """Return the grades of all items; or, if any answer is malformed, all errors of all of them, and no grade at all.

    `answers` are in any order; an item without one is unanswered. Paths are those of a body that holds the list as
    `answers`: `answers[2].answer.choices[0]`.
    """
    places, items = assessment.places, assessment.items
    graded: list[Graded | None] = [None] * len(items)
    errors: list[FormatError] = []
    seen: set[str] = set()
    for index, given in enumerate(answers):
        if len(errors) >= ERRORS_MAX:
            break
        item_id = given.item_id
        place = places.get(item_id) if item_id is not None else None
        if item_id is not None:
            if place is None or item_id in seen:
                errors.append(_strayed(index, item_id, known=place is not None))
            seen.add(item_id)
        if isinstance(given, Misshapen):
            errors += [error.under(f"answers[{index}]") for error in given.errors]
        elif place is not None:
            grade_or_errors = grade(items[place], given.answer)
            if isinstance(grade_or_errors, Malformed):
                errors += [error.under(f"answers[{index}].answer") for error in grade_or_errors.errors]
            else:
                graded[place] = grade_or_errors
    if errors:
        return Malformed(tuple(errors[:ERRORS_MAX]))
    return _report(items, graded)


def _strayed(index: int, item_id: str, *, known: bool) -> FormatError:
    param = f"answers[{index}].item_id"
    if known:
        return FormatError("duplicate_id", param, f"the item {shown(item_id)!r} is answered twice")
    return FormatError("unknown_id", param, f"no item has the id {shown(item_id)!r}")


def _report(items: tuple[Compiled, ...], graded: Sequence[Graded | None]) -> Report:
    grades: list[ItemGrade] = []
    for item, given in zip(items, graded, strict=True):
        grade_of_item = given or UNANSWERED
        grades.append(ItemGrade(item.id, item.points_cents, grade_of_item.share, grade_of_item.result))
    return Report(tuple(grades), totals_of([(each.share, each.points_cents) for each in grades]))


def totals_of(earned: Iterable[tuple[Share | None, int]]) -> Totals:
    """Add up shares of items, each with the item's points in hundredths; a share of None awaits review."""
    by_denominator: dict[int, int] = {}
    whole = most = 0
    awaiting = False
    for share, points_cents in earned:
        most += points_cents
        if share is None:
            awaiting = True
        elif type(share) is int:
            whole += share * points_cents
        else:
            numerator, denominator = share.as_integer_ratio()
            by_denominator[denominator] = by_denominator.get(denominator, 0) + numerator * points_cents
    common = lcm(*by_denominator)
    parts = sum(numerator * (common // denominator) for denominator, numerator in by_denominator.items())
    total = ratio(whole * common + parts, common)
    percent = max(0, total * 100 // most) if most else 0
    return Totals(cents_text(cents(total)), cents_text(most), int(percent), awaiting, total)
