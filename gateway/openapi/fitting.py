"""Whether a value fits a schema: as much of JSON Schema as the document's schemas use."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

Schema = Mapping[str, Any]


def fits(schema: Schema, value: Any, components: Mapping[str, Schema]) -> bool:
    """Whether `value` is one that `schema`, which may refer to `components`, accepts; formats are not looked at."""
    if "$ref" in schema:
        return fits(components[schema["$ref"].rsplit("/", 1)[1]], value, components)
    for choices in ("anyOf", "oneOf"):
        if choices in schema:
            return any(fits(choice, value, components) for choice in schema[choices])
    if "enum" in schema:
        return value in schema["enum"]
    if "const" in schema:
        return bool(value == schema["const"])
    return _is_of_type(schema, value) and _fits_bounds(schema, value, components)


def _is_of_type(schema: Schema, value: Any) -> bool:
    kinds = schema.get("type", list(_TYPES))
    return any(_TYPES[kind](value) for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _fits_bounds(schema: Schema, value: Any, components: Mapping[str, Schema]) -> bool:
    match value:
        case str():
            return _fits_text(schema, value)
        case bool() | None:
            return True
        case int() | float():
            return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
        case list():
            count = schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value))
            return count and all(fits(schema.get("items", {}), item, components) for item in value)
        case _:
            return _fits_object(schema, value, components)


def _fits_text(schema: Schema, text: str) -> bool:
    long_enough = schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text))
    return long_enough and re.search(schema.get("pattern", ""), text) is not None


def _fits_object(schema: Schema, value: Mapping[str, Any], components: Mapping[str, Schema]) -> bool:
    fields: Mapping[str, Schema] = schema.get("properties", {})
    if not value.keys() >= set(schema.get("required", ())):
        return False
    return all(fits(fields[name], part, components) for name, part in value.items() if name in fields)


_TYPES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, Mapping),
}
