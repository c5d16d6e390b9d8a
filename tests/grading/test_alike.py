"""Equal texts: nobody can tell them apart, so it never counts which one was taken."""

from functools import partial
from itertools import combinations, permutations
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.engine import Compiled, grade, load
from grading.items.parsons import (
    KeyBlock,
    Parsons,
    ParsonsAnswer,
    ParsonsContent,
    ParsonsKey,
    ParsonsRule,
    PlacedBlock,
)
from grading.parts import Choice
from tests.effort import stays_within
from tests.grading.asking import Asked, flaws_of


def written(*texts: str) -> list[dict[str, str]]:
    """Choices with these texts, called 0, 1, 2…"""
    return [{"id": str(place), "text": text} for place, text in enumerate(texts)]


BRACES = ("if x {", "}", "if y {", "}")


def program(rule: str = "edit", texts: tuple[str, ...] = BRACES, needed: str = "0123", **key: Any) -> Asked:
    return Asked(
        "parsons",
        content={"stem": "Order.", "blocks": written(*texts)},
        key={"blocks": [{"id": block} for block in needed], **key},
        scoring={"rule": rule},
    )


def placed(order: str) -> list[dict[str, str]]:
    return [{"id": block} for block in order]


@pytest.mark.parametrize("rule", get_args(ParsonsRule))
def test_equal_blocks_of_a_list_stand_for_each_other(rule: str) -> None:
    """Two closing braces that changed places are the same program."""
    assert program(rule).earns(blocks=placed("0123")) == 1
    assert program(rule).earns(blocks=placed("0321")) == 1
    assert program(rule).earns(blocks=placed("2301")) < 1  # type: ignore[operator]
    assert program(rule).signals(blocks=placed("0321")) == dict.fromkeys("0123", "right")


@pytest.mark.parametrize("rule", get_args(ParsonsRule))
def test_a_distractor_of_the_same_text_stands_for_the_needed_block(rule: str) -> None:
    """One brace is needed and two are there: either is right, both are one too many."""
    item = program(rule, needed="01", texts=("if x {", "}", "}"))
    assert item.earns(blocks=placed("02")) == 1
    assert item.signals(blocks=placed("021")) == {"0": "right", "2": "right", "1": "wrong"}


def test_equal_blocks_have_the_indents_of_the_places_they_take() -> None:
    """The inner brace is the one that was placed further in."""
    item = Asked(
        "parsons",
        content={"stem": "Order.", "blocks": written("if x {", "if y {", "}", "}"), "indent": True},
        key={"blocks": [{"id": block, "indent": indent} for block, indent in zip("0123", (0, 1, 1, 0), strict=True)]},
    )
    right = [{"id": block, "indent": indent} for block, indent in zip("0132", (0, 1, 1, 0), strict=True)]
    turned = [{"id": block, "indent": indent} for block, indent in zip("0123", (0, 1, 0, 1), strict=True)]
    assert item.earns(blocks=right) == 1
    assert item.earns(blocks=turned) == program().earns(blocks=placed("0231"))


@st.composite
def programs(draw: st.DrawFn) -> tuple[tuple[str, ...], list[str], list[str]]:
    """Blocks of few texts, those that are needed, and those that were placed."""
    texts = tuple(draw(st.lists(st.sampled_from("abc"), min_size=2, max_size=6)))
    ids = [str(place) for place in range(len(texts))]
    some = st.permutations(ids).flatmap(lambda order: st.integers(1, len(ids)).map(lambda count: order[:count]))
    return texts, draw(some), draw(some)


def most_in_common(left: list[str], right: list[str]) -> int:
    """The longest common subsequence, by looking at all."""
    for count in range(len(left), 0, -1):
        if set(combinations(left, count)) & set(combinations(right, count)):
            return count
    return 0


@pytest.mark.parametrize("rule", get_args(ParsonsRule))
@given(drawn=programs())
def test_a_list_is_graded_by_its_texts_alone(rule: str, drawn: tuple[tuple[str, ...], list[str], list[str]]) -> None:
    """Against the two lists of texts, compared by looking at all their parts."""
    texts, needed, given_ = drawn
    item = program(rule, texts=texts, needed="".join(needed))
    wanted, got = [texts[int(each)] for each in needed], [texts[int(each)] for each in given_]
    earned = item.earns(blocks=placed("".join(given_)))
    common = most_in_common(wanted, got)
    if rule == "all_or_nothing":
        assert earned == (wanted == got)
    elif rule == "edit":
        assert earned is not None
        assert earned * len(wanted) == max(0, 2 * common - len(got))
        right = list(item.signals(blocks=placed("".join(given_))).values()).count("right")
        assert right == common
    else:
        same = [one == other for one, other in zip(wanted, got, strict=False)]
        assert earned is not None
        assert earned * len(wanted) == (same.index(False) if False in same else len(same))


