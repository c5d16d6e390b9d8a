"""choice_matrix: rows with one column, or several."""

from fractions import Fraction
from typing import Any

import pytest

from tests.grading.asking import Asked, choices, flaws_of

CONTENT = {
    "stem": "Tick.",
    "rows": [
        {"id": "r1", "text": "one"},
        {"id": "r2", "text": "two", "multiple": True},
        {"id": "r3", "text": "three", "multiple": True},
    ],
    "columns": choices("k1", "k2", "k3", "k4"),
}
KEY = {"rows": {"r1": ["k1"], "r2": ["k2", "k3"], "r3": ["k4"]}}


def rows(**ticked: str) -> list[dict[str, Any]]:
    return [{"row": row, "choices": columns.split()} for row, columns in ticked.items()]


@pytest.mark.parametrize(
    ("rule", "share"), [("mean", Fraction(1, 3)), ("all_or_nothing", 0), ("net_correct", Fraction(1, 2))]
)
def test_each_rule_counts_rows_in_its_way(rule: str, share: Fraction) -> None:
    """One row exactly right, one half right, one right and wrong at once."""
    item = Asked("choice_matrix", content=CONTENT, key=KEY, scoring={"rule": rule})
    answer = rows(r1="k1", r2="k2", r3="k4 k1")
    assert item.earns(rows=answer) == share
    assert item.earns(rows=rows(r3="k4", r1="k1", r2="k3 k2")) == 1
    partly = "partial" if rule == "net_correct" else "wrong"
    assert item.signals(rows=answer) == {"r1": "right", "r2": partly, "r3": "wrong"}


def test_a_row_that_is_left_out_or_empty_is_unanswered() -> None:
    """It earns nothing, and its signal says why."""
    item = Asked("choice_matrix", content=CONTENT, key=KEY)
    assert item.earns(rows=rows(r1="k1", r2="")) == Fraction(1, 3)
    assert item.signals(rows=rows(r1="k1", r2="")) == {"r1": "right", "r2": "unanswered", "r3": "unanswered"}
    assert item.errors(rows=rows(r1="", r2="")) == [("answer_required", "rows")]


def test_require_all_names_the_rows_that_are_missing() -> None:
    """422 `too_few`, and `allowed` says which rows."""
    item = Asked("choice_matrix", content=CONTENT | {"require_all": True}, key=KEY)
    (error,) = item.refused(rows=rows(r2="k2", r1=""))
    assert (error.code, error.param, error.allowed) == ("too_few", "rows", ("r1", "r3"))


def test_all_errors_of_all_rows_are_told() -> None:
    """Rows and columns that are unknown or there twice, and two columns where one is asked for."""
    item = Asked("choice_matrix", content=CONTENT, key=KEY)
    answer = [*rows(r1="k1 k2", r9="k1", r2="k2 k2 k9"), *rows(r1="k1")]
    assert item.errors(rows=answer) == [
        ("too_many", "rows[0].choices"),
        ("unknown_id", "rows[1].row"),
        ("duplicate_id", "rows[2].choices[1]"),
        ("unknown_id", "rows[2].choices[2]"),
        ("duplicate_id", "rows[3].row"),
    ]


@pytest.mark.parametrize(
    ("key", "paths"),
    [
        ({"r1": ["k1"], "r2": ["k2"]}, ["key.rows.r3"]),
        ({**KEY["rows"], "r1": ["k1", "k2"]}, ["key.rows.r1"]),
        ({**KEY["rows"], "r2": ["k2", "k2"]}, ["key.rows.r2"]),
        ({**KEY["rows"], "r2": ["k7"], "r9": ["k1"]}, ["key.rows.r9", "key.rows.r2"]),
    ],
)
def test_a_key_that_can_not_be_ticked_is_refused(key: dict[str, list[str]], paths: list[str]) -> None:
    """Every row has right columns that exist, one where one is ticked."""
    assert flaws_of("choice_matrix", content=CONTENT, key={"rows": key}) == paths
