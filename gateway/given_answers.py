"""A learner's answers between the body of a request and the engine: read, or refused with every place that is wrong.

Decided from content and answers alone, before anything is counted or claimed. What is wrong is told by path and code;
an answer is never repeated, in no error and in no log.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import Raw

from gateway.errors import InvalidAnswerFormat, MalformedJson
from grading.answers import Answers, Given, Misshapen, Unreadable, read_answer, read_answers
from grading.engine import Graded, grade
from grading.faults import FormatError, Malformed, shown
from grading.model import Answer
from grading.submission import CompiledAssessment, Report, grade_all

ANSWERS: Final = "answers"
"""The field of a body that holds several answers."""

ANSWER: Final = "answer"
"""The field of a body that holds one answer."""

HALF_DONE: Final = frozenset(
    {
        "too_few",
        "answer_required",
        "not_a_number",
        "ambiguous_number",
        "separator_not_allowed",
        "non_finite",
        "out_of_range",
        "not_on_step",
        "division_by_zero",
        "unknown_unit",
        "unit_required",
        "syntax_error",
        "undefined_variable",
        "function_not_allowed",
        "incomplete_order",
    }
)
"""What may be wrong with an answer that somebody is still working on: it is saved all the same, and graded only once
it is right.
"""


def answers_of(raw: Raw | bytes) -> Answers:
    """Read a list of answers. Raises MalformedJson and, for what is no list at all, InvalidAnswerFormat."""
    read = read_answers(raw)
    if isinstance(read, tuple):
        return read
    if isinstance(read, Unreadable):
        raise MalformedJson
    raise malformed(read, ANSWERS)


def answer_of(raw: Raw | bytes) -> Answer | Malformed:
    """Read one answer, or everything that is wrong with its shape. Raises MalformedJson."""
    read = read_answer(raw)
    if isinstance(read, Unreadable):
        raise MalformedJson
    return read


def malformed(found: Malformed, path: str = "") -> InvalidAnswerFormat:
    """The refusal that names every error; `path` is where the errors' own paths begin in the body, if not at its top."""
    errors = [error.under(path) for error in found.errors] if path else found.errors
    return InvalidAnswerFormat([_told(error) for error in errors])


def _told(error: FormatError) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(error)
    return plain


def graded_all(exam: CompiledAssessment, answers: Answers) -> Report:
    """Grade the answers to an assessment. Raises InvalidAnswerFormat."""
    report = grade_all(exam, answers)
    if isinstance(report, Malformed):
        raise malformed(report)
    return report


def graded_one(exam: CompiledAssessment, item_id: str, answer: Answer | Malformed) -> Graded:
    """Grade one answer of a body `{item_id, answer}`. Raises InvalidAnswerFormat."""
    place = exam.places.get(item_id)
    if place is None:
        unknown = FormatError("unknown_id", "item_id", f"no item has the id {shown(item_id)!r}")
        raise malformed(Malformed((unknown,)))
    graded = answer if isinstance(answer, Malformed) else grade(exam.items[place], answer)
    if isinstance(graded, Malformed):
        raise malformed(graded, ANSWER)
    return graded


def unfinished(exam: CompiledAssessment, answers: Answers) -> None:
    """Let answers pass that can be saved: those that are right, and those that somebody is in the middle of.

    Raises InvalidAnswerFormat for what no further typing makes right: shapes, unknown and doubled ids, lengths.
    """
    report = grade_all(exam, answers)
    if isinstance(report, Malformed):
        lasting = tuple(error for error in report.errors if error.code not in HALF_DONE)
        if lasting:
            raise malformed(Malformed(lasting))


def graded_as_far_as_possible(exam: CompiledAssessment, answers: Answers) -> Report:
    """Grade what was saved when time ran out: an answer that somebody was in the middle of counts as not given."""
    report = grade_all(exam, answers)
    if isinstance(report, Malformed):
        report = grade_all(exam, _finished(exam, answers))
    assert isinstance(report, Report)  # ruff: ignore[assert] - what is left can be graded, each answer by itself
    return report


def _finished(exam: CompiledAssessment, answers: Sequence[Given | Misshapen]) -> Answers:
    kept: dict[str, Given] = {}
    for given in answers:
        place = None if given.item_id is None else exam.places.get(given.item_id)
        if place is None or isinstance(given, Misshapen):
            continue
        if not isinstance(grade(exam.items[place], given.answer), Malformed):
            kept.setdefault(given.item_id, given)
    return tuple(kept.values())
