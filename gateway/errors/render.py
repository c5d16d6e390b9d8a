"""The one place where an error becomes an answer: whatever was raised is named, then put into the envelope."""

import re
from typing import Any, Final
from urllib.parse import quote

import asyncpg
import msgspec
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException, ValidationException

from gateway.errors.missing import RouteNotFound
from gateway.errors.problem import Problem, shown
from gateway.errors.requests import InvalidParameter, MethodNotAllowed
from gateway.errors.server import InternalError, Overloaded, ServiceUnavailable
from gateway.stores import Overloaded as NoConnectionFree
from gateway.stores import StoreDown

PROBLEM_JSON: Final = "application/problem+json"
_MISSING: Final = re.compile(r"Missing required \w+ parameter '([^']*)'")
_encode: Final = msgspec.json.encode

Headers = list[tuple[bytes, bytes]]


def named(error: Exception) -> Problem:
    """The problem behind any exception. What nobody foresaw is `internal_error`, and says no more."""
    match error:
        case Problem():
            return error
        case StoreDown():
            return ServiceUnavailable()
        case NoConnectionFree() | asyncpg.LockNotAvailableError() | asyncpg.DeadlockDetectedError():
            return Overloaded()  # somebody else is at it: nothing was done
        case NotFoundException():
            return RouteNotFound()
        case MethodNotAllowedException():
            return MethodNotAllowed((error.headers or {}).get("allow", "").split(", "))
        case ValidationException():
            return _of_validation(error)
        case HTTPException() if error.status_code < 500:
            return InvalidParameter("request", "a request as described in the documentation")
        case _:
            return InternalError()


def _of_validation(error: ValidationException) -> Problem:
    """Litestar validates query and path parameters alone; bodies never come here."""
    if isinstance(error.extra, list) and error.extra:
        first: dict[str, Any] = error.extra[0]
        what = str(first.get("message", "")).split(" - at ")[0]
        if what.startswith("Invalid enum value"):
            what = "one of the values in the documentation"
        return InvalidParameter(str(first.get("key", "request")), what[:1].lower() + what[1:])
    missing = _MISSING.match(error.detail)
    return InvalidParameter(missing[1] if missing else "request", "it is required")


_PROBLEM_WANTED: Final = re.compile(rb"application/problem\+json(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|\Z))")
"""Named in `Accept`, and not with a weight of nought."""


def wants_problem_json(accept: bytes | None) -> bool:
    """Whether the client asked for RFC 9457."""
    return accept is not None and _PROBLEM_WANTED.search(accept.lower()) is not None


def render(problem: Problem, request_id: str, *, as_rfc_9457: bool, public_url: str) -> tuple[Headers, bytes]:
    """Headers and body of the answer, in our envelope or in that of RFC 9457."""
    if as_rfc_9457:
        body = _encode(_rfc_9457(problem, request_id, public_url))
        media_type = PROBLEM_JSON
    else:
        body = _encode({"error": _envelope(problem, request_id)})
        media_type = "application/json"
    headers = [
        (b"content-type", media_type.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
    ]
    headers += [(name.lower().encode(), value.encode()) for name, value in problem.headers.items()]
    return headers, body


def _envelope(problem: Problem, request_id: str) -> dict[str, Any]:
    return {
        "type": problem.type,
        "code": problem.code,
        "message": problem.message,
        **_optional(problem),
        "retryable": problem.retryable,
        "request_id": request_id,
    }


def page_of(kind: type[Problem], public_url: str) -> str:
    """Where the documentation has the error's row: a URI, in which no code may stand as it is (`retry_after_<n>`)."""
    return f"{public_url.rstrip('/')}/docs#{quote(kind.code)}"


def _rfc_9457(problem: Problem, request_id: str, public_url: str) -> dict[str, Any]:
    return {
        "type": page_of(type(problem), public_url),
        "title": type(problem).title,
        "status": problem.status,
        "detail": problem.message,
        "instance": request_id,
        "code": problem.code,
        **_optional(problem),
        "retryable": problem.retryable,
    }


def _optional(problem: Problem) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if problem.param is not None:
        said["param"] = shown(problem.param)
    if problem.details:
        said["details"] = problem.details
    return said
