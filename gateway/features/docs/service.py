"""The document and the page, made once an application."""

from functools import lru_cache

import msgspec
from litestar import Litestar

from gateway.openapi import openapi_document
from gateway.web.docs_page import render


@lru_cache(maxsize=4)
def document(app: Litestar) -> bytes:
    """The OpenAPI document as JSON."""
    return msgspec.json.encode(openapi_document(app))


@lru_cache(maxsize=4)
def page(app: Litestar) -> bytes:
    """The document as HTML."""
    return render(openapi_document(app)).encode()
