"""How much of a sequence can stay: matching and antichains against plain search."""

from bisect import bisect_left
from collections.abc import Sequence
from functools import partial
from itertools import combinations, permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from grading.assignment import assigned
from grading.precedence import closure, largest_part_in_order
from tests.effort import stays_within


def in_order(placed: Sequence[int], before: Sequence[int]) -> bool:
    """No piece was placed before one that must precede it."""
    return not any(before[first] >> second & 1 for first, second in combinations(placed, 2))


def most_by_search(placed: Sequence[int], before: Sequence[int]) -> int:
    sizes = range(len(placed), -1, -1)
    return next(size for size in sizes if any(in_order(part, before) for part in combinations(placed, size)))


def reaches(after: dict[int, list[int]], piece: int, earlier: int) -> bool:
    return any(step == earlier or reaches(after, step, earlier) for step in after.get(piece, ()))


@st.composite
def graphs(draw: st.DrawFn, most: int = 8) -> tuple[int, dict[int, list[int]]]:
    """A graph without circles: every edge goes down some hidden order."""
    count = draw(st.integers(1, most))
    order = draw(st.permutations(range(count)))
    after: dict[int, list[int]] = {}
    for high in range(count):
        for low in range(high):
            if draw(st.booleans()):
                after.setdefault(order[high], []).append(order[low])
    return count, after


@given(graphs())
def test_the_closure_holds_all_that_must_precede(graph: tuple[int, dict[int, list[int]]]) -> None:
    """Every piece that is reached by any number of steps, and no other."""
    count, after = graph
    before = closure(after, count)
    assert before is not None
    for piece in range(count):
        for earlier in range(count):
            assert bool(before[piece] >> earlier & 1) == reaches(after, piece, earlier)


@given(graphs(), st.data())
def test_a_circle_has_no_closure(graph: tuple[int, dict[int, list[int]]], data: st.DataObject) -> None:
    """A piece that must precede itself, directly or through others."""
    count, after = graph
    first = data.draw(st.integers(0, count - 1))
    last = data.draw(st.sampled_from([first, *(piece for piece in range(count) if reaches(after, piece, first))]))
    after.setdefault(first, []).append(last)
    assert closure(after, count) is None


@settings(max_examples=300)
@given(graphs(), st.data())
def test_the_antichain_is_the_most_that_can_stay(graph: tuple[int, dict[int, list[int]]], data: st.DataObject) -> None:
    """Nothing found by trying all subsets is larger, and what is kept is in order."""
    count, after = graph
    before = closure(after, count)
    assert before is not None
    shuffled = data.draw(st.permutations(range(count)))
    placed = shuffled[: data.draw(st.integers(0, count))]
    stays = largest_part_in_order(placed, before)
    kept = [piece for piece, stay in zip(placed, stays, strict=True) if stay]
    assert in_order(kept, before)
    assert len(kept) == most_by_search(placed, before)


@settings(max_examples=60)
@given(graphs(most=5), st.data())
def test_what_stays_is_common_to_an_allowed_order(graph: tuple[int, dict[int, list[int]]], data: st.DataObject) -> None:
    """The same number as the longest common subsequence with any order of all pieces that the graph allows."""
    count, after = graph
    before = closure(after, count)
    assert before is not None
    placed = data.draw(st.permutations(range(count)))
    longest = 0
    for order in permutations(range(count)):
        if in_order(order, before):
            place = {piece: index for index, piece in enumerate(order)}
            longest = max(longest, longest_increasing([place[piece] for piece in placed]))
    assert sum(largest_part_in_order(placed, before)) == longest


def longest_increasing(numbers: Sequence[int]) -> int:
    tails: list[int] = []
    for number in numbers:
        at = bisect_left(tails, number)
        tails[at : at + 1] = [number]
    return len(tails)


@given(st.integers(1, 40).flatmap(lambda count: st.permutations(range(count))), st.data())
def test_in_a_list_it_is_the_longest_increasing_subsequence(order: list[int], data: st.DataObject) -> None:
    """The well-known special case, at full size."""
    placed = order[: data.draw(st.integers(0, len(order)))]
    before = [(1 << piece) - 1 for piece in range(len(order))]
    stays = largest_part_in_order(placed, before)
    kept = [piece for piece, stay in zip(placed, stays, strict=True) if stay]
    assert kept == sorted(kept)
    assert len(kept) == longest_increasing(placed)


@given(st.lists(st.integers(0, 63), max_size=6))
def test_as_many_as_possible_get_something(suits: list[int]) -> None:
    """Nobody gets what does not suit, no thing serves two, and no other assignment serves more."""
    got = assigned(suits)
    things = [thing for thing in got if thing is not None]
    assert len(set(things)) == len(things)
    assert all(thing is None or suits[one] >> thing & 1 for one, thing in enumerate(got))

    def most(one: int, taken: int) -> int:
        if one == len(suits):
            return 0
        free = [1 << thing for thing in range(6) if suits[one] & ~taken & 1 << thing]
        return max([most(one + 1, taken), *(1 + most(one + 1, taken | bit) for bit in free)])

    assert len(things) == most(0, 0)


def test_forty_blocks_the_wrong_way_round_take_no_time() -> None:
    """The worst sequences and graphs of full size stay far below 5 ms."""
    chain = [(1 << piece) - 1 for piece in range(40)]
    halves = [0] * 20 + [(1 << 20) - 1] * 20
    mixed = closure(
        {piece: [p for p in (piece - 7, piece - 11, piece // 2) if 0 <= p < piece] for piece in range(40)}, 40
    )
    assert mixed is not None
    for before in (chain, halves, mixed):
        for placed in (
            list(range(39, -1, -1)),
            [*range(20, 40), *range(20)],
            [(piece * 17) % 40 for piece in range(40)],
        ):
            assert stays_within(0.005, partial(largest_part_in_order, placed, before))
