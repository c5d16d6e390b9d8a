"""Credentials that only we read: a prefix, 32 random bytes, a checksum. Kept as SHA-256, looked up by it.

The checksum is for junk, which is told without any I/O; what protects is the 256 random bits.
"""

import base64
import hashlib
import secrets
import zlib
from typing import Final

from msgspec import Struct

REFRESH: Final = "cgr"
INVITATION: Final = "cgi"

_SECRET_BYTES: Final = 32
_BODY_LENGTH: Final = 43
_CHECK_LENGTH: Final = 6


class Opaque(Struct, frozen=True):
    """A fresh credential: show `text` once, store `digest`. Never log it."""

    text: str
    digest: bytes

    def __repr__(self) -> str:
        return "Opaque(...)"


def make_opaque(prefix: str, secret: bytes | None = None) -> Opaque:
    """A fresh credential such as `cgr_…`; `secret` is 32 bytes of chance, the system's own if not given."""
    body = f"{prefix}_{_encoded(secrets.token_bytes(_SECRET_BYTES) if secret is None else secret)}"
    text = body + _checksum(body)
    return Opaque(text, digest_of(text))


def read_opaque(prefix: str, text: str) -> bytes | None:
    """The digest to look up, or None where the text is none of ours: another shape, or a wrong checksum."""
    body = text[:-_CHECK_LENGTH]
    if len(text) != len(prefix) + 1 + _BODY_LENGTH + _CHECK_LENGTH or not text.startswith(f"{prefix}_"):
        return None
    return digest_of(text) if text.isascii() and _checksum(body) == text[-_CHECK_LENGTH:] else None


def digest_of(text: str) -> bytes:
    """What is kept of a credential."""
    return hashlib.sha256(text.encode()).digest()


def _checksum(body: str) -> str:
    return _encoded(zlib.crc32(body.encode()).to_bytes(4, "big"))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
