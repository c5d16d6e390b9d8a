"""formula: an expression that has the key's value wherever the key has one.

Equality is tested at 12 seeded points, so any way to write the same function is right. That an answer be factored or
expanded is not asked for.
"""

import json
import math
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Struct

from grading.faults import Blank, Flaws, FormatError, Malformed, shown
from grading.formula.functions import RESERVED, Arithmetic, FunctionName
from grading.formula.parser import Expression, parse
from grading.formula.sampling import DRAWS_MAX, Interval, Samples, samples_of
from grading.formula.tokens import Grammar, folded, grammar_of, nothing_in
from grading.items.asked import Answered, Asked
from grading.kinds import Loaded, loaded
from grading.parts import Stem
from grading.result import Scored

VariableName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-zΑ-Ωα-ω][A-Za-z0-9_]{0,31}\Z")]
TOLERANCE_MIN: Final = 1e-12
"""Two ways to compute the same float differ by about this much."""
READING_US: Final = 150
POINT_US: Final = 8
"""What the longest expressions take to be read, and to be computed at one more point."""
END_MAX: Final = 1e12
DEFAULT_RANGE: Final = Interval(1.0, 5.0)


class FormulaContent(Struct, frozen=True, forbid_unknown_fields=True):
    """A question that is answered by an expression in the variables; `functions` null allows all that exist.

    With `implicit_multiplication` 2x, 3(x+1) and nm are products; a name is read as the longest variable, function or
    constant that it begins with. `complex` adds the constant i and takes away what needs an order. A variable with a
    Greek letter may be typed by its name as well.
    """

    stem: Stem
    variables: Annotated[tuple[VariableName, ...], msgspec.Meta(max_length=20)] = ()
    functions: tuple[FunctionName, ...] | None = None
    implicit_multiplication: bool = False
    complex: bool = False


class SampleRange(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a variable is sampled, both ends included; with `whole` at whole numbers alone.

    `imaginary` makes it a complex number, both of whose parts lie there.
    """

    low: float
    high: float
    whole: bool = False
    imaginary: bool = False


class FormulaKey(Struct, frozen=True, forbid_unknown_fields=True):
    """The expression, and how it is compared: a variable without a range is sampled from 1 to 5.

    An answer is right where it lies within `tolerance` times the larger of 1 and the absolute value of the key.
    """

    expression: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    ranges: dict[str, SampleRange] = {}
    tolerance: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1e-9
    samples: Annotated[int, msgspec.Meta(ge=4, le=24)] = 12


class FormulaScoring(Struct, frozen=True, forbid_unknown_fields=True):
    """Right or wrong: equal at all sample points, or not."""

    rule: Literal["equal"] = "equal"


class Formula(Asked, frozen=True, tag="formula", kw_only=True):
    """An expression."""

    content: FormulaContent
    key: FormulaKey
    scoring: FormulaScoring = FormulaScoring()


class FormulaAnswer(Answered, frozen=True, tag="formula"):
    """The expression as typed, at most 200 characters."""

    expression: str


class FormulaForm(Struct, frozen=True):
    """Knows the variables and functions that an expression may have."""

    grammar: Grammar

    def read(self, answer: FormulaAnswer) -> Expression | Blank | Malformed:
        """Return the expression that the text is."""
        expression = answer.expression
        read = parse(expression, self.grammar)
        if isinstance(read, Expression):
            return read
        if nothing_in(expression):
            return Blank("expression")
        return Malformed(
            tuple(FormatError(fault.code, "expression", fault.message, fault.limit, fault.allowed) for fault in read)
        )


class FormulaRubric(Struct, frozen=True):
    """Knows the key's values at the sample points."""

    samples: Samples
    arithmetic: Arithmetic

    def score(self, reading: Expression) -> Scored:
        """Equal at all points, or wrong."""
        return RIGHT if self.samples.agree(reading, self.arithmetic) else WRONG


RIGHT: Final = Scored(1)
WRONG: Final = Scored(0)


def load(item: Formula, flaws: Flaws) -> Loaded | None:
    """Prepare the item; what makes it ungradable is added to `flaws`."""
    content, key = item.content, item.key
    variables = _variables(content, flaws)
    grammar = grammar_of(variables, content.functions, content.implicit_multiplication, content.complex)
    for place, name in enumerate(content.functions or ()):
        if name not in grammar.arithmetic.functions:
            flaws.add(
                f"content.functions[{place}]", "complex numbers have no order, so this function does not exist here"
            )
    intervals = _intervals(item, variables, flaws)
    expression = parse(key.expression, grammar)
    if not isinstance(expression, Expression):
        for fault in expression:
            flaws.add("key.expression", fault.message)
    if flaws or not isinstance(expression, Expression):
        return None
    points = key.samples if variables else 1
    tolerance = max(TOLERANCE_MIN, key.tolerance)
    samples = samples_of(expression, intervals, points, tolerance, grammar.arithmetic, _seed(item))
    if samples is None:
        flaws.add(
            "key.expression",
            f"it has no value up to 1e12 at {DRAWS_MAX} points in a row that were drawn from its ranges",
        )
        return None
    rubric = FormulaRubric(samples, grammar.arithmetic)
    return loaded(FormulaAnswer, FormulaForm(grammar), rubric, cost_us=READING_US + POINT_US * points)


def _variables(content: FormulaContent, flaws: Flaws) -> tuple[str, ...]:
    """The names as they are read, Greek letters spelt out."""
    names = tuple(map(folded, content.variables))
    for place, name in enumerate(names):
        if name in RESERVED or (content.complex and name == "i"):
            flaws.add(f"content.variables[{place}]", f"{shown(name)!r} is a constant or a function")
        if name in names[:place]:
            flaws.add(f"content.variables[{place}]", f"the variable {shown(name)!r} is there twice")
    return names


def _intervals(item: Formula, variables: tuple[str, ...], flaws: Flaws) -> list[Interval]:
    """Where each variable is sampled, in the order of the content."""
    ranges = {folded(name): given for name, given in item.key.ranges.items()}
    for unknown in ranges.keys() - set(variables):
        flaws.add(f"key.ranges.{shown(unknown)}", "no variable has this name")
    for name, given in item.key.ranges.items():
        path = f"key.ranges.{shown(name)}"
        if not (-END_MAX <= given.low <= given.high <= END_MAX):
            flaws.add(path, "low and high are numbers from -1e12 to 1e12, high not below low")
        elif given.whole and math.ceil(given.low) > math.floor(given.high):
            flaws.add(path, "no whole number lies there")
        if given.imaginary and not item.content.complex:
            flaws.add(f"{path}.imaginary", "only a complex formula has complex variables")
    return [_interval(ranges.get(name)) for name in variables]


def _interval(given: SampleRange | None) -> Interval:
    return Interval(given.low, given.high, given.whole, given.imaginary) if given else DEFAULT_RANGE


def _seed(item: Formula) -> bytes:
    """What the samples are drawn from: the item's id and its key."""
    key = msgspec.to_builtins(item.key)
    return json.dumps([item.id, key], sort_keys=True).encode()
