"""The file of keys that sign access tokens: Ed25519 in PEM, newest first, readable by its owner alone.

Above each key stands `# v2 from 2026-11-22T04:00:00Z`: its version, and when it begins to sign. A key is in the file, and
so at every gateway and in the JWKS, before it signs; and stays there until no token of it can live.
A file without such lines, made by `openssl genpkey`, holds keys that have always signed, the last one being v1.
"""

import base64
import hashlib
import re
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from gateway.clock import as_datetime, as_ms

VALID: Final = "a file of Ed25519 private keys in PEM, newest first, mode 0600"
_BYTES_MAX: Final = 65_536
_BLOCK: Final = re.compile(
    r"(?:^# v(?P<version>[1-9][0-9]{0,8}) from (?P<start>[0-9TZ:.-]{20,27})\s*\n)?"
    r"(?P<pem>^-----BEGIN PRIVATE KEY-----\n[A-Za-z0-9+/=\n]+^-----END PRIVATE KEY-----$)",
    re.MULTILINE,
)


class WrongKeyFile(ValueError):
    """A file that can't be used; the text says why and shows nothing of it."""


class TokenKey(msgspec.Struct, frozen=True):
    """One key. `kid` is its RFC 7638 thumbprint; `from_ms`: when it begins to sign."""

    version: int
    from_ms: int
    private: Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"TokenKey(v{self.version})"

    @property
    def public_bytes(self) -> bytes:
        """The 32 bytes of the public key."""
        return self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def kid(self) -> str:
        """What tokens call it by."""
        members = f'{{"crv":"Ed25519","kty":"OKP","x":"{encoded(self.public_bytes)}"}}'
        return encoded(hashlib.sha256(members.encode()).digest())


TokenKeyFile = tuple[TokenKey, ...]
"""The keys of a file, newest first; at least one."""


def new_key(version: int, from_ms: int) -> TokenKey:
    """A fresh key."""
    return TokenKey(version, from_ms, Ed25519PrivateKey.generate())


def read_key_file(path: Path) -> TokenKeyFile:
    """The keys of the file. Raises WrongKeyFile."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) or mode & 0o077:
            raise WrongKeyFile("it is open to others than its owner; `chmod 600` it")
        text = path.read_bytes()[:_BYTES_MAX].decode("ascii")
    except OSError as error:
        raise WrongKeyFile(f"it can't be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise WrongKeyFile("it is no text of PEM") from None
    blocks = list(_BLOCK.finditer(text.replace("\r\n", "\n")))
    if not blocks or len(blocks) != text.count("-----BEGIN"):
        raise WrongKeyFile("it holds something else than private keys, or none")
    keys = tuple(_key(block, len(blocks) - place) for place, block in enumerate(blocks))
    versions = [key.version for key in keys]
    if versions != sorted(set(versions), reverse=True) or len({key.kid for key in keys}) < len(keys):
        raise WrongKeyFile("its keys are not in order, newest first, or one is there twice")
    return keys


def written(keys: TokenKeyFile) -> str:
    """The file's text. A secret."""
    return "\n".join(_written(key) for key in keys)


def _written(key: TokenKey) -> str:
    pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    start = as_datetime(key.from_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"# v{key.version} from {start}\n{pem}"


def _key(block: "re.Match[str]", place: int) -> TokenKey:
    try:
        private = load_pem_private_key(block["pem"].encode(), password=None)
        start = as_ms(datetime.fromisoformat(block["start"]).astimezone(UTC)) if block["start"] else 0
    except (ValueError, UnsupportedAlgorithm):
        raise WrongKeyFile("a key in it can't be read") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise WrongKeyFile("a key in it is not Ed25519")
    return TokenKey(int(block["version"] or place), start, private)


def encoded(raw: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
