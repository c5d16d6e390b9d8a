"""The one door to grading: load an authored item once, then validate and grade any number of answers.

Pure functions of their arguments: no clock, no chance, no input or output. Same input, same bytes.
"""

from fractions import Fraction
from typing import Any, Final, TypeAlias, assert_never

from msgspec import Struct

from grading.faults import Blank, Flaws, FormatError, Malformed, Unloadable
from grading.items import single_choice
from grading.items.single_choice import SingleChoice
from grading.kinds import Loaded
from grading.model import Answer, Gradable
from grading.parts import exact
from grading.result import Result, Scored, Share, cents_of, points_text, rounded

NEARLY: Final = Fraction(1, 1_000_000)
"""Shares written as decimals (0.3333333) add up to nearly 1: closer than this is right, and nearer to 0 is wrong."""


class Compiled(Struct, frozen=True):
    """An item that can be graded: build it once per published version, share it freely."""

    id: str
    kind: str
    points_cents: int
    floor: Share
    allow_blank: bool
    loaded: Loaded


class Graded(Struct, frozen=True):
    """One graded answer: the exact share (None: a person must judge) and what is shown of it."""

    share: Share | None
    result: Result


def load(item: Gradable) -> Compiled | Unloadable:
    """Return the item ready to grade, or every flaw that makes it ungradable. Never raises for what an author wrote."""
    flaws = Flaws()
    prepared = _prepare(item, flaws)
    if flaws:
        return Unloadable(flaws.all())
    assert prepared is not None  # ruff: ignore[assert] - a kind that returns None has named a flaw
    tag = type(item).__struct_config__.tag
    return Compiled(item.id, str(tag), cents_of(item.points), exact(item.floor), item.allow_blank, prepared)


def validate(item: Compiled, answer: Answer) -> tuple[FormatError, ...]:
    """Return all format errors of the answer; none means that it can be graded. Looks at no key."""
    reading = _read(item, answer)
    return reading.errors if isinstance(reading, Malformed) else ()


def grade(item: Compiled, answer: Answer) -> Graded | Malformed:
    """Return the answer's grade, or all its format errors."""
    reading = _read(item, answer)
    if isinstance(reading, Malformed):
        return reading
    if isinstance(reading, Blank):
        return Graded(0, Result(0.0, "0.00", "wrong", attempted=False))
    return _graded(item, item.loaded.rubric.score(reading))


def _read(item: Compiled, answer: Answer) -> Any:
    if type(answer) is not item.loaded.answer_type:
        given = type(answer).__struct_config__.tag
        return Malformed(
            (FormatError("type_mismatch", "type", f"the item is a {item.kind}, the answer is for a {given}"),)
        )
    reading = item.loaded.form.read(answer)
    if isinstance(reading, Blank) and not item.allow_blank:
        return Malformed((FormatError("answer_required", reading.param, "nothing is answered"),))
    return reading


def _graded(item: Compiled, scored: Scored) -> Graded:
    share = scored.share
    if share is None:
        return Graded(None, Result(None, "0.00", "needs_review", True, scored.parts, scored.notices))
    share = min(max(share, item.floor), 1)
    if share > 1 - NEARLY:
        share = 1
    state: Any = "right" if share == 1 else "wrong" if share < NEARLY else "partial"
    shown = Result(rounded(share), points_text(share, item.points_cents), state, True, scored.parts, scored.notices)
    return Graded(share, shown)


Prepared: TypeAlias = Loaded | None


def _prepare(item: Gradable, flaws: Flaws) -> Prepared:
    match item:
        case SingleChoice():
            return single_choice.load(item, flaws)
        case _:
            assert_never(item)
