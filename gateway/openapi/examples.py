"""An example of everything: made from the schema, with words a reader knows for the fields that have them."""

from collections.abc import Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

_TAIL: Final = "ag6xt3yqo7g3ncxb5l2rv4m7de"
_PREFIXES: Final = {
    "course": "crs",
    "preset": "prst",
    "source": "src",
    "generation": "gen",
    "regeneration": "rgn",
    "artifact": "art",
    "note": "note",
    "center": "ctr",
    "assessment": "asmt",
    "collection": "col",
    "regrade": "rgr",
    "review": "rvw",
    "submission": "sub",
    "api_key": "key",
    "webhook": "wh",
    "delivery": "dlv",
    "webhook_test": "dlv",
    "event": "evt",
    "key": "key",
    "member": "mbr",
    "membership": "mbr",
    "child": "mbr",
    "person": "usr",
    "invitation": "inv",
    "dpu": "dpu",
    "session": "ses",
    "embed_token": "tok",
    "embed": "tok",
}
_WORDS: Final[Mapping[str, Any]] = {
    "title": "Ownership in Rust",
    "name": "Spring term",
    "center_name": "North Academy",
    "subdomain": "north",
    "admin_email": "head@north.example",
    "email": "ada@north.example",
    "order_id": "order-2026-0042",
    "external_ref": "lms-course-17",
    "topic": "Ownership in Rust",
    "audience": "programmers who know another language",
    "language": "en",
    "objectives": ["explain moves and borrows"],
    "tone": "neutral",
    "summary": "Every value has one owner.",
    "description": "From moves to slices.",
    "content": "# Ownership\n\nEach value in Rust has an owner.",
    "media_type": "text/markdown",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "text": "Please add an example about slices.",
    "author": "jo",
    "time_zone": "Europe/Berlin",
    "plan": "pro",
    "plan_id": "pro",
    "locale": "en",
    "key": "cg_live_<52 characters>",
    "public_id": "a0e6gu2I25pj",
    "created_by": f"key_{_TAIL}",
    "scopes": ["read:courses", "write:courses"],
    "next_cursor": None,
    "message": "The worker was lost.",
    "start": "2026-11-01T00:00:00Z",
    "end": "2026-12-01T00:00:00Z",
    "resets_at": "2026-12-01T00:00:00Z",
    "expires_at": "2027-11-21T09:30:00Z",
    "percent": 40,
    "points_total": "2.00",
    "item_id": "q1",
    "param": "items[3].key.answers[0].text",
    "requirement": "a pattern that RE2 understands",
    "alert_percents": [80, 90, 100],
    "learner_ref": "learner-4711",
    "score": "7.50",
    "max_score": "10.00",
    "regrade_of": None,
    "reviewer": f"key_{_TAIL}",
    "comment": "Well argued; the second source is missing.",
    "regraded_as": None,
    "url": "https://example.com/hooks/coursegate",
    "events": ["course.ready", "course.failed"],
    "secret": "whsec_<44 characters of base64>",
    "answer": "thanks",
    "error": None,
    "disabled_reason": None,
    "release": "a3f0c1d29b7e5846",
    "file": "main.js",
    "origin": "https://learn.example.com",
    "since": "2026-11-20T00:00:00Z",
    "next_since": None,
}
_INSTANT: Final = "2026-11-21T09:30:00Z"


def id_example(noun: str) -> str:
    """``id_example("course")`` is an id as a course has it."""
    return f"{_PREFIXES.get(noun, 'crs')}_{_TAIL}"


def path_example(name: str) -> Any:
    """What stands in a path: an id, unless it has another word."""
    return _WORDS[name] if name in _WORDS else id_example(name.removesuffix("_id"))


class Examples:
    """Examples for schemas that refer to `components`."""

    def __init__(self, components: Mapping[str, Schema]) -> None:
        self._components = components

    def of(self, schema: Schema, name: str = "", within: str = "") -> Any:
        """A value that the schema accepts. `name` is the field's, `within` the kind of its object."""
        if schema.get("examples"):
            return schema["examples"][0]
        if "$ref" in schema:
            return self.of(self._components[schema["$ref"].rsplit("/", 1)[1]], name, within)
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
                return self._array(schema, name, within)
            case "string":
                return self._string(schema, name, within)
            case "integer" | "number":
                return _WORDS[name] if isinstance(_WORDS.get(name), int) else max(schema.get("minimum", 1), 1)
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

    def _array(self, schema: Schema, name: str, within: str) -> Any:
        if name in _WORDS:
            return _WORDS[name]
        item = schema.get("items")
        return [self.of(item, name, within)] if item else []

    def _string(self, schema: Schema, name: str, within: str) -> Any:
        if name == "id":
            return id_example(within)
        if name.endswith("_id") and name[:-3] in _PREFIXES:
            return id_example(name[:-3])
        if name in _WORDS:
            return _WORDS[name]
        if schema.get("format") == "date-time":
            return _INSTANT
        return "text"
