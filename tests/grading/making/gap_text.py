"""gap_text items and answers: texts and numbers, weights, gaps that may change places."""

from itertools import starmap
from typing import get_args

from hypothesis import strategies as st

from grading.accepted_number import AcceptedNumber
from grading.accepted_text import AcceptedText, MatchRule
from grading.items.gap_text import (
    Gap,
    GapText,
    GapTextAnswer,
    GapTextContent,
    GapTextKey,
    GapTextScoring,
    TypedGap,
)
from grading.slots import MeanRule
from tests.grading.making import figures, texts
from tests.grading.making.case import Case, floors, ids, points, shares, some_of, weights


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """One to five gaps, some for numbers; those for texts may form a group whose answers go to any of its gaps."""
    gaps = draw(ids("g", 1, 5))
    grammar = draw(st.sampled_from(figures.GRAMMARS))
    typed = gaps[: draw(st.integers(0, len(gaps)))]
    content = GapTextContent(
        "_____ " * len(gaps),
        tuple(Gap(gap, 100, None if gap in typed else grammar) for gap in gaps),
        draw(st.booleans()),
    )
    matching: MatchRule = draw(st.sampled_from(get_args(MatchRule)))
    under = draw(texts.options)
    perfect: dict[str, str] = {}

    def right_text(gap: str) -> tuple[AcceptedText, ...]:
        accepted, perfect[gap] = draw(texts.accepted(1.0, f"sentinel{gap}x", under=under))
        others = [draw(texts.accepted(share, under=under))[0] for share in draw(st.lists(shares, max_size=2))]
        return (accepted, *others)

    def right_number(gap: str) -> tuple[AcceptedNumber, ...]:
        accepted, perfect[gap] = draw(figures.accepted(grammar, 1.0))
        return (accepted,)

    def key() -> GapTextKey:
        numbered = {gap: right_number(gap) for gap in gaps if gap not in typed}
        return GapTextKey({gap: right_text(gap) for gap in typed}, numbered)

    twin = key()
    item = key()
    grouped = (tuple(typed),) if len(typed) > 1 and draw(st.booleans()) else ()
    common = {
        "id": "q",
        "points": draw(points),
        "floor": draw(floors),
        "content": content,
        "scoring": GapTextScoring(
            draw(st.sampled_from(get_args(MeanRule))),
            matching,
            draw(st.none() | st.dictionaries(st.sampled_from(gaps), weights)),
            grouped,
            under,
        ),
    }
    order = draw(st.permutations(typed)) if grouped else typed
    moved = {gap: perfect[other] for gap, other in zip(typed, order, strict=True)}
    given = gaps if content.require_all else draw(some_of(gaps))
    wrong = {gap: texts.WRONG if gap in typed else ["7", "0"] for gap in gaps}
    return Case(
        item=GapText(**common, key=item),
        perfect=GapTextAnswer(tuple(starmap(TypedGap, {**perfect, **moved}.items()))),
        answer=GapTextAnswer(tuple(TypedGap(gap, draw(st.sampled_from([perfect[gap], *wrong[gap]]))) for gap in given)),
        twin=GapText(**common, key=twin),
        once=("gaps",),
    )
