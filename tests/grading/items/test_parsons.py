"""parsons, from the authored item to the grade."""

from fractions import Fraction
from functools import partial
from itertools import permutations, starmap
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.engine import Compiled, Graded, grade, load, validate
from grading.faults import Unloadable
from grading.items.parsons import (
    KeyBlock,
    Parsons,
    ParsonsAnswer,
    ParsonsContent,
    ParsonsKey,
    ParsonsScoring,
    PlacedBlock,
)
from grading.parts import Choice
from grading.result import PartSignal
from tests.effort import stays_within

LIST = ParsonsKey((KeyBlock("a"), KeyBlock("b"), KeyBlock("c"), KeyBlock("d")))
DIAMOND = ParsonsKey(
    (KeyBlock("a"), KeyBlock("b", after=("a",)), KeyBlock("c", after=("a",)), KeyBlock("d", after=("b", "c"))), "dag"
)
INDENTED = ParsonsKey((KeyBlock("a", 0), KeyBlock("b", 1), KeyBlock("c", None)))


def content(blocks: str = "abcdxy", indent: bool = False) -> ParsonsContent:
    return ParsonsContent("Put in order.", tuple(Choice(block, f"block {block}") for block in blocks), indent)


def item(
    key: ParsonsKey = LIST, rule: Any = "edit", blocks: str = "abcdxy", indent: bool = False, **more: Any
) -> Parsons:
    return Parsons(id="q1", content=content(blocks, indent), key=key, scoring=ParsonsScoring(rule), **more)


def compiled(*args: Any, **more: Any) -> Compiled:
    loaded = load(item(*args, **more))
    assert isinstance(loaded, Compiled), loaded
    return loaded


def graded(loaded: Compiled, *blocks: str | tuple[str, int]) -> Graded:
    placed = [PlacedBlock(block) if isinstance(block, str) else PlacedBlock(*block) for block in blocks]
    outcome = grade(loaded, ParsonsAnswer(tuple(placed)))
    assert isinstance(outcome, Graded), outcome
    return outcome


def share(loaded: Compiled, *blocks: str | tuple[str, int]) -> object:
    return graded(loaded, *blocks).share


@pytest.mark.parametrize(
    ("placed", "edits"),
    [("abcd", 0), ("abc", 1), ("abcdx", 1), ("bacd", 2), ("abxcd", 1), ("dcba", 6), ("d", 3), ("xy", 6), ("dabc", 2)],
)
def test_edits_are_blocks_to_take_out_and_to_put_in(placed: str, edits: int) -> None:
    """N + m - 2K edits, a share of 1 - edits / n, never below 0."""
    assert share(compiled(), *placed) == max(0, Fraction(4 - edits, 4))


def test_any_order_that_the_graph_allows_is_right() -> None:
    """Of a diamond the two middle blocks may change places; nothing else may."""
    loaded = compiled(DIAMOND)
    for placed in permutations("abcd"):
        expected = placed[0] == "a" and placed[3] == "d"
        assert (share(loaded, *placed) == 1) is expected, placed
    assert share(loaded, *"dabc") == Fraction(1, 2)
    assert share(loaded, *"bcad") == Fraction(1, 2)
    assert share(loaded, *"dbca") == 0
    assert share(loaded, *"cbd") == Fraction(3, 4)


def test_a_block_with_a_wrong_indent_is_not_counted() -> None:
    """It is taken out and put in again: two edits. An indent that the key leaves open is right."""
    loaded = compiled(INDENTED, indent=True)
    assert share(loaded, ("a", 0), ("b", 1), ("c", 7)) == 1
    assert share(loaded, ("a", 0), ("b", 2), ("c", 0)) == Fraction(1, 3)
    assert share(loaded, ("a", 1), ("b", 2), ("c", 0)) == 0


def test_all_or_nothing_wants_no_edit() -> None:
    """One block too many, too few or out of place: nothing."""
    loaded = compiled(rule="all_or_nothing")
    assert share(loaded, *"abcd") == 1
    for placed in ("abc", "abcdx", "abdc", "x"):
        assert share(loaded, *placed) == 0
    assert share(compiled(DIAMOND, "all_or_nothing"), *"acbd") == 1
    assert share(compiled(INDENTED, "all_or_nothing", indent=True), ("a", 0), ("b", 0), ("c", 0)) == 0


def test_a_prefix_ends_at_the_first_block_that_may_not_stand_there() -> None:
    """Its length over the blocks needed; what follows costs nothing."""
    loaded = compiled(rule="prefix")
    for placed, kept in (("abcd", 4), ("abdc", 2), ("abxcd", 2), ("b", 0), ("xabcd", 0), ("abcdxy", 4)):
        assert share(loaded, *placed) == Fraction(kept, 4), placed
    graph = compiled(DIAMOND, "prefix")
    for placed, kept in (("acbd", 4), ("acdb", 2), ("cabd", 0), ("abdc", 2)):
        assert share(graph, *placed) == Fraction(kept, 4), placed
    indented = compiled(INDENTED, "prefix", indent=True)
    assert share(indented, ("a", 0), ("b", 0), ("c", 0)) == Fraction(1, 3)


