"""Refusals in the document: which a route may answer with, grouped by status, each with its example."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from litestar.handlers import HTTPRouteHandler

from gateway import errors
from gateway.errors import Problem, RateLimited
from gateway.errors.render import page_of
from gateway.guards import PROBLEMS, needs_no_key, requires, signed_in
from gateway.http.bodies import WRITING
from gateway.openapi.headers import ALWAYS, RATE, Json, referred

_REQUEST_ID: Final = "req_ag6xt3yqo7g3ncxb5l2rv4m7de"

_PARAM: Final = "What is wrong, such as `brief.modules`; only where it says something."
_RETRYABLE: Final = "Whether the same request can succeed without a change."
_DETAILS: Final = "Facts of the error, such as a limit or when it resets; only where there are any."

ERROR_SCHEMA: Final[Json] = {
    "title": "Error",
    "type": "object",
    "description": "Branch on `code`; `type` is stable, `message` may change. What to do about each: docs/errors.md.",
    "properties": {
        "type": {
            "enum": sorted({kind.type for kind in errors.CATALOGUE}),
            "description": "The family that the error belongs to; it stays the same.",
        },
        "code": {"type": "string", "description": "Which error it is, such as `course_not_found`: what to branch on."},
        "message": {"type": "string", "description": "What went wrong, for people; the wording may change."},
        "param": {"type": "string", "description": _PARAM},
        "retryable": {"type": "boolean", "description": _RETRYABLE},
        "details": {"type": "object", "description": _DETAILS},
        "request_id": {
            "type": "string",
            "description": "The request, as in `X-Request-Id`: name it when you ask about it.",
        },
    },
    "required": ["type", "code", "message", "retryable", "request_id"],
}

PROBLEM_SCHEMA: Final[Json] = {
    "title": "Problem",
    "type": "object",
    "description": "The same in the form of RFC 9457, for `Accept: application/problem+json`.",
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "The row of the error on the page of the docs."},
        "title": {"type": "string", "description": "What the error means, always in the same words."},
        "status": {"type": "integer", "description": "The HTTP status of the answer."},
        "detail": {"type": "string", "description": "What went wrong this time; the wording may change."},
        "instance": {"type": "string", "description": "The request, as in `X-Request-Id`."},
        "code": {"type": "string", "description": "Which error it is, such as `course_not_found`: what to branch on."},
        "param": {"type": "string", "description": _PARAM},
        "details": {"type": "object", "description": _DETAILS},
        "retryable": {"type": "boolean", "description": _RETRYABLE},
    },
    "required": ["type", "title", "status", "detail", "instance", "code", "retryable"],
}

_ANY: Final = (errors.InvalidParameter, errors.BodyTooLarge, errors.UnsupportedMediaType, errors.InternalError)
_WITH_KEY: Final = (
    errors.MissingApiKey,
    errors.InvalidApiKey,
    errors.ExpiredApiKey,
    errors.SessionExpired,
    errors.MissingScope,
    errors.CenterSuspended,
    errors.RateLimited,
    errors.ServiceUnavailable,
    errors.Overloaded,
)
_WITH_TOKEN: Final = (
    errors.MissingApiKey,
    errors.TokenExpired,
    errors.InvalidToken,
    errors.NoMembership,
    errors.MembershipSuspended,
    errors.MembershipEnded,
    errors.CenterSuspended,
    errors.RateLimited,
    errors.ServiceUnavailable,
    errors.Overloaded,
)
_WITH_BODY: Final = (
    errors.MalformedJson,
    errors.MissingRequiredField,
    errors.UnknownField,
    errors.InvalidField,
    errors.RequestTimeout,
)
_WITH_PATH: Final = (errors.RouteNotFound, errors.MethodNotAllowed)
"""An id that is empty, or holds a slash, makes another path."""


def problems_of(handler: HTTPRouteHandler, path: str) -> Sequence[type[Problem]]:
    """What the route may answer with: what it declares, and what comes with its form."""
    found = {*_ANY, *handler.opt.get(PROBLEMS, ())}
    if any(isinstance(guard, requires) for guard in handler.resolve_guards()):
        found.update((*_WITH_KEY, *_WITH_TOKEN, errors.InsufficientRole))
    if signed_in in handler.resolve_guards():
        found.update((*_WITH_TOKEN, errors.InvalidApiKey, errors.ExpiredApiKey, errors.SessionExpired))
    if needs_no_key in handler.resolve_guards() and path.startswith("/v1/"):
        found.update((errors.RateLimited, errors.ServiceUnavailable, errors.Overloaded))
    if handler.http_methods & WRITING:
        found.update(_WITH_BODY)
    if "{" in path:
        found.update(_WITH_PATH)
    return sorted(found, key=lambda kind: (kind.status, kind.code))


def responses(problems: Sequence[type[Problem]], *, rated: bool) -> dict[str, Json]:
    """The refusals of one route by status."""
    statuses = sorted({kind.status for kind in problems})
    return {
        str(status): _response([kind for kind in problems if kind.status == status], rated=rated) for status in statuses
    }


def _response(kinds: Sequence[type[Problem]], *, rated: bool) -> Json:
    named = {name for kind in kinds for name in kind.header_names}
    headers = [*ALWAYS, "Cache-Control", *(RATE if rated else ()), *sorted(named)]
    codes = _codes(kinds)
    error = {"allOf": [{"$ref": "#/components/schemas/Error"}, {"properties": {"code": codes}}]}
    return {
        "description": "; ".join(f"`{kind.code}`: {kind.title.rstrip('.')}" for kind in kinds),
        "headers": referred(*headers),
        "content": {
            "application/json": {
                "schema": {"type": "object", "properties": {"error": error}, "required": ["error"]},
                "examples": {_named(kind): _referred(_named(kind)) for kind in kinds},
            },
            "application/problem+json": {
                "schema": {"allOf": [{"$ref": "#/components/schemas/Problem"}, {"properties": {"code": codes}}]},
                "examples": {_named(kind): _referred(f"{_named(kind)}.problem") for kind in kinds},
            },
        },
    }


def _named(kind: type[Problem]) -> str:
    """The code, with the characters that a component's name may have."""
    return kind.code.replace("<n>", "n")


