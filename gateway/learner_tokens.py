"""Credentials of learners in browsers: a prefix, bytes of chance, and 8 bytes of a MAC of ours over all before it.

The MAC is for junk, which is told without any I/O, however it was made; what protects are the random bits. Kept as SHA-256.
"""

import base64
import binascii
import secrets
from typing import Final

from gateway.keyring import LEARNER_TOKENS, PLAYER_PAGES, Keyring
from gateway.opaque import Opaque, digest_of

EMBED: Final = "cge"
SESSION: Final = "cgs"

_RANDOM_BYTES: Final = {EMBED: 24, SESSION: 32}
_MAC_BYTES: Final = 8
_PAGE_MAC_BYTES: Final = 16


def make(keyring: Keyring, prefix: str, chance: bytes | None = None) -> Opaque:
    """A fresh credential such as `cge_…`; `chance` is as many bytes as the prefix has, the system's own if not given."""
    chance = secrets.token_bytes(_RANDOM_BYTES[prefix]) if chance is None else chance
    mac = keyring.sign(LEARNER_TOKENS, prefix.encode() + chance)[:_MAC_BYTES]
    text = f"{prefix}_{_encoded(chance + mac)}"
    return Opaque(text, digest_of(text))


def read(keyring: Keyring, prefix: str, text: str) -> bytes | None:
    """The digest to look up, or None where the text is none of ours."""
    raw = _decoded(text.removeprefix(f"{prefix}_")) if text.startswith(f"{prefix}_") else None
    if raw is None or len(raw) != _RANDOM_BYTES[prefix] + _MAC_BYTES:
        return None
    chance, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    return digest_of(text) if keyring.verifies_short(LEARNER_TOKENS, prefix.encode() + chance, mac) else None


def page_name(keyring: Keyring, session_id: str) -> str:
    """What stands in the address of a session's page. It opens nothing: it tells that we made it, without asking SQL."""
    return f"{session_id}.{_encoded(keyring.sign(PLAYER_PAGES, session_id.encode())[:_PAGE_MAC_BYTES])}"


def session_of_page(keyring: Keyring, name: str) -> str | None:
    """The session's id, or None where the name is none of ours."""
    session_id, _, tail = name.partition(".")
    mac = _decoded(tail)
    if mac is None or len(mac) != _PAGE_MAC_BYTES:
        return None
    return session_id if keyring.verifies_short(PLAYER_PAGES, session_id.encode(), mac) else None


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes | None:
    """The bytes, if this is how we write them: one text for each."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if _encoded(raw) == text else None
