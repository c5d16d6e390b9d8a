"""The one form in which records are hashed: RFC 8785 for texts, whole numbers, booleans, null, lists and objects.

Numbers that a double does not hold exactly are texts; fractions have no place in a record. `jcs` in 0014_records.sql writes
the same.
"""

from typing import Any, Final

import msgspec

EXACT_MAX: Final = 2**53 - 1
"""The largest whole number that every reader of JSON reads alike."""

_encoder: Final = msgspec.json.Encoder(order="sorted")


class NotCanonical(ValueError):
    """A value that has no place in a record; the text says which."""


def canonical(value: object) -> bytes:
    """The bytes of a value. Raises NotCanonical for floats, names that are not ASCII, and what JSON has no word for."""
    return _encoder.encode(_checked(value))


def is_canonical(text: bytes, value: object) -> bool:
    """Whether `text`, which was decoded to `value`, is the one way to write it."""
    try:
        return canonical(value) == text
    except (NotCanonical, ValueError):
        return False


def _checked(value: object) -> Any:
    match value:
        case bool() | None:
            return value
        case int():
            return value if abs(value) <= EXACT_MAX else str(value)
        case str():
            if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
                raise NotCanonical("a text holds half a character")
            return value
        case dict():
            for name in value:
                if not isinstance(name, str) or not name.isascii():
                    raise NotCanonical("a name is not ASCII")
            return {name: _checked(part) for name, part in value.items()}
        case list() | tuple():
            return [_checked(part) for part in value]
        case _:
            raise NotCanonical(f"a {type(value).__name__} has no place in a record")
