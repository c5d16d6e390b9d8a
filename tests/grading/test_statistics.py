"""Item statistics against hand-computed values, and against the formulas written down naively."""

from fractions import Fraction
from math import isqrt
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.answers import Answers, read_answers
from grading.model import Item
from grading.statistics import MILLION, Earned, Tally

_items = msgspec.json.Decoder(tuple[Item, ...])
CHOICES = [{"id": each, "text": each.upper()} for each in "abc"]


def items_of(*authored: dict[str, Any]) -> tuple[Item, ...]:
    return _items.decode(msgspec.json.encode(authored))


def question(item_id: str, points: str = "1.00") -> dict[str, Any]:
    content = {"stem": "Which?", "choices": CHOICES}
    return {"type": "single_choice", "id": item_id, "points": points, "content": content, "key": {"correct": "a"}}


def answers_of(*given: dict[str, Any]) -> Answers:
    read = read_answers(msgspec.json.encode(given))
    assert isinstance(read, tuple)
    return read


def counted(shares: list[list[float]], points_cents: list[int]) -> Tally:
    """A row a learner, a column an item."""
    items = items_of(*(question(f"q{place}") for place in range(len(points_cents))))
    tally = Tally(items)
    for row in shares:
        tally.add(
            [
                Earned(f"q{place}", round(share * MILLION), cents)
                for place, (share, cents) in enumerate(zip(row, points_cents, strict=True))
            ],
            (),
        )
    return tally


def test_five_learners_reckoned_by_hand() -> None:
    """Item 1: 1 1 1 0 0, item 2: 1 1 0 0 0, item 3: 1 0 1 0 0, a point each.

    Rest of item 1: 2 1 1 0 0; means .6 and .8; products sum to 4 - 5 x .6 x .8 = 1.6; squares to 1.2 and 2.8;
    1.6 / sqrt(3.36) = .872872. Items 2 and 3 have rest 2 1 2 0 0 and 2 2 1 0 0: 3 - 5 x .4 x 1 = 1, squares 1.2 and 4.
    """
    tally = counted([[1, 1, 1], [1, 1, 0], [1, 0, 1], [0, 0, 0], [0, 0, 0]], [100, 100, 100])
    found = [(one.facility, one.discrimination) for one in tally.items()]
    assert found == [(0.6, 0.872872), (0.4, 0.456435), (0.4, 0.456435)]


def test_an_item_that_does_not_tell_learners_apart_has_no_discrimination() -> None:
    """Where all earn the same of it, or the same of the rest, there is nothing to correlate."""
    tally = counted([[1, 1], [1, 0], [1, 1], [1, 0], [1, 0]], [100, 100])
    assert [one.discrimination for one in tally.items()] == [None, None]
    assert [one.facility for one in tally.items()] == [1.0, 0.4]


def test_a_lone_item_has_no_rest() -> None:
    """Of a test of one question, facility alone is known."""
    [one] = counted([[1], [0], [0.5], [0.333333], [1]], [100]).items()
    assert (one.facility, one.discrimination) == (0.566667, None)


def test_an_item_that_the_weak_solve_discriminates_backwards() -> None:
    """A correlation of -1 where whoever earns one loses the other."""
    tally = counted([[1, 0], [0, 1], [1, 0], [0, 1], [0, 1]], [100, 300])
    assert [one.discrimination for one in tally.items()] == [-1.0, -1.0]


