"""multiple_choice items and answers, by every rule."""

from typing import get_args

from hypothesis import strategies as st

from grading.items.multiple_choice import (
    MultipleChoice,
    MultipleChoiceAnswer,
    MultipleChoiceContent,
    MultipleChoiceKey,
    MultipleChoiceScoring,
)
from grading.parts import Choice
from grading.ticks import TickRule
from tests.grading.making.case import Case, floors, ids, points, some_of


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Right choices under a rule, or weights."""
    choices = draw(ids("c", 2, 8))
    right = draw(some_of(choices))
    other = draw(some_of(choices, len(right), len(right)))
    fewest = draw(st.integers(1, len(right)))
    most = draw(st.none() | st.integers(len(right), len(choices)))
    content = MultipleChoiceContent("Which?", tuple(Choice(each, f"text of {each}") for each in choices), fewest, most)
    rule = draw(st.sampled_from([*get_args(TickRule), "weights"]))

    def key(correct: list[str]) -> MultipleChoiceKey:
        if rule != "weights":
            return MultipleChoiceKey(tuple(correct))
        each = round(1 / len(correct), 7)
        return MultipleChoiceKey(weights={choice: each if choice in correct else minus for choice in choices})

    minus = draw(st.sampled_from([-1.0, -0.5, -0.3333333, 0.0]))
    common = {
        "id": "q",
        "points": draw(points),
        "floor": draw(floors),
        "content": content,
        "scoring": MultipleChoiceScoring(rule),
    }
    return Case(
        item=MultipleChoice(**common, key=key(right)),
        perfect=MultipleChoiceAnswer(tuple(right)),
        answer=MultipleChoiceAnswer(tuple(draw(some_of(choices, fewest, most)))),
        twin=MultipleChoice(**common, key=key(other)),
        once=("choices",),
    )
