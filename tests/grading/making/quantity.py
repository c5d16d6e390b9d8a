"""quantity items and answers: typed and selected units, by every policy."""

from typing import Any, get_args

import msgspec
from hypothesis import strategies as st

from grading.accepted_text import MatchRule
from grading.items.quantity import (
    Quantity,
    QuantityAnswer,
    QuantityContent,
    QuantityKey,
    QuantityScoring,
    UnitPolicy,
)
from grading.units import Scale, Unit
from tests.grading.making.case import Case, floors, points, shares
from tests.grading.making.figures import GRAMMARS, accepted, numbers, spellings

UNITS = (
    Unit("metre", ("m", "metres")),
    Unit("centimetre", ("cm",)),
    Unit("foot", ("ft", "′")),
    Unit("kilogram", ("kg",)),
)
SCALES = (Scale("metre"), Scale("centimetre", "0.01"), Scale("foot", "0.3048"))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A length in metres; kilograms are among the units, and wrong."""
    grammar = draw(st.sampled_from(GRAMMARS))
    selects = draw(st.booleans())
    policy: UnitPolicy = draw(st.sampled_from(get_args(UnitPolicy)))
    fields = msgspec.structs.asdict(grammar)
    content = QuantityContent("How long?", UNITS, "select" if selects else "text", policy, **fields)
    right, perfect = draw(accepted(grammar, 1.0))
    others = [each for each, _ in draw(st.lists(shares.flatmap(lambda share: accepted(grammar, share)), max_size=2))]
    twin, _ = draw(accepted(grammar, 1.0))
    common: dict[str, Any] = {
        "id": "q",
        "points": draw(points),
        "floor": draw(floors),
        "content": content,
        "scoring": QuantityScoring(
            draw(st.sampled_from(get_args(MatchRule))),
            draw(st.sampled_from([0.0, 0.1, 1.0])),
            draw(st.sampled_from([0.25, 0.5, 1.0])),
        ),
    }
    given = [unit.id if selects else draw(st.sampled_from(unit.symbols)) for unit in UNITS]
    if policy != "required":
        given.append("")
    some = draw(numbers)
    return Case(
        item=Quantity(**common, key=QuantityKey((right, *others), SCALES)),
        perfect=QuantityAnswer(perfect, "metre" if selects else "m"),
        answer=QuantityAnswer(
            draw(st.sampled_from([*spellings(*some, grammar), perfect])), draw(st.sampled_from(given))
        ),
        twin=Quantity(**common, key=QuantityKey((twin,), SCALES[:2])),
    )
