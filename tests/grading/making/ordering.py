"""ordering items and answers, by every rule."""

from typing import get_args

from hypothesis import strategies as st

from grading.items.ordering import Ordering, OrderingAnswer, OrderingContent, OrderingKey, OrderingScoring
from grading.orders import OrderRule
from grading.parts import Choice
from tests.grading.making.case import Case, floors, ids, points


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Two orders of the same items."""
    items = draw(ids("i", 2, 8))
    right, other, given = (tuple(draw(st.permutations(items))) for _ in range(3))
    common = {
        "id": "q",
        "points": draw(points),
        "floor": draw(floors),
        "content": OrderingContent("Order.", tuple(Choice(each, f"text of {each}") for each in items)),
        "scoring": OrderingScoring(draw(st.sampled_from(get_args(OrderRule)))),
    }
    return Case(
        item=Ordering(**common, key=OrderingKey(right)),
        perfect=OrderingAnswer(right),
        answer=OrderingAnswer(given),
        twin=Ordering(**common, key=OrderingKey(other)),
        once=("order",),
        ordered=True,
    )
