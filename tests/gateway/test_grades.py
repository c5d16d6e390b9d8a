"""What is kept of a grade is exact, and what is shown of it follows the assessment's settings."""

from fractions import Fraction
from itertools import starmap

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.assessment_settings import AssessmentSettings
from gateway.grades import KeptResult, added_up, feedback_for, kept_bytes, kept_results, shown
from grading.result import Result, share_of

shares = st.fractions(min_value=0, max_value=1, max_denominator=30)
points = st.integers(min_value=0, max_value=100_000)


def kept(share: Fraction | None, points_cents: int, item_id: str = "q1") -> KeptResult:
    state = "needs_review" if share is None else "partial"
    result = Result(None if share is None else float(share), "0.00", state, attempted=True)
    return KeptResult(item_id, points_cents, None if share is None else str(share), result)


@given(st.lists(st.tuples(shares, points), min_size=1, max_size=12), st.integers(min_value=0, max_value=100))
def test_totals_are_sums_of_what_was_not_rounded(earned: list[tuple[Fraction, int]], pass_percent: int) -> None:
    """The sum is exact, rounded once; percent is floored, so only full marks are 100."""
    grade = added_up(list(starmap(kept, earned)), pass_percent)
    total, most = sum(share * cents for share, cents in earned), sum(cents for _, cents in earned)
    assert share_of(grade.earned) == total
    assert grade.score_cents == int(total + Fraction(1, 2))
    assert (grade.max_cents, grade.percent) == (most, int(total * 100 / most) if most else 0)
    assert (grade.percent == 100) == (most > 0 and total == most)
    assert grade.passed == (grade.percent >= pass_percent)


@given(st.lists(st.tuples(st.none() | shares, points), min_size=1, max_size=12))
def test_what_is_kept_is_read_back_as_it_was(earned: list[tuple[Fraction | None, int]]) -> None:
    """Shares stay exact in storage, and adding up what was read back gives the same grade."""
    grade = added_up(list(starmap(kept, earned)), 50)
    again = kept_results(kept_bytes(grade))
    assert again == grade.results
    assert added_up(again, 50) == grade
    assert grade.is_final == all(share is not None for share, _ in earned)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"max_attempts": 1}, ["score"]),
        ({"max_attempts": 3}, ["none", "none", "score", "score"]),
        ({"max_attempts": 3, "feedback_at": "each_attempt"}, ["score", "score", "score"]),
        ({"max_attempts": None}, ["none", "none", "none"]),
        ({"max_attempts": None, "feedback_at": "each_attempt", "feedback": "parts"}, ["parts", "parts"]),
        ({"max_attempts": 1, "feedback": "none"}, ["none"]),
    ],
)
def test_feedback_comes_when_the_assessment_says_so(settings: dict[str, object], told: list[str]) -> None:
    """After the last attempt alone, unless after each; where attempts are unlimited there is no last one."""
    frozen = msgspec.convert(settings, AssessmentSettings)
    assert [feedback_for(frozen, attempt) for attempt in range(1, len(told) + 1)] == told


def test_a_result_is_shown_in_points_with_its_share() -> None:
    """Decimal text with two places beside the fraction with six; nothing at all at level `none`."""
    result = Result(0.666667, "1.33", "partial", attempted=True)
    one = KeptResult("q1", 200, "2/3", result)
    (seen,) = shown([one], "score") or ()
    assert (seen.score, seen.max_score, seen.fraction, seen.state, seen.parts) == (
        "1.33",
        "2.00",
        0.666667,
        "partial",
        None,
    )
    assert shown([one], "none") is None
    blank = KeptResult("q1", 200, "0", Result(0.0, "0.00", "wrong", attempted=False))
    (seen,) = shown([blank], "parts") or ()
    assert seen.state == "unanswered"
