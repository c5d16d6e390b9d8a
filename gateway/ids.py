"""Identifiers: `<prefix>_` and 26 characters of lower-case base32, a UUIDv7, so that ids sort by the time they were made.

Rule source: conventions, "Requests and answers".
"""

import re
import secrets
from collections.abc import Callable
from random import Random
from typing import Final

SHAPE: Final = re.compile(r"[a-z]{2,5}_[a-z2-7]{26}")
_LAST: Final = re.compile(r"[a-z2-7]{26}")


def new_id(prefix: str, now_ms: int, randomness: int | None = None) -> str:
    """A fresh id, such as `crs_ag…`: 48 bits of `now_ms` and 74 random bits (`randomness`, or the system's own)."""
    if randomness is None:
        randomness = secrets.randbits(74)
    # The UUID's 128 bits and two of padding: thirteen pairs of letters, which takes half of b32encode's time.
    number = (
        (now_ms & 0xFFFF_FFFF_FFFF) << 82
        | 0x7 << 78
        | (randomness >> 62 & 0xFFF) << 66
        | 0b10 << 64
        | (randomness & 0x3FFF_FFFF_FFFF_FFFF) << 2
    )
    return f"{prefix}_{''.join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])}"


def is_id(prefix: str, text: str) -> bool:
    """Whether `text` has the shape of a `prefix` id. Only such text is looked up; version bits are not judged."""
    head, _, tail = text.partition("_")
    return head == prefix and _LAST.fullmatch(tail) is not None


class RequestIds:
    """Makes `req_…` ids, one a request: like `new_id`, at a tenth of its cost. 62 of the random bits are fresh a millisecond
    or an id; they name a request in a log and protect nothing.
    """

    def __init__(self, bits: Callable[[int], int] | None = None) -> None:
        self._bits = bits or Random(secrets.randbits(128)).getrandbits  # ruff: ignore[suspicious-non-cryptographic-random-usage]
        self._now_ms = -1
        self._head = ""

    def next(self, now_ms: int) -> str:
        """A fresh id."""
        if now_ms != self._now_ms:
            self._now_ms = now_ms
            self._head = new_id("req", now_ms, self._bits(74))[:-10]
        tail = self._bits(50)
        return (
            self._head
            + _PAIRS[tail >> 40]
            + _PAIRS[tail >> 30 & 1023]
            + _PAIRS[tail >> 20 & 1023]
            + _PAIRS[tail >> 10 & 1023]
            + _LAST_PAIRS[tail & 255]
        )


_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS: Final = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_SHIFTS: Final = range(120, -1, -10)
_LAST_PAIRS: Final = _PAIRS[::4]
"""The last two characters hold 8 bits: the lowest two of ten are padding."""
