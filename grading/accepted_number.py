"""Accepted numbers: which of an item's answers a number comes near enough to, and what that earns.

Rule source: grading contract, section 9. All is compared in whole numbers, cross-multiplied: no epsilon is needed.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from msgspec import Struct

from grading.accepted_text import ANSWERS_MAX, NO_MATCH, MatchRule
from grading.faults import Flaws
from grading.limits import Limits
from grading.numbers import DIGITS_MAX, NumberReader, Written
from grading.parts import Number, Share, exact
from grading.result import Notice, Scored, whole
from grading.result import Share as ExactShare
from grading.tolerances import (
    ANYTHING,
    Band,
    ExactTolerance,
    Interval,
    Part,
    Ratio,
    Tolerance,
    WrittenSigfigs,
    around,
    reach_of,
    rounded_to_digits,
)


class NumberRange(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """All numbers from `low` to `high`, one of which may be missing; an open end is not in the range itself."""

    low: Number | None = None
    high: Number | None = None
    low_open: bool = False
    high_open: bool = False


class Near(Struct, frozen=True, forbid_unknown_fields=True):
    """Outside the tolerance, but within `times` of it: earns `credit`, a part of the answer's score."""

    times: Number = "2"
    credit: Part = 0.5


class AcceptedNumber(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A number within its tolerance, or a range, that earns `score`. Near misses that should earn something are listed
    as further answers, or all numbers `near` this one are.
    """

    value: Number | None = None
    tolerance: Tolerance = ExactTolerance()
    score: Share = 1.0
    range: NumberRange | None = None
    near: Near | None = None


class SameDigits(Struct, frozen=True):
    """Asks for a number that was written with so many significant digits."""

    digits: int

    def holds(self, written: Written, _top: int, _bottom: int) -> bool:
        """Whether the number was, or may have been, written so."""
        least, most = written.significant()
        return least <= self.digits <= most


class MoreDigits(Struct, frozen=True):
    """Asks for a number with more significant digits than that, all of them right: `right` is the key, rounded to one digit
    more, two more, and so on, each as numerator and denominator.
    """

    digits: int
    right: tuple[tuple[int, int], ...]

    def holds(self, written: Written, top: int, bottom: int) -> bool:
        """Whether top / bottom, the number in the key's unit, is the key, rounded to as many digits as were written."""
        least, _ = written.significant()
        if least <= self.digits:
            return False
        right_top, right_bottom = self.right[least - self.digits - 1]
        return top * right_bottom == right_top * bottom


def more_digits(digits: int, key: Fraction) -> MoreDigits:
    """Prepare the roundings of a key to more significant digits, as far as anybody can write them."""
    longer = (rounded_to_digits(key, count) for count in range(digits + 1, DIGITS_MAX + 1))
    return MoreDigits(digits, tuple(right.as_integer_ratio() for right in longer))


class Earning(NamedTuple):
    """An interval in whole numbers (an end at 0/0 is none; an open one asks for 1 more) and what a number in it earns."""

    low: int
    low_over: int
    low_open: int
    high: int
    high_over: int
    high_open: int
    asks: SameDigits | MoreDigits | None
    scored: Scored


class AcceptedNumbers(Struct, frozen=True):
    """The accepted numbers of an item or a gap, in the order in which they count."""

    earnings: tuple[Earning, ...]

    def judge(self, written: Written) -> Scored:
        """Return what the number earns."""
        return self.judge_value(written.numerator, written.denominator, written)

    def judge_value(self, top: int, bottom: int, written: Written) -> Scored:
        """Return what the value top / bottom (not reduced) earns, which was `written` so, in another unit maybe."""
        for low, low_over, low_open, high, high_over, high_open, asks, scored in self.earnings:
            if (
                top * low_over - low * bottom >= low_open
                and high * bottom - top * high_over >= high_open
                and (asks is None or asks.holds(written, top, bottom))
            ):
                return scored
        return NO_MATCH


def accepted_numbers(
    answers: Sequence[AcceptedNumber],
    reader: NumberReader,
    rule: MatchRule,
    limits: Limits | None,
    param: str,
    flaws: Flaws,
) -> AcceptedNumbers:
    """Prepare accepted numbers; `param` is the path of their list, for the flaws. One of them must earn everything."""
    if not 1 <= len(answers) <= ANSWERS_MAX:
        flaws.add(param, f"from 1 to {ANSWERS_MAX} answers")
    if max((accepted.score for accepted in answers), default=1) != 1:
        flaws.add(param, "one answer must earn 1")
    earnings: list[Earning] = []
    for place, accepted in enumerate(answers[:ANSWERS_MAX]):
        path = f"{param}[{place}]"
        if accepted.range is not None:
            earnings += _range(accepted, accepted.range, reader, limits, path, flaws)
        elif accepted.value is None:
            flaws.add(path, "give a value, or a range")
        else:
            earnings += _value(accepted, accepted.value, reader, limits, path, flaws)
    if rule == "best_match":
        earnings.sort(key=lambda earning: -(earning.scored.share or 0))
    return AcceptedNumbers(tuple(earnings))


def _range(
    accepted: AcceptedNumber,
    authored: NumberRange,
    reader: NumberReader,
    limits: Limits | None,
    path: str,
    flaws: Flaws,
) -> list[Earning]:
    for field, given in (("value", accepted.value), ("near", accepted.near)):
        if given is not None:
            flaws.add(f"{path}.{field}", "a range stands alone")
    if not isinstance(accepted.tolerance, ExactTolerance):
        flaws.add(f"{path}.tolerance", "a range has no tolerance")
    low, high = (
        None if end is None else reader.exact(end, f"{path}.range.{field}", flaws)
        for field, end in (("low", authored.low), ("high", authored.high))
    )
    if authored.low is authored.high is None:
        flaws.add(f"{path}.range", "give one end at least")
    interval = Interval(low, high, authored.low_open, authored.high_open)
    if interval.is_empty():
        flaws.add(f"{path}.range.high", "no number is in this range")
    elif limits is not None and not limits.meets(interval):
        flaws.add(f"{path}.range", "the content takes no number of this range")
    return [_earning(interval, exact(accepted.score))]


def _value(
    accepted: AcceptedNumber, value: str, reader: NumberReader, limits: Limits | None, path: str, flaws: Flaws
) -> list[Earning]:
    share = exact(accepted.score)
    written = reader.read(value, f"{path}.value")
    if not isinstance(written, Written):
        reader.exact(value, f"{path}.value", flaws)
        return []
    refusal = None if limits is None else limits.refusal(written, f"{path}.value")
    if refusal is not None:
        flaws.add(refusal.param, f"the content does not take this number: {refusal.message}")
    key = written.value
    reach = reach_of(accepted.tolerance, key, reader, f"{path}.tolerance", flaws)
    if accepted.near is not None and isinstance(reach, Interval | WrittenSigfigs):
        flaws.add(f"{path}.near", "near is a multiple of a tolerance, and this one has no width")
    if isinstance(reach, WrittenSigfigs):
        right = rounded_to_digits(key, reach.digits)
        if limits is not None and not limits.meets(Interval(right, right)):
            flaws.add(f"{path}.tolerance.digits", "the content does not take the value, rounded to so many digits")
        longer = share * (1 - exact(reach.extra_digits_penalty))
        return [
            _earning(Interval(right, right), share, SameDigits(reach.digits)),
            _earning(ANYTHING, longer, more_digits(reach.digits, key), ("rounding",) if longer > 0 else ()),
        ]
    if isinstance(reach, Interval):
        return [_earning(reach, share)]
    if reach is None:
        return []
    near = [] if accepted.near is None else _near(accepted.near, key, reach, share, reader, path, flaws)
    return [_earning(around(key, reach), share), *near]


def _near(
    near: Near, key: Fraction, reach: Band | Ratio, share: ExactShare, reader: NumberReader, path: str, flaws: Flaws
) -> list[Earning]:
    """What is outside the tolerance on either side, but within a multiple of it."""
    times = reader.exact(near.times, f"{path}.near.times", flaws)
    if times is None:
        return []
    if times <= 1:
        flaws.add(f"{path}.near.times", "near reaches further than the tolerance: more than 1 times")
        return []
    inner, outer, credit = around(key, reach), around(key, reach, times), share * exact(near.credit)
    below, above = Interval(outer.low, inner.low, high_open=True), Interval(inner.high, outer.high, low_open=True)
    return [_earning(below, credit), _earning(above, credit)]


def _earning(
    interval: Interval,
    share: ExactShare,
    asks: SameDigits | MoreDigits | None = None,
    notices: tuple[Notice, ...] = (),
) -> Earning:
    low, low_over = (0, 0) if interval.low is None else interval.low.as_integer_ratio()
    high, high_over = (0, 0) if interval.high is None else interval.high.as_integer_ratio()
    scored = Scored(whole(share), notices=notices)
    return Earning(low, low_over, interval.low_open, high, high_over, interval.high_open, asks, scored)
