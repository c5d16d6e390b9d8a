"""Which numbers an item takes at all: from a least to a greatest, in steps. Public, so that a slider can be drawn."""

from fractions import Fraction
from math import ceil

from msgspec import Struct

from grading.faults import Flaws, FormatError
from grading.numbers import NumberReader, Written
from grading.tolerances import Interval


class Limits(Struct, frozen=True):
    """The least and the greatest number and the step from the least (from 0, if there is none), as told and as exact."""

    low: Fraction | None
    high: Fraction | None
    step: Fraction | None
    told: tuple[str | None, str | None, str | None]

    def refusal(self, written: Written, param: str) -> FormatError | None:
        """Return why the number is not taken; the limit that it breaks is public."""
        numerator, denominator = written.numerator, written.denominator
        low, high, step = self.low, self.high, self.step
        if low is not None and numerator * low.denominator < low.numerator * denominator:
            return FormatError("out_of_range", param, f"the least number is {self.told[0]}", limit=self.told[0])
        if high is not None and numerator * high.denominator > high.numerator * denominator:
            return FormatError("out_of_range", param, f"the greatest number is {self.told[1]}", limit=self.told[1])
        if step is not None:
            origin = low or Fraction(0)
            apart = numerator * origin.denominator - origin.numerator * denominator
            if apart * step.denominator % (denominator * origin.denominator * step.numerator):
                return FormatError("not_on_step", param, f"the step is {self.told[2]}", limit=self.told[2])
        return None

    def meets(self, interval: Interval) -> bool:
        """Whether a number of the interval is taken: between the limits, and on a step."""
        low, low_open, high, high_open = interval.low, interval.low_open, interval.high, interval.high_open
        if self.low is not None and (low is None or low < self.low):
            low, low_open = self.low, False
        if self.high is not None and (high is None or high > self.high):
            high, high_open = self.high, False
        if self.step is not None and low is not None:
            origin = self.low or Fraction(0)
            first = origin + ceil((low - origin) / self.step) * self.step
            low, low_open = first + self.step if low_open and first == low else first, False
        return not Interval(low, high, low_open, high_open).is_empty()


def limits_of(
    least: str | None, greatest: str | None, step: str | None, reader: NumberReader, flaws: Flaws
) -> Limits | None:
    """Read the fields `min`, `max` and `step` of a content; None if there are none."""
    told = (least, greatest, step)
    low, high, steps = (
        None if authored is None else reader.exact(authored, f"content.{field}", flaws)
        for field, authored in zip(("min", "max", "step"), told, strict=True)
    )
    if low is not None and high is not None and low >= high:
        flaws.add("content.max", "the greatest number is above the least")
    if steps is not None and steps <= 0:
        flaws.add("content.step", "a step is above 0")
        steps = None
    return None if low is high is steps is None else Limits(low, high, steps, told)
