"""Items travel as JSON and back, and what is public never holds what is secret."""

import typing

import msgspec
import pytest

from grading.items.gap_select import GapSelect, GapSelectContent, GapSelectKey
from grading.items.gap_text import GapText, GapTextContent, GapTextKey
from grading.items.matching import Matching, MatchingContent, MatchingKey
from grading.items.multiple_choice import MultipleChoice, MultipleChoiceContent, MultipleChoiceKey
from grading.items.numeric import Numeric, NumericContent, NumericKey
from grading.items.ordering import Ordering, OrderingContent, OrderingKey
from grading.items.short_text import ShortText, ShortTextContent, ShortTextKey
from grading.items.single_choice import SingleChoice, SingleChoiceContent, SingleChoiceKey
from grading.items.true_false import TrueFalse, TrueFalseContent, TrueFalseKey
from grading.model import Item, kind_of
from grading.parts import AcceptedNumber, AcceptedText, Choice, Gap, OptionGap, SourceRef

RED, BLUE = Choice("a", "red"), Choice("b", "blue")
ITEMS: list[Item] = [
    SingleChoice(id="q1", content=SingleChoiceContent("Which?", (RED, BLUE)), key=SingleChoiceKey("a")),
    MultipleChoice(id="q2", content=MultipleChoiceContent("Which?", (RED, BLUE)), key=MultipleChoiceKey(("a", "b"))),
    TrueFalse(id="q3", content=TrueFalseContent("Red is warm."), key=TrueFalseKey(value=True)),
    ShortText(id="q4", content=ShortTextContent("Which?"), key=ShortTextKey((AcceptedText("red"),))),
    Numeric(id="q5", content=NumericContent("How many?"), key=NumericKey((AcceptedNumber("4"),))),
    Matching(
        id="q6", content=MatchingContent("Match.", (RED, BLUE), (RED, BLUE)), key=MatchingKey({"a": "b", "b": "a"})
    ),
    Ordering(id="q7", content=OrderingContent("Order.", (RED, BLUE)), key=OrderingKey(("b", "a"))),
    GapSelect(
        id="q8", content=GapSelectContent("A _____ car.", (OptionGap("g", (RED, BLUE)),)), key=GapSelectKey({"g": "a"})
    ),
    GapText(
        id="q9", content=GapTextContent("A _____ car.", (Gap("g"),)), key=GapTextKey({"g": (AcceptedText("red"),)})
    ),
]


def test_every_kind_has_an_example() -> None:
    """A kind without an example here would go untested."""
    assert {type(item) for item in ITEMS} == set(typing.get_args(Item))


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: kind_of(item).value)
def test_an_item_survives_json(item: Item) -> None:
    """What is stored is what was made, told apart by `type` alone."""
    stored = msgspec.json.encode(item)
    assert msgspec.json.decode(stored, type=Item) == item
    assert msgspec.to_builtins(item)["type"] == kind_of(item).value


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: kind_of(item).value)
def test_an_unknown_field_is_refused(item: Item) -> None:
    """A misspelt key is found out when it is read, never by a learner."""
    stored = msgspec.to_builtins(item)
    stored["key"]["corect"] = "a"
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.convert(stored, Item)


def test_content_and_key_are_different_types() -> None:
    """No content type has a field that a key type has, so a payload built from content holds no key.
    Gaps are the one shared word: public in content as places, secret in the key as answers.
    """
    for kind in msgspec.inspect.multi_type_info([type(item) for item in ITEMS]):
        assert isinstance(kind, msgspec.inspect.StructType)
        types = {field.name: field.type for field in kind.fields}
        content, key = types["content"], types["key"]
        assert isinstance(content, msgspec.inspect.StructType)
        assert isinstance(key, msgspec.inspect.StructType)
        assert {field.name for field in content.fields} & {field.name for field in key.fields} <= {"gaps"}
        assert content.cls is not key.cls


def test_points_are_exact_decimal_text() -> None:
    """A float for points would make totals inexact."""
    stored = msgspec.to_builtins(ITEMS[0])
    assert stored["points"] == "1.00"
    stored["points"] = 1.0
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(stored, Item)


def test_an_item_names_the_span_that_bears_it_out() -> None:
    """A generated item cites its source; an authored one may not have any."""
    cited = msgspec.structs.replace(ITEMS[0], source_ref=SourceRef("src_1", 10, 40))
    assert msgspec.json.decode(msgspec.json.encode(cited), type=Item).source_ref == SourceRef("src_1", 10, 40)
    assert ITEMS[0].source_ref is None
