"""JSON schemas of everything that is taken or answered, as OpenAPI has them."""

import re
from collections.abc import Iterable, Mapping
from types import NoneType, UnionType
from typing import Any, Final, get_args

import msgspec

from gateway.openapi import fields
from gateway.openapi.examples import Examples
from gateway.openapi.headers import Json
from gateway.openapi.written import BY_KIND

REFERENCE: Final = "#/components/schemas/{name}"
UNTYPED: Final = (NoneType, bytes)
_INSTANTS: Final = re.compile(r"_at\Z|^at\Z|_since\Z|^since\Z|^start\Z|^end\Z")
_ESCAPES: Final = re.compile(r"\\.|\(\?P<", re.DOTALL)
_IN_ECMA: Final = {r"\Z": "$", r"\A": "^", "(?P<": "(?<"}


class Schemas:
    """Schemas of kinds by kind, with what they refer to in `components`, and examples by them."""

    def __init__(self, told: Iterable[Any]) -> None:
        kinds = [form for kind in told if kind not in UNTYPED for form in _forms(kind)]
        made, self.components = msgspec.json.schema_components(kinds, ref_template=REFERENCE)
        self._by_kind = [(kind, in_ecma(schema)) for kind, schema in zip(kinds, made, strict=True)]
        for name, component in self.components.items():
            _mark_instants(component)
            fields.describe(name, component)
        self.components = in_ecma(self.components)
        self.examples = Examples(self.components, BY_KIND)

    def of(self, kind: Any) -> Json:
        """The schema of one that is told; of `A | B` both."""
        forms = [self._one(form) for form in _forms(kind)]
        return forms[0] if len(forms) == 1 else {"anyOf": forms}

    def _one(self, kind: Any) -> Json:
        return next(schema for known, schema in self._by_kind if known is kind or known == kind)


def schema_of(plain: Any) -> Json:
    """The schema of a kind that refers to no other, such as a query parameter's."""
    schema: Json = in_ecma(msgspec.json.schema(plain))
    return schema


def in_ecma(schema: Any) -> Any:
    r"""The schema with its patterns as JSON Schema means them: ECMA-262 knows no `\Z`, which is an error to it or a letter.

    Its `$` is the end and nothing else, where Python's lets a line feed follow; so what the gateway checks keeps `\Z`.

    >>> in_ecma({"type": "string", "pattern": r"^a\\\Z"})
    {'type': 'string', 'pattern': '^a\\\\$'}
    """
    if isinstance(schema, list):
        return [in_ecma(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    made = {
        name: part if name in _VALUES and isinstance(part, list) else in_ecma(part) for name, part in schema.items()
    }
    if isinstance(pattern := made.get("pattern"), str):
        made["pattern"] = ecma_pattern(pattern)
    return made


_VALUES: Final = ("examples", "enum")
"""Lists that hold no schemas."""


def ecma_pattern(pattern: str) -> str:
    """One pattern of Python's in the words of ECMA-262."""
    return _ESCAPES.sub(lambda found: _IN_ECMA.get(found[0], found[0]), pattern)


def _forms(kind: Any) -> tuple[Any, ...]:
    """The kinds that an answer may be of: one, unless the handler says `A | B`."""
    return get_args(kind) if isinstance(kind, UnionType) else (kind,)


def _mark_instants(component: Json) -> None:
    """Msgspec says `date-time` only of instants that must have a zone; ours always have `Z`."""
    for name, field in component.get("properties", {}).items():
        if _INSTANTS.search(name):
            for choice in field.get("anyOf", [field]):
                if choice.get("type") == "string":
                    choice["format"] = "date-time"
