"""From a text to a formula: a Pratt parser onto an allow-list of nodes.

`^` (also `**`) binds to the right and above signs: -x^2 is -(x^2), 2^3^2 is 2^9. Implicit multiplication, where the
content allows it, binds as `*` does: 1/2x is (1/2)x. What is constant is computed while reading, in floats.
Factored or expanded form is not asked for: two formulas are equal when their values are.
"""

from typing import Final, TypeAlias

from msgspec import Struct

from grading.formula.functions import FACTORIAL_MAX, MANY_ARGUMENTS, Operation, Value
from grading.formula.tokens import (
    LENGTH_MAX,
    Fault,
    Function,
    Grammar,
    Number,
    Token,
    Variable,
    broken,
    folded,
    tokens_of,
)

NODES_MAX: Final = 200
DEPTH_MAX: Final = 30
EXPONENT_MAX: Final = 50

Node: TypeAlias = Number | Variable | Operation


class Formula(Struct, frozen=True):
    """A syntax tree in postfix order, operands before their operation: a flat tuple that is walked without recursion."""

    nodes: tuple[Node, ...]


def parse(text: str, grammar: Grammar) -> Formula | tuple[Fault, ...]:
    """Return the formula that the text is, or all that is wrong with it: unknown names, then the first other fault."""
    if len(text) > LENGTH_MAX:
        return (Fault("too_long", f"it is longer than {LENGTH_MAX} characters", LENGTH_MAX),)
    if not (text.isascii() and text.isprintable()):
        if broken(text):
            return (Fault("invalid_unicode", "it holds control characters or halves of characters"),)
        text = folded(text)
    tokens, faults = tokens_of(text, grammar)
    if tokens:
        reader = _Reader(tokens, grammar)
        try:
            reader.whole()
        except _Unreadable as unreadable:
            faults.append(unreadable.fault)
        if not faults:
            return Formula(tuple(reader.nodes))
    elif not faults:
        faults.append(Fault("syntax_error", "it holds no formula"))
    return tuple(dict.fromkeys(faults))


class _Unreadable(Exception):  # noqa: N818
    """Ends the reading where it stands; never leaves this module."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


_BINDS: Final = {"+": 10, "-": 10, "*": 20, "/": 20, "^": 30, "**": 30}
_PRODUCT: Final = 20
_SIGN: Final = 25
_POWER: Final = 30
_CLOSES: Final = frozenset({")", ",", ""})
_TOO_MANY: Final = Fault("too_complex", f"it has more than {NODES_MAX} numbers, names and operations", NODES_MAX)
_TOO_DEEP: Final = Fault("too_complex", f"it is nested more than {DEPTH_MAX} deep", DEPTH_MAX)
_TOO_HIGH: Final = Fault("too_complex", f"an exponent may be from -{EXPONENT_MAX} to {EXPONENT_MAX}", EXPONENT_MAX)
_TOO_GREAT: Final = Fault("too_complex", f"a factorial may be of {FACTORIAL_MAX} at most", FACTORIAL_MAX)
_BY_ZERO: Final = Fault("division_by_zero", "it divides by zero")


def _syntax(message: str) -> _Unreadable:
    return _Unreadable(Fault("syntax_error", message))


class _Reader:
    """Reads the tokens once, left to right, and puts down nodes."""

    def __init__(self, tokens: list[Token], grammar: Grammar) -> None:
        self.nodes: list[Node] = []
        self._tokens: list[Token] = [*tokens, ""]
        self._next = 0
        self._count = 0
        self._implicit = grammar.implicit
        self._arithmetic = grammar.arithmetic

    def whole(self) -> None:
        """Read all tokens as one expression."""
        self._expression(0, 0)
        if self._tokens[self._next] != "":
            raise _syntax("a closing parenthesis or a comma stands alone")

    def _expression(self, above: int, depth: int) -> None:
        """Read an operand and all operators after it that bind stronger than `above`."""
        if depth > DEPTH_MAX:
            raise _Unreadable(_TOO_DEEP)
        self._operand(depth)
        operators, tokens = self._arithmetic.operators, self._tokens
        while True:
            token = tokens[self._next]
            if type(token) is not str or token == "(":
                if not self._implicit:
                    raise _syntax("a sign is missing between two operands; write * to multiply")
                if type(token) is Number and token.value != self._constant(token):
                    raise _syntax("a number follows an operand; write * to multiply")
                if above >= _PRODUCT:
                    return
                binds, operation = _PRODUCT, operators["*"]
            elif token in _CLOSES:
                return
            else:
                binds, operation = _BINDS[token], operators[token]
                if above >= binds:
                    return
                self._next += 1
            self._expression(binds - 1 if binds == _POWER else binds, depth + 1)
            self._apply(operation)

    def _operand(self, depth: int) -> None:
        token = self._tokens[self._next]
        self._next += 1
        if type(token) is str:
            if token == "(":
                self._expression(0, depth + 1)
                self._close()
            elif token == "-":
                self._expression(_SIGN, depth + 1)
                self._apply(self._arithmetic.negative)
            elif token == "+":
                self._expression(_SIGN, depth + 1)
            else:
                raise _syntax("an operand is missing")
        elif type(token) is Function:
            self._call(token.name, depth)
        else:
            self._put(token)
