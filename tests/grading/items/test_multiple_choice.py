"""multiple_choice: ticked choices; the rules themselves are in test_ticks.py."""

from fractions import Fraction
from typing import Any, get_args

import pytest

from grading.ticks import FORMULAS, TickRule
from tests.grading.asking import Asked, choices, flaws_of

CONTENT = {"stem": "Which?", "choices": choices("a", "b", "c", "d", "e")}


@pytest.mark.parametrize("rule", get_args(TickRule))
def test_each_rule_is_applied_to_what_was_ticked(rule: TickRule) -> None:
    """Two right of three, one wrong of two."""
    item = Asked("multiple_choice", content=CONTENT, key={"correct": ["a", "b", "c"]}, scoring={"rule": rule})
    assert item.earns(choices=["b", "d", "a"]) == FORMULAS[rule](2, 1, 3, 2)


def test_net_correct_is_the_default() -> None:
    """A wrong tick cancels a right one."""
    item = Asked("multiple_choice", content=CONTENT, key={"correct": ["a", "b", "c"]})
    assert item.earns(choices=["b", "d", "a"]) == Fraction(1, 3)


@pytest.mark.parametrize(
    ("ticked", "floor", "share"),
    [
        (["a", "b"], 0, 1),
        (["a", "b", "c"], 0, Fraction(3, 4)),
        (["a", "b", "e"], 0, 1),
        (["c", "d"], 0, 0),
        (["c", "d"], -1, Fraction(-3, 4)),
        (["c", "d"], -0.5, Fraction(-1, 2)),
    ],
)
def test_weights_add_up_between_floor_and_one(ticked: list[str], floor: float, share: Fraction) -> None:
    """clamp(sum); .6 and .6 are no 1.2."""
    weights = {"a": 0.6, "b": 0.4, "c": -0.25, "d": -0.5, "e": 0.2}
    item = Asked("multiple_choice", floor=floor, content=CONTENT, key={"weights": weights}, scoring={"rule": "weights"})
    assert item.earns(choices=ticked) == share


def test_three_thirds_as_an_author_writes_them_are_full_marks() -> None:
    """0.3333333 three times is 1 to a millionth, and one of them is what was written."""
    third = 0.3333333
    item = Asked(
        "multiple_choice",
        content=CONTENT,
        key={"weights": {"a": third, "b": third, "c": third}},
        scoring={"rule": "weights"},
    )
    assert item.earns(choices=["a", "b", "c"]) == 1
    assert item.earns(choices=["a"]) == Fraction(3333333, 10_000_000)


def test_all_errors_of_the_ticks_are_told() -> None:
    """Unknown, repeated and too many, with the public limits."""
    content = {**CONTENT, "min_choices": 2, "max_choices": 3}
    item = Asked("multiple_choice", content=content, key={"correct": ["a", "b"]})
    assert item.errors(choices=["z", "a", "a", "b", "c"]) == [
        ("unknown_id", "choices[0]"),
        ("duplicate_id", "choices[2]"),
        ("too_many", "choices"),
    ]
    (error,) = item.refused(choices=["a"])
    assert (error.code, error.limit) == ("too_few", 2)
    assert item.errors(choices=[]) == [("answer_required", "choices")]


def test_a_blank_answer_earns_nothing_where_it_is_allowed() -> None:
    """Not even under rules that pay for what was rightly left unticked, or could go below 0."""
    for rule in ("each_answer", "halves"):
        item = Asked(
            "multiple_choice",
            allow_blank=True,
            floor=-1,
            content=CONTENT,
            key={"correct": ["a", "b"]},
            scoring={"rule": rule},
        )
        graded = item.graded(choices=[])
        assert (graded.share, graded.result.attempted, graded.result.state) == (0, False, "wrong")


@pytest.mark.parametrize(
    ("key", "scoring", "limits", "paths"),
    [
        ({}, "net_correct", {}, ["key"]),
        ({"weights": {"a": 1}}, "net_correct", {}, ["key"]),
        ({"correct": ["a"]}, "weights", {}, ["key"]),
        ({"correct": ["a", "z", "a"]}, "halves", {}, ["key.correct[1]", "key.correct[2]"]),
        ({"correct": ["a", "b"]}, "net_correct", {"max_choices": 1}, ["key.correct"]),
        ({"correct": ["a"]}, "net_correct", {"min_choices": 2}, ["key.correct"]),
        ({"correct": ["a"]}, "net_correct", {"max_choices": 6}, ["content.max_choices"]),
        ({"weights": {"a": 0.5, "b": 0.4}}, "weights", {}, ["key.weights"]),
        ({"weights": {"a": 0.5, "b": 0.5}}, "weights", {"max_choices": 1}, ["key.weights"]),
        ({"weights": {"a": 1, "z": 0.5}}, "weights", {}, ["key.weights.z"]),
    ],
)
def test_a_key_that_can_not_be_earned_is_refused(
    key: dict[str, Any], scoring: str, limits: dict[str, int], paths: list[str]
) -> None:
    """The key given as an answer must be well formed and earn full marks."""
    assert flaws_of("multiple_choice", content=CONTENT | limits, key=key, scoring={"rule": scoring}) == paths
