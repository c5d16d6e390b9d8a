"""The server's secrets and everything that is done with them, so that no other module touches one.

Peppers and encryption keys come in versions, newest first: the newest makes, all verify. Every use has a label, from
which HKDF derives its own key: a signature made for one purpose can't serve another. Rule source: security, "Secrets".
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

API_KEYS: Final = "api-keys"
FINGERPRINTS: Final = "idempotency-fingerprints"
CURSORS: Final = "cursors"
PRESENTATION: Final = "presentation"
TRIES: Final = "tries"
LOGINS: Final = "logins"
LEARNER_TOKENS: Final = "learner-tokens"
PLAYER_PAGES: Final = "player-pages"
SEALED_COLUMNS: Final = "sealed-columns"

_SECRET_BYTES: Final = 32
_NONCE_BYTES: Final = 12


class KeyHash(Struct, frozen=True):
    """What is stored of an API key: an HMAC-SHA256, and the version of the pepper that made it."""

    pepper_version: int
    digest: bytes


class Unreadable(Exception):
    """A sealed value that was changed, moved to another row, or made under a version that is no longer held."""


class Keyring:
    """Versioned peppers (for everything that is compared) and encryption keys (for everything that is read back)."""

    def __init__(self, peppers: Mapping[int, bytes], encryption_keys: Mapping[int, bytes]) -> None:
        for name, versions in (("peppers", peppers), ("encryption keys", encryption_keys)):
            if not versions or any(len(secret) != _SECRET_BYTES for secret in versions.values()):
                raise ValueError(f"{name} must be one or more versions of {_SECRET_BYTES} bytes")
        self._peppers = dict(peppers)
        self._encryption_keys = dict(encryption_keys)
        self._derived: dict[tuple[str, int], bytes] = {}
        self._ciphers: dict[int, AESGCM] = {}
        self.newest_pepper: Final = next(iter(self._peppers))
        self.newest_encryption_key: Final = next(iter(self._encryption_keys))

    def __repr__(self) -> str:
        return f"Keyring(peppers={list(self._peppers)}, encryption_keys={list(self._encryption_keys)})"

    @property
    def pepper_versions(self) -> tuple[int, ...]:
        """The versions held, newest first."""
        return tuple(self._peppers)

    @property
    def encryption_versions(self) -> tuple[int, ...]:
        """The versions held, newest first."""
        return tuple(self._encryption_keys)

    def hash_key(self, text: str) -> KeyHash:
        """What to store of an API key."""
        return KeyHash(self.newest_pepper, self._mac(API_KEYS, self.newest_pepper, text.encode()))

    def matches(self, text: str, stored: KeyHash) -> bool:
        """Whether `stored` was made from this key: constant time, and the same work where its version is unknown."""
        held = stored.pepper_version in self._peppers
        version = stored.pepper_version if held else self.newest_pepper
        equal = hmac.compare_digest(self._mac(API_KEYS, version, text.encode()), stored.digest)
        return equal and held

    def fingerprints(self, label: str, message: bytes) -> tuple[bytes, ...]:
        """HMACs of `message` under every version, newest first: store the first, compare with any. Each begins with
        its version in 4 bytes, so that `coursegate secrets` can tell which versions are in use.
        """
        return tuple(version.to_bytes(4, "big") + self._mac(label, version, message) for version in self._peppers)

    def sign(self, label: str, message: bytes) -> bytes:
        """An HMAC-SHA256 under the newest version."""
        return self._mac(label, self.newest_pepper, message)

    def verifies(self, label: str, message: bytes, signature: bytes) -> bool:
        """Whether some held version made this signature; constant time."""
        verdicts = [hmac.compare_digest(self._mac(label, version, message), signature) for version in self._peppers]
        return any(verdicts)

    def verifies_short(self, label: str, message: bytes, beginning: bytes) -> bool:
        """Whether a signature that some held version made begins so; for what is looked up afterwards. Constant time."""
        verdicts = [
            hmac.compare_digest(self._mac(label, version, message)[: len(beginning)], beginning)
            for version in self._peppers
        ]
        return any(verdicts) and bool(beginning)

    def seal(self, plain: bytes, *, table: str, row: str, center: str, nonce: bytes | None = None) -> bytes:
        """AES-GCM under the newest version: 4 bytes version, 12 bytes nonce, ciphertext. Bound to its row and center."""
        nonce = secrets.token_bytes(_NONCE_BYTES) if nonce is None else nonce
        version = self.newest_encryption_key
        return (
            version.to_bytes(4, "big") + nonce + self._cipher(version).encrypt(nonce, plain, _bound(table, row, center))
        )

    def unseal(self, sealed: bytes, *, table: str, row: str, center: str) -> bytes:
        """What was sealed for this very row. Raises Unreadable."""
        version = int.from_bytes(sealed[:4], "big")
        if version not in self._encryption_keys:
            raise Unreadable(f"encryption key version {version} is not held")
        try:
            return self._cipher(version).decrypt(sealed[4:16], sealed[16:], _bound(table, row, center))
        except InvalidTag as error:
            raise Unreadable("the value is not what was sealed for this row") from error

    def _mac(self, label: str, version: int, message: bytes) -> bytes:
        key = self._derived.get((label, version))
        if key is None:
            key = self._derived[label, version] = _derive(self._peppers[version], label)
        return hmac.digest(key, message, hashlib.sha256)

    def _cipher(self, version: int) -> AESGCM:
        cipher = self._ciphers.get(version)
        if cipher is None:
            cipher = self._ciphers[version] = AESGCM(_derive(self._encryption_keys[version], SEALED_COLUMNS))
        return cipher


def _derive(secret: bytes, label: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=_SECRET_BYTES, salt=None, info=f"coursegate:{label}".encode()).derive(secret)


def _bound(table: str, row: str, center: str) -> bytes:
    return f"{table}\x1f{row}\x1f{center}".encode()
