"""The values of a formula at all sample points at once.

A formula is undefined at a point where a step divides by zero, leaves its function's domain or passes the largest
float, also where a later step would make something finite of that (1/10^999 is undefined, not 0).
"""

from collections.abc import Sequence
from typing import Any

from grading.formula.functions import Arithmetic, Value
from grading.formula.parser import Expression
from grading.formula.tokens import Number, Variable


def values_of(
    expression: Expression, columns: Sequence[list[Value]], points: int, arithmetic: Arithmetic
) -> list[Value] | None:
    """Return the formula's value at each point, or None if it is undefined at one of them.

    `columns` holds a list a variable, its value at each of the points. The values may still be infinite or not a
    number: compare them so that these are never equal to anything.
    """
    try:
        return _walked(expression, columns, points, arithmetic)
    except (ArithmeticError, ValueError):
        return None


def _walked(
    expression: Expression, columns: Sequence[list[Value]], points: int, arithmetic: Arithmetic
) -> list[Value] | None:
    stack: list[list[Any]] = []
    is_finite = arithmetic.is_finite
    for node in expression.nodes:
        if isinstance(node, Variable):
            stack.append(columns[node.place])
        elif isinstance(node, Number):
            stack.append([node.value] * points)
        elif node.arity == 2:
            right, left = stack.pop(), stack[-1]
            if node.swallows and not (all(map(is_finite, left)) and all(map(is_finite, right))):
                return None
            stack[-1] = list(map(node.run, left, right))
        else:
            operands = stack[-node.arity :]
            if node.swallows and not all(all(map(is_finite, operand)) for operand in operands):
                return None
            stack[-node.arity :] = [list(map(node.run, *operands))]
    return stack[-1]
