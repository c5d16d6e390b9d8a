"""parsons items and answers: lists and graphs, with and without indents and distractors, by every rule."""

from typing import Any, get_args

from hypothesis import strategies as st

from grading.items.parsons import (
    KeyBlock,
    Parsons,
    ParsonsAnswer,
    ParsonsContent,
    ParsonsKey,
    ParsonsRule,
    ParsonsScoring,
    PlacedBlock,
)
from grading.parts import Choice
from tests.grading.making.case import Case, floors, ids, points, some_of


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Some of the blocks are needed, in an order or a graph; the perfect answer is the order in which they were drawn."""
    blocks = draw(ids("b", 2, 8))
    indent = draw(st.booleans())
    (right, perfect), (other, near) = (draw(keyed(blocks, indent)) for _ in range(2))
    anyhow = tuple(PlacedBlock(each, draw(st.integers(0, 2)) if indent else None) for each in draw(some_of(blocks)))
    common: dict[str, Any] = {
        "id": "q",
        "points": draw(points),
        "floor": draw(floors),
        "content": ParsonsContent("Order.", tuple(Choice(each, f"text of {each}") for each in blocks), indent),
        "scoring": ParsonsScoring(draw(st.sampled_from(get_args(ParsonsRule)))),
    }
    return Case(
        item=Parsons(**common, key=right),
        perfect=perfect,
        answer=draw(st.sampled_from([ParsonsAnswer(anyhow), near])),
        twin=Parsons(**common, key=other),
        once=("blocks",),
        ordered=True,
    )


@st.composite
def keyed(draw: st.DrawFn, blocks: list[str], indent: bool) -> tuple[ParsonsKey, ParsonsAnswer]:
    """A key over some of the blocks, and an answer that agrees with it."""
    needed = draw(some_of(blocks))
    graph = draw(st.booleans())
    indents = [draw(st.none() | st.integers(0, 2)) if indent else None for _ in needed]
    key = tuple(
        KeyBlock(block, steps, tuple(draw(some_of(needed[:place], 0))) if graph else None)
        for place, (block, steps) in enumerate(zip(needed, indents, strict=True))
    )
    placed = tuple(PlacedBlock(block.id, (block.indent or 0) if indent else None) for block in key)
    if graph:
        key = tuple(draw(st.permutations(key)))
    return ParsonsKey(key, "dag" if graph else "list"), ParsonsAnswer(placed)
