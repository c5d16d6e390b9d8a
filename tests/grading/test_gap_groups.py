"""Gaps that may be filled in any order. Rule source: grading contract, section 6, row 14."""

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from grading.accepted_text import AcceptedText, AcceptedTexts, accepted_texts
from grading.faults import Flaws
from grading.gap_groups import best_assignment, judge_group
from grading.text import TextOptions

tables = st.integers(1, 5).flatmap(
    lambda columns: st.lists(
        st.lists(st.integers(-5, 9), min_size=columns, max_size=columns), min_size=0, max_size=columns
    )
)


@settings(deadline=None, max_examples=200)
@given(worth=tables)
def test_no_other_assignment_is_worth_more(worth: list[list[int]]) -> None:
    """Each row has a column of its own, and the sum is as great as that of the best of all permutations."""
    chosen = best_assignment(worth)
    assert len(set(chosen)) == len(chosen) == len(worth)
    columns = range(len(worth[0]) if worth else 0)
    sums = [
        sum(row[column] for row, column in zip(worth, some, strict=True)) for some in permutations(columns, len(worth))
    ]
    assert sum(row[column] for row, column in zip(worth, chosen, strict=True)) == max(sums)


def keys(*texts: tuple[str, float]) -> list[AcceptedTexts]:
    flaws = Flaws()
    made = [
        accepted_texts(
            [AcceptedText(text, score=score), AcceptedText(f"quite {text}")],
            TextOptions(),
            "best_match",
            100,
            "",
            flaws,
        )
        for text, score in texts
    ]
    assert not flaws
    return made


def judged(accepted: list[AcceptedTexts], typed: list[str | None], weights: list[int]) -> list[tuple[int, str]]:
    return [(key, str(scored.share)) for key, scored in judge_group(accepted, typed, weights)]


RED, BLUE, GREEN = ("red", 1.0), ("blue", 1.0), ("green", 0.5)


def test_answers_count_wherever_they_stand() -> None:
    """In their own order, in another, or with a gap left empty."""
    colours = keys(RED, BLUE, GREEN)
    assert judged(colours, ["red", "blue", "quite green"], [1, 1, 1]) == [(0, "1"), (1, "1"), (2, "1")]
    assert judged(colours, ["blue", "quite green", "red"], [1, 1, 1]) == [(1, "1"), (2, "1"), (0, "1")]
    assert judged(colours, ["blue", None, "red"], [1, 1, 1]) == [(1, "1"), (1, "0"), (0, "1")]


def test_the_same_answer_is_credited_once() -> None:
    """A second copy finds its key taken; the one that stands in its own gap is the right one."""
    colours = keys(RED, BLUE)
    assert judged(colours, ["red", "red"], [1, 1]) == [(0, "1"), (1, "0")]
    assert judged(colours, ["blue", "blue"], [1, 1]) == [(0, "0"), (1, "1")]


def test_weights_decide_what_is_best() -> None:
    """Of the ways to share the keys out the one that earns most counts, by the weights of the keys' gaps."""
    either = keys(("x", 0.5), ("x", 1.0))
    assert judged(either, ["x", "y"], [1, 1]) == [(1, "1"), (0, "0")]
    assert judged(either, ["x", "y"], [3, 1]) == [(0, "1/2"), (1, "0")]


def test_a_right_text_goes_to_the_gap_that_counts_most() -> None:
    """With a gap left empty it is not enough that each text is right where it stands."""
    accepted = keys(("red", 1.0), ("red", 1.0))
    assert judged(accepted, [None, "red"], [3, 2]) == [(0, "0"), (0, "1")]
