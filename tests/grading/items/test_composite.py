"""composite: parts of other kinds, weighted, gated, all at once."""

from fractions import Fraction
from typing import Any, get_args

import pytest

from grading.items.composite_parts import Part, PartKey
from grading.kinds import tag_of
from grading.simple import SimpleItem
from tests.grading.asking import Asked, choices, flaws_of

CONTENT: dict[str, Any] = {
    "stem": "All about it.",
    "parts": [
        {"id": "a", "type": "single_choice", "content": {"stem": "Which?", "choices": choices("x", "y", "z")}},
        {"id": "b", "type": "matching", "content": {"stem": "Match.", "stems": choices("s", "t"), "choices": choices("c", "d")}},
        {"id": "c", "type": "true_false", "content": {"stem": "So?"}},
    ],
}  # fmt: skip
KEYS: list[dict[str, Any]] = [
    {"part": "a", "type": "single_choice", "key": {"scores": {"x": 1, "y": 0.5, "z": -1}}},
    {"part": "c", "type": "true_false", "key": {"value": True}},
    {"part": "b", "type": "matching", "key": {"pairs": {"s": "c", "t": "d"}}, "scoring": {"wrong_penalty": 0.5}},
]
KEY = {"parts": KEYS}


def a(choice: str) -> dict[str, Any]:
    return {"part": "a", "answer": {"type": "single_choice", "choice": choice}}


def b(**pairs: str) -> dict[str, Any]:
    given = [{"stem": stem, "choice": choice} for stem, choice in pairs.items()]
    return {"part": "b", "answer": {"type": "matching", "pairs": given}}


def c(value: bool) -> dict[str, Any]:
    return {"part": "c", "answer": {"type": "true_false", "value": value}}


def test_every_other_kind_can_be_a_part() -> None:
    """A kind without its two halves could not be put into a composite."""
    simple = {tag_of(item) for item in get_args(SimpleItem)}
    assert {tag_of(part) for part in get_args(Part)} == {tag_of(key) for key in get_args(PartKey)} == simple


def test_parts_count_alike_unless_weighted() -> None:
    """Each by its own rule; an absent part is 0 and unanswered."""
    item = Asked("composite", content=CONTENT, key=KEY)
    assert item.earns(parts=[c(True), a("x"), b(s="c", t="d")]) == 1
    assert item.earns(parts=[a("y"), b(s="c")]) == Fraction(1, 3)
    assert item.signals(parts=[a("y"), b(s="c")]) == {"a": "partial", "b": "partial", "c": "unanswered"}
    weighted = Asked("composite", content=CONTENT, key=KEY, scoring={"weights": {"a": 2.5, "b": 0.5}})
    assert weighted.earns(parts=[a("y"), b(s="c"), c(False)]) == (Fraction(5, 4) + Fraction(1, 4)) / 4


def test_all_or_nothing_wants_every_part() -> None:
    """Three right parts are 1, anything less nothing."""
    item = Asked("composite", content=CONTENT, key=KEY, scoring={"rule": "all_or_nothing"})
    assert item.earns(parts=[a("x"), b(s="c", t="d"), c(True)]) == 1
    assert item.earns(parts=[a("x"), b(s="c", t="d")]) == 0
    assert item.earns(parts=[a("y"), b(s="c", t="d"), c(True)]) == 0


def test_a_part_behind_a_gate_counts_only_if_the_earlier_is_right() -> None:
    """Partly right does not open a gate; the part's own signal stays true."""
    item = Asked("composite", content=CONTENT, key=KEY, scoring={"gates": {"c": "a"}})
    assert item.earns(parts=[a("x"), c(True)]) == Fraction(2, 3)
    assert item.earns(parts=[a("y"), c(True)]) == Fraction(1, 6)
    assert item.earns(parts=[c(True)]) == 0
    assert item.signals(parts=[a("y"), c(True)]) == {"a": "partial", "b": "unanswered", "c": "right"}


