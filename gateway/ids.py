"""Identifiers: `<prefix>_` and 26 characters of lower-case base32, a UUIDv7, so that ids sort by the time they were made.

Rule source: conventions, "Requests and answers".
"""

import re
import secrets
from base64 import b32encode
from typing import Final

SHAPE: Final = re.compile(r"[a-z]{2,5}_[a-z2-7]{26}")
_LAST: Final = re.compile(r"[a-z2-7]{26}")


def new_id(prefix: str, now_ms: int, randomness: int | None = None) -> str:
    """A fresh id, such as `crs_ag…`: 48 bits of `now_ms` and 74 random bits (`randomness`, or the system's own)."""
    if randomness is None:
        randomness = secrets.randbits(74)
    number = (
        (now_ms & 0xFFFF_FFFF_FFFF) << 80
        | 0x7 << 76
        | (randomness >> 62 & 0xFFF) << 64
        | 0b10 << 62
        | randomness & 0x3FFF_FFFF_FFFF_FFFF
    )
    return f"{prefix}_{b32encode(number.to_bytes(16, 'big'))[:26].decode().lower()}"


def is_id(prefix: str, text: str) -> bool:
    """Whether `text` has the shape of a `prefix` id. Only such text is looked up; version bits are not judged."""
    head, _, tail = text.partition("_")
    return head == prefix and _LAST.fullmatch(tail) is not None
