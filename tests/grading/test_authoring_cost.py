"""What a refusal costs is not its sender's choice: however costly the items of a body are, loading them ends soon."""

from time import process_time
from typing import Any

import msgspec
import pytest

from grading.accepted_text import ANSWERS_MAX
from grading.faults import Unloadable
from grading.model import Item
from grading.submission import FLAWS_TOLD, load_all

SECONDS = 2.0
"""Several times what the worst of these takes, and a fraction of what one of them took without its bound."""


def short_text(number: int, patterns: list[str], max_length: int) -> dict[str, Any]:
    answers = [{"text": pattern, "mode": "regex"} for pattern in patterns]
    content = {"stem": "?", "max_length": max_length}
    return {"type": "short_text", "id": f"q{number}", "content": content, "key": {"answers": answers}}


def loaded_in_time(authored: list[dict[str, Any]]) -> Any:
    items = msgspec.convert(authored, tuple[Item, ...])
    before = process_time()
    found = load_all(items)
    assert process_time() - before < SECONDS
    return found


@pytest.mark.parametrize("max_length", [1, 100, 500])
@pytest.mark.parametrize("pattern", [r"\pL{500}", r"(\pL{10}){90}", r"\pL{80}", r"\pL\pL\pL", "a{1000}", "(a{30}){30}"])
def test_thousands_of_costly_patterns_are_refused_soon(pattern: str, max_length: int) -> None:
    """RE2 needs up to 50 ms for some of them: 10 000 would hold a process up for minutes."""
    authored = [
        short_text(number, [f"{pattern}{number}x{place}" for place in range(50)], max_length) for number in range(200)
    ]
    assert isinstance(loaded_in_time(authored), Unloadable)


def test_costly_patterns_that_each_item_may_have_are_refused_together() -> None:
    """The summed budget ends the loading, not only the grading."""
    authored = [short_text(number, [rf"\pL\pL{number}"], 50) for number in range(200)]
    found = loaded_in_time(authored)
    assert isinstance(found, Unloadable)
    assert [flaw.param for flaw in found.flaws] == ["items"]


def test_answers_of_too_many_gaps_are_not_even_prepared() -> None:
    """Too many are refused by their number alone."""
    gaps = [{"id": f"g{number}"} for number in range(40)]
    key = {gap["id"]: [{"text": rf"\pL{{90}}{place}", "mode": "regex"} for place in range(50)] for gap in gaps}
    authored = [{"type": "gap_text", "id": "q", "content": {"stem": "_____ " * 40, "gaps": gaps}, "key": {"gaps": key}}]
    found = loaded_in_time(authored)
    assert isinstance(found, Unloadable)
    assert (found.flaws[0].param, str(ANSWERS_MAX) in found.flaws[0].message) == ("items[0].key.gaps", True)


def test_where_flaws_are_many_the_last_items_are_not_looked_at() -> None:
    """All of the first are told; an author who corrects them is told the next."""
    authored = [short_text(number, ["(", ")"], 100) for number in range(200)]
    found = loaded_in_time(authored)
    assert isinstance(found, Unloadable)
    assert FLAWS_TOLD <= len(found.flaws) < FLAWS_TOLD + 2
