"""What grading says: exact inside (`Scored`), rounded once at the edge (`Result`).

Scores are fractions of an item's points: ints or `Fraction`s, so that three thirds are one. A float appears only in
`Result.score`.
"""

from fractions import Fraction
from typing import Final, Literal, TypeAlias

from msgspec import Struct

Share: TypeAlias = Fraction | int
"""An exact part of an item's points: from the item's floor (0 unless it says otherwise, never below -1) to 1."""

PartState: TypeAlias = Literal["right", "partial", "wrong", "unanswered"]
Notice: TypeAlias = Literal["unit_missing", "rounding", "spelling"]
"""Remarks that do not disclose the key."""


class PartSignal(Struct, frozen=True):
    """How one part of an answer fared; only parts that the learner filled in, or left empty, are named."""

    id: str
    state: PartState


class Scored(Struct, frozen=True):
    """What a rubric finds: the exact share before floor and ceiling; None where only a person can judge."""

    share: Share | None
    parts: tuple[PartSignal, ...] = ()
    notices: tuple[Notice, ...] = ()


class Result(Struct, frozen=True):
    """One graded answer as it is shown.

    `score` is the share rounded half even to 6 places, null only for `needs_review`; `points` is decimal text with two
    places, share times the item's points, rounded half up. `attempted` is false for a blank answer that the item allows.
    """

    score: float | None
    points: str
    state: Literal["right", "partial", "wrong", "needs_review"]
    attempted: bool
    parts: tuple[PartSignal, ...] = ()
    notices: tuple[Notice, ...] = ()


_MILLION: Final = 1_000_000


def rounded(share: Share) -> float:
    """Return the share with six places, half even, as a float."""
    if isinstance(share, int):
        return float(share)
    whole, rest = divmod(share.numerator * _MILLION, share.denominator)
    double = 2 * rest
    if double > share.denominator or (double == share.denominator and whole % 2):
        whole += 1
    return whole / _MILLION


def points_text(share: Share, points_cents: int) -> str:
    """Return share x points as decimal text with two places, half up (away from zero)."""
    return cents_text(cents(share * points_cents))


def cents(exact: Share) -> int:
    """Round an exact number of hundredths of a point half up (away from zero)."""
    numerator, denominator = exact.numerator, exact.denominator
    if denominator == 1:
        return numerator
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def cents_text(whole: int) -> str:
    """Hundredths as decimal text: 150 -> "1.50"."""
    sign = "-" if whole < 0 else ""
    units, rest = divmod(abs(whole), 100)
    return f"{sign}{units}.{rest:02d}"


def cents_of(points: str) -> int:
    """The hundredths of authored points: "1.50" -> 150. The text has two places (`Points`)."""
    return int(points[:-3]) * 100 + int(points[-2:])
