"""How items of each kind are made for tests: a new kind adds its module here."""

from collections.abc import Mapping
from typing import Final

from hypothesis import strategies as st

from tests.grading.making import (
    categorize,
    choice_matrix,
    composite,
    essay,
    formula,
    gap_select,
    gap_text,
    hotspot,
    marker_drop,
    matching,
    multiple_choice,
    numeric,
    ordering,
    parsons,
    quantity,
    short_text,
    single_choice,
    true_false,
)
from tests.grading.making.case import Case

SIMPLE: Final[Mapping[str, st.SearchStrategy[Case]]] = {
    "single_choice": single_choice.cases(),
    "true_false": true_false.cases(),
    "multiple_choice": multiple_choice.cases(),
    "choice_matrix": choice_matrix.cases(),
    "short_text": short_text.cases(),
    "numeric": numeric.cases(),
    "quantity": quantity.cases(),
    "matching": matching.cases(),
    "categorize": categorize.cases(),
    "ordering": ordering.cases(),
    "gap_select": gap_select.cases(),
    "gap_text": gap_text.cases(),
    "formula": formula.cases(),
    "hotspot": hotspot.cases(),
    "marker_drop": marker_drop.cases(),
    "parsons": parsons.cases(),
    "essay": essay.cases(),
}

MAKING: Final[Mapping[str, st.SearchStrategy[Case]]] = {**SIMPLE, "composite": composite.cases(tuple(SIMPLE.values()))}
"""Cases of each kind, by its `type`."""
