"""Strict JSON: raw bytes to a typed value, or the one problem that names what is wrong and where."""

import re
from collections.abc import Iterator
from typing import Any, Final, TypeVar

import msgspec

from gateway.errors import InvalidField, MissingRequiredField, Problem, UnknownField
from gateway.http.choices import allowed, fields_at
from gateway.http.malformed import malformed
from gateway.http.texts import IN_WORDS, named, only, type_names

T = TypeVar("T")

_PLACE: Final = re.compile(r"(?P<what>.*) - at `(?:key in )?\$(?P<path>[^`]*)`\Z", re.DOTALL)
_MISSING: Final = re.compile(r"Object missing required field `(?P<name>.*)`\Z", re.DOTALL)
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(?P<name>.*)`\Z", re.DOTALL)
_PATTERN: Final = re.compile(r"Expected `str` matching regex (?P<pattern>(?P<quote>['\"]).*(?P=quote))\Z", re.DOTALL)
_TYPES: Final = re.compile(r"Expected `(?P<wanted>[a-z |]+)`(?:, got `(?P<given>[a-z]+)`)?(?P<bound>.*)\Z", re.DOTALL)
_OWN_RULE: Final = re.compile(r"`(?P<name>[a-z_]+)` (?P<rule>.*)\Z", re.DOTALL)
"""How a `__post_init__` of ours names the field of its struct that is wrong, and what it must be."""
_DIGITS: Final = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER: Final = b"0" * 19
"""A number that 64 bit may not hold, where all digits are written as 0: looked for in a tenth of a search's time."""
_NUL: Final = b"\\u0000"
_SCAN_BYTES_MAX: Final = 65_536
"""A refused body up to this size is searched for U+0000 and long integers, which are named first."""
_LARGEST: Final = 2**63 - 1
_SMALLEST: Final = -(2**63)

_untyped: Final = msgspec.json.Decoder()
_syntax: Final = msgspec.json.Decoder(msgspec.Raw)


def decode(raw: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """The typed value. Raises MalformedJson, then InvalidField for U+0000 and integers beyond 64 bit, then what the type says."""
    try:
        value = decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _problem(raw, error, decoder.type) from None
    if _NUL in raw or _LONG_NUMBER in raw.translate(_DIGITS):
        try:
            _refuse_hostile(_untyped.decode(raw))  # not the value: parts of it may be kept as they came
        except msgspec.ValidationError as error:
            raise field_problem(str(error), Any) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise malformed(raw, error) from None
    return value


def _problem(raw: bytes, error: Exception, kind: Any) -> Problem:
    """What to call a failed decoding: faults of the whole come before faults of a field.

    The whole is skimmed, never built: what a refused body costs must not be its sender's choice.
    """
    if not isinstance(error, msgspec.ValidationError):
        return malformed(raw, error)
    try:
        _syntax.decode(raw)
        if len(raw) <= _SCAN_BYTES_MAX and (_NUL in raw or _LONG_NUMBER in raw.translate(_DIGITS)):
            _refuse_hostile(_untyped.decode(raw))
    except msgspec.ValidationError:
        pass  # a number that no type holds: the typed error says where
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        return malformed(raw, fault)
    except InvalidField as problem:
        return problem
    return field_problem(str(error), kind)


def field_problem(text: str, kind: Any) -> Problem:
    """The problem behind msgspec's words, such as "Expected `str`, got `int` - at `$.brief.topic`"."""
    found = _PLACE.match(text)
    what, path = (found["what"], found["path"].lstrip(".")) if found else (text, "")
    if (missing := _MISSING.match(what)) is not None:
        return MissingRequiredField(_joined(path, missing["name"]))
    if (unknown := _UNKNOWN.match(what)) is not None:
        return UnknownField(
            _joined(path, unknown["name"]), "it is no field of this request" + only(fields_at(kind, path))
        )
    if (own := _OWN_RULE.match(what)) is not None:
        return InvalidField(_joined(path, own["name"]), own["rule"])
    return InvalidField(path or "body", requirement(what, kind, path))


def requirement(what: str, kind: Any = Any, path: str = "") -> str:
    """What is allowed at `path` of `kind`, in our words, without repeating what was given."""
    what = what.split(" - at `", maxsplit=1)[0]
    if what.startswith(("Invalid enum value", "Invalid value")):
        return allowed(kind, path) or "one of the values in the documentation"
    if (pattern := _PATTERN.match(what)) is not None:
        return IN_WORDS.get(pattern["pattern"], "text of the form in the documentation")
    if what.endswith("out of range"):
        return "a number that fits into 64 bit"
    if what.startswith("Invalid RFC3339 encoded "):
        return type_names(what.rpartition(" ")[2])
    if (types := _TYPES.match(what)) is not None:
        given = f", not {named(types['given'])}" if types["given"] else ""
        return (
            type_names(types["wanted"])
            + given
            + types["bound"].replace(" with a timezone component", ", with its zone")
        )
    return what[:1].lower() + what[1:]


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _refuse_hostile(value: Any) -> None:
    """Raise InvalidField at the first U+0000 (keys included) or integer beyond 64 bit."""
    for path, leaf in _leaves(value, ""):
        if isinstance(leaf, str) and "\0" in leaf:
            raise InvalidField(path or "body", "text without U+0000")
        if isinstance(leaf, int) and not _SMALLEST <= leaf <= _LARGEST:
            raise InvalidField(path or "body", "an integer that fits into 64 bit")


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every string and number with its path, in the order of the document. Iterative: depth is the sender's choice."""
    waiting: list[tuple[str, Any]] = [(path, value)]
    while waiting:
        place, node = waiting.pop()
        if isinstance(node, dict):
            waiting.extend((_joined(place, key), item) for key, item in reversed(node.items()))
            yield from ((_joined(place, key), key) for key in node)
        elif isinstance(node, list):
            waiting.extend((f"{place}[{index}]", item) for index, item in reversed(list(enumerate(node))))
        else:
            yield place, node
