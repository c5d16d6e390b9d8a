"""The documentation as one page of plain HTML, rendered here: no script, nothing from elsewhere."""

from collections.abc import Iterable, Iterator
from html import escape
from typing import Any, Final

import msgspec

from gateway.errors import CATALOGUE
from gateway.web.page_headers import NO_ICON

Json = dict[str, Any]

_CODES: Final = frozenset(kind.code for kind in CATALOGUE)


def render(document: Json) -> str:
    """The whole page. Problems have the anchors that `type` of RFC 9457 points to."""
    return "".join(
        (
            "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>",
            f"<title>{escape(document['info']['title'])} API</title><link rel=stylesheet href=/docs/style.css>",
            NO_ICON,
            f"<header><h1>{escape(document['info']['title'])} API</h1>",
            "<p>The same as <a href=/schema/openapi.json>OpenAPI 3.1</a>.</header>",
            *_contents(document),
            "<main>",
            *_operations(document),
            *_problems(),
            *_schemas(document),
            "</main>",
        )
    )


def _by_tag(document: Json) -> dict[str, list[tuple[str, str, Json]]]:
    found: dict[str, list[tuple[str, str, Json]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            found.setdefault((operation["tags"] or ["Other"])[0], []).append((path, method.upper(), operation))
    return dict(sorted(found.items()))


def _contents(document: Json) -> Iterator[str]:
    yield "<nav>"
    for tag, operations in _by_tag(document).items():
        yield f"<h2>{escape(tag)}</h2><ul>"
        for path, method, operation in operations:
            yield f"<li><a href='#{escape(operation['operationId'])}'><b>{method}</b> {escape(path)}</a>"
        yield "</ul>"
    yield "<h2>Reference</h2><ul><li><a href=#errors>Errors</a><li><a href=#schemas>Schemas</a></ul></nav>"


def _operations(document: Json) -> Iterator[str]:
    for tag, operations in _by_tag(document).items():
        yield f"<h2>{escape(tag)}</h2>"
        for path, method, operation in operations:
            yield f"<section id='{escape(operation['operationId'])}'>"
            yield f"<h3><b class={method.lower()}>{method}</b> <code>{escape(path)}</code></h3>"
            yield f"<p>{_marked(operation['summary'])}.</p>"
            if "description" in operation:
                yield f"<p>{_marked(operation['description'])}</p>"
            yield _scopes(operation)
            yield _parameters(operation["parameters"])
            if "requestBody" in operation:
                content = operation["requestBody"]["content"]["application/json"]
                yield f"<h4>Body{_kinds(content['schema'])}</h4>" + _example(content)
            yield "<h4>Answers</h4>" + "".join(_response(document, *each) for each in operation["responses"].items())
            yield "</section>"


def _scopes(operation: Json) -> str:
    if "security" not in operation:
        return "<p>Needs no key.</p>"
    scopes: Iterable[str] = next(iter(operation["security"][0].values()))
    return "<p>Scopes: " + ", ".join(f"<code>{escape(scope)}</code>" for scope in scopes) + "</p>"


def _parameters(parameters: list[Json]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(each['name'])}</code><td>{each['in']}<td>{'required' if each['required'] else ''}"
        f"<td>{_marked(each.get('description', ''))}<td><code>{escape(str(each['example']))}</code>"
        for each in parameters
    )
    return f"<table><tr><th>Parameter<th>In<th><th>Meaning<th>Example{rows}</table>"


def _response(document: Json, status: str, response: Json) -> str:
    is_refusal = "$ref" in response
    if is_refusal:
        response = document["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    told = {} if is_refusal else response.get("content", {})
    kinds = "".join(_kinds(each["schema"]) for each in told.values())
    content = "".join(_example(each) for each in told.values())
    said = _with_links(response["description"])
    return f"<details><summary><b>{status}</b> {said}{kinds}</summary>{content}</details>"


def _kinds(schema: Json) -> str:
    """Links to the objects that it is or holds, where their fields are told."""
    names = dict.fromkeys(_referred(schema))
    return "".join(f" <a href='#schema-{escape(name)}'>{escape(name)}</a>" for name in names)


def _referred(schema: Json) -> Iterator[str]:
    if "$ref" in schema:
        yield schema["$ref"].rsplit("/", 1)[1]
    for part in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from _referred(part)


def _marked(text: str) -> str:
    """What stands in back quotes is code."""
    return _told(text, frozenset())


def _with_links(text: str) -> str:
    """As `_marked`, and an error's code leads to its row."""
    return _told(text, _CODES)


def _told(text: str, codes: frozenset[str]) -> str:
    parts = text.split("`")
    return "".join(_code(part, part in codes) if index % 2 else escape(part) for index, part in enumerate(parts))


def _code(text: str, has_row: bool) -> str:
    code = f"<code>{escape(text)}</code>"
    return f"<a href='#{escape(text)}'>{code}</a>" if has_row else code


def _example(content: Json) -> str:
    if not isinstance(content.get("example"), (dict, list)):
        return ""
    pretty = msgspec.json.format(msgspec.json.encode(content["example"])).decode()
    return f"<pre>{escape(pretty)}</pre>"


def _problems() -> Iterator[str]:
    yield "<h2 id=errors>Errors</h2><table><tr><th>Status<th>Code<th>Meaning<th>Retryable<th>What to do"
    for kind in CATALOGUE:
        yield (
            f"<tr id='{escape(kind.code)}'><td>{kind.status}<td><code>{escape(kind.code)}</code><td>{escape(kind.title)}"
            f"<td>{'yes' if kind.retryable else 'no'}<td>{escape(kind.what_to_do)}"
        )
    yield "</table>"


def _schemas(document: Json) -> Iterator[str]:
    yield "<h2 id=schemas>Schemas</h2>"
    for name, schema in sorted(document["components"]["schemas"].items()):
        yield f"<details id='schema-{escape(name)}'><summary>{escape(name)}</summary>"
        yield f"<p>{_marked(schema.get('description', ''))}</p>"
        yield _meanings(schema.get("properties", {}))
        yield f"<pre>{escape(msgspec.json.format(msgspec.json.encode(_bare(schema))).decode())}</pre></details>"


def _meanings(fields: Json) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code><td>{_marked(field.get('description', ''))}{_kinds(field)}"
        for name, field in fields.items()
    )
    return f"<table><tr><th>Field<th>Meaning{rows}</table>" if rows else ""


def _bare(schema: Json) -> Json:
    """The schema without what the table above it says."""
    without = {name: value for name, value in schema.items() if name != "description"}
    if "properties" in without:
        without["properties"] = {name: _bare(field) for name, field in without["properties"].items()}
    return without
