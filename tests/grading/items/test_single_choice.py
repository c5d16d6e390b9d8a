"""single_choice: one choice earns its share."""

from fractions import Fraction
from typing import Any

import pytest

from tests.grading.asking import Asked, choices, flaws_of

CONTENT = {"stem": "Which?", "choices": choices("a", "b", "c")}


def test_the_right_choice_earns_everything() -> None:
    """And the others nothing."""
    item = Asked("single_choice", content=CONTENT, key={"correct": "b"})
    assert [item.earns(choice=each) for each in "abc"] == [0, 1, 0]


def test_each_choice_earns_its_own_share() -> None:
    """The decimals that the author wrote, exactly; a choice that is not named earns nothing."""
    item = Asked("single_choice", content=CONTENT, key={"scores": {"a": 1, "b": 0.1}})
    assert [item.earns(choice=each) for each in "abc"] == [1, Fraction(1, 10), 0]


@pytest.mark.parametrize(("floor", "share"), [(0, 0), (-0.25, Fraction(-1, 4)), (-1, Fraction(-1, 2))])
def test_a_negative_share_counts_down_to_the_floor(floor: float, share: Fraction) -> None:
    """Without a floor below 0 nobody loses points."""
    item = Asked("single_choice", floor=floor, points="2.00", content=CONTENT, key={"scores": {"a": 1, "b": -0.5}})
    graded = item.graded(choice="b")
    assert graded.share == share
    assert graded.result.points == {0: "0.00", -0.25: "-0.50", -1: "-1.00"}[floor]
    assert graded.result.state == "wrong"


def test_a_choice_that_is_not_there_is_named() -> None:
    """With the id that was given, which is all that is repeated."""
    item = Asked("single_choice", content=CONTENT, key={"correct": "b"})
    (error,) = item.refused(choice="d")
    assert (error.code, error.param, error.message) == ("unknown_id", "choice", "no choice has the id 'd'")
    assert item.errors(choice="") == [("unknown_id", "choice")]


@pytest.mark.parametrize(
    ("key", "paths"),
    [
        ({}, ["key"]),
        ({"correct": "a", "scores": {"a": 1}}, ["key"]),
        ({"correct": "d"}, ["key.correct"]),
        ({"scores": {"a": 0.5}}, ["key.scores"]),
        ({"scores": {"a": 1, "e": 0.5, "d": 1}}, ["key.scores.d", "key.scores.e"]),
    ],
)
def test_a_key_that_can_not_be_earned_is_refused(key: dict[str, Any], paths: list[str]) -> None:
    """Found when authored, with its path."""
    assert flaws_of("single_choice", content=CONTENT, key=key) == paths


def test_a_choice_twice_is_refused() -> None:
    """Nobody could say which was picked."""
    content = {"stem": "Which?", "choices": choices("a", "b", "a")}
    assert flaws_of("single_choice", content=content, key={"correct": "a"}) == ["content.choices[2].id"]
