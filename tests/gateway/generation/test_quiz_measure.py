"""Quizzes hold against the measure, row by row, on documents of many makes."""

from pathlib import Path
from typing import get_args

import msgspec
import pytest

from gateway.generation.builtin.quiz.candidate import Made
from gateway.generation.model import NothingElse
from tests.gateway.generation.measure_quiz import judge
from tests.gateway.generation.quiz_course import DOCUMENTS, documents, examiner_of, exported

ALWAYS = [
    "item well-formed",
    "key in the cited span",
    "key put back agrees",
    "no second right answer",
    "options distinct",
    "none asks the same",
    "no catch-all",
]
SCARCE = 12
"""With fewer questions than this the source did not allow for every type and spread."""
NEEDS_MANY = {"types", "no type over 40 %", "key terms varied", "true and false even", "key positions even"}


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.stem)
def test_a_quiz_meets_the_measure(path: Path) -> None:
    """Every row that must hold always holds; of the others at most a tenth fails."""
    text = path.read_text(encoding="utf-8")
    examiner = examiner_of(text, name=path.name)
    quizzes = exported(examiner)
    rows = judge(quizzes, text, list(examiner.taught))
    for name in ALWAYS:
        assert rows[name].holds, (name, rows[name])
    few = sum(map(len, quizzes)) < SCARCE
    judged = {name: row for name, row in rows.items() if not (few and name in NEEDS_MANY)}
    failing = {name: row for name, row in judged.items() if not row.holds}
    assert len(failing) <= len(judged) // 10, failing


HIVE = (DOCUMENTS / "hive.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("sentence", "key", "options", "holds"),
    [
        (
            "In late spring the _____ raise new queens in special cells that hang from the edge of the comb.",
            "workers",
            ["foragers", "bees"],
            False,
        ),
        (
            "If nurses are missing, _____ can redevelop the glands that produce royal jelly.",
            "foragers",
            ["drones", "bees"],
            False,
        ),
        (
            "In late spring the _____ raise new queens in special cells that hang from the edge of the comb.",
            "workers",
            ["glands", "drones"],
            True,
        ),
    ],
)
def test_an_option_that_holds_the_right_one_is_noticed(
    sentence: str, key: str, options: list[str], holds: bool
) -> None:
    """What is true of workers is true of bees: the wider term is a second right answer."""
    whole = sentence.replace("_____", key)
    start = HIVE.index(whole)
    choices = [{"id": f"c{at}", "text": text} for at, text in enumerate([key, *options])]
    item = {
        "type": "gap_select", "id": "q_1", "source_ref": {"source_id": "src_1", "start": start, "end": start + len(whole)},
        "content": {"stem": sentence, "gaps": [{"id": "g1", "options": choices}]}, "key": {"gaps": {"g1": "c0"}},
    }  # fmt: skip
    assert judge([[item]], HIVE, [whole])["no second right answer"].holds is holds


def test_every_kind_is_asked_somewhere() -> None:
    """Over ordinary documents the generator makes every kind of item that it knows."""
    kinds = {
        item["type"]
        for path in documents()
        for quiz in exported(examiner_of(path.read_text(encoding="utf-8"), name=path.name))
        for item in quiz
    }
    assert kinds == {kind.value for kind in get_args(Made)}


def test_a_course_of_one_module_varies_its_questions() -> None:
    """Five questions are of five types where the source allows."""
    (quiz,) = exported(examiner_of(HIVE, name="hive.txt", modules=1))
    assert len({item["type"] for item in quiz}) == 5


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.stem)
def test_another_quiz_meets_the_measure(path: Path) -> None:
    """A regenerated quiz holds the same rows beside the other modules' quizzes."""
    text = path.read_text(encoding="utf-8")
    examiner = examiner_of(text, name=path.name)
    quizzes = exported(examiner)
    for index, quiz in enumerate(quizzes):
        try:
            another = examiner.another(index, [examiner.quiz(index).items], ["other questions"])
        except NothingElse:
            continue
        remade = [*quizzes[:index], msgspec.to_builtins(another.items), *quizzes[index + 1 :]]
        assert remade[index] != quiz
        rows = judge(remade, text, list(examiner.taught))
        for name in ALWAYS:
            assert rows[name].holds, (name, rows[name])
