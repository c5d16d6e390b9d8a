"""The form of an API key: `cg_<live|test>_<id: 12><secret: 32><crc: 6>`, base62. Junk is told apart without any I/O.

Rule source: conventions, "Who calls".
"""

import re
import secrets
import zlib
from collections.abc import Callable, Sequence
from typing import Final, Literal

from msgspec import Struct

Env = Literal["live", "test"]

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SHAPE: Final = re.compile(r"cg_(live|test)_([0-9A-Za-z]{12})([0-9A-Za-z]{32})([0-9A-Za-z]{6})", re.ASCII)
_CRC_LENGTH: Final = 6
KEY_LENGTH: Final = 58
"""Characters of a whole key."""


class ParsedKey(Struct, frozen=True):
    """What a well-formed key says of itself; whether it exists is for the store. Never log or keep `text`."""

    text: str
    env: Env
    public_id: str


def _checksum(body: str) -> str:
    number = zlib.crc32(body.encode())
    digits = []
    for _ in range(_CRC_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def make_key(env: Env, choose: Callable[[Sequence[str]], str] = secrets.choice) -> ParsedKey:
    """A fresh key; `choose` picks one character of the alphabet at a time. Show `text` once, store its hash."""
    public_id = "".join(choose(ALPHABET) for _ in range(12))
    body = f"cg_{env}_{public_id}" + "".join(choose(ALPHABET) for _ in range(32))
    return ParsedKey(body + _checksum(body), env, public_id)


def parse_key(text: str) -> ParsedKey | None:
    """The key if its shape and CRC-32 are right, else None. Works on the text alone."""
    found = _SHAPE.fullmatch(text)
    if found is None or _checksum(text[:-_CRC_LENGTH]) != found[4]:
        return None
    return ParsedKey(text, "live" if found[1] == "live" else "test", found[2])
