"""What may be wrong: with an answer (FormatError, told to the learner) or with an authored item (Flaw, told to its author).

A format error is found from content and answer alone. No function that makes one ever sees a key.
"""

from typing import Final, Literal, TypeAlias

from msgspec import Struct

FormatCode: TypeAlias = Literal[
    "type_mismatch",
    "missing_field",
    "unknown_field",
    "unknown_id",
    "duplicate_id",
    "too_few",
    "too_many",
    "too_long",
    "answer_required",
    "not_a_number",
    "ambiguous_number",
    "separator_not_allowed",
    "non_finite",
    "out_of_range",
    "not_on_step",
    "division_by_zero",
    "unknown_unit",
    "unit_required",
    "syntax_error",
    "undefined_variable",
    "function_not_allowed",
    "too_complex",
    "outside_canvas",
    "invalid_unicode",
    "incomplete_order",
]


class FormatError(Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong with the shape of an answer; `limit` and `allowed` are public values of the content.

    `param` is the path inside the answer (`gaps[2].text`) until `under` puts it into the caller's body.
    """

    code: FormatCode
    param: str
    message: str
    limit: int | str | None = None
    allowed: tuple[str, ...] | None = None

    def under(self, path: str) -> "FormatError":
        """The same error, seen from a body that holds the answer at `path` (`answers[2].answer`)."""
        return FormatError(self.code, joined(path, self.param), self.message, self.limit, self.allowed)


def joined(path: str, inside: str) -> str:
    """The path of what stands at `inside`, seen from where `path` begins; either may be empty."""
    if not path or not inside or inside.startswith("["):
        return path + inside
    return f"{path}.{inside}"


ERRORS_MAX: Final = 500
"""How many errors are looked for: a body that holds more was not made by a client that would read them."""


class Malformed(Struct, frozen=True):
    """An answer that can't be graded as it is: all format errors, in the order of the answer's fields. It costs nothing."""

    errors: tuple[FormatError, ...]


class Blank(Struct, frozen=True):
    """An answer of the right shape in which nothing was answered; `param` names the empty field."""

    param: str


class Flaw(Struct, frozen=True):
    """Why an authored item can't be graded: the path inside the item (`key.answers[0].text`) and what is wrong there."""

    param: str
    message: str


class Unloadable(Struct, frozen=True):
    """An item that no learner may see: every flaw that was found in it."""

    flaws: tuple[Flaw, ...]


class Flaws:
    """Collects what is wrong with one authored item."""

    def __init__(self) -> None:
        self._found: list[Flaw] = []

    def add(self, param: str, message: str) -> None:
        """Note that what stands at `param` makes the item ungradable."""
        self._found.append(Flaw(param, message))

    def __bool__(self) -> bool:
        return bool(self._found)

    def all(self) -> tuple[Flaw, ...]:
        """Every flaw, in the order in which they were found."""
        return tuple(self._found)


SHOWN: Final = 64
"""Characters of what was given that a message may repeat."""


def shown(given: str) -> str:
    """At most 64 printable characters of what was given, for a message about ids. Never used on a learner's texts."""
    if len(given) <= SHOWN and given.isprintable():
        return given
    printable = "".join(char if char.isprintable() else "?" for char in given[: SHOWN + 1])
    return printable if len(given) <= SHOWN else printable[:SHOWN] + "…"
