"""Items and answers as plain values, as an author and a learner send them."""

from typing import Any

import msgspec

from grading.answers import Unreadable, read_answer
from grading.engine import Compiled, Graded, grade, load
from grading.faults import FormatError, Malformed, Unloadable
from grading.model import Item
from grading.result import Share


def choices(*ids: str) -> list[dict[str, str]]:
    """A choice for each id."""
    return [{"id": each, "text": f"text of {each}"} for each in ids]


class Asked:
    """One item, ready to be answered."""

    def __init__(self, kind: str, **item: Any) -> None:
        ready = load(msgspec.convert({"id": "q", "type": kind, **item}, Item))
        assert isinstance(ready, Compiled), ready
        self.kind, self.item = kind, ready

    def graded(self, **answer: Any) -> Graded:
        read = read_answer(msgspec.json.encode({"type": self.kind, **answer}))
        assert not isinstance(read, Malformed | Unreadable), read
        verdict = grade(self.item, read)
        assert isinstance(verdict, Graded), verdict
        return verdict

    def earns(self, **answer: Any) -> Share | None:
        return self.graded(**answer).share

    def signals(self, **answer: Any) -> dict[str, str]:
        return {part.id: part.state for part in self.graded(**answer).result.parts}

    def refused(self, **answer: Any) -> tuple[FormatError, ...]:
        read = read_answer(msgspec.json.encode({"type": self.kind, **answer}))
        assert not isinstance(read, Unreadable)
        verdict = read if isinstance(read, Malformed) else grade(self.item, read)
        assert isinstance(verdict, Malformed), verdict
        return verdict.errors

    def errors(self, **answer: Any) -> list[tuple[str, str]]:
        return [(error.code, error.param) for error in self.refused(**answer)]


def flaws_of(kind: str, **item: Any) -> list[str]:
    """The paths of what makes the item ungradable."""
    verdict = load(msgspec.convert({"id": "q", "type": kind, **item}, Item))
    assert isinstance(verdict, Unloadable), verdict
    return [flaw.param for flaw in verdict.flaws]