@pytest.mark.parametrize(("floor", "share"), [(0, 0), (-0.5, Fraction(-1, 6)), (-1, Fraction(-1, 3))])
def test_no_part_earns_less_than_the_floor(floor: float, share: Fraction) -> None:
    """A part that loses points does so down to the floor of the whole."""
    assert Asked("composite", floor=floor, content=CONTENT, key=KEY).earns(parts=[a("z")]) == share


def test_a_part_for_a_person_leaves_the_whole_to_that_person() -> None:
    """The other parts have their signals already."""
    essay = {"id": "e", "type": "essay", "content": {"stem": "Why?"}}
    item = Asked(
        "composite",
        content={"stem": "Both.", "parts": [CONTENT["parts"][2], essay]},
        key={"parts": [KEYS[1], {"part": "e", "type": "essay", "key": {}}]},
    )
    graded = item.graded(parts=[c(True), {"part": "e", "answer": {"type": "essay", "text": "Because."}}])
    assert (graded.share, graded.result.state) == (None, "needs_review")
    assert item.signals(parts=[c(True), {"part": "e", "answer": {"type": "essay", "text": "Because."}}]) == {
        "c": "right"
    }
    assert item.earns(parts=[c(True)]) == Fraction(1, 2)


def essay(part: str = "e") -> dict[str, Any]:
    return {"part": part, "answer": {"type": "essay", "text": "Because."}}


def judged(**scoring: Any) -> Asked:
    """A choice, an essay, then a statement."""
    why = {"id": "e", "type": "essay", "content": {"stem": "Why?"}}
    content = {"stem": "All.", "parts": [CONTENT["parts"][0], why, CONTENT["parts"][2]]}
    keys = [KEYS[0], {"part": "e", "type": "essay", "key": {}}, KEYS[1]]
    return Asked("composite", content=content, key={"parts": keys}, scoring=scoring)


@pytest.mark.parametrize(
    ("scoring", "parts", "share"),
    [
        ({"gates": {"e": "a"}}, [a("y"), essay(), c(True)], Fraction(1, 2)),
        ({"gates": {"e": "a"}}, [essay(), c(True)], Fraction(1, 3)),
        ({"gates": {"e": "a"}}, [a("x"), essay(), c(True)], None),
        ({"gates": {"c": "e"}}, [a("x"), c(True)], Fraction(1, 3)),
        ({"gates": {"e": "a", "c": "e"}}, [a("y"), essay(), c(True)], None),
        ({"gates": {"e": "a", "c": "e"}}, [a("y"), essay(), c(False)], Fraction(1, 6)),
        ({"weights": {"e": 0}}, [a("x"), essay()], Fraction(1, 2)),
        ({"rule": "all_or_nothing"}, [a("y"), essay(), c(True)], 0),
        ({"rule": "all_or_nothing"}, [a("x"), essay(), c(True)], None),
    ],
)
def test_a_person_is_asked_only_where_it_can_count(
    scoring: dict[str, Any], parts: list[dict[str, Any]], share: object
) -> None:
    """A closed gate, no weight, or a part that failed where all must be right: nothing is left to judge."""
    assert judged(**scoring).earns(parts=parts) == share


def test_all_errors_of_all_parts_are_told_with_their_paths() -> None:
    """Structure and ids, in the parts and around them."""
    item = Asked("composite", content=CONTENT, key=KEY)
    answer = [
        a("w"),
        b(s="d", q="c"),
        {"part": "z", "answer": c(True)["answer"]},
        {"part": "c", "answer": a("x")["answer"]},
        a("x"),
    ]
    assert item.errors(parts=answer) == [
        ("unknown_id", "parts[0].answer.choice"),
        ("unknown_id", "parts[1].answer.pairs[1].stem"),
        ("unknown_id", "parts[2].part"),
        ("type_mismatch", "parts[3].answer.type"),
        ("duplicate_id", "parts[4].part"),
    ]
    assert item.errors(
        parts=[{"part": "b", "answer": {"type": "matching", "pairs": [{"stem": 1}]}}, {"answer": {}}]
    ) == [
        ("type_mismatch", "parts[0].answer.pairs[0].stem"),
        ("missing_field", "parts[0].answer.pairs[0].choice"),
        ("missing_field", "parts[1].part"),
        ("missing_field", "parts[1].answer.type"),
    ]


