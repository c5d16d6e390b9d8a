"""An example of everything: as written for its kind, else as its fields declare it, else made from the schema."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.openapi.fitting import Schema, fits
from gateway.openapi.words import IN_PATHS, INSTANT, PREFIXES, TAIL, WORDS

_NOTHING: Final = object()


def id_example(noun: str) -> str:
    """``id_example("course")`` is an id as a course has it; what has no ids of ours goes by a letter."""
    return f"{PREFIXES[noun]}_{TAIL}" if noun in PREFIXES else "a"


def path_example(name: str) -> Any:
    """What stands in a path: an id, unless it has another word."""
    return IN_PATHS[name] if name in IN_PATHS else id_example(name.removesuffix("_id"))


class Examples:
    """Examples for schemas that refer to `components`; `written` are those of kinds that have one of their own, by name.

    An example that is declared wins over words for a field's name, and those count only where they fit the schema: a name
    means one thing here and another there.
    """

    def __init__(self, components: Mapping[str, Schema], written: Mapping[str, Any]) -> None:
        self._components = components
        self._written = written

    def of(self, schema: Schema, name: str = "", within: str = "") -> Any:
        """A value that the schema accepts. `name` is the field's, `within` the kind of its object."""
        if schema.get("examples"):
            return schema["examples"][0]
        if "$ref" in schema:
            kind = schema["$ref"].rsplit("/", 1)[1]
            return self._written[kind] if kind in self._written else self.of(self._components[kind], name, within)
        declared = self._declared(schema)
        if declared is not _NOTHING:
            return declared
        for word in WORDS.get(name, ()):
            if fits(schema, word, self._components):
                return word
        return self._made(schema, name, within)

    @staticmethod
    def _declared(schema: Schema) -> Any:
        """The example of one of the choices, if one has any."""
        found = (choice["examples"][0] for choice in schema.get("anyOf", ()) if choice.get("examples"))
        return next(found, _NOTHING)

    def _made(self, schema: Schema, name: str, within: str) -> Any:
        for kind in ("anyOf", "oneOf"):
            if kind in schema:
                return self.of(self._telling(schema[kind]), name, within)
        fixed = (*schema.get("enum", ()), *([schema["const"]] if "const" in schema else ()))
        return fixed[0] if fixed else self._by_type(schema, name, within)

    def _by_type(self, schema: Schema, name: str, within: str) -> Any:
        match schema.get("type"):
            case "object":
                return self._object(schema)
            case "array":
                item = schema.get("items")
                return [self.of(item, name, within)] if item else []
            case "string":
                return self._string(schema, name, within)
            case "integer" | "number":
                return max(schema.get("minimum", 1), 1)
            case "boolean":
                return False
            case _:
                return None

    @staticmethod
    def _telling(choices: list[Schema]) -> Schema:
        return next((choice for choice in choices if choice.get("type") != "null"), choices[0])

    def _object(self, schema: Schema) -> dict[str, Any]:
        fields: Mapping[str, Schema] = schema.get("properties", {})
        kind = str((fields.get("object", {}).get("enum") or [schema.get("title", "")])[0]).lower()
        return {name: self.of(field, name, kind) for name, field in fields.items()}

    @staticmethod
    def _string(schema: Schema, name: str, within: str) -> str:
        if name == "id":
            return id_example(within)
        noun = name.removesuffix("_id").removesuffix("_ids")
        if noun != name and noun in PREFIXES:
            return id_example(noun)
        return INSTANT if schema.get("format") == "date-time" else "text".ljust(schema.get("minLength", 0), "x")
