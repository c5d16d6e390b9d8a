"""Short texts as people give them: one visible character at least, and none that acts on a terminal or a line's order."""

from collections.abc import Sequence
from typing import Annotated, Final

from msgspec import Meta

from gateway.generation.model import LANGUAGE_PATTERN

VISIBLE = r"^[^\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]*[^\x00-\x20\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069][^\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]*\Z"
"""No control and no bidirectional character, and something to see."""

Title = Annotated[str, Meta(min_length=1, max_length=200, pattern=VISIBLE)]
"""A title or name."""

IN_WORDS: Final = {
    repr(r"^[a-z]{2,5}_[a-z2-7]{26}\Z"): "an id: a prefix such as `crs`, `_` and 26 of a-z and 2-7",
    repr(r"^[a-z]{1,20}(\.[a-z]{1,20})?\Z"): "a name such as `launch` or `launch.admitted`",
    repr(r"^[0-9a-f]{64}\Z"): "64 of 0-9 and a-f: a SHA-256 in lower-case hex",
    repr(r"^https://[!-~]+\Z"): "an https:// address in printable ASCII",
    repr(VISIBLE): "text that shows something, without control characters",
    repr(r"\S"): "text that is not blank",
    repr(LANGUAGE_PATTERN): "a language tag such as `en` or `pt-BR`",
    repr(r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}\Z"): "a language tag such as `en` or `pt-BR`",
    repr(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\Z"): "at most 64 letters, digits and `_ . -`, a letter or digit first",
    repr(r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}\Z"): "at most 64 letters, digits and `_ . : -`, a letter or digit first",
    repr(r"^[0-9]{1,6}\.[0-9]{2}\Z"): "decimal text with two places such as `1.00`, at most `999999.99`",
    repr(r"^[0-9]{1,6}(\.[0-9]{1,2})?\Z"): "decimal text with at most two places such as `7.50`",
    repr(r"^[A-Za-zΑ-Ωα-ω][A-Za-z0-9_]{0,31}\Z"): "a letter, then letters, digits and `_`, at most 32 together",
    repr(r"^#[0-9A-Fa-f]{6}\Z"): "a colour such as `#1a5fb4`",
    repr(r"^data:image/(?:png|jpeg|webp);base64,[A-Za-z0-9+/]+={0,2}\Z"): "a PNG, JPEG or WebP image as a `data:` URL",
}
"""What a pattern asks for, as an error says it; by the pattern as msgspec spells it. A test holds that none is missing."""

_TYPES: Final = {
    "str": "a string",
    "int": "an integer",
    "float": "a number",
    "bool": "a boolean",
    "array": "an array",
    "object": "an object",
    "null": "null",
    "datetime": "a time as RFC 3339 has it",
    "date": "a date such as `2026-11-30`",
}
"""JSON's names for what msgspec calls as Python does."""

_DECIMAL: Final = "a decimal number"
"""What came where an integer is needed: that it is a number is not what is wrong with it."""


def type_names(types: str) -> str:
    """What may be given, out of msgspec's list: ``type_names("str | null") == "a string or null"``."""
    return " or ".join(_TYPES.get(name, name) for name in types.split(" | "))


def named(given: str) -> str:
    """What was given, by its type alone."""
    return _DECIMAL if given == "float" else _TYPES.get(given, given)


NAMES_MAX: Final = 20
"""How many names a refusal tells of those that there are."""


def only(names: Sequence[str], none: str = "") -> str:
    """What else could have been meant, at the end of a refusal of an unknown name; `none` where nothing could."""
    if not names:
        return none
    more = f" and {len(names) - NAMES_MAX} more" if len(names) > NAMES_MAX else ""
    return f"; allowed: {', '.join(names[:NAMES_MAX])}{more}"
