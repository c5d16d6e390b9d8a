"""The properties of every kind are tested on every rule of it: here it is looked at which ones are drawn."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from msgspec import Struct, inspect

from grading.kinds import tag_of
from grading.simple import SimpleItem
from tests.grading.making.registry import SIMPLE

Choice = tuple[str, str, Any]
"""A type, a field of it, and one of the few values that the field may have; or a type and its tag."""


def possible(kind: inspect.Type) -> Iterator[Choice]:
    """All that an author chooses among in a value of this type, however deep."""
    match kind:
        case inspect.StructType(cls=cls, fields=fields, tag=tag):
            yield cls.__name__, "", tag
            for field in fields:
                yield from ((cls.__name__, field.name, value) for value in values(field.type))
                yield from possible(field.type)
        case inspect.UnionType(types=types):
            for one in types:
                yield from possible(one)
        case inspect.VarTupleType(item_type=inner) | inspect.Metadata(type=inner) | inspect.DictType(value_type=inner):
            yield from possible(inner)


def values(kind: inspect.Type) -> Iterator[Any]:
    match kind:
        case inspect.LiteralType(values=listed):
            yield from listed
        case inspect.BoolType():
            yield from (False, True)
        case inspect.UnionType(types=types):
            for one in types:
                yield from values(one)


def chosen(value: Any) -> Iterator[Choice]:
    """All that was chosen in a value, however deep."""
    if isinstance(value, Struct):
        yield type(value).__name__, "", value.__struct_config__.tag
        for name in value.__struct_fields__:
            member = getattr(value, name)
            if isinstance(member, str | bool):
                yield type(value).__name__, name, member
            yield from chosen(member)
    elif isinstance(value, tuple | dict):
        for member in value.values() if isinstance(value, dict) else value:
            yield from chosen(member)


@pytest.mark.parametrize("kind", get_args(SimpleItem), ids=tag_of)
def test_every_rule_and_option_is_drawn(kind: type[Struct]) -> None:
    """Each rule, mode, tolerance and switch of a kind's scoring and key comes up; a composite is made of these."""
    held = {field.name: field.type for field in inspect.type_info(kind).fields}
    wanted = {*possible(held["scoring"]), *possible(held["key"])}
    drawn: set[Choice] = set()

    @settings(
        max_examples=200, derandomize=True, database=None, phases=[Phase.generate], suppress_health_check=HealthCheck
    )
    @given(SIMPLE[tag_of(kind)])
    def draw(case: Any) -> None:
        drawn.update(chosen(case.item.scoring), chosen(case.item.key))

    draw()
    assert sorted(wanted - drawn, key=str) == []
