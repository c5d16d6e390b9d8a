"""The lines of an export: what stands in the file, and the one way to write each. Pure.

First the opening, then the public keys, then the records in their order, each checkpoint right behind the record whose
hash it signs, and the manifest last: who reads it needs no more memory for a long chain than for a short one.
"""

from typing import Final, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from gateway.records.chain import Columns

FORMAT: Final = "coursegate-dpus-1"
LINE_BYTES_MAX: Final = 8 << 20
"""No line is longer: a record, with a body of at most a request's megabyte, each of its characters escaped."""


class Opening(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="export"):
    """The first line: whose chain it is."""

    format: Literal["coursegate-dpus-1"]
    center: str
    env: Literal["live", "test"]


class KeyLine(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="key"):
    """A public key of checkpoints, as `name+id+base64`."""

    key: str


class RecordLine(
    Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind", tag="record", kw_only=True
):
    """A record as it was hashed, its hash in hex, and what it commits to: salt (hex) and body, unless they were dropped.

    `listed` stands only where the database's columns contradict the record.
    """

    record: Raw
    hash: str
    salt: str | UnsetType = UNSET
    body: str | UnsetType = UNSET
    listed: Columns | UnsetType = UNSET


class CheckpointLine(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="checkpoint"):
    """A checkpoint as a signed note."""

    note: str


class Manifest(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="manifest", kw_only=True):
    """The last line: what stood before it. `ranges` are pairs of the first and last record, both included."""

    format: Literal["coursegate-dpus-1"] = FORMAT
    center: str
    env: Literal["live", "test"]
    size: int
    head: str
    ranges: tuple[tuple[int, int], ...]
    bodies: int
    checkpoints: int


Line: TypeAlias = Opening | KeyLine | RecordLine | CheckpointLine | Manifest

_encoder: Final = msgspec.json.Encoder()
_decoder: Final[msgspec.json.Decoder[Line]] = msgspec.json.Decoder(Line)


class WrongLine(ValueError):
    """What is no line of an export; the text says why."""


def written(line: Line) -> bytes:
    """The line with its line break."""
    return _encoder.encode(line) + b"\n"


def read(text: bytes) -> Line:
    """The line of a text without its line break. Raises WrongLine."""
    try:
        text.decode()  # what stays raw is checked by nobody else
        line = _decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        said = "".join(letter for letter in str(error) if letter.isprintable())
        raise WrongLine(said[:120]) from None
    if _encoder.encode(line) != text:
        raise WrongLine("it is not written as an export writes it: a name stands twice, or in another place")
    return line
