"""What the builtin generator asks can be graded: by the engine, to the last item, on every document of these tests."""

from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.cli import tour_answers
from grading.engine import Compiled, Graded, grade, load, validate
from grading.model import Answer, Item
from grading.submission import CompiledAssessment, load_all
from tests.gateway.generation.quiz_course import documents, examiner_of, exported

KINDS = {
    "single_choice",
    "multiple_choice",
    "true_false",
    "gap_text",
    "gap_select",
    "matching",
    "ordering",
    "numeric",
    "short_text",
}


def quizzes_of(document: Path) -> list[list[dict[str, Any]]]:
    """Every module's quiz of a course of this document, larger than usual, so that much is asked."""
    return exported(examiner_of(document.read_text(encoding="utf-8"), name=document.name, wanted=8))


def graded(item: dict[str, Any], answer: dict[str, Any]) -> Graded:
    loaded = load(msgspec.convert(item, Item))
    assert isinstance(loaded, Compiled), loaded
    found = grade(loaded, msgspec.convert(answer, Answer))
    assert isinstance(found, Graded), found
    return found


@pytest.mark.parametrize("document", documents(), ids=lambda document: document.name)
def test_every_item_is_graded_by_its_key(document: Path) -> None:
    """The key as answer earns everything, a wrong answer nothing, a partly right one a part, numbers with group marks too."""
    quizzes = quizzes_of(document)
    for item in chain(*quizzes):
        assert graded(item, tour_answers.right(item)).share == 1, item
        assert graded(item, tour_answers.wrong(item)).share == 0, item
        partly = tour_answers.partly_right(item)
        if partly is not None:
            assert graded(item, partly).result.state == "partial", item
    for quiz in quizzes:
        assert isinstance(load_all(msgspec.convert(quiz, list[Item])), CompiledAssessment)


def test_all_kinds_are_asked() -> None:
    """Over the documents each of the nine kinds that a quiz is made of occurs."""
    assert {item["type"] for document in documents() for item in chain(*quizzes_of(document))} == KINDS


def test_a_number_is_typed_as_the_source_groups_it() -> None:
    """With its commas and without; never with a comma elsewhere."""
    items = [item for document in documents() for item in chain(*quizzes_of(document)) if item["type"] == "numeric"]
    grouped = [item for item in items if "," in item["key"]["answers"][0]["value"]]
    assert grouped
    for item in grouped:
        written = item["key"]["answers"][0]["value"]
        loaded = load(msgspec.convert(item, Item))
        assert isinstance(loaded, Compiled)
        plain = {"type": "numeric", "value": written.replace(",", "")}
        assert graded(item, plain).share == 1
        misgrouped = {"type": "numeric", "value": f"{written[0]},{written[1:].replace(',', '')}"}
        if misgrouped["value"] != written:
            (error,) = validate(loaded, msgspec.convert(misgrouped, Answer))
            assert error.code == "ambiguous_number"


@pytest.mark.parametrize("document", documents(), ids=lambda document: document.name)
def test_what_the_tour_calls_malformed_is(document: Path) -> None:
    """Whatever the kind, the wrong shape or at least one format error is found, without a look at the key."""
    for item in chain(*quizzes_of(document)):
        loaded = load(msgspec.convert(item, Item))
        assert isinstance(loaded, Compiled)
        try:
            answer = msgspec.convert(tour_answers.malformed(item), Answer)
        except msgspec.ValidationError:
            continue
        assert validate(loaded, answer), item
