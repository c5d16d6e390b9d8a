"""The words of a formula: numbers, names, signs. Typographic signs and Greek letters are folded first.

A name is looked up as a whole; with implicit multiplication one that is unknown is split, longest known name first, so
that `nm` is n times m only where no variable is called `nm`. `2e3` is a number (two thousand), `2e` is 2 times e.
Raised digits are an exponent: `x²` is `x^2`, `x⁻¹` is `x^-1`.
"""

import re
from typing import Final, TypeAlias

from msgspec import Struct

from grading.faults import FormatCode
from grading.formula.functions import COMPLEX, REAL, Arithmetic, Value
from grading.numbers import RAISED
from grading.text import FORBIDDEN

LENGTH_MAX: Final = 200


class Number(Struct, frozen=True):
    """A leaf of a formula: a literal, a constant, or what was computed from them while reading."""

    value: Value


class Literal(Number, frozen=True):
    """A number that was written in digits."""


class Variable(Struct, frozen=True):
    """A leaf of a formula: the variable at this place of the content's list."""

    place: int


class Function(Struct, frozen=True):
    """The name of a function; its arguments follow in parentheses."""

    name: str


Token: TypeAlias = Number | Variable | Function | str
"""What the parser reads; signs are plain texts."""


class Fault(Struct, frozen=True):
    """Why a text is no formula of the content. The message never repeats the text."""

    code: FormatCode
    message: str
    limit: int | None = None
    allowed: tuple[str, ...] | None = None


class Grammar(Struct, frozen=True):
    """What the content allows in a formula; built once an item by `grammar_of`."""

    variables: tuple[str, ...]
    functions: tuple[str, ...]
    implicit: bool
    arithmetic: Arithmetic
    names: dict[str, Token]
    longest: int


def grammar_of(
    variables: tuple[str, ...], functions: tuple[str, ...] | None, implicit: bool, in_complex: bool
) -> Grammar:
    """Return the grammar of a content; `functions` None allows all that exist for its kind of number."""
    arithmetic = COMPLEX if in_complex else REAL
    allowed = tuple(arithmetic.functions) if functions is None else functions
    names: dict[str, Token] = {name: Function(name) for name in REAL.functions}
    names.update((name, Number(value)) for name, value in arithmetic.constants.items())
    names.update((name, Variable(place)) for place, name in enumerate(variables))
    return Grammar(variables, allowed, implicit, arithmetic, names, max(map(len, names)))


_GREEK: Final = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "omicron",
    "pi",
    "rho",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "chi",
    "psi",
    "omega",
]
_LOWER, _UPPER = "αβγδεζηθικλμνξοπρστυφχψω", "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ"
_VARIANTS: Final = {"ς": "sigma", "ϕ": "phi", "ϑ": "theta", "ϵ": "epsilon", "ϖ": "pi", "ϱ": "rho", "µ": "mu"}
_SIGNS: Final = {
    "-": "−–－﹣",
    "+": "＋﹢",
    "*": "×·⋅∙•∗＊✕",
    "/": "÷／∕⁄",
    "^": "＾",
    "(": "（",
    ")": "）",
    ",": "，",
    ".": "．",
    "_": "＿",
    " ": "\u00a0\u2002\u2003\u2007\u2009\u200a\u202f\u205f\u3000\t\n",
    "": "\u200b\u200c\u200d\u2060\u2061\u2062\ufeff\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
}
FOLDED: Final = str.maketrans(
    {
        **{written: sign for sign, many in _SIGNS.items() for written in many},
        **dict(zip(_LOWER, _GREEK, strict=True)),
        **{letter: name.capitalize() for letter, name in zip(_UPPER, _GREEK, strict=True)},
        **_VARIANTS,
        **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
        **{chr(0xFF21 + place): chr(0x41 + place) for place in range(26)},
        **{chr(0xFF41 + place): chr(0x61 + place) for place in range(26)},
    }
)
"""Other ways to write a sign, a digit or a letter; Greek letters become their names."""

_TOKEN: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9_]*|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|\*\*|[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+|[^ ]"
)
_NUMERIC: Final = "0123456789."
_SIGNS_READ: Final = frozenset({"+", "-", "*", "/", "^", "**", "(", ")", ","})


def folded(text: str) -> str:
    """Return the text with its typographic signs and Greek letters as ASCII, where they have one."""
    return text.translate(FOLDED)


def broken(text: str) -> bool:
    """Whether the text holds what no text may hold: controls but tab and newline, lone surrogates."""
    return FORBIDDEN.search(text) is not None


def nothing_in(text: str) -> bool:
    """Whether nothing is written there: blanks at most, and characters that nobody sees."""
    if not text or text.isspace():
        return True
    return len(text) <= LENGTH_MAX and not broken(text) and not folded(text).strip()


def tokens_of(text: str, grammar: Grammar) -> tuple[list[Token], list[Fault]]:
    """Return the tokens of a folded text, and a fault for every word that the content does not know.

    An unknown word leaves a token in its place, so that the parser may find what else is wrong.
    """
    names = grammar.names
    tokens: list[Token] = []
    faults: list[Fault] = []
    words = _TOKEN.findall(text)
    for place, word in enumerate(words):
        if word in _SIGNS_READ:
            tokens.append(word)
        elif (known := names.get(word)) is not None:
            tokens.append(known)
            if type(known) is Function and known.name not in grammar.functions:
                faults.append(_function_fault(grammar))
        elif word[0] in _NUMERIC and word != ".":
            tokens.append(Literal(float(word)))
        elif ord(word[-1]) in RAISED and word not in "⁺⁻":
            tokens.extend(_exponent(word.translate(RAISED)))
        elif not (word[0].isascii() and word[0].isalpha()):
            return [], [*faults, Fault("syntax_error", "it holds a character that no formula has")]
        elif (split := _split(word, grammar) if grammar.implicit else None) is not None:
            tokens.extend(split)
        elif place + 1 < len(words) and words[place + 1] == "(":
            tokens.append(Function("max"))
            faults.append(_function_fault(grammar))
        else:
            tokens.append(Variable(0))
            faults.append(
                Fault("undefined_variable", "it uses a name that is no variable here", None, grammar.variables)
            )
    return tokens, faults


def _exponent(plain: str) -> list[Token]:
    """A sign for the power, the exponent's own sign, and its digits."""
    if plain[0] in "+-":
        return ["^", plain[0], Literal(float(plain[1:]))]
    return ["^", Literal(float(plain))]


def _split(word: str, grammar: Grammar) -> list[Token] | None:
    """The known names that the word is made of, longest first; None if they do not fill it."""
    names, longest = grammar.names, grammar.longest
    found: list[Token] = []
    start, end = 0, len(word)
    while start < end:
        for length in range(min(longest, end - start), 0, -1):
            known = names.get(word[start : start + length])
            if known is not None and (type(known) is not Function or known.name in grammar.functions):
                found.append(known)
                start += length
                break
        else:
            return None
    return found


def _function_fault(grammar: Grammar) -> Fault:
    return Fault("function_not_allowed", "it uses a function that is not allowed here", None, grammar.functions)
