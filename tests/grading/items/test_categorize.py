"""categorize: items, categories, decoys."""

from fractions import Fraction
from typing import Any

import pytest

from tests.grading.asking import Asked, choices, flaws_of

CONTENT = {"stem": "Sort.", "items": choices("i1", "i2", "i3", "d1", "d2"), "categories": choices("k1", "k2", "k3")}
KEY = {"items": {"i1": "k1", "i2": ["k2", "k3"], "i3": "k2"}}


def placed(**put: str) -> list[dict[str, str]]:
    return [{"item": item, "category": category} for item, category in put.items()]


@pytest.mark.parametrize(
    ("answer", "net_mean", "decoys_count"),
    [
        ({"i1": "k1", "i2": "k3", "i3": "k2"}, 1, 1),
        ({"i1": "k1", "i2": "k2"}, Fraction(2, 3), Fraction(4, 5)),
        ({"i1": "k1", "i2": "k1", "d1": "k1"}, 0, Fraction(2, 5)),
        ({"i1": "k1", "i2": "k2", "i3": "k2", "d1": "k3"}, Fraction(2, 3), Fraction(4, 5)),
        ({"d1": "k1", "d2": "k1"}, 0, 0),
        ({"i1": "k2"}, 0, Fraction(2, 5)),
    ],
)
def test_decoys_cost_when_placed_and_count_when_left_out(
    answer: dict[str, str], net_mean: Fraction, decoys_count: Fraction
) -> None:
    """By default each decoy that is placed cancels a right item; under decoys_count each that is left out is right."""
    by_default = Asked("categorize", content=CONTENT, key=KEY)
    assert by_default.earns(placements=placed(**answer)) == net_mean
    counting = Asked("categorize", content=CONTENT, key=KEY, scoring={"rule": "decoys_count"})
    assert counting.earns(placements=placed(**answer)) == decoys_count


def test_placing_nothing_earns_nothing_though_decoys_count() -> None:
    """Where a blank answer is allowed it is 0, not the share of the decoys."""
    item = Asked("categorize", allow_blank=True, content=CONTENT, key=KEY, scoring={"rule": "decoys_count"})
    assert item.earns(placements=[]) == 0


def test_all_or_nothing_wants_all_items_and_no_decoy() -> None:
    """As the key says, to the last item."""
    item = Asked("categorize", content=CONTENT, key=KEY, scoring={"rule": "all_or_nothing"})
    assert item.earns(placements=placed(i1="k1", i2="k2", i3="k2")) == 1
    assert item.earns(placements=placed(i1="k1", i2="k2")) == 0
    assert item.earns(placements=placed(i1="k1", i2="k2", i3="k2", d2="k1")) == 0


def test_an_item_that_is_left_out_gets_one_signal_decoy_or_not() -> None:
    """Otherwise the signals of what was not placed would tell which are decoys."""
    item = Asked("categorize", content=CONTENT, key=KEY)
    assert item.signals(placements=placed(i1="k1", d1="k1")) == {
        "i1": "right",
        "i2": "unanswered",
        "i3": "unanswered",
        "d1": "wrong",
        "d2": "unanswered",
    }


def test_all_errors_of_all_placements_are_told() -> None:
    """A category may hold several items, an item is placed once."""
    item = Asked("categorize", content=CONTENT, key=KEY)
    answer = [*placed(i1="k1", i2="k1", i9="k1", i3="k9"), *placed(i1="k2")]
    assert item.errors(placements=answer) == [
        ("unknown_id", "placements[2].item"),
        ("unknown_id", "placements[3].category"),
        ("duplicate_id", "placements[4].item"),
    ]


@pytest.mark.parametrize(
    ("key", "content", "paths"),
    [
        ({}, {}, ["key.items"]),
        ({"i1": []}, {}, ["key.items.i1"]),
        ({"i1": "k9"}, {}, ["key.items.i1"]),
        ({"i9": "k1"}, {}, ["key.items.i9"]),
        ({"i1": "k1"}, {"require_all": True}, ["content.require_all"]),
    ],
)
def test_a_key_that_can_not_be_given_is_refused(key: dict[str, Any], content: dict[str, Any], paths: list[str]) -> None:
    """Items and categories exist, one item at least has a category, and decoys may be left out."""
    assert flaws_of("categorize", content=CONTENT | content, key={"items": key}) == paths
