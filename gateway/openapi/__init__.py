"""The OpenAPI 3.1 document, made from the routes themselves: what they take, answer and refuse."""

from gateway.openapi.document import openapi_document

__all__ = ["openapi_document"]
