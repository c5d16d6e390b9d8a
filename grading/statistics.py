"""What the results of many learners say about an item: how easy it is, how well it tells learners apart, what is chosen.

Facility is the mean share of the points that was earned. Discrimination is the point-biserial correlation of the item
with the rest of the test: Pearson's, between the item's score and the total without the item, as Moodle's quiz statistics
reckon their discrimination index. The correction matters, since an item always agrees with itself; and with partial
credit the same formula goes on to hold, of which the point-biserial is the case of right and wrong.

Sums are whole numbers, so that a result does not depend on the order of learners; memory does not grow with them.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import isqrt
from typing import Final, TypeAlias

from msgspec import Struct

from grading.answers import Answers, Given
from grading.items.choice_matrix import ChoiceMatrix, ChoiceMatrixAnswer
from grading.items.gap_select import GapSelect, GapSelectAnswer
from grading.items.multiple_choice import MultipleChoice, MultipleChoiceAnswer
from grading.items.single_choice import SingleChoice, SingleChoiceAnswer
from grading.items.true_false import TrueFalse, TrueFalseAnswer
from grading.model import Answer, Item
from grading.result import rounded

MILLION: Final = 1_000_000
"""Shares are counted in millionths: as exact as they are shown."""

Pick: TypeAlias = tuple[str | None, str]
"""A choice, and the row or gap it belongs to, if the item has several."""


class Earned(Struct, frozen=True):
    """What one learner earned of one item: its share in millionths, and the item's points in hundredths."""

    item_id: str
    share_millionths: int
    points_cents: int


class ChoiceCount(Struct, frozen=True, kw_only=True):
    """How often a choice was picked; `part` is the row or gap it was picked in, null where the item has one part."""

    part: str | None
    choice: str
    count: int


class ItemStatistics(Struct, frozen=True, kw_only=True):
    """One item over all attempts. `facility`: the mean share, 0-1, with 6 places.

    `discrimination`: -1 to 1 with 6 places, null where all learners earned the same of it, or of the rest.
    `choice_counts`: null for items without choices.
    """

    item_id: str
    facility: float
    discrimination: float | None
    choice_counts: tuple[ChoiceCount, ...] | None


class _Sums:
    """Sums over learners: of the item's share (x) and of the rest of the test (y), which is a share of points too."""

    __slots__ = ("picks", "x", "xx", "xy", "y", "yy")

    def __init__(self, picks: "Counter[Pick] | None") -> None:
        self.x = self.xx = self.y = self.yy = self.xy = 0
        self.picks = picks

    def add(self, share: int, rest: int) -> None:
        self.x += share
        self.xx += share * share
        self.y += rest
        self.yy += rest * rest
        self.xy += share * rest


class Tally:
    """Counts attempts on one version, one after the other."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.attempts = 0
        self._sums = {item.id: _Sums(_no_picks(item)) for item in items}

    def add(self, earned: Sequence[Earned], answers: Answers) -> None:
        """Count one attempt: what it earned of every item, and its answers as far as they can be read."""
        self.attempts += 1
        total = sum(one.share_millionths * one.points_cents for one in earned)
        for one in earned:
            rest = total - one.share_millionths * one.points_cents
            self._sums[one.item_id].add(one.share_millionths, rest)
        for given in answers:
            if isinstance(given, Given) and (sums := self._sums.get(given.item_id)) is not None:
                self._count(sums, given.answer)

    def items(self) -> tuple[ItemStatistics, ...]:
        """What is known of each item, in their order; one attempt at least must have been counted."""
        return tuple(
            ItemStatistics(
                item_id=item_id,
                facility=rounded(Fraction(sums.x, self.attempts * MILLION)),
                discrimination=self._correlation(sums),
                choice_counts=None if sums.picks is None else tuple(_counts(sums.picks)),
            )
            for item_id, sums in self._sums.items()
        )

    @staticmethod
    def _count(sums: _Sums, answer: Answer) -> None:
        if sums.picks is not None:
            for pick in set(picks_of(answer)):
                if pick in sums.picks:
                    sums.picks[pick] += 1

    def _correlation(self, sums: _Sums) -> float | None:
        n = self.attempts
        covariance = n * sums.xy - sums.x * sums.y
        spread = (n * sums.xx - sums.x * sums.x) * (n * sums.yy - sums.y * sums.y)
        return None if spread == 0 else _ratio_to_root(covariance, spread)


def _ratio_to_root(numerator: int, square: int) -> float:
    """`numerator / sqrt(square)` with six places, half away from zero, without a float on the way."""
    doubled = isqrt(4 * MILLION * MILLION * numerator * numerator // square)
    magnitude = (doubled + 1) // 2 / MILLION
    return -magnitude if numerator < 0 else magnitude


def _counts(picks: "Counter[Pick]") -> Iterator[ChoiceCount]:
    for (part, choice), count in picks.items():
        yield ChoiceCount(part=part, choice=choice, count=count)


def _no_picks(item: Item) -> "Counter[Pick] | None":
    """Every choice of an item that is answered by choosing, each picked by nobody yet; None for other kinds."""
    match item:
        case SingleChoice() | MultipleChoice():
            picks: list[Pick] = [(None, choice.id) for choice in item.content.choices]
        case TrueFalse():
            picks = [(None, "true"), (None, "false")]
        case ChoiceMatrix():
            picks = [(row.id, column.id) for row in item.content.rows for column in item.content.columns]
        case GapSelect():
            bank = item.content.bank
            picks = [(gap.id, option.id) for gap in item.content.gaps for option in gap.options or bank]
        case _:
            return None
    return Counter(dict.fromkeys(picks, 0))


def picks_of(answer: Answer) -> Iterator[Pick]:
    """What an answer picks; nothing for answers that are not picked from a list."""
    match answer:
        case SingleChoiceAnswer():
            yield None, answer.choice
        case MultipleChoiceAnswer():
            yield from ((None, choice) for choice in answer.choices)
        case TrueFalseAnswer():
            yield None, "true" if answer.value else "false"
        case ChoiceMatrixAnswer():
            yield from ((row.row, choice) for row in answer.rows for choice in row.choices)
        case GapSelectAnswer():
            yield from ((gap.gap, gap.option) for gap in answer.gaps)
        case _:
            return
