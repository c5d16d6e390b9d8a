"""The points at which two formulas are compared: drawn from a hash of the item's id and key, so always the same.

They are secret (whoever knows them can write a formula that is right there alone) and belong to the rubric.
"""

import math
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from operator import le, sub
from typing import Final

from msgspec import Struct

from grading.formula.evaluate import values_of
from grading.formula.functions import Arithmetic, Value
from grading.formula.parser import Expression

DRAWS_MAX: Final = 40
"""How often a point is drawn anew where the key has no value."""
VALUE_MAX: Final = 1e12
"""A key's value beyond this is no better than none: floats are too coarse there."""


class Interval(Struct, frozen=True):
    """Where a variable's samples lie, both ends included; `whole` draws whole numbers alone.

    `imaginary` adds an imaginary part from the same ends times i, for variables that stand for complex numbers.
    """

    low: float
    high: float
    whole: bool = False
    imaginary: bool = False


class Samples(Struct, frozen=True):
    """Points where the key has a value: a column a variable, the key's value and the allowed distance at each point."""

    columns: tuple[list[Value], ...]
    expected: list[Value]
    allowed: list[float]

    def agree(self, expression: Expression, arithmetic: Arithmetic) -> bool:
        """Whether the formula's value is near enough to the key's at every point; it must have one."""
        values = values_of(expression, self.columns, len(self.expected), arithmetic)
        if values is None:
            return False
        try:
            distances = map(abs, map(sub, values, self.expected))
            return all(map(le, distances, self.allowed))  # false also where the value is not a number
        except OverflowError:  # the distance of two complex numbers
            return False


def samples_of(
    key: Expression,
    intervals: Sequence[Interval],
    points: int,
    tolerance: float,
    arithmetic: Arithmetic,
    seed: bytes,
) -> Samples | None:
    """Return so many points where the key has a value; None if one could not be found in 40 draws.

    A value is right within `tolerance` times the larger of 1 and the absolute value of the key there.
    """
    chances = _chances(seed)
    rows: list[list[Value]] = []
    expected: list[Value] = []
    for _ in range(points):
        for _ in range(DRAWS_MAX):
            row = [_drawn(interval, chances) for interval in intervals]
            values = values_of(key, [[value] for value in row], 1, arithmetic)
            if values is not None and _is_usable(values[0]):
                break
        else:
            return None
        rows.append(row)
        expected.append(values[0])
    columns = tuple([row[place] for row in rows] for place in range(len(intervals)))
    return Samples(columns, expected, [tolerance * max(1.0, abs(value)) for value in expected])


def _is_usable(value: Value) -> bool:
    try:
        return abs(value) <= VALUE_MAX  # false for what is not a number
    except OverflowError:
        return False


def _chances(seed: bytes) -> Iterator[int]:
    """Whole numbers below 2^53, as many as are asked for, told by the seed alone."""
    block = 0
    while True:
        digest = blake2b(seed + block.to_bytes(8), digest_size=64).digest()
        for start in range(0, 64, 8):
            yield int.from_bytes(digest[start : start + 8]) >> 11
        block += 1


def _drawn(interval: Interval, chances: Iterator[int]) -> Value:
    real = _real(interval, next(chances))
    return complex(real, _real(interval, next(chances))) if interval.imaginary else real


def _real(interval: Interval, chance: int) -> float:
    low, high = interval.low, interval.high
    if interval.whole:
        first = math.ceil(low)
        return float(first + chance % (math.floor(high) - first + 1))
    return low + (high - low) * (chance / 2**53)
