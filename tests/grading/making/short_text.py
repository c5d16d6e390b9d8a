"""short_text items and answers, of every mode and with every option of the pipeline."""

from typing import get_args

from hypothesis import strategies as st

from grading.accepted_text import MatchRule
from grading.items.short_text import ShortText, ShortTextAnswer, ShortTextContent, ShortTextKey, ShortTextScoring
from tests.grading.making.case import Case, floors, points, shares
from tests.grading.making.texts import WORDS, WRONG, accepted, options, variants


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Up to five accepted texts in any order, the right one first where the first match counts."""
    rule: MatchRule = draw(st.sampled_from(get_args(MatchRule)))
    under = draw(options)
    right, perfect = draw(accepted(1.0, under=under))
    others = [draw(accepted(share, under=under))[0] for share in draw(st.lists(shares, max_size=4))]
    answers = (right, *others) if rule == "first_match" else tuple(draw(st.permutations([right, *others])))
    twin, _ = draw(accepted(1.0, under=under))
    common = {
        "id": "q",
        "points": draw(points),
        "floor": draw(floors),
        "content": ShortTextContent("What?", draw(st.integers(60, 120))),
        "scoring": ShortTextScoring(rule, under),
    }
    given = draw(st.sampled_from([*WORDS, *WRONG, perfect, f"{perfect}s"]).flatmap(variants))
    return Case(
        item=ShortText(**common, key=ShortTextKey(answers)),
        perfect=ShortTextAnswer(perfect),
        answer=ShortTextAnswer(given),
        twin=ShortText(**common, key=ShortTextKey((twin,))),
    )