def test_choices_are_counted_in_every_kind_of_choosing() -> None:
    """Each choice there is, picked or not, in the order of the content; rows and gaps each by themselves."""
    rows = [{"id": "r1", "text": "R1"}, {"id": "r2", "text": "R2"}]
    gaps = [{"id": "g1", "options": CHOICES}, {"id": "g2", "options": CHOICES}]
    stem = {"stem": "Which?"}
    tally = Tally(
        items_of(
            question("q1"),
            {
                "type": "multiple_choice",
                "id": "q2",
                "points": "1.00",
                "content": stem | {"choices": CHOICES},
                "key": {"correct": ["a"]},
            },
            {"type": "true_false", "id": "q3", "points": "1.00", "content": stem, "key": {"value": True}},
            {
                "type": "choice_matrix",
                "id": "q4",
                "points": "1.00",
                "content": stem | {"rows": rows, "columns": CHOICES},
                "key": {"rows": {"r1": ["a"], "r2": ["b"]}},
            },
            {
                "type": "gap_select",
                "id": "q5",
                "points": "1.00",
                "content": {"stem": "_____ _____", "gaps": gaps},
                "key": {"gaps": {"g1": "a", "g2": "b"}},
            },
            {
                "type": "short_text",
                "id": "q6",
                "points": "1.00",
                "content": stem,
                "key": {"answers": [{"text": "x"}]},
            },
        )
    )
    earned = [Earned(f"q{place}", 0, 100) for place in range(1, 7)]
    tally.add(
        earned,
        answers_of(
            {"item_id": "q1", "answer": {"type": "single_choice", "choice": "b"}},
            {"item_id": "q2", "answer": {"type": "multiple_choice", "choices": ["a", "c"]}},
            {"item_id": "q3", "answer": {"type": "true_false", "value": False}},
            {"item_id": "q4", "answer": {"type": "choice_matrix", "rows": [{"row": "r2", "choices": ["a"]}]}},
            {"item_id": "q5", "answer": {"type": "gap_select", "gaps": [{"gap": "g1", "option": "c"}]}},
            {"item_id": "q6", "answer": {"type": "short_text", "text": "x"}},
        ),
    )
    tally.add(earned, answers_of({"item_id": "q1", "answer": {"type": "single_choice", "choice": "b"}}))
    counts = [
        None if one.choice_counts is None else [(pick.part, pick.choice, pick.count) for pick in one.choice_counts]
        for one in tally.items()
    ]
    assert counts == [
        [(None, "a", 0), (None, "b", 2), (None, "c", 0)],
        [(None, "a", 1), (None, "b", 0), (None, "c", 1)],
        [(None, "true", 0), (None, "false", 1)],
        [("r1", each, 0) for each in "abc"] + [("r2", "a", 1), ("r2", "b", 0), ("r2", "c", 0)],
        [("g1", "a", 0), ("g1", "b", 0), ("g1", "c", 1)] + [("g2", each, 0) for each in "abc"],
        None,
    ]


def naive(shares: list[list[Fraction]], points: list[int], item: int) -> tuple[Fraction, Fraction | None]:
    """Facility and the square of the discrimination, with its sign, as the textbook writes them."""
    n = len(shares)
    own = [row[item] for row in shares]
    rest = [
        sum(
            (share * worth for place, (share, worth) in enumerate(zip(row, points, strict=True)) if place != item),
            Fraction(0),
        )
        for row in shares
    ]
    mean_own, mean_rest = sum(own) / n, sum(rest) / n
    covariance = sum(((x - mean_own) * (y - mean_rest) for x, y in zip(own, rest, strict=True)), Fraction(0))
    spread = sum((x - mean_own) ** 2 for x in own) * sum((y - mean_rest) ** 2 for y in rest)
    if spread == 0:
        return mean_own, None
    return mean_own, covariance * abs(covariance) / spread


@st.composite
def classes(draw: st.DrawFn) -> tuple[list[list[Fraction]], list[int]]:
    points = draw(st.lists(st.integers(1, 100_000), min_size=1, max_size=4))
    share = st.one_of(st.sampled_from([0, MILLION, 333_333, 666_667, -250_000]), st.integers(-MILLION, MILLION))
    row = st.lists(
        share.map(lambda millionths: Fraction(millionths, MILLION)), min_size=len(points), max_size=len(points)
    )
    return draw(st.lists(row, min_size=1, max_size=8)), points


@given(classes())
def test_statistics_are_what_the_formulas_say(taken: tuple[list[list[Fraction]], list[int]]) -> None:
    """To the sixth place, whatever was earned: compared in fractions, without a float."""
    shares, points = taken
    tally = counted([[float(share) for share in row] for row in shares], points)
    for place, found in enumerate(tally.items()):
        facility, squared = naive(shares, points, place)
        assert abs(Fraction(found.facility) - facility) <= Fraction(1, 2 * MILLION) + Fraction(1, 10**12)
        if squared is None:
            assert found.discrimination is None
            continue
        assert found.discrimination is not None
        assert -1 <= found.discrimination <= 1
        exact = Fraction(isqrt(abs(squared.numerator) * 10**40 // squared.denominator), 10**20)
        exact = -exact if squared < 0 else exact
        assert abs(Fraction(found.discrimination) - exact) <= Fraction(1, 2 * MILLION) + Fraction(1, 10**12)


@given(classes(), st.randoms())
def test_the_order_of_learners_changes_nothing(taken: tuple[list[list[Fraction]], list[int]], chance: Any) -> None:
    """Sums are exact, so that any two orders give the same bytes."""
    rows = [[float(share) for share in row] for row in taken[0]]
    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert counted(rows, taken[1]).items() == counted(shuffled, taken[1]).items()


@pytest.mark.parametrize("kind", ["essay"])
def test_kinds_without_choices_have_no_counts(kind: str) -> None:
    """None, and not an empty list, where there is nothing to choose."""
    [item] = items_of({"type": kind, "id": "q", "points": "1.00", "content": {"stem": "Why?"}, "key": {"criteria": []}})
    tally = Tally([item])
    tally.add([Earned("q", MILLION, 100)], ())
    assert tally.items()[0].choice_counts is None
