"""single_choice items and answers."""

from hypothesis import strategies as st

from grading.items.single_choice import SingleChoice, SingleChoiceAnswer, SingleChoiceContent, SingleChoiceKey
from grading.parts import Choice
from tests.grading.making.case import Case, floors, ids, points, shares


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A right choice, or shares of which one is 1."""
    choices = draw(ids("c", 2, 8))
    content = SingleChoiceContent("Which?", tuple(Choice(each, f"text of {each}") for each in choices))
    right, other = draw(st.permutations(choices))[:2]

    def key(best: str) -> SingleChoiceKey:
        if not by_shares:
            return SingleChoiceKey(best)
        return SingleChoiceKey(scores={**earned, best: 1.0})

    by_shares = draw(st.booleans())
    earned = {each: draw(shares) for each in choices if draw(st.booleans())}
    common = {"id": "q", "points": draw(points), "floor": draw(floors), "content": content}
    return Case(
        item=SingleChoice(**common, key=key(right)),
        perfect=SingleChoiceAnswer(right),
        answer=SingleChoiceAnswer(draw(st.sampled_from(choices))),
        twin=SingleChoice(**common, key=key(other)),
    )
