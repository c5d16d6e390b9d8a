"""Versioned server secrets as the settings give them: `v2:…,v1:…`, 32 bytes each, newest first.

Rule source: security, "Secrets".
"""

import base64
import binascii
import itertools
import re
import secrets
from typing import Final

from msgspec import Struct

SECRET_BYTES: Final = 32

VALID: Final = (
    "v<number>:<32 random bytes as 64 hex digits or 43 characters of base64url>, newest first, separated by commas"
)

_ENTRY: Final = re.compile(r"v([1-9][0-9]{0,8}):([0-9A-Za-z_-]+={0,2})", re.ASCII)


class WeakSecret(ValueError):
    """A value that is no ring of random secrets; the text says what is wrong and never shows a secret."""


class SecretRing(Struct, frozen=True, repr_omit_defaults=True):
    """The held versions, newest first: the newest makes, all verify."""

    by_version: dict[int, bytes]

    def __repr__(self) -> str:
        return f"SecretRing(versions={list(self.by_version)})"

    @property
    def versions(self) -> tuple[int, ...]:
        """Newest first."""
        return tuple(self.by_version)

    def text(self) -> str:
        """The form that the settings take. A secret."""
        return ",".join(f"v{version}:{encode(secret)}" for version, secret in self.by_version.items())

    def with_new(self) -> "SecretRing":
        """This ring with a fresh random version in front."""
        return SecretRing({max(self.by_version, default=0) + 1: secrets.token_bytes(SECRET_BYTES), **self.by_version})

    def without(self, version: int) -> "SecretRing":
        """This ring without one version; KeyError where it is not held."""
        rest = dict(self.by_version)
        del rest[version]
        return SecretRing(rest)


def new_ring() -> SecretRing:
    """A ring of one fresh random secret, version 1."""
    return SecretRing({}).with_new()


def encode(secret: bytes) -> str:
    """43 characters of base64url."""
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()


def parse_ring(text: str) -> SecretRing:
    """The ring that a setting gives. Raises WeakSecret for anything that is not random, whole and in order."""
    found: dict[int, bytes] = {}
    for entry in text.split(","):
        shape = _ENTRY.fullmatch(entry.strip())
        if shape is None:
            raise WeakSecret("an entry has another form")
        version, secret = int(shape[1]), _decoded(shape[2])
        if len(secret) != SECRET_BYTES:
            raise WeakSecret(f"v{version} is not {SECRET_BYTES} bytes")
        if not looks_random(secret):
            raise WeakSecret(f"v{version} is not random")
        if found and version >= min(found):
            raise WeakSecret(f"v{version} is not older than the version before it")
        if secret in found.values():
            raise WeakSecret(f"v{version} repeats the secret of another version")
        found[version] = secret
    return SecretRing(found)


def looks_random(secret: bytes) -> bool:
    """Whether 32 bytes could have come from a random source: refuses repeated, counted-up and readable ones.

    A truly random secret is refused once in more than 10^12.
    """
    steps = {(after - before) % 256 for before, after in itertools.pairwise(secret)}
    readable = all(32 <= byte < 127 for byte in secret)
    return len(set(secret)) >= 16 and len(steps) >= 12 and not readable


def _decoded(text: str) -> bytes:
    if len(text) == 2 * SECRET_BYTES:
        try:
            return bytes.fromhex(text)
        except ValueError:
            pass
    try:
        return base64.urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
    except binascii.Error:
        raise WeakSecret("an entry is neither hex nor base64url") from None
