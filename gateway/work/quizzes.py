"""What becomes of a generated quiz: the questions that the engine can grade, as an assessment that learners take.

A question that `load` refuses is dropped: no learner ever finds out that it can't be graded.
"""

import re
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct

from gateway.assessment_settings import AssessmentSettings
from grading.faults import Unloadable
from grading.model import Item
from grading.result import cents_of
from grading.submission import load_all

TITLE_MAX: Final = 200
"""As long as an author may make an assessment's title."""

_PLACE: Final = re.compile(r"items\[(\d+)\]")
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")

_settings: Final = msgspec.json.encode(AssessmentSettings())


class Quiz(Struct, frozen=True):
    """Questions that can be graded: `items` as JSON with their keys, `points_cents` is what they are worth together."""

    items: bytes
    points_cents: int


class Sifted(Struct, frozen=True):
    """A quiz without what can't be graded (None: nothing is left), and where each flaw was, such as
    `items[3].key.answers[0].text`; a flaw's place says nothing of the key.
    """

    quiz: Quiz | None
    flaws: tuple[str, ...]
    dropped: int


class MadeQuiz(Struct, frozen=True):
    """A quiz as SQL keeps it: the type `made_quiz` of the migration 0005_generation_work."""

    assessment_id: str
    title: str
    items: bytes
    settings: bytes
    points_cents: int


def sift(items: Sequence[Item]) -> Sifted:
    """Return what can be graded of the items, in their order. Items that together cost too much to grade are none."""
    loaded = load_all(items)
    if not isinstance(loaded, Unloadable):
        return Sifted(_quiz(items), (), 0)
    paths = tuple(flaw.param for flaw in loaded.flaws)
    bad = {int(place[1]) for path in paths if (place := _PLACE.match(path)) is not None}
    left = [item for place, item in enumerate(items) if place not in bad]
    if not bad or isinstance(load_all(left), Unloadable):
        left = []
    return Sifted(_quiz(left), paths, len(items) - len(left))


def made_quiz(quiz: Quiz, assessment_id: str, module_title: str) -> MadeQuiz:
    """Return the quiz as an assessment with the settings that an author gets who says nothing about them."""
    title = " ".join(_UNSEEN.sub(" ", module_title).split())[:TITLE_MAX].rstrip()
    return MadeQuiz(assessment_id, title or "Quiz", quiz.items, _settings, quiz.points_cents)


def remark_on(dropped: int, left: Quiz | None) -> str | None:
    """Say to a teacher what was left out because it can't be graded."""
    if not dropped:
        return None
    if left is None:
        return "No generated question could be graded, so there is no quiz to take."
    left_out = "question could not be graded and was" if dropped == 1 else "questions could not be graded and were"
    return f"{dropped} generated {left_out} left out."


def _quiz(items: Sequence[Item]) -> Quiz | None:
    if not items:
        return None
    return Quiz(msgspec.json.encode(items), sum(cents_of(item.points) for item in items))
