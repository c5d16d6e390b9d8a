"""Where a body stops being JSON, and why: what msgspec tells of it, and nothing that stands there."""

import re
from typing import Final

import msgspec

from gateway.errors import MalformedJson

_REASON: Final = re.compile(r"JSON is malformed: (?P<reason>[a-z ,:'{}\[\]]{1,60}) \(byte (?P<at>[0-9]+)\)\Z")
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")


def malformed(raw: bytes, error: Exception) -> MalformedJson:
    """The refusal of `raw`, which could not be decoded for `error`, with the place as far as there is one."""
    if isinstance(error, RecursionError):
        return MalformedJson("The body is nested too deeply.")
    try:
        raw.decode()
    except UnicodeDecodeError as fault:
        return _at(raw, fault.start, "no UTF-8")
    if (found := _REASON.match(str(error))) is not None:
        return _at(raw, int(found["at"]), found["reason"])
    if isinstance(error, msgspec.DecodeError) and _SURROGATE.search(raw) is not None:
        # msgspec says the same of a body that ends in a text and of half a pair: which one it was is not known.
        return MalformedJson("The body is not well-formed JSON: it ends too early, or holds a lone surrogate.")
    return _at(raw, len(raw), "it ends too early")


def _at(raw: bytes, at: int, reason: str) -> MalformedJson:
    """The refusal, with the place as editors count: lines and characters from 1."""
    at = min(at, len(raw))
    line = raw.count(b"\n", 0, at) + 1
    column = len(raw[raw.rfind(b"\n", 0, at) + 1 : at].decode(errors="replace")) + 1
    return MalformedJson(
        f"The body is not well-formed JSON in UTF-8: {reason}, near line {line}, column {column}.",
        details={"reason": reason, "line": line, "column": column, "byte": at},
    )