def test_each_placed_block_is_signalled() -> None:
    """Right if it may stay, wrong if not, distractors among the wrong; blocks that were not placed are not named."""
    assert graded(compiled(), *"bxcda").result.parts == tuple(
        starmap(PartSignal, zip("bxcda", ("right", "wrong", "right", "right", "wrong"), strict=True))
    )
    assert graded(compiled(rule="prefix"), *"abdc").result.parts == tuple(
        starmap(PartSignal, zip("abdc", ("right", "right", "wrong", "wrong"), strict=True))
    )


def test_format_errors_name_every_place() -> None:
    """Unknown and repeated blocks, missing and impossible indents, all at once."""
    answer = ParsonsAnswer((PlacedBlock("a", 0), PlacedBlock("q", 21), PlacedBlock("a", -1), PlacedBlock("b")))
    assert [(error.code, error.param, error.limit) for error in validate(compiled(INDENTED, indent=True), answer)] == [
        ("unknown_id", "blocks[1].id", None),
        ("out_of_range", "blocks[1].indent", 20),
        ("duplicate_id", "blocks[2].id", None),
        ("out_of_range", "blocks[2].indent", 20),
        ("missing_field", "blocks[3].indent", None),
    ]
    assert [(error.code, error.param) for error in validate(compiled(), answer)] == [
        ("unknown_id", "blocks[1].id"),
        ("duplicate_id", "blocks[2].id"),
    ]
    assert [(error.code, error.param) for error in validate(compiled(), ParsonsAnswer(()))] == [
        ("answer_required", "blocks")
    ]


def test_indents_that_are_not_asked_for_are_ignored() -> None:
    """A player may send them anyway."""
    assert share(compiled(), ("a", 5), ("b", -7), "c", ("d", 99)) == 1


@pytest.mark.parametrize(
    ("authored", "expected"),
    [
        (item(blocks="abcda"), ["content.blocks[4].id"]),
        (item(ParsonsKey((KeyBlock("a"), KeyBlock("a")))), ["key.blocks[1].id"]),
        (item(ParsonsKey((KeyBlock("q"),))), ["key.blocks[0].id"]),
        (item(INDENTED), ["key.blocks[0].indent", "key.blocks[1].indent"]),
        (item(ParsonsKey((KeyBlock("a"), KeyBlock("b", after=("a",))))), ["key.blocks[1].after"]),
        (item(ParsonsKey((KeyBlock("a", after=("x",)),), "dag")), ["key.blocks[0].after[0]"]),
        (item(ParsonsKey((KeyBlock("a", after=("a",)),), "dag")), ["key.blocks"]),
        (item(ParsonsKey((KeyBlock("a", after=("b",)), KeyBlock("b", after=("a",))), "dag")), ["key.blocks"]),
        (
            item(
                ParsonsKey(tuple(KeyBlock(b, after=tuple("abcdefgh"[:8]) * 5) for b in "pqrstu"), "dag"),
                blocks="abcdefghpqrstu",
            ),
            [f"key.blocks[{place}].after[{edge}]" for place in range(6) for edge in range(40)] + ["key.blocks"],
        ),
    ],
)
def test_an_item_that_cant_be_graded_is_refused_with_the_place(authored: Parsons, expected: list[str]) -> None:
    """Ids that are not there or twice, indents nobody asks for, circles, more edges than an answer may cost."""
    loaded = load(authored)
    assert isinstance(loaded, Unloadable)
    assert [flaw.param for flaw in loaded.flaws] == expected


@given(st.permutations("abcdxy"), st.integers(1, 6), st.sampled_from([LIST, DIAMOND]))
def test_taking_a_distractor_out_never_costs(placed: list[str], length: int, key: ParsonsKey) -> None:
    """An answer without its distractors earns at least as much, and every share lies from 0 to 1."""
    loaded = compiled(key)
    placed = placed[:length]
    cleaned = [block for block in placed if block not in "xy"]
    earned = share(loaded, *placed)
    assert isinstance(earned, int | Fraction)
    assert 0 <= earned <= 1
    if cleaned:
        better = share(loaded, *cleaned)
        assert isinstance(better, int | Fraction)
        assert better >= earned


def test_forty_blocks_take_no_time() -> None:
    """The largest item, in reverse and with crossing edges: below 5 ms."""
    names = [f"b{place}" for place in range(40)]
    blocks = tuple(Choice(name, name) for name in names)
    keys = (
        ParsonsKey(tuple(map(KeyBlock, names))),
        ParsonsKey(
            tuple(
                KeyBlock(name, after=tuple(names[earlier] for earlier in range(max(0, place - 5), place)))
                for place, name in enumerate(names)
            ),
            "dag",
        ),
    )
    for key in keys:
        loaded = load(Parsons(id="q1", content=ParsonsContent("?", blocks), key=key))
        assert isinstance(loaded, Compiled)
        answer = ParsonsAnswer(tuple(PlacedBlock(name) for name in reversed(names)))
        assert stays_within(0.005, partial(grade, loaded, answer))
