"""composite items and answers, of parts of all other kinds."""

from typing import Any, get_args

from hypothesis import strategies as st

from grading.items.composite import (
    Composite,
    CompositeAnswer,
    CompositeContent,
    CompositeKey,
    CompositeRule,
    CompositeScoring,
    PartAnswer,
)
from grading.items.composite_parts import Part, PartKey
from grading.kinds import tag_of
from tests.grading.making.case import Case, floors, points, some_of, weights


def halves_of(part: str, item: Any) -> tuple[Any, Any]:
    """An item as a part: its public half and its secret half."""
    kind = tag_of(type(item))
    public = next(each for each in get_args(Part) if tag_of(each) == kind)
    secret = next(each for each in get_args(PartKey) if tag_of(each) == kind)
    return public(id=part, content=item.content), secret(part=part, key=item.key, scoring=item.scoring)


@st.composite
def cases(draw: st.DrawFn, simple: tuple[st.SearchStrategy[Case], ...]) -> Case:
    """One to four parts, some behind gates."""
    held = draw(st.lists(st.one_of(simple), min_size=1, max_size=4))
    parts = [f"p{number}" for number in range(1, len(held) + 1)]
    halves = [halves_of(part, case.item) for part, case in zip(parts, held, strict=True)]
    twins = [halves_of(part, case.twin) for part, case in zip(parts, held, strict=True)]
    require_all = draw(st.booleans())
    content = CompositeContent("All about it.", tuple(public for public, _ in halves), require_all)
    gates = {
        later: draw(st.sampled_from(parts[:place]))
        for place, later in enumerate(parts)
        if place and draw(st.booleans())
    }
    scoring = CompositeScoring(
        draw(st.sampled_from(get_args(CompositeRule))),
        draw(st.none() | st.dictionaries(st.sampled_from(parts), weights)),
        draw(st.sampled_from([None, gates])),
    )
    answered = parts if require_all else draw(some_of(parts))
    common = {"id": "q", "points": draw(points), "floor": draw(floors), "content": content, "scoring": scoring}
    return Case(
        item=Composite(**common, key=CompositeKey(tuple(secret for _, secret in halves))),
        perfect=CompositeAnswer(tuple(PartAnswer(part, case.perfect) for part, case in zip(parts, held, strict=True))),
        answer=CompositeAnswer(tuple(PartAnswer(part, held[parts.index(part)].answer) for part in answered)),
        twin=Composite(**common, key=CompositeKey(tuple(secret for _, secret in twins))),
        once=("parts",),
        mark=None if any(case.mark is None for case in held) else 1,
    )
