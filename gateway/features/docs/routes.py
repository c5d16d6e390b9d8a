"""`/schema/openapi.json`, and `/docs` for people: made from the routes, served from our own files."""

from importlib.resources import files
from typing import Final

from litestar import Litestar, Response, get
from litestar.di import NamedDependency

from gateway.features.docs import service
from gateway.guards import needs_no_key
from gateway.web.page_headers import PAGE_HEADERS

_STYLE: Final = files("gateway").joinpath("web", "docs.css").read_bytes()


@get(
    "/schema/openapi.json",
    guards=[needs_no_key],
    sync_to_thread=False,
    tags=["Documentation"],
    media_type="application/json",
)
def schema(litestar: NamedDependency[Litestar]) -> Response[bytes]:
    """Return the OpenAPI 3.1 document."""
    return Response(service.document(litestar), media_type="application/json")


@get("/docs", guards=[needs_no_key], sync_to_thread=False, tags=["Documentation"], media_type="text/html")
def page(litestar: NamedDependency[Litestar]) -> Response[bytes]:
    """Return the documentation as a page."""
    return Response(service.page(litestar), media_type="text/html", headers=PAGE_HEADERS)


@get("/docs/style.css", guards=[needs_no_key], sync_to_thread=False, tags=["Documentation"], media_type="text/css")
def style() -> Response[bytes]:
    """Return the page's style sheet."""
    return Response(_STYLE, media_type="text/css", headers=PAGE_HEADERS)


SCHEMA: Final = (schema,)
DOCS: Final = (page, style)
"""Left out where the setting says so."""
