"""Items travel as JSON and back, and what is public never holds what is secret."""

import typing

import msgspec
import pytest

from grading.items.single_choice import SingleChoice, SingleChoiceContent, SingleChoiceKey
from grading.kinds import tag_of
from grading.model import Answer, Item, Kind, kind_of
from grading.parts import Choice, SourceRef
from tests.grading.documented import examples

ITEMS: list[Item] = [msgspec.json.decode(example.item, type=Item) for example in examples()]
PLAIN = SingleChoice(
    id="q1",
    content=SingleChoiceContent("Which?", (Choice("a", "red"), Choice("b", "blue"))),
    key=SingleChoiceKey("a"),
)

each_item = pytest.mark.parametrize("item", ITEMS, ids=lambda item: kind_of(item).value)


def test_every_kind_has_an_item_an_answer_and_an_example() -> None:
    """A kind that lacks one of them would go untested here."""
    assert {type(item) for item in ITEMS} == set(typing.get_args(Item))
    assert {tag_of(item) for item in typing.get_args(Item)} == set(Kind)
    assert {tag_of(answer) for answer in typing.get_args(Answer)} == set(Kind)


@each_item
def test_an_item_survives_json(item: Item) -> None:
    """What is stored is what was made, told apart by `type` alone."""
    stored = msgspec.json.encode(item)
    assert msgspec.json.decode(stored, type=Item) == item
    assert msgspec.to_builtins(item)["type"] == kind_of(item).value


@each_item
@pytest.mark.parametrize("half", ["content", "key", "scoring"])
def test_an_unknown_field_is_refused(item: Item, half: str) -> None:
    """A misspelt field is found out when it is read, never by a learner; so content can't smuggle a key either."""
    stored = msgspec.to_builtins(item)
    stored[half]["corect"] = "a"
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.convert(stored, Item)


WORDS_OF_BOTH = {"gaps", "rows", "items", "parts", "blocks"}
"""Public in content as what is asked, secret in the key as what is right there."""


@each_item
def test_content_and_key_are_different_types(item: Item) -> None:
    """No content type has a field that its key type has, so a payload built from content holds no key."""
    content, key = (
        {field.name: field.type for field in msgspec.structs.fields(half)} for half in (item.content, item.key)
    )
    assert type(item.content) is not type(item.key)
    assert content.keys() & key.keys() <= WORDS_OF_BOTH
    assert all(content[word] != key[word] for word in content.keys() & key.keys())


def test_points_are_exact_decimal_text() -> None:
    """A float for points would make totals inexact."""
    stored = msgspec.to_builtins(PLAIN)
    assert stored["points"] == "1.00"
    stored["points"] = 1.0
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(stored, Item)


def test_an_item_names_the_span_that_bears_it_out() -> None:
    """A generated item cites its source; an authored one may not have any."""
    cited = msgspec.structs.replace(PLAIN, source_ref=SourceRef("src_1", 10, 40))
    assert msgspec.json.decode(msgspec.json.encode(cited), type=Item).source_ref == SourceRef("src_1", 10, 40)
    assert PLAIN.source_ref is None
