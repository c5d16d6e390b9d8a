"""Rules that matter are tests: a route, an error, a script or a module that breaks one fails here."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from gateway.app import declared, openapi_document
from gateway.errors import CATALOGUE
from gateway.errors.docs import as_markdown
from gateway.guards import needs_no_key, requires, signed_in
from gateway.http.query import query_fields
from gateway.http.texts import IN_WORDS
from gateway.pipeline.dispatch import endpoints
from gateway.pipeline.providers import PROVIDERS
from gateway.scopes import SCOPES

ROOT = Path(__file__).parent.parent
PACKAGES = ("gateway", "quotas", "grading")
LINES_MAX = 300
FEATURE_FILES = {"__init__", "routes", "schemas", "service", "store"}
ASTRAY = {"artifacts/notes"}
"""Feature files that hold a second noun of their feature."""


def modules() -> list[Path]:
    return [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]


def handlers() -> Iterator[tuple[str, HTTPRouteHandler]]:
    for route in declared().routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if "OPTIONS" not in handler.http_methods:
                    yield f"{'/'.join(sorted(handler.http_methods))} {route.path}", handler


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi_document()


def referred(value: Any) -> Iterator[str]:
    """Every `$ref` in a piece of the document."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from referred(item)
    elif isinstance(value, list):
        for item in value:
            yield from referred(item)


