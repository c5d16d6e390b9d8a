"""What a nearly right order earns: the rules of the grading contract, section 8.

Every rule takes the order as ranks, `(0, 2, 1)` when the last two of three are swapped, and returns the exact share and
for each place how the item that stands there fares by that rule's own measure. At most 40 items.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Final, Literal, TypeAlias

from grading.result import PartState, Share, ratio

OrderRule: TypeAlias = Literal[
    "adjacent",
    "all_or_nothing",
    "position",
    "adjacent_with_last",
    "neighbours",
    "pairs",
    "tau",
    "longest_run",
    "longest_subsequence",
    "distance",
]

Ranks: TypeAlias = Sequence[int]
"""The place in the right order of each item, as the learner put them: a permutation of 0..n-1, n at least 2."""
States: TypeAlias = list[PartState]
Judged: TypeAlias = tuple[Share, States]


def _state(yes: bool) -> PartState:
    return "right" if yes else "wrong"


def _at_place(ranks: Ranks) -> States:
    return ["right" if rank == place else "wrong" for place, rank in enumerate(ranks)]


def all_or_nothing(ranks: Ranks) -> Judged:
    """Everything for the right order alone."""
    states = _at_place(ranks)
    return int("wrong" not in states), states


def position(ranks: Ranks) -> Judged:
    """Items at their place over all items."""
    states = _at_place(ranks)
    return ratio(states.count("right"), len(ranks)), states


def _followed(ranks: Ranks) -> States:
    """Whether what follows each item is what should; what should follow the last is nothing."""
    last = len(ranks) - 1
    states: States = ["right" if after == rank + 1 else "wrong" for rank, after in pairwise(ranks)]
    states.append(_state(ranks[-1] == last))
    return states


def adjacent(ranks: Ranks) -> Judged:
    """Items that the right one follows, over all but the last place. The item at the last place is judged by it."""
    states = _followed(ranks)
    return ratio(states.count("right") - (states[-1] == "right"), len(ranks) - 1), states


def adjacent_with_last(ranks: Ranks) -> Judged:
    """The same, and the last item is right where nothing follows it; over all items."""
    states = _followed(ranks)
    return ratio(states.count("right"), len(ranks)), states


def neighbours(ranks: Ranks) -> Judged:
    """Right predecessors and right successors over twice the items; nothing precedes the first and follows the last."""
    framed = (-1, *ranks, len(ranks))
    states: States = []
    hits = 0
    for before, rank, after in zip(framed, ranks, framed[2:], strict=False):
        mine = (before == rank - 1) + (after == rank + 1)
        hits += mine
        states.append(("wrong", "partial", "right")[mine])
    return ratio(hits, 2 * len(ranks)), states


def _pairs(ranks: Ranks) -> tuple[int, States]:
    """How many pairs stand in the right relative order; an item is right if all its pairs do."""
    count = len(ranks)
    good = 0
    seen: list[int] = []
    states: States = []
    for place, rank in enumerate(ranks):
        before = bisect_left(seen, rank)
        insort(seen, rank)
        good += before
        mine = before + (count - 1 - rank) - (place - before)  # those after it: all that are greater, less those before
        states.append("right" if mine == count - 1 else "partial" if mine else "wrong")
    return good, states


def pairs(ranks: Ranks) -> Judged:
    """Pairs of items in the right relative order over all pairs."""
    good, states = _pairs(ranks)
    return ratio(2 * good, len(ranks) * (len(ranks) - 1)), states


def tau(ranks: Ranks) -> Judged:
    """`pairs` corrected for guessing: twice that less one, not below 0."""
    good, states = _pairs(ranks)
    every = len(ranks) * (len(ranks) - 1) // 2
    return ratio(max(0, 2 * good - every), every), states


def longest_run(ranks: Ranks) -> Judged:
    """The longest run of items that follow each other rightly, over all items; one item alone is no run."""
    best_end = best = length = 1
    for place in range(1, len(ranks)):
        length = length + 1 if ranks[place] == ranks[place - 1] + 1 else 1
        if length > best:
            best, best_end = length, place + 1
    if best == 1:
        return 0, ["wrong"] * len(ranks)
    return ratio(best, len(ranks)), [_state(best_end - best <= place < best_end) for place in range(len(ranks))]


def longest_subsequence(ranks: Ranks) -> Judged:
    """The most items that could stay while the others are moved, over all items; one item alone is nothing."""
    tails: list[int] = []
    reach: list[int] = []
    for rank in ranks:
        at = bisect_left(tails, rank)
        tails[at : at + 1] = [rank]
        reach.append(at)
    wanted = len(tails) - 1
    if not wanted:
        return 0, ["wrong"] * len(ranks)
    states: States = ["wrong"] * len(ranks)
    above = len(ranks)
    for place in range(len(ranks) - 1, -1, -1):
        if reach[place] == wanted and ranks[place] < above:
            states[place], above, wanted = "right", ranks[place], wanted - 1
    return ratio(len(tails), len(ranks)), states


def distance(ranks: Ranks) -> Judged:
    """How near to its place each item stands: n - 1 less its shift, over n (n - 1). An item at its place is right."""
    farthest = len(ranks) - 1
    shifts = [abs(rank - place) for place, rank in enumerate(ranks)]
    states: States = ["right" if not shift else "partial" if shift < farthest else "wrong" for shift in shifts]
    return ratio(len(ranks) * farthest - sum(shifts), len(ranks) * farthest), states


RULES: Final[Mapping[OrderRule, Callable[[Ranks], Judged]]] = {
    "adjacent": adjacent,
    "all_or_nothing": all_or_nothing,
    "position": position,
    "adjacent_with_last": adjacent_with_last,
    "neighbours": neighbours,
    "pairs": pairs,
    "tau": tau,
    "longest_run": longest_run,
    "longest_subsequence": longest_subsequence,
    "distance": distance,
}
