"""matching items and answers."""

from itertools import starmap
from typing import get_args

from hypothesis import strategies as st

from grading.items.matching import Matching, MatchingAnswer, MatchingContent, MatchingKey, MatchingScoring, Pair
from grading.parts import Choice
from grading.slots import MeanRule
from tests.grading.making.case import Case, floors, ids, points, some_of


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Stems with as many choices at least; with and without reuse, penalty, extra choices."""
    stems = draw(ids("s", 2, 5))
    choices = [f"c{number}" for number in range(1, len(stems) + 1 + draw(st.integers(0, 3)))]
    reuse, require_all = draw(st.booleans()), draw(st.booleans())
    content = MatchingContent(
        "Match.",
        tuple(Choice(each, f"text of {each}") for each in stems),
        tuple(Choice(each, f"text of {each}") for each in choices),
        reuse,
        require_all,
    )

    def pairs(of: list[str]) -> dict[str, str]:
        if reuse:
            return {stem: draw(st.sampled_from(choices)) for stem in of}
        return dict(zip(of, draw(st.permutations(choices)), strict=False))

    right = pairs(stems)
    given = pairs(stems if require_all else draw(some_of(stems)))
    common = {
        "id": "q",
        "points": draw(points),
        "floor": draw(floors),
        "content": content,
        "scoring": MatchingScoring(
            draw(st.sampled_from(get_args(MeanRule))), draw(st.sampled_from([0.0, 0.25, 0.3333333, 1.0]))
        ),
    }
    return Case(
        item=Matching(**common, key=MatchingKey(right)),
        perfect=MatchingAnswer(tuple(starmap(Pair, right.items()))),
        answer=MatchingAnswer(tuple(starmap(Pair, given.items()))),
        twin=Matching(**common, key=MatchingKey(pairs(stems))),
        once=("pairs",),
    )