def test_a_composite_in_a_composite_is_refused() -> None:
    """Depth 1: an answer can't nest further."""
    nested = {"part": "a", "answer": {"type": "composite", "parts": []}}
    assert Asked("composite", content=CONTENT, key=KEY).errors(parts=[nested]) == [
        ("type_mismatch", "parts[0].answer.type")
    ]


def test_a_part_in_which_nothing_was_answered_is_left_out() -> None:
    """Graded where another part was answered; blank where none was."""
    item = Asked("composite", content=CONTENT, key=KEY)
    assert item.signals(parts=[b(), c(True)]) == {"a": "unanswered", "b": "unanswered", "c": "right"}
    assert item.errors(parts=[b()]) == [("answer_required", "parts")]
    assert item.errors(parts=[]) == [("answer_required", "parts")]
    every = Asked("composite", content=CONTENT | {"require_all": True}, key=KEY)
    (error,) = every.refused(parts=[b(), c(True)])
    assert (error.code, error.param, error.allowed) == ("too_few", "parts", ("a", "b"))


@pytest.mark.parametrize(
    ("keys", "scoring", "paths"),
    [
        (KEYS[:2], {}, ["content.parts[1].id"]),
        ([*KEYS, KEYS[0]], {}, ["key.parts[3].part"]),
        ([*KEYS, {**KEYS[1], "part": "z"}], {}, ["key.parts[3].part"]),
        ([KEYS[0], {**KEYS[1], "part": "b"}, {**KEYS[1]}], {}, ["key.parts[1].type"]),
        ([{**KEYS[0], "key": {"correct": "w"}}, *KEYS[1:]], {}, ["key.parts[0].key.correct"]),
        (KEYS, {"gates": {"a": "c"}}, ["scoring.gates.a"]),
        (KEYS, {"gates": {"a": "a", "z": "a"}}, ["scoring.gates.a", "scoring.gates.z"]),
        (KEYS, {"weights": {"z": 1}}, ["scoring.weights.z"]),
    ],
)
def test_parts_that_can_not_be_graded_are_refused(
    keys: list[dict[str, Any]], scoring: dict[str, Any], paths: list[str]
) -> None:
    """With the path in the whole item, in content or key."""
    assert flaws_of("composite", content=CONTENT, key={"parts": keys}, scoring=scoring) == paths


def test_a_flaw_in_the_content_of_a_part_has_its_path() -> None:
    """The second choice of the first part."""
    broken = {"id": "a", "type": "single_choice", "content": {"stem": "Which?", "choices": choices("x", "x")}}
    key = {"part": "a", "type": "single_choice", "key": {"correct": "x"}}
    assert flaws_of("composite", content={"stem": "One.", "parts": [broken]}, key={"parts": [key]}) == [
        "content.parts[0].content.choices[1].id"
    ]


def test_a_composite_of_costly_parts_is_refused() -> None:
    """Each part may be graded by itself; twenty of them in one answer would take longer than an answer may."""
    shape = [number for corner in range(64) for number in (corner * 10, corner % 2 * 500)]
    area = {"shape": "poly", "coords": shape}
    image = {"width": 1000, "height": 1000}
    content = {"stem": "Where?", "image": image, "max_points": 20}
    parts = [{"id": f"p{number}", "type": "hotspot", "content": content} for number in range(20)]
    keys = [{"part": part["id"], "type": "hotspot", "key": {"areas": [area, area]}} for part in parts]
    Asked("composite", content={"stem": "One.", "parts": parts[:1]}, key={"parts": keys[:1]})
    assert flaws_of("composite", content={"stem": "All.", "parts": parts}, key={"parts": keys}) == ["content"]
