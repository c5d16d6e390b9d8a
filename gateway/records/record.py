"""One record: its shape, its hash, and what its text must be to be taken for one. Pure."""

import re
from hashlib import sha256
from typing import Any, Final, Literal

import msgspec
from msgspec import Raw, Struct

from gateway.records.canonical import is_canonical

OPENINGS: Final = ("genesis", "adopted")
"""Types of a chain's first record: of a chain made with its center, of one opened for what was there before."""

REDACTED: Final = "redacted"
ATTACHED: Final = "evidence.attached"
APPROVED: Final = "evidence.approved"

KEY_MADE: Final = "key.made"
"""The type of records whose subject is a new key, and whose actor made it."""

_INSTANT: Final = re.compile(r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z", re.ASCII)
_LONG_NUMBER: Final = re.compile(rb"[:,\[]-?[0-9]{16}")
_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Record(Struct, frozen=True, forbid_unknown_fields=True):
    """A record of version 1, its fields in the order of the canonical form. Hashes are hex, times UTC in microseconds."""

    actor: str
    at: str
    center: str
    commitment: str | None
    critical: bool
    env: Literal["live", "test"]
    id: str
    outcome: Raw
    policy: Raw
    prev_hash: str
    request_id: str | None
    seq: int
    subject: str
    type: str
    v: Literal[1]


class Broken(Exception):
    """A text is no record; what it says completes the sentence `record 7: ...`."""


class _Float(ValueError):
    """A number that is no whole one."""


def root_of(center_id: str, env: str) -> str:
    """What the first record of a chain holds as the hash before it: so no chain can be taken for another's."""
    return sha256(f"coursegate decision records\n{center_id}\n{env}\n".encode()).hexdigest()


def hash_of(text: bytes) -> str:
    """The hash of a record's text, or of a salt and a body."""
    return sha256(text).hexdigest()


def is_hash(text: str) -> bool:
    """Whether it has the form of a hash."""
    return _HASH.fullmatch(text) is not None


def read_record(text: bytes) -> Record:
    """The record of a text. Raises Broken where it is not of the shape, or is not written in the one canonical way."""
    try:
        record = _decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Broken(f"it is no record: {_words(error)}") from None
    if _encoder.encode(record) != text or not (_is_canonical(record.outcome) and _is_canonical(record.policy)):
        raise Broken("it is not in canonical form (RFC 8785)")
    if not _INSTANT.fullmatch(record.at) or not is_hash(record.prev_hash):
        raise Broken("its time or the hash in it has not the form it must have")
    return record


def facts(part: Raw) -> dict[str, Any]:
    """The policy or the outcome of a record, decoded."""
    found = msgspec.json.decode(part)
    return found if isinstance(found, dict) else {}


def _is_canonical(part: Raw) -> bool:
    """Whether an object is written as RFC 8785 has it. What could hold anything rare is judged the long way."""
    text = bytes(part)
    try:
        value = _parts.decode(text)
    except (_Float, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    if not isinstance(value, dict):
        return False
    if text.isascii() and not _LONG_NUMBER.search(text):
        return _sorted.encode(value) == text
    return is_canonical(text, value)


def _refused(number: str) -> float:
    raise _Float(number)


def _words(error: Exception) -> str:
    """What was wrong, of ours: a name from the text may stand in it, cut short."""
    said = "".join(letter for letter in str(error).split(" - at")[0] if letter.isprintable())
    return said[:80] or type(error).__name__


_decoder: Final = msgspec.json.Decoder(Record)
_encoder: Final = msgspec.json.Encoder()
_sorted: Final = msgspec.json.Encoder(order="sorted")
_parts: Final = msgspec.json.Decoder(float_hook=_refused)
