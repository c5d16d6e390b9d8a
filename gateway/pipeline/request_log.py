"""The canonical line: one a request, whatever became of it. Rule source: operations, "Structured logs"."""

from functools import lru_cache
from typing import Any, Final

import msgspec
from msgspec import Struct

from gateway import log
from gateway.redaction import redacted

_encode: Final = msgspec.json.Encoder(enc_hook=str).encode
_ONE_SECOND_MS: Final = 1000


class RequestLine(Struct, kw_only=True, omit_defaults=True, gc=False):
    """Facts of one request. What is `None` is left out: nobody was known, nothing was refused."""

    timestamp: str
    level: str
    event: str
    request_id: str
    method: str
    route: str
    status: int
    duration_ms: float
    client_request_id: str | None = None
    center_id: str | None = None
    key_id: str | None = None
    person_id: str | None = None
    session_id: str | None = None
    env: str | None = None
    error_type: str | None = None
    error_code: str | None = None
    rate_limit: int | None = None
    rate_remaining: int | None = None
    degraded: bool = False
    idempotent_replay: bool = False


_FIELDS: Final = frozenset(RequestLine.__struct_fields__)


def write(line: RequestLine, facts: dict[str, Any]) -> None:
    """Put the line into the log, with what the handler bound. Everything in it is ours but the facts, which are redacted."""
    if not facts:
        log.sink().write(_encode(line))
    elif _FIELDS.isdisjoint(facts):
        log.sink().write(_encode(line)[:-1] + b"," + _encode(redacted(facts))[1:])
    else:
        log.sink().write(_encode({**msgspec.to_builtins(line), **redacted(facts)}))


def timestamp(now_ms: int) -> str:
    """RFC 3339 to the millisecond; the second's part is worked out once a second."""
    return f"{_second(now_ms // _ONE_SECOND_MS)}.{now_ms % _ONE_SECOND_MS:03d}Z"


@lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    return log.timestamp(seconds * _ONE_SECOND_MS)[:19]
