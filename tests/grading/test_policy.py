"""What a learner is shown, and what a try costs."""

from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.engine import Compiled, Graded, grade, load
from grading.items.multiple_choice import (
    MultipleChoice,
    MultipleChoiceAnswer,
    MultipleChoiceContent,
    MultipleChoiceKey,
)
from grading.parts import Choice
from grading.policy import CheckShown, Shown, penalised, shown_check, shown_result
from grading.result import PartSignal, Result

PARTLY = Result(0.5, "0.50", "partial", True, (PartSignal("g1", "right"), PartSignal("g2", "wrong")), ("spelling",))


def test_each_level_of_feedback_adds_to_the_one_before() -> None:
    """Nothing, then what the whole earned, then how its parts fared."""
    assert shown_result(PARTLY, "none") == Shown(attempted=True)
    assert shown_result(PARTLY, "score") == Shown(True, 0.5, "0.50", "partial")
    assert shown_result(PARTLY, "parts") == Shown(True, 0.5, "0.50", "partial", PARTLY.parts, PARTLY.notices)
    assert msgspec.json.encode(shown_result(PARTLY, "none")) == b'{"attempted":true}'


@pytest.mark.parametrize(
    ("state", "told"), [("right", "right"), ("partial", "wrong"), ("wrong", "wrong"), ("needs_review", "needs_review")]
)
def test_a_check_at_level_score_says_right_or_wrong_alone(state: str, told: str) -> None:
    """That something was partly right would be a hint; `parts` is the level that gives hints."""
    result = msgspec.structs.replace(PARTLY, state=state)
    assert msgspec.to_builtins(shown_check(result, "score")) == {"state": told}
    assert shown_check(result, "parts") == CheckShown(result.state, 0.5, "0.50", PARTLY.parts, PARTLY.notices)


def test_only_ticked_choices_are_marked() -> None:
    """Whether a choice that was not ticked is right is the key; no level of feedback tells."""
    choices = tuple(Choice(each, each) for each in "abcd")
    item = load(
        MultipleChoice(id="q", content=MultipleChoiceContent("Which?", choices), key=MultipleChoiceKey(("a", "b")))
    )
    assert isinstance(item, Compiled)
    graded = grade(item, MultipleChoiceAnswer(("c", "a")))
    assert isinstance(graded, Graded)
    assert shown_result(graded.result, "parts").parts == (PartSignal("c", "wrong"), PartSignal("a", "right"))


def test_each_earlier_try_costs_its_penalty_down_to_nothing() -> None:
    """Score = last - p x (tries before the answer last changed), floor 0, exactly."""
    assert penalised(1, 0, 0.1) == 1
    assert penalised(1, 3, 0.1) == Fraction(7, 10)
    assert penalised(Fraction(1, 3), 1, 0.3333333) == Fraction(1, 3) - Fraction(3333333, 10_000_000)
    assert penalised(Fraction(1, 2), 9, 0.25) == 0
    assert penalised(Fraction(-1, 2), 1, 0.25) == Fraction(-1, 2)
    assert penalised(1, 5, 1.0, floor=-1) == -1


@given(
    share=st.fractions(-1, 1, max_denominator=60),
    tries=st.integers(0, 9),
    penalty=st.sampled_from([0.0, 0.1, 0.25, 0.3333333, 1.0]),
)
def test_a_penalty_never_raises_a_score_or_passes_the_floor(share: Fraction, tries: int, penalty: float) -> None:
    """A share that is below the floor already stays."""
    left = penalised(share, tries, penalty)
    assert left <= share
    assert left >= min(share, 0)
