"""true_false items and answers."""

from hypothesis import strategies as st

from grading.items.true_false import TrueFalse, TrueFalseAnswer, TrueFalseContent, TrueFalseKey
from tests.grading.making.case import Case, floors, points


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A statement that holds or not."""
    value = draw(st.booleans())
    common = {"id": "q", "points": draw(points), "floor": draw(floors), "content": TrueFalseContent("Red is warm.")}
    return Case(
        item=TrueFalse(**common, key=TrueFalseKey(value=value)),
        perfect=TrueFalseAnswer(value),
        answer=TrueFalseAnswer(draw(st.booleans())),
        twin=TrueFalse(**common, key=TrueFalseKey(value=not value)),
    )