def structs_of(kind: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for one in kind.__subclasses__():
        if one.__module__.startswith(PACKAGES):
            yield one
        yield from structs_of(one)


def patterns(kind: Any) -> Iterator[str]:
    """Every pattern that a text of this type must match."""
    for mark in getattr(kind, "__metadata__", ()):
        if isinstance(mark, msgspec.Meta) and mark.pattern is not None:
            yield mark.pattern
    for inner in get_args(kind):
        yield from patterns(inner)


def test_every_pattern_is_told_in_words() -> None:
    """Who sends a field or a parameter that does not match reads what it must be, never a regular expression."""
    declared()
    kinds = [kind for one in structs_of(msgspec.Struct) for kind in get_type_hints(one, include_extras=True).values()]
    kinds += [field.type for _, handler in handlers() for field in query_fields(handler)]
    found = {pattern for kind in kinds for pattern in patterns(kind)}
    assert len(found) > 10
    assert {pattern for pattern in found if repr(pattern) not in IN_WORDS} == set()


OPEN = {
    "POST /v1/auth/login",
    "POST /v1/auth/refresh",
    "POST /v1/auth/invitations/accept",
    "GET /v1/centers/by-subdomain/{subdomain:str}",
    "POST /v1/embed/sessions",
}
"""Routes of the API that need no key."""


def test_every_route_declares_a_scope() -> None:
    """A route says which scopes it needs, all of them real, or that it is for people, or for everybody: few of `/v1`."""
    for name, handler in handlers():
        guards = handler.resolve_guards()
        scopes = [scope for guard in guards if isinstance(guard, requires) for scope in guard.scopes]
        if " /v1/" in name and name not in OPEN and signed_in not in guards:
            assert scopes, f"{name} declares no scope"
            assert set(scopes) <= set(SCOPES), name
        elif signed_in not in guards:
            assert needs_no_key in guards, f"{name} does not say that it needs no key"


def test_every_route_can_be_run_by_the_dispatcher() -> None:
    """Guards and arguments of every handler are of the kinds that the dispatcher knows."""
    assert len(endpoints(declared(), PROVIDERS)) == len(list(handlers()))


def test_every_route_says_what_it_does() -> None:
    """The first line of a handler's docstring is its summary in the documentation."""
    for name, handler in handlers():
        assert (handler.fn.__doc__ or "").strip(), name


def test_every_summary_is_one_whole_sentence(document: dict[str, Any]) -> None:
    """A docstring that goes on in its second line is not cut in the middle; what follows is the description."""
    told = {path.rstrip("/"): operations for path, operations in document["paths"].items()}
    for name, handler in handlers():
        words = " ".join((handler.fn.__doc__ or "").split())
        (method,) = handler.http_methods - {"HEAD"}
        path = re.sub(r":\w+}", "}", name.split(" ", 1)[1]).rstrip("/")
        operation = told[path][method.lower()]
        assert f"{operation['summary']}." in words, name
        assert words.startswith(operation["summary"]), name
        assert " ".join(f"{operation['summary']}. {operation.get('description', '')}".split()) == words, name


def test_the_page_of_errors_is_the_catalogue() -> None:
    """`docs/errors.md` is what `python -m gateway.errors` prints."""
    assert (ROOT / "docs" / "errors.md").read_text(encoding="utf-8") == as_markdown()


def test_every_error_can_be_answered_by_some_route(document: dict[str, Any]) -> None:
    """The catalogue and the errors that the document's routes may answer with are the same."""
    responses = document["components"]["responses"]
    used = {
        example
        for methods in document["paths"].values()
        for operation in methods.values()
        for response in operation["responses"].values()
        if "$ref" in response
        for example in responses[response["$ref"].rsplit("/", 1)[1]]["content"]["application/json"]["examples"]
    }
    assert used == {kind.code.replace("<n>", "n") for kind in CATALOGUE}


def test_no_two_errors_share_a_code() -> None:
    """A client that branches on `code` meets one problem."""
    codes = [kind.code for kind in CATALOGUE]
    assert len(codes) == len(set(codes))


def test_every_error_says_what_to_do() -> None:
    """Title and advice are whole sentences for each, and whatever asks for patience is retryable."""
    for kind in CATALOGUE:
        assert kind.title.endswith("."), kind
        assert kind.what_to_do.endswith("."), kind
        assert kind.retryable == (
            kind.status >= 500
            or kind.status == 408
            or kind.code in {"retry_after_<n>", "concurrency_limit_reached", "idempotency_in_progress"}
        ), kind


def test_every_route_is_in_the_document_with_an_example(document: dict[str, Any]) -> None:
    """Each route and method is there; each body that is taken or answered has an example, each parameter too."""
    documented = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert documented == {re.sub(r"{(\w+):\w+}", r"{\1}", name) for name, _ in handlers()}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            bodies = [operation["requestBody"]] if "requestBody" in operation else []
            answers = [answer for answer in operation["responses"].values() if "content" in answer]
            for body in bodies + answers:
                for content in body["content"].values():
                    assert "example" in content, f"{method} {path}"
            assert all("example" in parameter for parameter in operation["parameters"]), f"{method} {path}"


def test_everything_the_document_refers_to_is_in_it(document: dict[str, Any]) -> None:
    """No reference leads nowhere."""
    for reference in referred(document):
        _, _, kind, name = reference.split("/", 3)
        assert name in document["components"][kind], reference


def test_lua_scripts_have_a_header() -> None:
    """A script says what it does, what it takes and returns, and shows a worked example."""
    for script in sorted((ROOT / "quotas" / "lua").glob("*.lua")):
        head = script.read_text(encoding="utf-8").split("\n\n")[0]
        for word in ("What:", "KEYS:", "ARGV:", "Returns:", "Example:"):
            assert f"-- {word}" in head, f"{script.name} lacks {word}"


def test_no_module_is_longer_than_a_person_reads() -> None:
    """At most 300 lines a module, tests included."""
    long = {
        str(file.relative_to(ROOT)): lines
        for file in (*modules(), *sorted((ROOT / "tests").rglob("*.py")))
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > LINES_MAX
    }
    assert long == {}


def test_a_feature_has_the_same_files_everywhere() -> None:
    """routes, schemas, service, store: nothing else, and never a `utils`."""
    for file in sorted((ROOT / "gateway" / "features").rglob("*.py")):
        place = str(file.relative_to(ROOT / "gateway" / "features").with_suffix(""))
        assert file.stem in FEATURE_FILES or place in ASTRAY, place
    assert not [file for file in modules() if file.stem == "utils"]


CLOCKS = {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time"}


def reads_a_clock(node: ast.AST) -> bool:
    """`time.monotonic`, `from time import monotonic`, `datetime.now`, `datetime.utcnow`."""
    match node:
        case ast.ImportFrom(module="time"):
            return any(name.name in CLOCKS for name in node.names)
        case ast.Attribute(value=ast.Name(id="time"), attr=name):
            return name in CLOCKS
        case ast.Attribute(value=ast.Name(id="datetime"), attr=name):
            return name in {"now", "utcnow", "today"}
        case _:
            return False


def test_only_the_clock_reads_a_clock() -> None:
    """Time is an argument: whoever needs it is told by gateway/clock.py, or asks the event loop how long to wait."""
    readers = {
        str(file.relative_to(ROOT))
        for file in modules()
        if any(reads_a_clock(node) for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    }
    assert readers == {"gateway/clock.py"}
