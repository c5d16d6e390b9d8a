"""No answer within the size budget takes long: 5 ms at most, well formed or not."""

from typing import Any

import msgspec
import pytest

from grading.answers import Unreadable, read_answer
from grading.engine import Graded, grade
from grading.faults import Malformed
from tests.effort import stays_within
from tests.grading.asking import Asked, choices

MOST_SECONDS = 0.005

FORTY = [f"s{number}" for number in range(40)]
FIFTY = [f"c{number}" for number in range(50)]
STRANGE = [f"unknown{number}" for number in range(200)]


def is_quick(item: Asked, verdict: type[Graded | Malformed], answer: dict[str, Any]) -> bool:
    """Whether reading and grading stay within their time, with this verdict."""
    body = msgspec.json.encode({"type": item.kind, **answer})

    def read_and_grade() -> object:
        read = read_answer(body)
        return read if isinstance(read, Malformed | Unreadable) else grade(item.item, read)

    assert isinstance(read_and_grade(), verdict)
    return stays_within(MOST_SECONDS, read_and_grade)


def matching(**more: Any) -> Asked:
    content = {"stem": "Match.", "stems": choices(*FORTY), "choices": choices(*FIFTY), **more}
    return Asked("matching", content=content, key={"pairs": dict(zip(FORTY, FIFTY, strict=False))})


def matrix() -> Asked:
    rows = [{"id": each, "text": each, "multiple": True} for each in FORTY]
    content = {"stem": "Tick.", "rows": rows, "columns": choices(*FIFTY[:20])}
    key = {"rows": dict.fromkeys(FORTY, FIFTY[:20])}
    return Asked("choice_matrix", content=content, key=key, scoring={"rule": "net_correct"})


def gap_select() -> Asked:
    content = {"stem": "_____", "gaps": [{"id": each} for each in FORTY], "bank": choices(*FIFTY), "require_all": True}
    return Asked("gap_select", content=content, key={"gaps": dict.fromkeys(FORTY, tuple(FIFTY))})


def ordering(rule: str) -> Asked:
    content = {"stem": "Order.", "items": choices(*FORTY)}
    return Asked("ordering", content=content, key={"order": FORTY}, scoring={"rule": rule})


def ticks() -> Asked:
    content = {"stem": "Which?", "choices": choices(*FIFTY)}
    return Asked("multiple_choice", content=content, key={"correct": FIFTY[:25]}, scoring={"rule": "balanced"})


CROWDED = {"type": "matching", "pairs": [{"stem": "a", "choice": "a"}] * 100}


def composite() -> Asked:
    content = {"stem": "Match.", "stems": choices("s1", "s2"), "choices": choices("c1", "c2")}
    parts = [{"id": f"p{number}", "type": "matching", "content": content} for number in range(20)]
    key = {"pairs": {"s1": "c1", "s2": "c2"}}
    keys = [{"part": part["id"], "type": "matching", "key": key} for part in parts]
    return Asked("composite", content={"stem": "All.", "parts": parts}, key={"parts": keys})


def essay() -> Asked:
    return Asked("essay", content={"stem": "Why?", "max_words": 5000})


@pytest.mark.parametrize("rule", ["adjacent", "neighbours", "pairs", "tau", "longest_run", "longest_subsequence"])
def test_forty_items_in_the_worst_order_are_judged_in_time(rule: str) -> None:
    """All pairs wrong, or a long and a broken sequence."""
    item = ordering(rule)
    assert is_quick(item, Graded, {"order": FORTY[::-1]})
    assert is_quick(item, Graded, {"order": FORTY[::2] + FORTY[1::2]})


@pytest.mark.parametrize(
    ("item", "verdict", "answer"),
    [
        (matching(), Graded, {"pairs": [{"stem": s, "choice": c} for s, c in zip(FORTY, FIFTY[::-1], strict=False)]}),
        (matching(require_all=True), Malformed, {"pairs": [{"stem": each, "choice": each} for each in STRANGE]}),
        (matching(), Malformed, {"pairs": [{"stem": "s1", "choice": "c1"}] * 200}),
        (gap_select(), Malformed, {"gaps": [{"gap": "s1", "option": each} for each in STRANGE]}),
        (matrix(), Graded, {"rows": [{"row": each, "choices": FIFTY[:20]} for each in FORTY]}),
        (matrix(), Malformed, {"rows": [{"row": each, "choices": STRANGE[:20]} for each in STRANGE[:40]]}),
        (matrix(), Malformed, {"rows": [{"row": each, "choices": [0] * 20} for each in STRANGE]}),
        (ticks(), Malformed, dict.fromkeys(map(str, range(8000)), 0)),
        (composite(), Malformed, {"parts": [{"part": f"p{n}", "answer": CROWDED} for n in range(20)]}),
        (ordering("pairs"), Malformed, {"order": STRANGE}),
        (ticks(), Graded, {"choices": FIFTY}),
        (ticks(), Malformed, {"choices": STRANGE}),
        (ticks(), Malformed, {"choices": ["c1"] * 200}),
        (essay(), Graded, {"text": "word " * 4000}),
        (essay(), Malformed, {"text": "a " * 10_000}),
    ],
)
def test_long_answers_are_read_and_graded_in_time(
    item: Asked, verdict: type[Graded | Malformed], answer: dict[str, Any]
) -> None:
    """Full lists, lists of strangers, the same entry two hundred times, the longest essay."""
    assert is_quick(item, verdict, answer)
