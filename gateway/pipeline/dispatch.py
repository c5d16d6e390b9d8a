"""From a request that was let in to its handler and back: what Litestar declares, run at a third of its cost.

Litestar runs plain guards in threads, starts a task a dependency and copies the handler for each guard: 100 µs a
request on top of the handler (docs/decisions). Here every route is read once, at the start: which guards, which
arguments and from where, which status. A handler that asks for something else stops the start.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from litestar import Litestar, Response
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.params import PathParameter, QueryParameter
from litestar.types import Receive, Send
from litestar.typing import FieldDefinition

from gateway.errors import InvalidParameter
from gateway.guards import ANY_MEMBERSHIP, COUNTS_ITSELF, MAY_SIGN_IN, MIRRORS, SAVES, Guard, needs_no_key
from gateway.http.bodies import WRITING, GatewayRequest
from gateway.http.query import parse_query, query_fields
from gateway.http.streams import Streamed, send_parts
from gateway.once import Encoded
from gateway.pipeline.providers import Provider

_JSON: Final = b"application/json"
_PLAIN: Final = frozenset[type]({Response, Encoded})
_encode: Final = msgspec.json.Encoder().encode


class UnknownArgument(Exception):
    """A handler asks for something that nobody gives, or is guarded in a way that nobody runs; said at the start."""


class Endpoint:
    """One handler, read once."""

    __slots__ = (
        "_content_type",
        "_fn",
        "_guards",
        "_is_sync",
        "_needs_data",
        "_optional_data",
        "_path",
        "_providers",
        "_query",
        "_reads_body",
        "_required",
        "_status",
        "any_membership",
        "counts_itself",
        "handler",
        "is_open",
        "is_save",
        "may_sign_in",
        "wants_mirrors",
        "wants_visit",
    )  # fmt: skip

    def __init__(self, handler: HTTPRouteHandler, providers: Mapping[str, Provider]) -> None:
        self.handler = handler
        self.wants_mirrors = bool(handler.opt.get(MIRRORS))
        self.is_save = bool(handler.opt.get(SAVES))
        self.any_membership = bool(handler.opt.get(ANY_MEMBERSHIP))
        self.counts_itself = bool(handler.opt.get(COUNTS_ITSELF))
        self.may_sign_in = bool(handler.opt.get(MAY_SIGN_IN))
        self._fn: Callable[..., Any] = handler.fn
        self._is_sync = handler.has_sync_callable
        self._status = handler.status_code
        self._content_type = _content_type(handler)
        self._guards = _guards(handler)
        self.is_open = needs_no_key in self._guards
        parameters = handler.parsed_fn_signature.parameters
        fields = query_fields(handler)
        self._query = {field.name: field for field in fields}
        self._required = tuple(field for field in fields if field.is_required)
        self._path = tuple(
            name for name, field in parameters.items() if isinstance(field.kwarg_definition, PathParameter)
        )
        self.wants_visit = self.is_open or "visit" in parameters
        self._needs_data = "data" in parameters
        self._reads_body = self._needs_data or bool(handler.http_methods & WRITING)
        self._optional_data = self._needs_data and parameters["data"].has_default
        self._providers = tuple((name, providers[name]) for name in parameters if name in providers)
        for name, field in parameters.items():
            if name != "data" and name not in providers and not _is_parameter(field):
                raise UnknownArgument(f"{handler} asks for {name!r}, which nobody provides")

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Run the handler and send what it returns: a Struct, None, or a Response."""
        for guard in self._guards:
            guard.check(scope)
        arguments = {name: provide(scope) for name, provide in self._providers}
        if self._path:
            given = scope["path_params"]
            for name in self._path:
                arguments[name] = given[name]
        if scope["query_string"] or self._required:
            self._read_query(scope["query_string"], arguments)
        if self._reads_body:
            await self._read_body(GatewayRequest(scope, receive), arguments)
        answer = self._fn(**arguments)
        if not self._is_sync:
            answer = await answer
        if isinstance(answer, Response):
            await self._respond(answer, scope, receive, send)
        else:
            body = b"" if answer is None else answer if type(answer) is bytes else _encode(answer)
            await _send(send, self._status, self._content_type, [], body)

    async def _read_body(self, request: GatewayRequest, arguments: dict[str, Any]) -> None:
        """Decode the body; one that comes to a route without `data` is held to be empty."""
        if await request.body() or (self._needs_data and not self._optional_data):
            data = await request.json()
            if self._needs_data:
                arguments["data"] = data

    def _read_query(self, query: bytes, arguments: dict[str, Any]) -> None:
        given = parse_query(query, self._query)
        for field in self._required:
            if field.name not in given:
                raise InvalidParameter(field.name, "it is required")
        for name, text in given.items():
            field = self._query[name]
            arguments[field.keyword] = field.read(text)

    async def _respond(self, answer: Response[Any], scope: Any, receive: Receive, send: Send) -> None:
        if isinstance(answer, Streamed):
            headers = _headers(answer)
            headers.append((b"content-type", _named(answer.media_type)))
            status = answer.status_code or self._status
            await send({"type": "http.response.start", "status": status, "headers": headers})
            if scope["method"] == "HEAD":
                await answer.parts.aclose()  # nobody reads them: none is made
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            else:
                await send_parts(answer.parts, receive, send)
            return
        if type(answer) not in _PLAIN:
            request = GatewayRequest(scope, receive)
            app: Any = answer.to_asgi_response(app=None, request=request)
            await app(scope, receive, send)
            return
        content = answer.content
        body = b"" if content is None else content if isinstance(content, bytes) else _encode(content)
        kind = self._content_type if answer.media_type is None else _named(answer.media_type)
        await _send(send, answer.status_code or self._status, kind, _headers(answer), body)


def _headers(answer: Response[Any]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), str(value).encode("latin-1")) for name, value in answer.headers.items()]


async def _send(send: Send, status: int, content_type: bytes, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    if status == 204:
        body = b""
    else:
        headers += ((b"content-type", content_type), (b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _guards(handler: HTTPRouteHandler) -> tuple[Guard, ...]:
    guards = handler.resolve_guards()
    strange = [guard for guard in guards if not isinstance(guard, Guard)]
    if strange:
        raise UnknownArgument(f"{handler} has guards that can't be run here: {strange}")
    return tuple(guard for guard in guards if isinstance(guard, Guard))


def _content_type(handler: HTTPRouteHandler) -> bytes:
    return _JSON if not handler.media_type else _named(handler.media_type)


def _named(media_type: Any) -> bytes:
    text: str = getattr(media_type, "value", media_type)
    return f"{text}; charset=utf-8".encode() if text.startswith("text/") and "charset" not in text else text.encode()


def _is_parameter(field: FieldDefinition) -> bool:
    return isinstance(field.kwarg_definition, (PathParameter, QueryParameter))


def endpoints(litestar: Litestar, providers: Mapping[str, Provider]) -> dict[BaseRouteHandler, Endpoint]:
    """Every handler of the application, read. Raises UnknownArgument."""
    return {
        handler: Endpoint(handler, providers)
        for route in litestar.routes
        for handler in getattr(route, "route_handlers", ())
        if "OPTIONS" not in handler.http_methods
    }
