"""ordering: complete orders; the rules themselves are in test_orders.py."""

from fractions import Fraction
from typing import get_args

import pytest

from grading.orders import RULES, OrderRule
from tests.grading.asking import Asked, choices, flaws_of

CONTENT = {"stem": "Order.", "items": choices("a", "b", "c", "d")}
KEY = {"order": ["d", "b", "a", "c"]}


@pytest.mark.parametrize("rule", get_args(OrderRule))
def test_each_rule_is_applied_to_the_order_by_the_key(rule: OrderRule) -> None:
    """The learner's order as places in the right one: b d a c is 1 0 2 3."""
    item = Asked("ordering", content=CONTENT, key=KEY, scoring={"rule": rule})
    share, states = RULES[rule]((1, 0, 2, 3))
    assert item.earns(order=["b", "d", "a", "c"]) == share
    assert item.signals(order=["b", "d", "a", "c"]) == dict(zip("bdac", states, strict=True))
    assert item.earns(order=["d", "b", "a", "c"]) == 1


def test_adjacent_is_the_default() -> None:
    """One misplaced item of four: a to c still follows."""
    assert Asked("ordering", content=CONTENT, key=KEY).earns(order=["b", "d", "a", "c"]) == Fraction(1, 3)


def test_an_order_must_be_complete() -> None:
    """422 `incomplete_order` naming what is missing, besides whatever else is wrong."""
    item = Asked("ordering", content=CONTENT, key=KEY)
    assert item.errors(order=["a", "b", "c"]) == [("incomplete_order", "order")]
    errors = item.refused(order=["a", "x", "a", "c"])
    assert [(error.code, error.param) for error in errors] == [
        ("unknown_id", "order[1]"),
        ("duplicate_id", "order[2]"),
        ("incomplete_order", "order"),
    ]
    assert errors[2].allowed == ("b", "d")
    assert item.errors(order=["a", "b", "c", "d", "a"]) == [("duplicate_id", "order[4]")]
    assert item.errors(order=[]) == [("answer_required", "order")]


@pytest.mark.parametrize(
    ("order", "paths"),
    [
        (["a", "b", "c"], ["key.order"]),
        (["a", "b", "c", "x"], ["key.order[3]", "key.order"]),
        (["a", "b", "c", "d", "a"], ["key.order[4]"]),
    ],
)
def test_a_key_that_is_no_complete_order_is_refused(order: list[str], paths: list[str]) -> None:
    """With the path of what is wrong in it."""
    assert flaws_of("ordering", content=CONTENT, key={"order": order}) == paths
