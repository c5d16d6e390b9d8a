"""How near a number must come to an accepted one: every tolerance becomes an interval with exact, open or closed ends.

Rule source: grading contract, section 9. Ends are included unless a rule says otherwise; rounding is half up, away from
zero. Numbers in tolerances are written as the item's content writes numbers.
"""

from fractions import Fraction
from typing import Annotated, Final, Literal, TypeAlias, assert_never

import msgspec
from msgspec import Struct

from grading.faults import Flaws
from grading.numbers import NumberReader
from grading.parts import Number

Places = Annotated[int, msgspec.Meta(ge=0, le=40)]
Digits = Annotated[int, msgspec.Meta(ge=1, le=40)]
Part = Annotated[float, msgspec.Meta(ge=0, le=1)]


class ExactTolerance(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="exact"):
    """Only the value itself is right, however it is formatted."""


class AbsoluteTolerance(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="absolute"):
    """Right from `value - by` to `value + by`."""

    by: Number


class AsymmetricTolerance(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="asymmetric"):
    """Right from `value - below` to `value + above`."""

    below: Number
    above: Number


class RelativeTolerance(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="relative"):
    """Right within `by` times the absolute value of the key."""

    by: Number


class JointTolerance(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="absolute+relative"):
    """Right within an absolute and a relative band: the larger of the two, or their sum."""

    absolute: Number
    relative: Number
    combine: Literal["larger", "sum"]


class GeometricTolerance(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="geometric"):
    """Right from `value / (1 + by)` to `value * (1 + by)`, of the same sign."""

    by: Number


class RoundDecimals(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="round_decimals"):
    """Right if it rounds to the same number of `places` decimals as the key."""

    places: Places


class RoundSigfigs(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="round_sigfigs"):
    """Right if it rounds to the same number of `digits` significant digits as the key."""

    digits: Digits


class WrittenSigfigs(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="written_sigfigs"):
    """Right if it is the key rounded to `digits` significant digits, and written with as many.

    In another unit the digits are counted as written, and the converted number is compared. More digits that are right
    too earn 1 - `extra_digits_penalty`; fewer earn nothing.
    """

    digits: Digits
    extra_digits_penalty: Part = 0.0


Tolerance = (
    ExactTolerance
    | AbsoluteTolerance
    | AsymmetricTolerance
    | RelativeTolerance
    | JointTolerance
    | GeometricTolerance
    | RoundDecimals
    | RoundSigfigs
    | WrittenSigfigs
)


class Interval(Struct, frozen=True):
    """All numbers between two ends; None is no end. An open end is not in it itself."""

    low: Fraction | None
    high: Fraction | None
    low_open: bool = False
    high_open: bool = False

    def is_empty(self) -> bool:
        """Whether no number is between the ends."""
        if self.low is None or self.high is None:
            return False
        return self.low >= self.high if self.low_open or self.high_open else self.low > self.high


ANYTHING: Final = Interval(None, None)


class Band(Struct, frozen=True):
    """How far from the key is right: `below` it and `above` it; near answers are within a multiple of that."""

    below: Fraction
    above: Fraction


class Ratio(Struct, frozen=True):
    """By which part of the key (of its size, to either side) an answer may be smaller or greater."""

    by: Fraction


Reach: TypeAlias = Band | Ratio | Interval | WrittenSigfigs
"""A tolerance with its numbers read."""


def reach_of(tolerance: Tolerance, key: Fraction, reader: NumberReader, param: str, flaws: Flaws) -> Reach | None:
    """Read a tolerance's numbers; None if that added a flaw. `param` is the tolerance's path."""
    match tolerance:
        case ExactTolerance():
            return Interval(key, key)
        case AbsoluteTolerance() | AsymmetricTolerance() | RelativeTolerance() | JointTolerance():
            return _band(tolerance, key, reader, param, flaws)
        case GeometricTolerance():
            if not key:
                flaws.add(param, "a geometric tolerance needs a key other than 0")
            by = _amount(tolerance.by, f"{param}.by", reader, flaws)
            return Ratio(by) if key and by is not None else None
        case RoundDecimals():
            return same_decimals(key, tolerance.places)
        case RoundSigfigs():
            return same_digits(key, tolerance.digits) if key else Interval(key, key)
        case WrittenSigfigs():
            if not key:
                flaws.add(param, "0 has no significant digits; give another tolerance")
            return tolerance if key else None
        case _:
            assert_never(tolerance)


