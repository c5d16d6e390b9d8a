"""What a route declares of itself: the scopes it needs, or that it needs no key, and the problems it may answer with.

    @post("/", guards=[requires("write:courses")], opt=may_raise(CourseNotFound, LimitReached))

Guards run before the body is read. A route without a declaration fails the house-rules test.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter

from gateway.caller import Caller
from gateway.errors import InvalidParameter, MissingScope, Problem
from gateway.scopes import Scope

Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None] | None]

CALLER: Final = "gateway.caller"
"""Where the pipeline leaves the caller in the ASGI scope."""

DECISION: Final = "gateway.decision"
"""Where the pipeline leaves the rate limit's `Admitted`, with the mirrors that the route asked for."""

PROBLEMS: Final = "problems"
MIRRORS: Final = "mirrors"
NO_KEY: Final = "no_key"


class requires:  # ruff: ignore[invalid-class-name] - reads as a word at every route
    """Admits callers that hold all these scopes; then refuses query parameters that the route does not have."""

    __slots__ = ("_needed", "scopes")

    def __init__(self, *scopes: Scope) -> None:
        self.scopes = scopes
        self._needed = frozenset[str](scopes)

    def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], route: BaseRouteHandler) -> None:
        """Raise MissingScope or InvalidParameter, or let pass."""
        caller: Caller = connection.scope[CALLER]  # type: ignore[typeddict-item]
        if not self._needed <= caller.scopes:
            raise MissingScope(sorted(self._needed))
        if connection.scope["query_string"]:
            check_query(connection.scope["query_string"], query_parameters(route))


def needs_no_key(connection: ASGIConnection[Any, Any, Any, Any], route: BaseRouteHandler) -> None:
    """The declaration of a route for everybody. Its query is judged like any other."""
    if connection.scope["query_string"]:
        check_query(connection.scope["query_string"], query_parameters(route))


def may_raise(*problems: type[Problem]) -> dict[str, Any]:
    """The `opt` of a route: what it may answer besides what every route may. OpenAPI shows it, a test holds it."""
    return {PROBLEMS: problems}


def reads_mirrors() -> dict[str, Any]:
    """Say in a route's `opt` that it wants the center's mirrors in the round trip that admits it (`DECISION`)."""
    return {MIRRORS: True}


def query_parameters(route: BaseRouteHandler) -> Mapping[str, bool]:
    """The names of the route's query parameters (those marked `FromQuery`), and whether each may be repeated."""
    known = _QUERY_PARAMETERS.get(route)
    if known is None:
        known = _QUERY_PARAMETERS[route] = {
            field.kwarg_definition.name or name: field.is_non_string_sequence
            for name, field in route.parsed_fn_signature.parameters.items()
            if isinstance(field.kwarg_definition, QueryParameter)
        }
    return known


_QUERY_PARAMETERS: Final[dict[BaseRouteHandler, Mapping[str, bool]]] = {}


def check_query(query: bytes, known: Mapping[str, bool]) -> None:
    """Raise InvalidParameter for an unknown or doubled parameter, a NUL, or what is no UTF-8 once decoded."""
    seen: set[str] = set()
    for pair in query.split(b"&"):
        if not pair:
            continue
        raw_name, _, raw_value = pair.partition(b"=")
        name, value = _decoded(raw_name, "query"), _decoded(raw_value, raw_name.decode("ascii", "replace"))
        if name not in known:
            raise InvalidParameter(name, "it is no parameter of this request")
        if name in seen and not known[name]:
            raise InvalidParameter(name, "it may be given once")
        if "\0" in value:
            raise InvalidParameter(name, "text without U+0000")
        seen.add(name)


def _decoded(raw: bytes, place: str) -> str:
    try:
        return unquote_to_bytes(raw.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise InvalidParameter(place, "percent-encoded UTF-8") from None
