"""The rules for ticked choices, against the table of the grading contract, section 7."""

from fractions import Fraction
from itertools import chain, combinations, product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.ticks import FORMULAS, TickRule

TABLE: dict[TickRule, tuple[str, str, str]] = {
    "all_or_nothing": (".067", "0", "0"),
    "net_correct": (".20", "0", ".75"),
    "balanced": (".20", "0", "0"),
    "each_answer": (".50", ".50", ".80"),
    "coverage": (".34", ".50", ".80"),
    "halves": (".20", "0", ".50"),
    "right_minus_excess": (".33", "0", ".75"),
}
"""What a random non-empty subset of 4 choices with 2 right earns, ticking all 2 of 4, ticking all 4 of 5."""
GUESSED_OF_15: dict[TickRule, Fraction] = {
    "all_or_nothing": Fraction(1),
    "net_correct": Fraction(3),
    "balanced": Fraction(3),
    "each_answer": Fraction(15, 2),
    "coverage": Fraction(31, 6),
    "halves": Fraction(3),
    "right_minus_excess": Fraction(5),
}
"""The sum over all 15 non-empty subsets of 4 choices with 2 right, to the last digit."""

rules = pytest.mark.parametrize("rule", get_args(TickRule))


def guess(rule: TickRule, right: int, wrong: int) -> Fraction:
    """What a random non-empty subset earns on average, by going through all of them."""
    choices = [1] * right + [0] * wrong
    subsets = list(chain.from_iterable(combinations(choices, size) for size in range(1, len(choices) + 1)))
    earned = sum(FORMULAS[rule](sum(ticked), len(ticked) - sum(ticked), right, wrong) for ticked in subsets)
    return Fraction(earned) / len(subsets)


def agrees(exact: Fraction, printed: str) -> bool:
    """Whether the table's figure is the exact one, rounded half up to the places it has."""
    places = len(printed.partition(".")[2])
    return Fraction(int(exact * 10**places + Fraction(1, 2)), 10**places) == Fraction(printed or "0")


def test_every_rule_is_in_the_table() -> None:
    """A rule whose figures nobody has worked out is no rule."""
    assert set(TABLE) == set(GUESSED_OF_15) == set(FORMULAS) == set(get_args(TickRule))


@rules
def test_guessing_earns_what_the_table_says(rule: TickRule) -> None:
    """Computed by enumeration, exactly."""
    assert guess(rule, 2, 2) == GUESSED_OF_15[rule] / 15
    assert agrees(guess(rule, 2, 2), TABLE[rule][0])


def test_guessing_with_most_choices_right_is_cheapest_under_balanced() -> None:
    """4 of 5 right: a random subset earns .26 under balanced, .40 under net_correct."""
    assert agrees(guess("balanced", 4, 1), ".26")
    assert agrees(guess("net_correct", 4, 1), ".40")


@rules
def test_ticking_all_earns_what_the_table_says(rule: TickRule) -> None:
    """2 right of 4, and 4 right of 5."""
    assert agrees(Fraction(FORMULAS[rule](2, 2, 2, 2)), TABLE[rule][1])
    assert agrees(Fraction(FORMULAS[rule](4, 1, 4, 1)), TABLE[rule][2])


def test_halves_forgives_one_mistake_of_three_choices_and_two_of_five() -> None:
    """One mistake earns 1/2 if there are more than 2 choices, two earn 1/4 if there are more than 4."""
    halves = FORMULAS["halves"]
    assert halves(2, 1, 2, 1) == Fraction(1, 2)
    assert halves(1, 1, 1, 1) == 0
    assert halves(1, 1, 2, 3) == Fraction(1, 4)
    assert halves(1, 1, 2, 2) == 0
    assert halves(1, 2, 2, 3) == 0


@pytest.mark.parametrize("rule", ["net_correct", "balanced"])
def test_a_wrong_tick_never_pays(rule: TickRule) -> None:
    """Adding a wrong tick raises neither net_correct nor balanced, for all numbers up to 8."""
    formula = FORMULAS[rule]
    for right, wrong in product(range(1, 9), range(1, 9)):
        for t, f in product(range(right + 1), range(wrong)):
            if t + f:
                assert formula(t, f + 1, right, wrong) <= formula(t, f, right, wrong)


@rules
@given(right=st.integers(1, 50), wrong=st.integers(0, 49), data=st.data())
def test_a_share_is_from_0_to_1_and_exact(rule: TickRule, right: int, wrong: int, data: st.DataObject) -> None:
    """Full marks for the key, and no float anywhere."""
    formula = FORMULAS[rule]
    ticked_right = data.draw(st.integers(0, right))
    ticked_wrong = data.draw(st.integers(0 if ticked_right else min(1, wrong), wrong))
    if ticked_right + ticked_wrong:
        share = formula(ticked_right, ticked_wrong, right, wrong)
        assert isinstance(share, int | Fraction)
        assert 0 <= share <= 1
    assert formula(right, 0, right, wrong) == 1


def test_what_three_of_four_right_and_one_of_three_wrong_earn() -> None:
    """Worked by hand: t = 3, f = 1, c = 4, w = 3."""
    worked = {
        "net_correct": Fraction(1, 2),
        "all_or_nothing": 0,
        "balanced": Fraction(3, 4) - Fraction(1, 3),
        "each_answer": Fraction(5, 7),
        "coverage": Fraction(9, 16),
        "halves": Fraction(1, 4),
        "right_minus_excess": Fraction(3, 4),
    }
    assert {rule: formula(3, 1, 4, 3) for rule, formula in FORMULAS.items()} == worked
