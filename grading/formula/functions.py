"""What a formula may compute: the operations that exist at all, over real or over complex numbers.

Nothing else can be reached from a parsed formula. Every operation takes floats (or complex numbers) and returns one, or
raises ArithmeticError or ValueError where it is undefined: outside its domain, or past the largest float.
"""

import cmath
import math
import operator
from collections.abc import Callable
from typing import Any, Final, Literal, TypeAlias

from msgspec import Struct

Value: TypeAlias = float | complex

FACTORIAL_MAX: Final = 170
"""The largest whole number whose factorial is a float."""

FunctionName: TypeAlias = Literal[
    "sqrt",
    "abs",
    "exp",
    "ln",
    "log",
    "log2",
    "log10",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "min",
    "max",
    "floor",
    "ceil",
    "factorial",
]


class Operation(Struct, frozen=True):
    """One node of a formula that computes: `run` takes `arity` values.

    `swallows` says that it may make a finite value of an infinite one (1/x, atan, x^0), so that its operands have to be
    looked at; through the others an infinity stays visible to the end. `on_leaves` is the same operation for operands
    that are variables or finite numbers.
    """

    name: str
    arity: int
    run: Callable[..., Any]
    swallows: bool = False
    on_leaves: "Operation | None" = None


def swallowing(name: str, arity: int, run: Callable[..., Any]) -> Operation:
    """An operation that swallows infinities."""
    return Operation(name, arity, run, True, Operation(name, arity, run))


class Arithmetic(Struct, frozen=True):
    """The operators, functions and constants of one kind of number."""

    negative: Operation
    operators: dict[str, Operation]
    functions: dict[str, Callable[..., Any]]
    constants: dict[str, Value]
    is_finite: Callable[[Any], bool]


_FACTORIALS: Final = tuple(float(math.factorial(whole)) for whole in range(FACTORIAL_MAX + 1))


def factorial(of: float) -> float:
    """The factorial of a whole number from 0 to 170; undefined elsewhere."""
    whole = int(of)
    if whole != of or not 0 <= whole <= FACTORIAL_MAX:
        raise ValueError("the factorial is undefined")
    return _FACTORIALS[whole]


def _least(*of: float) -> float:
    return min(of)


def _greatest(*of: float) -> float:
    return max(of)


def _floor(of: float) -> float:
    return float(math.floor(of))


def _ceil(of: float) -> float:
    return float(math.ceil(of))


def _arithmetic(power: Callable[..., Any], functions: dict[str, Callable[..., Any]], **constants: Value) -> Arithmetic:
    times, over, to = (
        Operation("*", 2, operator.mul),
        swallowing("/", 2, operator.truediv),
        swallowing("^", 2, power),
    )
    signs = {"+": Operation("+", 2, operator.add), "-": Operation("-", 2, operator.sub)}
    return Arithmetic(
        Operation("negative", 1, operator.neg),
        {**signs, "*": times, "/": over, "^": to, "**": to},
        functions,
        {"pi": math.pi, "e": math.e, **constants},
        cmath.isfinite if constants else math.isfinite,
    )


REAL: Final = _arithmetic(
    math.pow,  # not `**`: that makes a complex number of (-8.0) ** 0.5
    {
        "sqrt": math.sqrt,
        "abs": abs,
        "exp": math.exp,
        "ln": math.log,
        "log": math.log,
        "log2": math.log2,
        "log10": math.log10,
        "sin": math.sin,
        "cos": math.cos,
        "tan": math.tan,
        "asin": math.asin,
        "acos": math.acos,
        "atan": math.atan,
        "sinh": math.sinh,
        "cosh": math.cosh,
        "tanh": math.tanh,
        "min": _least,
        "max": _greatest,
        "floor": _floor,
        "ceil": _ceil,
        "factorial": factorial,
    },
)
"""Real numbers; `log` is the natural logarithm, as `ln` is."""

_LN_2: Final = math.log(2)


def _log2(of: Value) -> complex:
    return cmath.log(of) / _LN_2


COMPLEX: Final = _arithmetic(
    operator.pow,
    {
        "sqrt": cmath.sqrt,
        "abs": abs,
        "exp": cmath.exp,
        "ln": cmath.log,
        "log": cmath.log,
        "log2": _log2,
        "log10": cmath.log10,
        "sin": cmath.sin,
        "cos": cmath.cos,
        "tan": cmath.tan,
        "asin": cmath.asin,
        "acos": cmath.acos,
        "atan": cmath.atan,
        "sinh": cmath.sinh,
        "cosh": cmath.cosh,
        "tanh": cmath.tanh,
    },
    i=1j,
)
"""Complex numbers, principal values; what needs an order (min, max, floor, ceil, factorial) does not exist here."""

RESERVED: Final = frozenset(REAL.functions) | frozenset(REAL.constants)
"""Names that no variable may have; `i` is one more where the formula is complex."""

MANY_ARGUMENTS: Final = frozenset({"min", "max"})
"""Functions of one or more arguments; all others take exactly one."""
