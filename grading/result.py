"""What grading says: exact inside (`Scored`), rounded once at the edge (`Result`).

Scores are fractions of an item's points: ints or `Fraction`s, so that three thirds are one. A float appears only in
`Result.score`. What is made for every answer is left to reference counts (`gc=False`): nothing in it can form a cycle.
"""

from fractions import Fraction
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from msgspec import Struct

Share: TypeAlias = Fraction | int
"""An exact part of an item's points: from the item's floor (0 unless it says otherwise, never below -1) to 1."""

PartState: TypeAlias = Literal["right", "partial", "wrong", "unanswered"]
Notice: TypeAlias = Literal["unit_missing", "rounding", "spelling"]
"""Remarks that do not disclose the key."""


class PartSignal(Struct, frozen=True, gc=False):
    """How one part of an answer fared; only parts that the learner filled in, or left empty, are named."""

    id: str
    state: PartState


class Signs(Struct, frozen=True):
    """The signals that one part may get, made once when its item is loaded."""

    right: PartSignal
    partial: PartSignal
    wrong: PartSignal
    unanswered: PartSignal

    def in_state(self, state: PartState) -> PartSignal:
        """The signal of a part in this state."""
        signal: PartSignal = getattr(self, state)
        return signal

    def of(self, share: Share) -> PartSignal:
        """The signal of a part that was answered and earns `share` of itself."""
        numerator, denominator = share.as_integer_ratio()
        if numerator >= denominator:
            return self.right
        return self.partial if numerator > 0 else self.wrong


def signs(part: str) -> Signs:
    """The signals of the part with this id."""
    return Signs(
        PartSignal(part, "right"),
        PartSignal(part, "partial"),
        PartSignal(part, "wrong"),
        PartSignal(part, "unanswered"),
    )


class Scored(Struct, frozen=True, gc=False):
    """What a rubric finds: the exact share before floor and ceiling; None where only a person can judge."""

    share: Share | None
    parts: tuple[PartSignal, ...] = ()
    notices: tuple[Notice, ...] = ()


class Result(Struct, frozen=True, gc=False):
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


@lru_cache(maxsize=8192)
def ratio(numerator: int, denominator: int) -> Share:
    """`numerator / denominator` exactly; an int where it is whole. The denominator is positive."""
    share = Fraction(numerator, denominator)
    return share.numerator if share.denominator == 1 else share


def whole(share: Share) -> Share:
    """The same number, as an int where it is whole: ints are several times faster to reckon with."""
    return share.numerator if share.denominator == 1 else share


NEARLY: Final = 1_000_000
"""Shares written as decimals (0.3333333) add up to nearly 1: closer to 1 than one in this many counts as 1, and closer
to 0 as nothing.
"""


def nearly_all(share: Share) -> bool:
    """Whether the share is 1 as nearly as authors' decimals can say it."""
    return (share.denominator - share.numerator) * NEARLY < share.denominator


def nearly_nothing(share: Share) -> bool:
    """Whether the share is 0, or less, as nearly as authors' decimals can say it."""
    return share.numerator * NEARLY < share.denominator


DECIMAL_BITS_MAX: Final = 14_000
"""Python writes and reads ints of up to 4300 digits; sums of very many different weights may have more."""


def share_text(share: Share) -> str:
    """The exact share as it is stored: "2/3", "1", "-1/4"; in hexadecimal ("0x2/0x3") where it is very long."""
    if max(share.numerator.bit_length(), share.denominator.bit_length()) > DECIMAL_BITS_MAX:
        return f"{share.numerator:#x}/{share.denominator:#x}"
    return str(share)


def share_of(text: str) -> Share:
    """The share that `share_text` wrote."""
    if "x" in text:
        numerator, _, denominator = text.partition("/")
        return whole(Fraction(int(numerator, 16), int(denominator, 16)))
    return whole(Fraction(text))


def rounded(share: Share) -> float:
    """Return the share with six places, half even, as a float."""
    if isinstance(share, int):
        return float(share)
    millionths, rest = divmod(share.numerator * _MILLION, share.denominator)
    double = 2 * rest
    if double > share.denominator or (double == share.denominator and millionths % 2):
        millionths += 1
    return millionths / _MILLION


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


@lru_cache(maxsize=8192)
def cents_text(amount: int) -> str:
    """Hundredths as decimal text: 150 -> "1.50"."""
    sign = "-" if amount < 0 else ""
    units, rest = divmod(abs(amount), 100)
    return f"{sign}{units}.{rest:02d}"


def cents_of(points: str) -> int:
    """The hundredths of authored points: "1.50" -> 150. The text has two places (`Points`)."""
    return int(points[:-3]) * 100 + int(points[-2:])
