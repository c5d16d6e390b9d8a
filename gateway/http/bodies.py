"""Request bodies: read within bounds of size and time, decoded strictly, refused with the place that is wrong.

Handlers declare `data: JSONBody[NewPreset]`; an absent body counts as `{}`, unless the handler has a default for `data`.
"""

import asyncio
from typing import Any, Final

import msgspec
from litestar import Request as LitestarRequest
from litestar.handlers import HTTPRouteHandler
from litestar.types import Empty

from gateway.errors import BodyTooLarge, MalformedJson, RequestTimeout, UnsupportedMediaType
from gateway.errors.requests import FieldProblem
from gateway.http.decoding import decode

BODY_SECONDS: Final = 30.0
"""A whole body must arrive within this time."""

BODY_BYTES_MAX: Final = 1_048_576
"""The most a route reads, unless it says otherwise with `request_max_body_size`."""

SECRET_LENGTH_MIN: Final = 12
"""No password and no token is shorter."""

WRITING: Final = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose body is read, and refused where the route takes none: a field that is ignored is a mistake unseen."""


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of every request body: unknown fields are refused, and defaults are left out of a fingerprint."""


class ConfidentialRequest(Request, frozen=True):
    """Base of bodies that carry passwords or tokens: what stands in the place of a field's name may be one, and is repeated
    only where it is shorter than any.
    """


class NoFields(Request, frozen=True):
    """The body of a route that takes none: absent, or `{}`."""


class GatewayRequest(LitestarRequest[Any, Any, Any]):
    """Litestar's request with our way of reading bodies."""

    async def body(self) -> bytes:
        """The body, at most as large as its route allows and within 30 seconds.

        Raises BodyTooLarge, RequestTimeout, MalformedJson. Where a handler needs `data` and nothing came: `{}`.
        """
        if self._body is Empty:
            route: HTTPRouteHandler = self.scope["route_handler"]  # type: ignore[assignment]
            raw = await self._read(route.resolve_request_max_body_size())
            data = route.parsed_fn_signature.parameters.get("data")
            self._body = self._connection_state.body = raw or (b"{}" if data and not data.has_default else b"")
            self._was_empty = not raw
        return self._body

    async def json(self) -> Any:
        """The body as the type of the handler's `data`. Raises the 400 that names what is wrong, or the 415."""
        raw = await self.body()
        if not self._was_empty and not _is_json(kind := _content_type(self.scope["headers"])):  # type: ignore[arg-type]
            raise UnsupportedMediaType(given=kind.decode("latin-1"))
        decoder = _decoder_of(self.scope["route_handler"])  # type: ignore[arg-type]
        try:
            return decode(raw, decoder)
        except FieldProblem as problem:
            raise _discreet(problem, decoder.type) from None

    async def _read(self, limit_bytes: int | None) -> bytes:
        message = await self._next()
        whole: bytes = message.get("body", b"")
        # The server says that more may come even where all that was announced is there: nobody needs to wait for nothing.
        if not message.get("more_body") or _announced(self.scope["headers"]) == b"%d" % len(whole):  # type: ignore[arg-type]
            _hold_to(limit_bytes, len(whole))
            return whole
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await self._read_on(message.get("body", b""), limit_bytes)
        except TimeoutError:
            raise RequestTimeout from None

    async def _read_on(self, first: bytes, limit_bytes: int | None) -> bytes:
        """Read chunk by chunk, and stop at the first byte too many."""
        parts, size, more = [first], len(first), True
        while more:
            _hold_to(limit_bytes, size)
            message = await self._next()
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            more = message.get("more_body", False)
        _hold_to(limit_bytes, size)
        return b"".join(parts)

    async def _next(self) -> Any:
        message = await self.receive()
        if message["type"] == "http.disconnect":
            raise MalformedJson("The body ended before it was whole.")
        return message


def _discreet(problem: FieldProblem, kind: Any) -> FieldProblem:
    """The problem, without what may be a secret in the place of a field's name."""
    is_confidential = isinstance(kind, type) and issubclass(kind, ConfidentialRequest)
    if not is_confidential or problem.param is None or len(problem.param) < SECRET_LENGTH_MIN:
        return problem
    known = {field.encode_name for field in msgspec.structs.fields(kind)}
    if problem.param in known | {"body"}:
        return problem
    return type(problem)("body", f"no other fields than {', '.join(f'`{name}`' for name in sorted(known))}")


def _announced(headers: list[tuple[bytes, bytes]]) -> bytes:
    """The `Content-Length` as it was sent; "" without one."""
    for name, value in headers:
        if name == b"content-length":
            return value
    return b""


def _hold_to(limit_bytes: int | None, size: int) -> None:
    if limit_bytes is not None and size > limit_bytes:
        raise BodyTooLarge(limit_bytes)


def _content_type(headers: list[tuple[bytes, bytes]]) -> bytes:
    """The `Content-Type` as it was sent; "" without one."""
    for name, value in headers:
        if name == b"content-type":
            return value
    return b""


def _is_json(content_type: bytes) -> bool:
    """Whether it is `application/json`, in UTF-8 if it says so."""
    kind, *parameters = (part.strip().lower() for part in content_type.split(b";"))
    charsets = {p.partition(b"=")[2].strip(b'" ') for p in parameters if p.startswith(b"charset=")}
    return kind == b"application/json" and charsets <= {b"utf-8", b"utf8"}


_decoders: Final[dict[HTTPRouteHandler, msgspec.json.Decoder[Any]]] = {}


def _decoder_of(route: HTTPRouteHandler) -> msgspec.json.Decoder[Any]:
    decoder = _decoders.get(route)
    if decoder is None:
        data = route.parsed_fn_signature.parameters.get("data")
        decoder = _decoders[route] = msgspec.json.Decoder(NoFields if data is None else data.annotation)
    return decoder