def test_equal_blocks_of_a_graph_are_taken_where_their_parts_are_equal() -> None:
    """Both are between the same blocks: every grade is the same if they change places. Otherwise the item is refused."""
    texts = ("begin", "step", "step", "end")
    blocks = [{"id": "0"}, {"id": "1", "after": ["0"]}, {"id": "2", "after": ["0"]}, {"id": "3", "after": ["1", "2"]}]
    item = program(texts=texts, blocks=blocks, order="dag")
    turned = str.maketrans("12", "21")
    for count in (1, 2, 3, 4):
        for order in map("".join, permutations("0123", count)):
            assert item.earns(blocks=placed(order)) == item.earns(blocks=placed(order.translate(turned)))
    content = {"stem": "Order.", "blocks": written(*texts)}
    for other in (
        [*blocks[:3], {"id": "3", "after": ["1"]}],
        [*blocks[:2], {"id": "2", "after": ["1"]}, {"id": "3", "after": ["1", "2"]}],
        [*blocks[:2], {"id": "3", "after": ["1"]}],
    ):
        key = {"blocks": other, "order": "dag"}
        assert flaws_of("parsons", content=content, key=key) == ["content.blocks[2].text"]


def test_equal_items_of_an_ordering_are_refused() -> None:
    """A learner would guess which of them comes first."""
    content = {"stem": "Order.", "items": written("x", "y", "x", "x")}
    paths = ["content.items[2].text", "content.items[3].text"]
    assert flaws_of("ordering", content=content, key={"order": ["0", "1", "2", "3"]}) == paths


@pytest.mark.parametrize(
    ("kind", "key", "scoring"),
    [
        ("single_choice", {"correct": "0"}, {}),
        ("single_choice", {"scores": {"0": 1, "2": 0.5}}, {}),
        ("multiple_choice", {"correct": ["0", "1"]}, {}),
        ("multiple_choice", {"weights": {"0": 1, "2": -0.5}}, {"rule": "weights"}),
    ],
)
def test_equal_choices_that_are_not_worth_the_same_are_refused(
    kind: str, key: dict[str, Any], scoring: dict[str, Any]
) -> None:
    """One would be right and its double wrong."""
    content = {"stem": "Which?", "choices": written("x", "y", "x")}
    assert flaws_of(kind, content=content, key=key, scoring=scoring) == ["content.choices[2].text"]


def test_equal_choices_that_are_worth_the_same_are_taken() -> None:
    """It does not matter which one is picked."""
    content = {"stem": "Which?", "choices": written("y", "x", "x")}
    single = Asked("single_choice", content=content, key={"scores": {"1": 1, "2": 1}})
    assert single.earns(choice="1") == single.earns(choice="2") == 1
    several = Asked("multiple_choice", content=content, key={"correct": ["0"]})
    assert several.earns(choices=["0", "1"]) == several.earns(choices=["0", "2"]) == 0


TWO = written("y", "z")
IMAGE = {"width": 9, "height": 9}


def zone(x: int, marker: str) -> dict[str, Any]:
    return {"shape": "circle", "coords": [x, 2, 1], "marker": marker}


@pytest.mark.parametrize(
    ("kind", "content", "key", "path"),
    [
        ("matching", {"stems": written("x", "x"), "choices": TWO}, {"pairs": {"0": "0", "1": "1"}}, "stems[1]"),
        ("categorize", {"items": written("x", "x"), "categories": TWO}, {"items": {"0": "0", "1": "1"}}, "items[1]"),
        ("categorize", {"items": written("x", "x"), "categories": TWO}, {"items": {"1": "0"}}, "items[1]"),
        ("choice_matrix", {"rows": written("x", "x"), "columns": TWO}, {"rows": {"0": ["0"], "1": ["1"]}}, "rows[1]"),
        (
            "choice_matrix",
            {"rows": TWO, "columns": written("x", "x")},
            {"rows": {row: ["0"] for row in "01"}},
            "columns[1]",
        ),
        (
            "marker_drop",
            {"image": IMAGE, "markers": written("x", "x")},
            {"zones": [zone(2, "0"), zone(6, "1")]},
            "markers[1]",
        ),
    ],
)
def test_what_looks_the_same_and_is_not_is_refused(
    kind: str, content: dict[str, Any], key: dict[str, Any], path: str
) -> None:
    """Who takes one for the other has made no mistake."""
    assert flaws_of(kind, content={"stem": "?", **content}, key=key) == [f"content.{path}.text"]


def test_equal_categories_are_equal() -> None:
    """An item in either of them is as right, and a decoy in either as wrong."""
    content = {"stem": "Sort.", "items": written("a", "b", "c"), "categories": written("x", "y", "x")}
    item = Asked("categorize", content=content, key={"items": {"0": "0", "1": "1"}})
    for category in "02":
        assert item.earns(placements=[{"item": "0", "category": category}, {"item": "1", "category": "1"}]) == 1
        assert item.earns(placements=[{"item": "0", "category": "0"}, {"item": "2", "category": category}]) == 0


def test_forty_equal_blocks_take_no_time() -> None:
    """Two texts, all blocks placed in reverse: below 5 ms."""
    blocks = tuple(Choice(f"b{place}", "ab"[place % 3 == 0]) for place in range(40))
    key = ParsonsKey(tuple(KeyBlock(block.id) for block in blocks))
    loaded = load(Parsons(id="q1", content=ParsonsContent("?", blocks), key=key))
    assert isinstance(loaded, Compiled)
    answer = ParsonsAnswer(tuple(PlacedBlock(block.id) for block in reversed(blocks)))
    assert stays_within(0.005, partial(grade, loaded, answer))
