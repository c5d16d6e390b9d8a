"""categorize items and answers, by every rule, with decoys."""

from typing import get_args

from hypothesis import strategies as st

from grading.items.categorize import (
    Categorize,
    CategorizeAnswer,
    CategorizeContent,
    CategorizeKey,
    CategorizeRule,
    CategorizeScoring,
    Placement,
)
from grading.parts import Choice
from tests.grading.making.case import Case, floors, ids, points, some_of


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Items of which some belong into one category or several, the others into none."""
    items = draw(ids("i", 2, 6))
    categories = draw(ids("k", 2, 4))
    require_all = draw(st.booleans())
    content = CategorizeContent(
        "Sort.",
        tuple(Choice(each, f"text of {each}") for each in items),
        tuple(Choice(each, f"text of {each}") for each in categories),
        require_all,
    )

    def key() -> dict[str, str | tuple[str, ...]]:
        sorted_out = items if require_all else draw(some_of(items))
        named = {each: draw(some_of(categories)) for each in sorted_out}
        return {each: of[0] if len(of) == 1 else tuple(of) for each, of in named.items()}

    right = key()
    given = items if require_all else draw(some_of(items))
    common = {
        "id": "q",
        "points": draw(points),
        "floor": draw(floors),
        "content": content,
        "scoring": CategorizeScoring(draw(st.sampled_from(get_args(CategorizeRule)))),
    }
    return Case(
        item=Categorize(**common, key=CategorizeKey(right)),
        perfect=CategorizeAnswer(
            tuple(Placement(each, of if isinstance(of, str) else of[0]) for each, of in right.items())
        ),
        answer=CategorizeAnswer(tuple(Placement(each, draw(st.sampled_from(categories))) for each in given)),
        twin=Categorize(**common, key=CategorizeKey(key())),
        once=("placements",),
    )
