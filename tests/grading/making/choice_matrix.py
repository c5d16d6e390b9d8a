"""choice_matrix items and answers, by every rule."""

from itertools import starmap
from typing import get_args

from hypothesis import strategies as st

from grading.items.choice_matrix import (
    ChoiceMatrix,
    ChoiceMatrixAnswer,
    ChoiceMatrixContent,
    ChoiceMatrixKey,
    ChoiceMatrixScoring,
    MatrixRow,
    MatrixRule,
    TickedRow,
)
from grading.parts import Choice
from tests.grading.making.case import Case, floors, ids, points, some_of


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Rows with one column or several; all of them, or some, are answered."""
    columns = draw(ids("k", 2, 5))
    rows = tuple(MatrixRow(row, f"text of {row}", draw(st.booleans())) for row in draw(ids("r", 1, 5)))
    require_all = draw(st.booleans())
    content = ChoiceMatrixContent(
        "Tick.", rows, tuple(Choice(each, f"text of {each}") for each in columns), require_all
    )

    def ticks() -> dict[str, tuple[str, ...]]:
        return {row.id: tuple(draw(some_of(columns, 1, len(columns) if row.multiple else 1))) for row in rows}

    right, given = ticks(), ticks()
    answered = [row.id for row in rows] if require_all else draw(some_of([row.id for row in rows]))
    common = {
        "id": "q",
        "points": draw(points),
        "floor": draw(floors),
        "content": content,
        "scoring": ChoiceMatrixScoring(draw(st.sampled_from(get_args(MatrixRule)))),
    }
    return Case(
        item=ChoiceMatrix(**common, key=ChoiceMatrixKey(right)),
        perfect=ChoiceMatrixAnswer(tuple(starmap(TickedRow, right.items()))),
        answer=ChoiceMatrixAnswer(tuple(TickedRow(row, given[row]) for row in answered)),
        twin=ChoiceMatrix(**common, key=ChoiceMatrixKey(ticks())),
        once=("rows",),
    )
