"""The keys in use: one signs, all verify. The file is looked at again every few seconds, so that keys rotate in all
processes without a restart.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.log import log
from gateway.tokens.key_file import TokenKey, TokenKeyFile, WrongKeyFile, encoded, read_key_file

LOOK_EVERY_SECONDS: Final = 5.0


class TokenKeys:
    """The ring of one process."""

    def __init__(self, keys: TokenKeyFile, path: Path | None, monotonic_seconds: Callable[[], float]) -> None:
        self._path = path
        self._monotonic_seconds = monotonic_seconds
        self._look_again_at = monotonic_seconds() + LOOK_EVERY_SECONDS
        self._seen = _stamp(path)
        self._changes = 0
        self._take(keys)

    def changes(self) -> int:
        """How often the keys changed: who remembers what a key verified forgets it then."""
        self._look()
        return self._changes

    def signing(self, now_ms: int) -> TokenKey | None:
        """The newest key that has begun to sign; the oldest where none has. None: there are no keys."""
        self._look()
        return next((key for key in self._keys if key.from_ms <= now_ms), self._keys[-1] if self._keys else None)

    def verifying(self, kid: str) -> Ed25519PublicKey | None:
        """The public key of this name."""
        self._look()
        return self._public.get(kid)

    def jwks(self) -> bytes:
        """All public keys as a JWK set, those that don't sign yet included. Rule source: RFC 7517, RFC 8037."""
        self._look()
        return self._jwks

    def _take(self, keys: TokenKeyFile) -> None:
        self._keys = keys
        self._public = {key.kid: key.private.public_key() for key in keys}
        self._jwks = msgspec.json.encode({"keys": [_jwk(key) for key in keys]})
        self._changes += 1

    def _look(self) -> None:
        """Read the file again if it is another one; a file that is no good changes nothing, and is said once."""
        now = self._monotonic_seconds()
        if self._path is None or now < self._look_again_at:
            return
        self._look_again_at = now + LOOK_EVERY_SECONDS
        seen = _stamp(self._path)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self._take(read_key_file(self._path))
        except WrongKeyFile as error:
            log.error("token_keys.unreadable", reason=str(error))
        else:
            log.info("token_keys.changed", versions=[key.version for key in self._keys])


def open_token_keys(path: Path | None, monotonic_seconds: Callable[[], float]) -> TokenKeys:
    """The ring of this file; without one, nobody can sign in. Raises WrongKeyFile."""
    return TokenKeys(() if path is None else read_key_file(path), path, monotonic_seconds)


def _stamp(path: Path | None) -> tuple[int, int, int] | None:
    """What tells one file from the next: it is replaced as a whole, never written into."""
    if path is None:
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _jwk(key: TokenKey) -> dict[str, Any]:
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "use": "sig",
        "alg": "EdDSA",
        "kid": key.kid,
        "x": encoded(key.public_bytes),
    }
