"""numeric items and answers, by every tolerance and in several grammars."""

from typing import get_args

import msgspec
from hypothesis import strategies as st

from grading.accepted_text import MatchRule
from grading.items.numeric import Numeric, NumericAnswer, NumericContent, NumericKey, NumericScoring
from tests.grading.making.case import Case, floors, points, shares
from tests.grading.making.figures import GRAMMARS, WRONG, accepted, numbers, spellings


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Up to four accepted numbers, the right one first where the first match counts."""
    grammar = draw(st.sampled_from(GRAMMARS))
    rule: MatchRule = draw(st.sampled_from(get_args(MatchRule)))
    right, perfect = draw(accepted(grammar, 1.0))
    others = [each for each, _ in draw(st.lists(shares.flatmap(lambda share: accepted(grammar, share)), max_size=3))]
    answers = (right, *others) if rule == "first_match" else tuple(draw(st.permutations([right, *others])))
    twin, _ = draw(accepted(grammar, 1.0))
    common = {
        "id": "q",
        "points": draw(points),
        "floor": draw(floors),
        "content": NumericContent("How many?", **msgspec.structs.asdict(grammar)),
        "scoring": NumericScoring(rule),
    }
    some = draw(numbers)
    wrong = [each.replace(".", grammar.decimal_mark) for each in WRONG]
    return Case(
        item=Numeric(**common, key=NumericKey(answers)),
        perfect=NumericAnswer(perfect),
        answer=NumericAnswer(draw(st.sampled_from([*wrong, *spellings(*some, grammar), perfect]))),
        twin=Numeric(**common, key=NumericKey((twin,))),
    )
