"""matching: every stem gets a choice."""

from fractions import Fraction
from typing import Any

import pytest

from tests.grading.asking import Asked, choices, flaws_of

CONTENT = {"stem": "Match.", "stems": choices("s1", "s2", "s3"), "choices": choices("c1", "c2", "c3", "c4")}
KEY = {"pairs": {"s1": "c1", "s2": "c2", "s3": "c3"}}


def pairs(**chosen: str) -> list[dict[str, str]]:
    return [{"stem": stem, "choice": choice} for stem, choice in chosen.items()]


def test_right_stems_count_over_all_stems() -> None:
    """A wrong one and a missing one earn nothing alike, but their signals differ."""
    item = Asked("matching", content=CONTENT, key=KEY)
    assert item.earns(pairs=pairs(s3="c3", s1="c1", s2="c2")) == 1
    assert item.earns(pairs=pairs(s1="c1", s2="c4")) == Fraction(1, 3)
    assert item.signals(pairs=pairs(s1="c1", s2="c4")) == {"s1": "right", "s2": "wrong", "s3": "unanswered"}


def test_all_or_nothing_wants_every_stem() -> None:
    """One missing is as bad as one wrong."""
    item = Asked("matching", content=CONTENT, key=KEY, scoring={"rule": "all_or_nothing"})
    assert item.earns(pairs=pairs(s1="c1", s2="c2")) == 0
    assert item.earns(pairs=pairs(s1="c1", s2="c2", s3="c4")) == 0
    assert item.earns(pairs=pairs(s1="c1", s2="c2", s3="c3")) == 1


@pytest.mark.parametrize(
    ("answer", "floor", "share"),
    [
        ({"s1": "c1", "s2": "c2", "s3": "c4"}, 0, Fraction(2, 3) - Fraction(1, 10)),
        ({"s1": "c1", "s2": "c2"}, 0, Fraction(2, 3)),
        ({"s1": "c2", "s2": "c1", "s3": "c4"}, 0, 0),
        ({"s1": "c2", "s2": "c1", "s3": "c4"}, -1, Fraction(-3, 10)),
    ],
)
def test_a_wrong_stem_costs_its_penalty(answer: dict[str, str], floor: float, share: Fraction) -> None:
    """0.3 of a stem's third for each wrong one, nothing for a missing one, and no less than the floor."""
    item = Asked("matching", floor=floor, content=CONTENT, key=KEY, scoring={"wrong_penalty": 0.3})
    assert item.earns(pairs=pairs(**answer)) == share


def test_choices_with_equal_texts_are_equal() -> None:
    """A learner can't tell two "iron" apart, so either is right for a stem whose key names one."""
    twins = [*choices("c1"), {"id": "c2", "text": "iron"}, {"id": "c3", "text": "iron"}]
    content = CONTENT | {"choices": twins}
    item = Asked("matching", content=content, key=KEY)
    assert item.earns(pairs=pairs(s1="c1", s2="c3", s3="c2")) == 1
    assert item.earns(pairs=pairs(s1="c3", s2="c2")) == Fraction(1, 3)


def test_a_choice_serves_one_stem_unless_reuse_is_allowed() -> None:
    """The content says so, so the error tells no key."""
    twice = pairs(s1="c1", s2="c1")
    item = Asked("matching", content=CONTENT, key=KEY)
    assert item.errors(pairs=twice) == [("duplicate_id", "pairs[1].choice")]
    reusing = Asked("matching", content=CONTENT | {"reuse": True}, key={"pairs": {"s1": "c1", "s2": "c1", "s3": "c1"}})
    assert reusing.earns(pairs=twice) == Fraction(2, 3)


def test_require_all_names_the_stems_that_are_missing() -> None:
    """422 `too_few`; the same answer is graded where the content does not ask for all."""
    item = Asked("matching", content=CONTENT | {"require_all": True}, key=KEY)
    (error,) = item.refused(pairs=pairs(s2="c2"))
    assert (error.code, error.param, error.limit, error.allowed) == ("too_few", "pairs", 3, ("s1", "s3"))


def test_all_errors_of_all_pairs_are_told() -> None:
    """In the order of the pairs."""
    item = Asked("matching", content=CONTENT, key=KEY)
    answer = [*pairs(s1="c1", s9="c2", s2="c9"), *pairs(s1="c3")]
    assert item.errors(pairs=answer) == [
        ("unknown_id", "pairs[1].stem"),
        ("unknown_id", "pairs[2].choice"),
        ("duplicate_id", "pairs[3].stem"),
    ]
    assert item.errors(pairs=[]) == [("answer_required", "pairs")]


@pytest.mark.parametrize(
    ("key", "paths"),
    [
        ({"s1": "c1", "s2": "c2"}, ["key.pairs.s3"]),
        ({"s1": "c1", "s2": "c2", "s3": "c9"}, ["key.pairs.s3"]),
        ({"s1": "c1", "s2": "c2", "s3": "c3", "s4": "c4"}, ["key.pairs.s4"]),
        ({"s1": "c1", "s2": "c2", "s3": "c2"}, ["key.pairs"]),
    ],
)
def test_a_key_that_can_not_be_given_is_refused(key: dict[str, Any], paths: list[str]) -> None:
    """Every stem has a choice, and without reuse no two need the same."""
    assert flaws_of("matching", content=CONTENT, key={"pairs": key}) == paths
