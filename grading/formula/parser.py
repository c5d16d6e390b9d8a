"""From a text to a formula: a Pratt parser onto an allow-list of nodes.

`^` (also `**`) binds to the right and above signs: -x^2 is -(x^2), 2^3^2 is 2^9. Implicit multiplication, where the
content allows it, binds as `*` does: 1/2x is (1/2)x. What is constant is computed while reading, in floats.
Factored or expanded form is not asked for: two formulas are equal when their values are.
"""

from typing import Final, TypeAlias

from msgspec import Struct

from grading.formula.functions import FACTORIAL_MAX, MANY_ARGUMENTS, Operation, Value, swallowing
from grading.formula.tokens import (
    LENGTH_MAX,
    Fault,
    Function,
    Grammar,
    Literal,
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


class Expression(Struct, frozen=True):
    """A syntax tree in postfix order, operands before their operation: a flat tuple that is walked without recursion."""

    nodes: tuple[Node, ...]


def parse(text: str, grammar: Grammar) -> Expression | tuple[Fault, ...]:
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
            return Expression(tuple(reader.nodes))
    elif not faults:
        faults.append(Fault("syntax_error", "it holds no formula"))
    return tuple(dict.fromkeys(faults))


class _Unreadable(Exception):
    """Ends the reading where it stands; never leaves this module."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


_BINDS: Final = {"+": 10, "-": 10, "*": 20, "/": 20, "^": 30, "**": 30}
_PRODUCT: Final = 20
_SIGN: Final = 25
_POWER: Final = 30
_LEAVES: Final = (Number, Variable)
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
        self._operations = 0
        self._implicit = grammar.implicit
        self._arithmetic = grammar.arithmetic

    def whole(self) -> None:
        """Read all tokens as one expression. Folded nodes count as they were written."""
        self._expression(0, 0)
        if self._tokens[self._next]:
            raise _syntax("a closing parenthesis or a comma stands alone")
        leaves = sum(isinstance(token, _LEAVES) for token in self._tokens)
        if leaves + self._operations > NODES_MAX:
            raise _Unreadable(_TOO_MANY)

    def _expression(self, above: int, depth: int) -> None:
        """Read an operand and all operators after it that bind stronger than `above`."""
        word = self._tokens[self._next]
        self._next += 1
        if depth > DEPTH_MAX:
            raise _Unreadable(_TOO_DEEP)
        if isinstance(word, _LEAVES):
            self.nodes.append(word)
        elif isinstance(word, Function):
            self._call(word.name, depth)
        else:
            self._prefixed(word, depth)
        self._operators_after(above, depth)

    def _operators_after(self, above: int, depth: int) -> None:
        """Read operators that bind stronger than `above`, each with its right operand."""
        tokens, operators = self._tokens, self._arithmetic.operators
        while True:
            word = tokens[self._next]
            if not isinstance(word, str) or word == "(":
                if not self._implicit:
                    raise _syntax("a sign is missing between two operands; write * to multiply")
                if isinstance(word, Literal):
                    raise _syntax("a number follows an operand; write * to multiply")
                if above >= _PRODUCT:
                    return
                binds, operation = _PRODUCT, operators["*"]
            elif word in _CLOSES:
                return
            else:
                binds, operation = _BINDS[word], operators[word]
                if above >= binds:
                    return
                self._next += 1
            self._expression(binds - 1 if binds == _POWER else binds, depth + 1)
            self._apply(operation)

    def _prefixed(self, sign: str, depth: int) -> None:
        """Read what follows a sign that begins an operand."""
        if sign == "(":
            self._expression(0, depth + 1)
            self._close()
        elif sign == "-":
            self._expression(_SIGN, depth + 1)
            self._apply(self._arithmetic.negative)
        elif sign == "+":
            self._expression(_SIGN, depth + 1)
        else:
            raise _syntax("an operand is missing")

    def _call(self, name: str, depth: int) -> None:
        """Read the arguments of a function."""
        if self._tokens[self._next] != "(":
            raise _syntax("the argument of a function stands in parentheses")
        self._next += 1
        self._expression(0, depth + 1)
        arguments = 1
        while self._tokens[self._next] == ",":
            self._next += 1
            self._expression(0, depth + 1)
            arguments += 1
        self._close()
        if arguments > 1 and name not in MANY_ARGUMENTS:
            raise _syntax("a function has too many arguments")
        run = self._arithmetic.functions.get(name)
        if run is not None:  # else the name was a fault already
            self._apply(swallowing(name, arguments, run))

    def _close(self) -> None:
        if self._tokens[self._next] != ")":
            raise _syntax("a closing parenthesis is missing")
        self._next += 1

    def _apply(self, operation: Operation) -> None:
        """Put the operation down, or its value if all its operands are numbers.

        The last node of an operand is its root, so operands that are leaves are the last nodes in a row.
        """
        self._operations += 1
        nodes = self.nodes
        last = nodes[-1]
        if isinstance(last, Operation) or (operation.on_leaves is None and isinstance(last, Variable)):
            nodes.append(operation)
            return
        operands = nodes[-operation.arity :]
        if isinstance(last, Number):
            _refuse(operation.name, last.value)
            numbers = [node.value for node in operands if isinstance(node, Number)]
            if len(numbers) == len(operands) and (value := self._value(operation, numbers)) is not None:
                nodes[-len(operands) :] = [Number(value)]
                return
        if operation.on_leaves is not None and self._are_finite_leaves(operands):
            operation = operation.on_leaves
        nodes.append(operation)

    def _are_finite_leaves(self, operands: list[Node]) -> bool:
        """Whether no operand can be infinite; variables are not."""
        for node in operands:
            if isinstance(node, Operation) or (isinstance(node, Number) and not self._arithmetic.is_finite(node.value)):
                return False
        return True

    def _value(self, operation: Operation, operands: list[Value]) -> Value | None:
        """The value of an operation on numbers; None where it is undefined, so that it stays so when evaluated."""
        is_finite = self._arithmetic.is_finite
        if operation.name == "^" and operands[0] == 0 and operands[1].real < 0:
            raise _Unreadable(_BY_ZERO)
        if not all(map(is_finite, operands)):
            return None
        try:
            value: Value = operation.run(*operands)
        except (ArithmeticError, ValueError):
            return None
        return value if is_finite(value) else None


def _refuse(operation: str, last: Value) -> None:
    """Refuse what no formula may do with a constant as last operand."""
    if operation == "/" and last == 0:
        raise _Unreadable(_BY_ZERO)
    if operation == "^" and abs(last) > EXPONENT_MAX:
        raise _Unreadable(_TOO_HIGH)
    if operation == "factorial" and last.real > FACTORIAL_MAX:
        raise _Unreadable(_TOO_GREAT)
