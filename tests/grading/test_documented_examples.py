"""What docs/grading.md shows is what happens."""

import re
from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pytest
from msgspec import inspect

from grading.answers import read_answer
from grading.engine import Compiled, Graded, grade, load
from grading.faults import Malformed
from grading.kinds import tag_of
from grading.model import Answer, Item, Kind
from tests.grading.documented import PAGE, Example, examples, words_on

EXAMPLES = examples()


def test_every_type_is_documented_once() -> None:
    """18 types, each with an example; none is missing and none has gone."""
    kinds = [example.kind for example in EXAMPLES]
    assert kinds == list(Kind)
    assert set(kinds) == {tag_of(kind) for kind in get_args(Item)}


def names_in(kind: inspect.Type, seen: set[type]) -> Iterator[str]:
    """Every field, tag and choice of a fixed few that JSON of this type can hold, however deep."""
    match kind:
        case inspect.StructType(cls=cls, fields=fields, tag=tag):
            if cls not in seen:
                seen.add(cls)
                yield from [tag] if isinstance(tag, str) else []
                for field in fields:
                    yield field.encode_name
                    yield from names_in(field.type, seen)
        case inspect.UnionType(types=types) | inspect.TupleType(item_types=types):
            for one in types:
                yield from names_in(one, seen)
        case inspect.VarTupleType(item_type=inner) | inspect.Metadata(type=inner) | inspect.DictType(value_type=inner):
            yield from names_in(inner, seen)
        case inspect.LiteralType(values=values):
            yield from [value for value in values if isinstance(value, str) and re.fullmatch(r"\w[\w+]*", value)]


@pytest.mark.parametrize("kind", get_args(Item), ids=tag_of)
def test_all_that_an_author_can_write_is_documented(kind: Any) -> None:
    """Each field, rule, option and mode of an item is named in its section, or in that of a type which the section names."""
    names = set(names_in(inspect.type_info(kind), set()))
    text = PAGE.read_text(encoding="utf-8") if tag_of(kind) == "composite" else words_on(tag_of(kind))
    assert {"id", "points", "content", "stem", "key"} < names
    assert sorted(name for name in names if not re.search(rf"(?<![\w]){re.escape(name)}(?![\w])", text)) == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.kind)
def test_the_example_is_graded_as_it_says(example: Example) -> None:
    """The item loads, the answer is well formed, and the result is the one shown, to the last digit."""
    item = msgspec.json.decode(example.item, type=Item)
    assert tag_of(type(item)) == example.kind
    compiled = load(item)
    assert isinstance(compiled, Compiled), compiled
    answer = read_answer(example.answer)
    assert isinstance(answer, get_args(Answer)), answer
    graded = grade(compiled, answer)
    assert isinstance(graded, Graded), graded
    result = msgspec.json.decode(msgspec.json.encode(graded.result))
    assert {name: value for name, value in result.items() if value != []} == msgspec.json.decode(example.result)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.kind)
def test_an_empty_answer_to_the_example_costs_nothing(example: Example) -> None:
    """422 for every type: with nothing in it, an answer is never graded."""
    shape = msgspec.json.decode(example.answer)
    empty = {name: [] if isinstance(value, list) else "" for name, value in shape.items() if name != "type"}
    item = load(msgspec.json.decode(example.item, type=Item))
    assert isinstance(item, Compiled)
    answer = read_answer(msgspec.json.encode({"type": example.kind, **empty}))
    verdict = answer if isinstance(answer, Malformed) else grade(item, answer)
    assert isinstance(verdict, Malformed)
    assert verdict.errors[0].code in {"answer_required", "type_mismatch", "unknown_id"}
