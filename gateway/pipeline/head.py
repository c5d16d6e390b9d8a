"""What the head of a request says, judged before anything is looked up: headers, path, declared size."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from gateway.errors import InvalidParameter, Problem, UnsupportedMediaType
from gateway.redaction import looks_secret

RawHeaders = Sequence[tuple[bytes, bytes]]

_ONCE: Final = (
    (b"authorization", "Authorization"),
    (b"x-api-key", "X-API-Key"),
    (b"content-type", "Content-Type"),
    (b"content-length", "Content-Length"),
    (b"idempotency-key", "Idempotency-Key"),
    (b"x-request-id", "X-Request-Id"),
)
_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9_-]{1,64}")
_HOST: Final = re.compile(rb"[0-9A-Za-z!$&'()*+,;=\-._~:\[\]@%]*")
_BAD_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_BEARER: Final = b"bearer "

HEAD_BYTES_MAX: Final = 32_768
"""The HTTP server refuses much larger heads itself; its own bound is a buffer's, and not this sharp."""

SLASH: Final = "\ufdd0"
"""Stands in a path for a slash that parts nothing. No character is ever assigned to it."""

_NAMES_LEARNERS: Final = b"/v1/learners/"
_ESCAPED_SLASH: Final = re.compile(rb"%2[Ff]")

AMBIGUOUS: Final = b"\0"
"""In place of a key: both headers were sent, and they differ."""


def judge(headers: RawHeaders, by_name: Mapping[bytes, bytes], scope: Mapping[str, Any]) -> Problem | None:
    """What is wrong with the head, if anything. `by_name` holds the last header of each name."""
    if len(by_name) != len(headers) and (doubled := _doubled(headers)) is not None:
        return InvalidParameter(doubled, "a header that is sent once")
    if sum(len(name) + len(value) for name, value in headers) + 4 * len(headers) > HEAD_BYTES_MAX:
        return InvalidParameter("headers", "at most 32 KiB in all")
    if b"content-encoding" in by_name:
        return UnsupportedMediaType("Content-Encoding", by_name[b"content-encoding"].decode("latin-1"))
    if not _is_host(by_name.get(b"host", b"")):
        return InvalidParameter("Host", "a host name, with a port if need be")
    if scope["query_string"] or b"%" in scope["raw_path"] or "\0" in scope["path"]:
        return _wrong_target(scope)
    return None


@lru_cache(maxsize=256)
def _is_host(value: bytes) -> bool:
    return _HOST.fullmatch(value) is not None


def _doubled(headers: RawHeaders) -> str | None:
    names = [name for name, _ in headers]
    return next((shown for name, shown in _ONCE if names.count(name) > 1 and shown != "Idempotency-Key"), None)


def _wrong_target(scope: Mapping[str, Any]) -> Problem | None:
    """A path or query with a broken percent-encoding, with U+0000, or that is no UTF-8 once decoded."""
    raw_path: bytes = scope["raw_path"]
    if b"%" in raw_path and (_BAD_ESCAPE.search(raw_path) or not _is_text(raw_path)):
        return InvalidParameter("path", "percent-encoded UTF-8 without U+0000")
    if "\0" in scope["path"]:
        return InvalidParameter("path", "percent-encoded UTF-8 without U+0000")
    if scope["query_string"] and _BAD_ESCAPE.search(scope["query_string"]):
        return InvalidParameter("query", "percent-encoded UTF-8")
    return None


def _is_text(raw: bytes) -> bool:
    decoded = unquote_to_bytes(raw)
    try:
        decoded.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in decoded


def path_of(scope: Mapping[str, Any]) -> str:
    """The decoded path. A learner's name may hold slashes: each that came as `%2F` is a `SLASH` here, and parts nothing."""
    if holds_slashes(scope):
        return unquote_to_bytes(_ESCAPED_SLASH.sub(SLASH.encode(), scope["raw_path"])).decode(errors="replace")
    path: str = scope["path"]
    return path


def holds_slashes(scope: Mapping[str, Any]) -> bool:
    """Whether the path names a learner whose name holds slashes."""
    raw_path: bytes = scope["raw_path"]
    return raw_path.startswith(_NAMES_LEARNERS) and _ESCAPED_SLASH.search(raw_path) is not None


def credential(by_name: Mapping[bytes, bytes]) -> bytes | None:
    """The API key as sent, None where there is none, AMBIGUOUS where there are two. `Bearer` may be in any case."""
    bearer = by_name.get(b"authorization")
    if bearer is not None:
        # Any other scheme is a wrong key, not a missing one.
        bearer = bearer[7:].strip() if bearer[:7].lower() == _BEARER else bearer.strip()
    sent = by_name.get(b"x-api-key")
    if sent is None:
        return bearer or None
    if bearer and bearer != sent.strip():
        return AMBIGUOUS
    return sent.strip() or None


def own_request_id(by_name: Mapping[bytes, bytes]) -> str | None:
    """The caller's `X-Request-Id`, if it is one that we keep: 1-64 of `[A-Za-z0-9_-]`, and nothing like a secret."""
    given = by_name.get(b"x-request-id")
    if given is None or _REQUEST_ID.fullmatch(given) is None:
        return None
    text = given.decode()
    return None if looks_secret(text) else text
