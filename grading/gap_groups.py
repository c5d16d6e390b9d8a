"""Gaps that may be filled in any order: each answer goes to the gap's key that makes the most of all of them.

Rule source: grading contract, section 6, row 14: the same answer is credited once.
"""

from collections.abc import Sequence
from math import lcm
from typing import TypeAlias

from grading.accepted_number import AcceptedNumbers
from grading.accepted_text import NO_MATCH, AcceptedTexts
from grading.numbers import Written
from grading.result import Scored

Accepted: TypeAlias = AcceptedTexts | AcceptedNumbers
Typed: TypeAlias = str | Written | None


def judge_gap(accepted: Accepted, typed: str | Written) -> Scored:
    """Return what was typed earns in its own gap."""
    if isinstance(typed, str):
        return accepted.judge(typed) if isinstance(accepted, AcceptedTexts) else NO_MATCH
    return accepted.judge(typed) if isinstance(accepted, AcceptedNumbers) else NO_MATCH


def judge_group(
    accepted: Sequence[Accepted], typed: Sequence[Typed], weights: Sequence[int]
) -> list[tuple[int, Scored]]:
    """Return, for each gap of a group, whose answers its text was held against (its own, if it is empty) and the score.

    Each gap's answers serve one text. Of all ways to share them out one that earns most is taken, with as many texts as
    possible in their own gaps.
    """
    own = [NO_MATCH if text is None else judge_gap(key, text) for key, text in zip(accepted, typed, strict=True)]
    filled = [place for place, text in enumerate(typed) if text is not None]
    all_count_alike = len(filled) == len(typed) or len(set(weights)) == 1
    if all_count_alike and all(own[place].share == 1 for place in filled):
        return list(enumerate(own))
    scores = [_against_all(accepted, typed[place]) for place in filled]
    right = _all_right(scores) if len(filled) == len(typed) else None
    if right is not None:
        return right
    scale = lcm(*((scored.share or 0).denominator for row in scores for scored in row))
    most = 2 * len(accepted)
    worth = [
        [
            int((scored.share or 0) * scale) * weight * most + (key == place)
            for key, (scored, weight) in enumerate(zip(row, weights, strict=True))
        ]
        for place, row in zip(filled, scores, strict=True)
    ]
    judged = list(enumerate(own))
    for place, row, key in zip(filled, scores, best_assignment(worth), strict=True):
        judged[place] = key, row[key]
    return judged


def _all_right(scores: Sequence[Sequence[Scored]]) -> list[tuple[int, Scored]] | None:
    """The keys in another order, where each text is quite right for the first key that no other has taken."""
    taken: dict[int, Scored] = {}
    for row in scores:
        key = next((key for key, scored in enumerate(row) if scored.share == 1 and key not in taken), None)
        if key is None:
            return None
        taken[key] = row[key]
    return list(taken.items())


def _against_all(accepted: Sequence[Accepted], typed: Typed) -> list[Scored]:
    """What a text would earn in each gap of its group; it passes the pipeline once, which they share."""
    if isinstance(typed, Written):
        return [key.judge(typed) if isinstance(key, AcceptedNumbers) else NO_MATCH for key in accepted]
    texts = [key for key in accepted if isinstance(key, AcceptedTexts)]
    if not isinstance(typed, str) or len(texts) < len(accepted):
        return [NO_MATCH] * len(accepted)
    seen = texts[0].seen(typed)
    return [key.judge_seen(seen) for key in texts]


def best_assignment(worth: Sequence[Sequence[int]]) -> list[int]:
    """Return a column for each row, no column twice, so that the sum of their worths is greatest.

    There are at least as many columns as rows. The Hungarian method with potentials: O(rows^2 x columns).
    """
    seats = _Seats(worth)
    for row in range(len(worth)):
        seats.seat(row)
    chosen = [0] * len(worth)
    for column, row in seats.holder.items():
        chosen[row] = column
    return chosen


class _Seats:
    """Who holds which column so far. A row's price plus a column's price is nowhere below the worth of the pair, and
    equal to it where the row holds the column: that makes the sum the greatest.
    """

    def __init__(self, worth: Sequence[Sequence[int]]) -> None:
        self._worth = worth
        self._row_price = [max(row) for row in worth]
        self._column_price = [0] * (len(worth[0]) if worth else 0)
        self.holder: dict[int, int] = {}

    def seat(self, row: int) -> None:
        """Give the row a column, moving others on where that costs least in all."""
        rows = [row]
        came_from: dict[int, int] = {}
        reached: list[int] = []
        excess: dict[int, int] = {}
        for column in range(len(self._column_price)):
            excess[column], came_from[column] = self._excess(row, column), row
        while True:
            column = min(excess, key=excess.__getitem__)
            self._reprice(rows, reached, excess, excess[column])
            del excess[column]
            reached.append(column)
            if column not in self.holder:
                break
            other = self.holder[column]
            rows.append(other)
            for free, known in excess.items():
                apart = self._excess(other, free)
                if apart < known:
                    excess[free], came_from[free] = apart, other
        self._move(row, column, came_from)

    def _excess(self, row: int, column: int) -> int:
        return self._row_price[row] + self._column_price[column] - self._worth[row][column]

    def _reprice(self, rows: list[int], reached: list[int], excess: dict[int, int], by: int) -> None:
        if by:
            for row in rows:
                self._row_price[row] -= by
            for column in reached:
                self._column_price[column] += by
            for column in excess:
                excess[column] -= by

    def _move(self, row: int, column: int, came_from: dict[int, int]) -> None:
        """Hand the columns on, from the free one back to the row that needed one."""
        held = {holder: column for column, holder in self.holder.items()}
        while True:
            taker = came_from[column]
            self.holder[column] = taker
            if taker == row:
                return
            column = held[taker]
