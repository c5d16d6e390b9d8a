"""What docs/grading.md shows is what happens."""

from typing import get_args

import msgspec
import pytest

from grading.answers import read_answer
from grading.engine import Compiled, Graded, grade, load
from grading.faults import Malformed
from grading.kinds import tag_of
from grading.model import Answer, Item, Kind
from tests.grading.documented import Example, examples

EXAMPLES = examples()


def test_every_type_is_documented_once() -> None:
    """18 types, each with an example; none is missing and none has gone."""
    kinds = [example.kind for example in EXAMPLES]
    assert kinds == list(Kind)
    assert set(kinds) == {tag_of(kind) for kind in get_args(Item)}


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
