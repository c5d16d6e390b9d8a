"""The rules for orders, against the table of the grading contract, section 8, and against their definitions."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, permutations
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.orders import RULES, OrderRule

TABLE: dict[OrderRule, tuple[str, str, str, str]] = {
    "position": (".25", ".17", "0", ".67"),
    "adjacent": (".25", ".17", ".80", ".60"),
    "adjacent_with_last": (".25", ".17", ".67", ".67"),
    "neighbours": (".25", ".17", ".67", ".58"),
    "pairs": (".50", ".50", ".67", ".93"),
    "tau": (".19", ".14", ".33", ".87"),
    "longest_subsequence": (".59", ".52", ".83", ".83"),
    "longest_run": (".31", ".21", ".83", ".67"),
    "distance": (".58", ".61", ".67", ".93"),
}
"""What a random order of 4 and of 6 earns; of 6, the first moved to the end, and the first two swapped."""
# tau at six items is 391/2700, so .14: the contract's table prints .15, but its formula decides.
FIRST_MOVED_LAST = (1, 2, 3, 4, 5, 0)
FIRST_TWO_SWAPPED = (1, 0, 2, 3, 4, 5)

rules = pytest.mark.parametrize("rule", get_args(OrderRule))
in_table = pytest.mark.parametrize("rule", sorted(TABLE))
orders = st.integers(2, 12).flatmap(lambda count: st.permutations(range(count)))


def earned(rule: OrderRule, ranks: Sequence[int]) -> Fraction:
    return Fraction(RULES[rule](ranks)[0])


def guess(rule: OrderRule, count: int) -> Fraction:
    """What a random order earns on average, by going through all of them."""
    every = list(permutations(range(count)))
    return sum((earned(rule, ranks) for ranks in every), Fraction(0)) / len(every)


def agrees(exact: Fraction, printed: str) -> bool:
    """Whether the table's figure is the exact one, rounded half up to two places."""
    return Fraction(int(exact * 100 + Fraction(1, 2)), 100) == Fraction(printed)


def test_every_rule_is_in_the_table() -> None:
    """A rule whose figures nobody has worked out is no rule."""
    assert {*TABLE, "all_or_nothing"} == set(RULES) == set(get_args(OrderRule))


@in_table
def test_guessing_earns_what_the_table_says(rule: OrderRule) -> None:
    """Computed by enumeration of all orders of 4 and of 6."""
    assert agrees(guess(rule, 4), TABLE[rule][0])
    assert agrees(guess(rule, 6), TABLE[rule][1])


@in_table
def test_one_misplaced_item_costs_what_the_table_says(rule: OrderRule) -> None:
    """The first moved to the end, and the first two swapped."""
    assert agrees(earned(rule, FIRST_MOVED_LAST), TABLE[rule][2])
    assert agrees(earned(rule, FIRST_TWO_SWAPPED), TABLE[rule][3])


def test_only_the_right_order_earns_under_all_or_nothing() -> None:
    """Of 24 orders one earns."""
    assert guess("all_or_nothing", 4) == Fraction(1, 24)


def test_the_reverse_order_still_earns_under_distance() -> None:
    """.4 at six items, as the contract warns."""
    assert earned("distance", (5, 4, 3, 2, 1, 0)) == Fraction(2, 5)


@rules
@given(ranks=orders)
def test_a_share_is_from_0_to_1_and_only_the_right_order_is_1(rule: OrderRule, ranks: list[int]) -> None:
    """And each place gets its signal: all right for the right order."""
    share, states = RULES[rule](ranks)
    assert 0 <= share <= 1
    assert (share == 1) == (ranks == sorted(ranks))
    assert len(states) == len(ranks)
    if ranks == sorted(ranks):
        assert set(states) == {"right"}


@given(ranks=orders, data=st.data())
def test_moving_towards_the_key_never_lowers_pairs(ranks: list[int], data: st.DataObject) -> None:
    """Swapping two neighbours that stand in the wrong relative order raises pairs by one pair, and tau never falls."""
    wrong = [place for place in range(len(ranks) - 1) if ranks[place] > ranks[place + 1]]
    if not wrong:
        return
    place = data.draw(st.sampled_from(wrong))
    nearer = [*ranks[:place], ranks[place + 1], ranks[place], *ranks[place + 2 :]]
    every = len(ranks) * (len(ranks) - 1) // 2
    assert earned("pairs", nearer) - earned("pairs", ranks) == Fraction(1, every)
    assert earned("tau", nearer) >= earned("tau", ranks)


@given(ranks=orders)
def test_shares_are_what_their_definitions_say(ranks: list[int]) -> None:
    """Each rule against the plainest way to count it."""
    count = len(ranks)
    good = sum(ranks[i] < ranks[j] for i, j in combinations(range(count), 2))
    every = count * (count - 1) // 2
    framed = [None, *ranks, None]
    befores = {rank: before for before, rank in zip(framed, ranks, strict=False)}
    afters = dict(zip(ranks, framed[2:], strict=False))
    right_after = [rank for rank in ranks if afters[rank] == (rank + 1 if rank + 1 < count else None)]
    right_before = [rank for rank in ranks if befores[rank] == (rank - 1 if rank else None)]
    subsequence = max(
        size
        for size in range(1, count + 1)
        if size == 1 or any(list(each) == sorted(each) for each in (combinations(ranks, size) if count < 9 else ()))
    )
    runs = [ranks[i:j] for i in range(count) for j in range(i + 1, count + 1)]
    run = max(len(each) for each in runs if each == list(range(each[0], each[0] + len(each))))
    assert earned("position", ranks) == Fraction(sum(rank == place for place, rank in enumerate(ranks)), count)
    assert earned("adjacent", ranks) == Fraction(len([rank for rank in right_after if rank + 1 < count]), count - 1)
    assert earned("adjacent_with_last", ranks) == Fraction(len(right_after), count)
    assert earned("neighbours", ranks) == Fraction(len(right_after) + len(right_before), 2 * count)
    assert earned("pairs", ranks) == Fraction(good, every)
    assert earned("tau", ranks) == max(Fraction(0), 2 * Fraction(good, every) - 1)
    assert earned("longest_run", ranks) == (Fraction(run, count) if run > 1 else 0)
    if count < 9:
        assert earned("longest_subsequence", ranks) == (Fraction(subsequence, count) if subsequence > 1 else 0)
    shifts = [abs(rank - place) for place, rank in enumerate(ranks)]
    assert earned("distance", ranks) == Fraction(sum(count - 1 - shift for shift in shifts), count * (count - 1))


@given(ranks=orders)
def test_the_signals_say_what_earned(ranks: list[int]) -> None:
    """Counting the signals gives the share again, for the rules that count items."""
    for rule, counted in (("position", "right"), ("adjacent_with_last", "right"), ("longest_subsequence", "right")):
        share, states = RULES[rule](ranks)
        assert share == Fraction(states.count(counted), len(ranks))
    share, states = RULES["longest_run"](ranks)
    assert share == Fraction(states.count("right"), len(ranks))
    _, states = RULES["pairs"](ranks)
    for place, state in enumerate(states):
        good = sum((ranks[i] < ranks[place]) == (i < place) for i in range(len(ranks)) if i != place)
        assert state == ("right" if good == len(ranks) - 1 else "partial" if good else "wrong")
