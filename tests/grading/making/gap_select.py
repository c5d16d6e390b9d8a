"""gap_select items and answers: own options and word banks, weights."""

from itertools import starmap
from typing import get_args

from hypothesis import strategies as st

from grading.items.gap_select import (
    FilledGap,
    GapSelect,
    GapSelectAnswer,
    GapSelectContent,
    GapSelectKey,
    GapSelectScoring,
)
from grading.parts import Choice, OptionGap
from grading.slots import MeanRule
from tests.grading.making.case import Case, floors, ids, points, some_of, weights


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Gaps with options of their own, or with a bank of words that go into one gap or into any number."""
    gaps = draw(ids("g", 1, 4))
    words = [f"w{number}" for number in range(1, len(gaps) + 2 + draw(st.integers(0, 2)))]
    options = tuple(Choice(each, f"text of {each}") for each in words)
    banked, reuse, require_all = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    content = GapSelectContent(
        "_____ " * len(gaps),
        tuple(OptionGap(gap) if banked else OptionGap(gap, options) for gap in gaps),
        options if banked else (),
        reuse,
        require_all,
    )

    def filled(of: list[str]) -> dict[str, str]:
        if banked and not reuse:
            return dict(zip(of, draw(st.permutations(words)), strict=False))
        return {gap: draw(st.sampled_from(words)) for gap in of}

    def key(right: dict[str, str]) -> GapSelectKey:
        return GapSelectKey({gap: (word, also) if also and word != also else word for gap, word in right.items()})

    also = draw(st.none() | st.sampled_from(words))
    right = filled(gaps)
    given = filled(gaps if require_all else draw(some_of(gaps)))
    common = {
        "id": "q",
        "points": draw(points),
        "floor": draw(floors),
        "content": content,
        "scoring": GapSelectScoring(
            draw(st.sampled_from(get_args(MeanRule))), draw(st.none() | st.dictionaries(st.sampled_from(gaps), weights))
        ),
    }
    return Case(
        item=GapSelect(**common, key=key(right)),
        perfect=GapSelectAnswer(tuple(starmap(FilledGap, right.items()))),
        answer=GapSelectAnswer(tuple(starmap(FilledGap, given.items()))),
        twin=GapSelect(**common, key=key(filled(gaps))),
        once=("gaps",),
    )