def _band(
    tolerance: AbsoluteTolerance | AsymmetricTolerance | RelativeTolerance | JointTolerance,
    key: Fraction,
    reader: NumberReader,
    param: str,
    flaws: Flaws,
) -> Band | None:
    """Read the amounts of a tolerance that reaches so far below and so far above the key."""
    size = abs(key)
    match tolerance:
        case AsymmetricTolerance():
            below = _amount(tolerance.below, f"{param}.below", reader, flaws)
            above = _amount(tolerance.above, f"{param}.above", reader, flaws)
        case AbsoluteTolerance():
            below = above = _amount(tolerance.by, f"{param}.by", reader, flaws)
        case RelativeTolerance():
            if not key:
                flaws.add(f"{param}.by", "no part of 0 is more than 0; give an absolute tolerance")
            by = _amount(tolerance.by, f"{param}.by", reader, flaws)
            below = above = None if by is None else by * size
        case JointTolerance():
            absolute = _amount(tolerance.absolute, f"{param}.absolute", reader, flaws)
            relative = _amount(tolerance.relative, f"{param}.relative", reader, flaws)
            if absolute is None or relative is None:
                return None
            below = above = absolute + relative * size if tolerance.combine == "sum" else max(absolute, relative * size)
        case _:
            assert_never(tolerance)
    return None if below is None or above is None else Band(below, above)


def _amount(authored: str, param: str, reader: NumberReader, flaws: Flaws) -> Fraction | None:
    found = reader.exact(authored, param, flaws)
    if found is not None and found < 0:
        flaws.add(param, "a tolerance is not negative")
        return None
    return found


def around(key: Fraction, reach: Band | Ratio, times: Fraction = Fraction(1)) -> Interval:
    """The interval about the key, its reach multiplied."""
    if isinstance(reach, Band):
        return Interval(key - reach.below * times, key + reach.above * times)
    factor = 1 + reach.by * times
    near, far = key / factor, key * factor
    return Interval(near, far) if key > 0 else Interval(far, near)


def magnitude(value: Fraction) -> int:
    """The power of ten of the first digit: 2 for 345, -1 for 0.5. The value is not 0."""
    top, bottom = abs(value.numerator), value.denominator
    power = len(str(top)) - len(str(bottom))
    return power if top * 10 ** max(-power, 0) >= bottom * 10 ** max(power, 0) else power - 1


def rounded_half_up(value: Fraction, places: int) -> Fraction:
    """Return the value with so many decimals (fewer than 0: tens, hundreds), half up, away from zero."""
    scale = Fraction(10) ** places
    doubled = 2 * abs(value) * scale
    units = (doubled.numerator + doubled.denominator) // (2 * doubled.denominator)
    return units / scale if value >= 0 else -units / scale


def rounded_to_digits(value: Fraction, digits: int) -> Fraction:
    """Return the value with so many significant digits, half up. 9.96 has 10 for two digits."""
    return rounded_half_up(value, digits - 1 - magnitude(value)) if value else value


def same_decimals(key: Fraction, places: int) -> Interval:
    """All numbers that round to the same number of `places` decimals as the key."""
    half = Fraction(10) ** -places / 2
    return _rounding_to(rounded_half_up(key, places), half, half)


def same_digits(key: Fraction, digits: int) -> Interval:
    """All numbers that round to the same number of significant digits as the key, which is not 0.

    Below a power of ten the digits are ten times as fine: to two digits 9.95 is 10, as is 10.4.
    """
    target = rounded_to_digits(key, digits)
    power = magnitude(target)
    half = Fraction(10) ** (power - digits + 1) / 2
    return _rounding_to(target, half / 10 if abs(target) == Fraction(10) ** power else half, half)


def _rounding_to(target: Fraction, inwards: Fraction, outwards: Fraction) -> Interval:
    """The interval that rounds to `target`, half away from zero: the end towards zero is in it, the other is not."""
    if target > 0:
        return Interval(target - inwards, target + outwards, high_open=True)
    if target < 0:
        return Interval(target - outwards, target + inwards, low_open=True)
    return Interval(-inwards, outwards, low_open=True, high_open=True)
