"""Answers to the items of tests/gateway/features/assessments/authored.py."""

from typing import Any

Json = dict[str, Any]

ANSWERED = "Kolibri7Answer"
"""Stands in every text that is answered, and nowhere else."""

ANSWERS: dict[str, Json] = {
    "i01": {"type": "single_choice", "choice": "b"},
    "i02": {"type": "true_false", "value": True},
    "i03": {"type": "multiple_choice", "choices": ["a", "c"]},
    "i04": {"type": "choice_matrix", "rows": [{"row": "row1", "choices": ["yes"]}]},
    "i05": {"type": "short_text", "text": ANSWERED},
    "i06": {"type": "numeric", "value": "31415926"},
    "i07": {"type": "quantity", "value": "31415.926", "unit": "km"},
    "i08": {"type": "formula", "expression": "x + 1"},
    "i09": {"type": "matching", "pairs": [{"stem": "s1", "choice": "c1"}, {"stem": "s2", "choice": "c3"}]},
    "i10": {"type": "categorize", "placements": [{"item": "i1", "category": "k2"}]},
    "i11": {"type": "ordering", "order": ["o1", "o2", "o3", "o4"]},
    "i12": {"type": "parsons", "blocks": [{"id": "b1"}, {"id": "b2"}]},
    "i13": {"type": "gap_select", "gaps": [{"gap": "g1", "option": "w2"}]},
    "i14": {"type": "gap_text", "gaps": [{"gap": "g1", "text": ANSWERED}]},
    "i15": {"type": "hotspot", "points": [{"x": 10, "y": 20}]},
    "i16": {"type": "marker_drop", "drops": [{"marker": "m1", "x": 50, "y": 50}]},
    "i17": {"type": "essay", "text": f"{ANSWERED} and more."},
    "i18": {"type": "composite", "parts": [{"part": "p1", "answer": {"type": "true_false", "value": False}}]},
}
"""One answer of the right shape to each item of EVERY_KIND."""
