"""The whole document: walks the application's routes, so that nothing can be missing from it."""

import re
from collections.abc import Iterator
from inspect import cleandoc
from types import NoneType
from typing import Any, Final, get_args, get_origin

import msgspec
from litestar import Litestar, Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter
from litestar.routes import HTTPRoute

from gateway.errors import IdempotencyKeyInvalid, IdempotencyKeyRequired, Problem
from gateway.guards import IN_SESSIONS, OTHER_FORMS, admin_alone, requires, signed_in
from gateway.http.query import query_fields
from gateway.http.streams import NDJSON
from gateway.openapi import headers, problems
from gateway.openapi.examples import Examples, path_example
from gateway.openapi.headers import Json
from gateway.openapi.schemas import Schemas, schema_of
from gateway.openapi.written import BY_ROUTE
from gateway.scopes import SCOPES

TITLE: Final = "Coursegate"
VERSION: Final = "0.1.0"
_PARAMETER: Final = re.compile(r"{(\w+):\w+}")

SECURITY_SCHEMES: Final[Json] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer cg_…`"},
    "person": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "`Authorization: Bearer <access token>` from `POST /v1/auth/login`",
    },
    "session": {
        "type": "http",
        "scheme": "bearer",
        "description": "`Authorization: Bearer cgs_…`, the credential of a learner's session, for its own attempt",
    },
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "`X-API-Key: cg_…`"},
}


class Operation(msgspec.Struct, frozen=True):
    """One method of one path. `answers` are the kinds of success by status; NoneType is an empty body."""

    path: str
    method: str
    handler: HTTPRouteHandler
    answers: dict[int, Any]
    problems: tuple[type[Problem], ...]


def operations(app: Litestar) -> Iterator[Operation]:
    """Every route and method, in the order of their paths."""
    for route in sorted(app.routes, key=lambda each: each.path):
        if not isinstance(route, HTTPRoute):
            continue
        for handler in route.route_handlers:
            for method in sorted(handler.http_methods - {"OPTIONS"}):
                declared = problems.problems_of(handler, route.path)
                yield Operation(_template(route.path), method, handler, _answers(handler), tuple(declared))


def _template(path: str) -> str:
    return _PARAMETER.sub(r"{\1}", path) or "/"


def _answers(handler: HTTPRouteHandler) -> dict[int, Any]:
    kinds = {handler.status_code: _kind(handler.parsed_fn_signature.return_type.annotation)}
    for status, spec in (handler.responses or {}).items():
        kinds[status] = NoneType if spec.data_container is None else spec.data_container
    return kinds


def _kind(annotation: Any) -> Any:
    origin = get_origin(annotation) or annotation
    if isinstance(origin, type) and issubclass(origin, Response):
        return (*get_args(annotation), NoneType)[0]
    return NoneType if annotation is None else annotation


def openapi_document(app: Litestar) -> Json:
    """The document as plain JSON values."""
    found = list(operations(app))
    schemas = Schemas([kind for each in found for kind in (*each.answers.values(), *_body(each))])
    refusals = _Refusals()
    paths: dict[str, Json] = {}
    for operation in found:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schemas, refusals)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": VERSION,
            "description": "Launch courses inside limits, follow them, and read what is left.\n\nScopes: "
            + ", ".join(f"`{scope}`" for scope in SCOPES),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in sorted({tag for each in found for tag in each.handler.resolve_tags()})],
        "paths": paths,
        "components": {
            "schemas": schemas.components | {"Error": problems.ERROR_SCHEMA, "Problem": problems.PROBLEM_SCHEMA},
            "responses": refusals.components,
            "examples": problems.examples(),
            "headers": headers.HEADERS,
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


def _body(operation: Operation) -> tuple[Any, ...]:
    data = operation.handler.parsed_fn_signature.parameters.get("data")
    return () if data is None else (data.annotation,)


class _Refusals:
    """Responses that many routes share, each written once."""

    def __init__(self) -> None:
        self.components: dict[str, Json] = {}
        self._names: dict[bytes, str] = {}

    def of(self, operation: Operation, *, rated: bool) -> dict[str, Json]:
        return {
            status: {"$ref": f"#/components/responses/{self._name(status, response)}"}
            for status, response in problems.responses(operation.problems, rated=rated).items()
        }

    def _name(self, status: str, response: Json) -> str:
        written = msgspec.json.encode(response)
        name = self._names.get(written)
        if name is None:
            name = self._names[written] = (
                f"Refused{status}.{sum(known.startswith(f'Refused{status}.') for known in self.components) + 1}"
            )
            self.components[name] = response
        return name


def _operation(operation: Operation, schemas: Schemas, refusals: _Refusals) -> Json:
    handler = operation.handler
    summary, description = _told(handler.fn.__doc__ or "")
    rated = operation.path.startswith("/v1/")
    made: Json = {
        "operationId": _operation_id(operation),
        "summary": summary,
        "tags": handler.resolve_tags(),
        "parameters": _parameters(operation),
        "responses": dict(
            sorted((_successes(operation, schemas, rated=rated) | refusals.of(operation, rated=rated)).items())
        ),
    }
    if description:
        made["description"] = description
    if (body := _body(operation)) != ():
        schema = schemas.of(body[0])
        required = not handler.parsed_fn_signature.parameters["data"].has_default
        content = {"application/json": {"schema": schema, "example": schemas.examples.of(schema)}}
        made["requestBody"] = {"required": required, "content": content}
    scopes = [scope for guard in handler.resolve_guards() if isinstance(guard, requires) for scope in guard.scopes]
    if scopes:
        schemes = [scheme for scheme in SECURITY_SCHEMES if scheme != "session" or handler.opt.get(IN_SESSIONS)]
        if any(isinstance(guard, type(admin_alone)) for guard in handler.resolve_guards()):
            schemes = ["person"]
        made["security"] = [{scheme: scopes} for scheme in schemes]
    elif signed_in in handler.resolve_guards():
        made["security"] = [{"person": []}]
    return made


def _told(docstring: str) -> tuple[str, str]:
    """A handler's first sentence, and all that it says behind it.

    >>> _told("Take a link back. It stays so.")
    ('Take a link back', 'It stays so.')
    """
    first, _, rest = cleandoc(docstring).partition("\n\n")
    summary, _, more = " ".join(first.split()).partition(". ")
    return summary.rstrip("."), "\n\n".join(part for part in (more, rest) if part)


def _operation_id(operation: Operation) -> str:
    noun = "_".join(part for part in operation.path.split("/") if part and not part.startswith("{") and part != "v1")
    name = operation.handler.handler_name
    return (noun if noun.endswith(name) else f"{noun}_{name}").replace("-", "_").replace(".", "_")


def _parameters(operation: Operation) -> list[Json]:
    handler = operation.handler
    found: list[Json] = []
    for name, field in handler.parsed_fn_signature.parameters.items():
        if isinstance(field.kwarg_definition, PathParameter):
            schema = {"type": "integer"} if field.annotation is int else {"type": "string"}
            example: Any = 1 if field.annotation is int else path_example(name)
            found.append({"name": name, "in": "path", "required": True, "schema": schema, "example": example})
    examples = Examples({}, {})
    for query in query_fields(handler):
        schema = schema_of(query.type)
        if query.default is not None:
            schema["default"] = query.default
        described: Json = {"name": query.name, "in": "query", "required": query.is_required, "schema": schema}
        described["example"] = query.default if query.default is not None else examples.of(schema, query.name)
        if query.description:
            described["description"] = query.description
        found.append(described)
    found.append(headers.REQUEST_ID)
    if IdempotencyKeyInvalid in operation.problems:
        found.append(headers.idempotency_key(required=IdempotencyKeyRequired in operation.problems))
    return found


def _successes(operation: Operation, schemas: Schemas, *, rated: bool) -> dict[str, Json]:
    named: list[str] = [*headers.ALWAYS, *(headers.RATE if rated else ())]
    if operation.method == "POST":
        named += ["Location", "Idempotent-Replayed"] if IdempotencyKeyInvalid in operation.problems else []
        if 202 in operation.answers:
            named.append("Retry-After")
    found: dict[str, Json] = {}
    for status, kind in operation.answers.items():
        response: Json = {"description": _SAID.get(status, "Done."), "headers": headers.referred(*named)}
        written = BY_ROUTE.get((f"{operation.method} {operation.path}", status))
        if kind is bytes:
            forms = (_media_type(operation.handler), *operation.handler.opt.get(OTHER_FORMS, ()))
            response["content"] = {form: _FILES[form] for form in forms}
            if written is not None:
                response["content"]["application/json"] = _FILES["application/json"] | {"example": written}
        elif kind is not NoneType:
            schema = schemas.of(kind)
            example = schemas.examples.of(schema) if written is None else written
            response["content"] = {"application/json": {"schema": schema, "example": example}}
            response["content"] |= {form: _FILES[form] for form in operation.handler.opt.get(OTHER_FORMS, ())}
        found[str(status)] = response
    return found


def _media_type(handler: HTTPRouteHandler) -> str:
    return str(getattr(handler.media_type, "value", handler.media_type) or "application/json")


_FILES: Final[dict[str, Json]] = {
    "application/json": {"schema": {"type": "object"}, "example": {"openapi": "3.1.0"}},
    "text/html": {"schema": {"type": "string"}, "example": "<!doctype html>"},
    "text/csv": {"schema": {"type": "string"}, "example": "id,score\r\nsub_ag6xt3yqo7g3ncxb5l2rv4m7de,12.50\r\n"},
    NDJSON: {
        "schema": {"type": "string"},
        "example": '{"kind":"export","format":"coursegate-dpus-1","center":"ctr_ag6xt3yqo7g3ncxb5l2rv4m7de","env":"live"}\n',
    },
    "text/css": {"schema": {"type": "string"}, "example": "body { margin: 0; }"},
    "text/javascript": {"schema": {"type": "string"}, "example": "export const ready = true;"},
}
"""What routes answer that send bytes of their own."""

_SAID: Final = {
    200: "As it is now.",
    201: "Made.",
    202: "Accepted; the work goes on.",
    204: "Done; there is nothing to say.",
    503: "Unavailable.",
}
