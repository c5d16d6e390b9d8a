"""Query parameters: known ones, given once, converted strictly; everything else is `invalid_parameter`."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Union
from urllib.parse import unquote_to_bytes

import msgspec
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter
from litestar.typing import FieldDefinition
from msgspec import Meta

from gateway.errors import InvalidParameter
from gateway.http.decoding import requirement
from gateway.http.texts import only

_CONSTRAINTS: Final = ("gt", "ge", "lt", "le", "multiple_of", "pattern", "min_length", "max_length")
_SMALLEST: Final = -(2**63)
_LARGEST: Final = 2**63 - 1
_WHOLE: Final = re.compile(r"-?[0-9]{1,19}")


INSTANT: Final = Annotated[datetime, Meta(tz=True)]
"""A time as RFC 3339 has it, with its zone; never a number, which other parameters may be."""


class QueryField:
    """One parameter of a route: its name in the URL, its name in the handler, and what it may be."""

    __slots__ = ("default", "description", "is_required", "keyword", "name", "type")

    def __init__(self, keyword: str, field: FieldDefinition) -> None:
        given = field.kwarg_definition
        self.keyword = keyword
        self.name = (given.name if isinstance(given, QueryParameter) else None) or keyword
        self.description = (given.description if isinstance(given, QueryParameter) else None) or ""
        self.is_required = not field.has_default
        self.default = None if self.is_required else field.default
        self.type = _type_of(field)

    def read(self, text: str) -> Any:
        """The value. Raises InvalidParameter."""
        try:
            value = msgspec.convert(text, self.type, strict=self.type == INSTANT)
        except msgspec.ValidationError as error:
            # What came is text, as in all queries: only what it can't be read as is worth a word.
            raise InvalidParameter(self.name, requirement(str(error).split(", got `")[0], self.type)) from None
        if type(value) is int and _WHOLE.fullmatch(text) is None:
            raise InvalidParameter(self.name, "a whole number in digits")
        if isinstance(value, int) and not _SMALLEST <= value <= _LARGEST:
            raise InvalidParameter(self.name, "an integer that fits into 64 bit")
        return value


def _type_of(field: FieldDefinition) -> Any:
    """What the text is converted to: the annotation without `None` (a parameter that is there has a value), bounded."""
    annotation: Any = field.annotation
    if field.is_optional:
        annotation = Union[tuple(each.annotation for each in field.inner_types if not each.is_none_type)]  # ruff: ignore[non-pep604-annotation-union] - made of values
    given = field.kwarg_definition
    if annotation is datetime:
        return INSTANT
    bounds = {name: value for name in _CONSTRAINTS if (value := getattr(given, name, None)) is not None}
    return Annotated[annotation, Meta(**bounds)] if bounds else annotation


def query_fields(route: BaseRouteHandler) -> tuple[QueryField, ...]:
    """The route's query parameters, in the order of its handler."""
    return tuple(
        QueryField(keyword, field)
        for keyword, field in route.parsed_fn_signature.parameters.items()
        if isinstance(field.kwarg_definition, QueryParameter)
    )


def parse_query(query: bytes, known: Mapping[str, QueryField]) -> dict[str, str]:
    """Each parameter's text. Raises InvalidParameter for an unknown or doubled one, a NUL, and what is no UTF-8."""
    given: dict[str, str] = {}
    for pair in query.split(b"&"):
        if not pair:
            continue
        raw_name, _, raw_value = pair.partition(b"=")
        name = _decoded(raw_name, "query")
        if name not in known:
            raise InvalidParameter(name, "it is no parameter of this request" + only(list(known), "; it has none"))
        if name in given:
            raise InvalidParameter(name, "it may be given once")
        value = _decoded(raw_value, name)
        if "\0" in value:
            raise InvalidParameter(name, "text without U+0000")
        given[name] = value
    return given


def _decoded(raw: bytes, place: str) -> str:
    try:
        return unquote_to_bytes(raw.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise InvalidParameter(place, "percent-encoded UTF-8") from None