def _referred(name: str) -> Json:
    return {"$ref": f"#/components/examples/{name}"}


def examples() -> dict[str, Json]:
    """The catalogue as examples, in both forms."""
    found: dict[str, Json] = {}
    for kind in errors.CATALOGUE:
        found[_named(kind)] = {"summary": kind.what_to_do, "value": {"error": _example(kind)}}
        found[f"{_named(kind)}.problem"] = {"summary": kind.what_to_do, "value": _problem_example(kind)}
    return found


def _codes(kinds: Iterable[type[Problem]]) -> Json:
    fixed = sorted(kind.code for kind in kinds if kind is not RateLimited)
    if RateLimited in kinds:
        rated = {"type": "string", "pattern": "^retry_after_[1-9][0-9]*$"}
        return {"anyOf": [{"enum": fixed}, rated]} if fixed else rated
    return {"enum": fixed}


def _code_example(kind: type[Problem]) -> str:
    return "retry_after_23" if kind is RateLimited else kind.code


def _example(kind: type[Problem]) -> Json:
    example: Json = {"type": kind.type, "code": _code_example(kind), "message": kind.title}
    example |= _optional(kind)
    return example | {"retryable": kind.retryable, "request_id": _REQUEST_ID}


def _problem_example(kind: type[Problem]) -> Json:
    example: dict[str, Any] = {
        "type": page_of(kind, "https://gateway.example"),
        "title": kind.title,
        "status": kind.status,
        "detail": kind.title,
        "instance": _REQUEST_ID,
        "code": _code_example(kind),
    }
    return example | _optional(kind) | {"retryable": kind.retryable}


def _optional(kind: type[Problem]) -> Json:
    said: Json = {}
    param = kind.default_param or kind.detail_example.get("field")
    if param is not None:
        said["param"] = param
    if kind.detail_example:
        said["details"] = dict(kind.detail_example)
    return said
