"""Setting quizzes: the same every time, each module its own questions, and versions that differ."""

from itertools import chain

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.generation.builtin.quiz import make_quiz
from gateway.generation.builtin.quiz.remake import direction_of
from gateway.generation.model import GenerationFailed, NothingElse
from grading.model import Item
from tests.gateway.generation.quiz_course import DOCUMENTS, SHIPPED, examiner_of, exported
from tests.gateway.generation.quiz_reading import visible

TIDES = (SHIPPED / "tides.md").read_text(encoding="utf-8")
HEART = (DOCUMENTS / "heart.md").read_text(encoding="utf-8")


def test_the_same_source_gives_the_same_bytes() -> None:
    """A worker that starts over makes exactly what the one before it made."""
    assert msgspec.json.encode(exported(examiner_of(HEART))) == msgspec.json.encode(exported(examiner_of(HEART)))


def test_another_center_gets_the_same_questions_under_other_ids() -> None:
    """Who brings the same document reads the same quiz, and can't reckon which id another center's question has."""
    ours, theirs = (list(chain(*exported(examiner_of(HEART, lot=lot)))) for lot in ("ours", "theirs"))
    assert not {item["id"] for item in ours} & {item["id"] for item in theirs}
    assert [item | {"id": ""} for item in ours] == [item | {"id": ""} for item in theirs]


def test_modules_made_one_by_one_are_those_of_the_whole() -> None:
    """After a crash the next worker makes the missing module as if nothing had happened."""
    whole = examiner_of(HEART)
    for module in whole.outline.modules:
        alone = make_quiz(whole.lots, whole.study, whole.outline, whole.taught, index=module.index, wanted=whole.wanted)
        assert alone == whole.quiz(module.index)


def test_no_id_comes_twice_in_a_course() -> None:
    """An answer names its item by id alone."""
    ids = [item["id"] for item in chain(*exported(examiner_of(TIDES)))]
    assert len(set(ids)) == len(ids)


def test_a_quiz_never_has_more_than_was_asked_for() -> None:
    """`questions_per_module` is the most; a short quiz says so, a full one says nothing."""
    for wanted in (0, 1, 3, 8):
        examiner = examiner_of(TIDES, wanted=wanted)
        for module in examiner.outline.modules:
            quiz = examiner.quiz(module.index)
            assert len(quiz.items) <= wanted
            assert (quiz.note is None) == (len(quiz.items) == wanted)


def test_a_text_without_a_fact_gives_no_question() -> None:
    """Better none than a doubtful one, and the note says it."""
    examiner = examiner_of("# Shopping\n\n- milk\n- eggs\n- bread\n")
    quiz = examiner.quiz(0)
    assert quiz.items == []
    assert quiz.note is not None


def test_other_questions_are_other_questions() -> None:
    """Nothing of the version before comes back as long as the source has more to ask."""
    examiner = examiner_of(TIDES)
    first = examiner.quiz(0).items
    second = examiner.another(0, [first], ["other questions, please"]).items
    assert len(second) == len(first)
    assert not {item.id for item in first} & {item.id for item in second}


def test_fewer_questions_are_some_of_the_same() -> None:
    """The note is followed, and what is left is what was there."""
    examiner = examiner_of(TIDES)
    first = examiner.quiz(0).items
    second = examiner.another(0, [first], ["fewer questions"]).items
    assert 0 < len(second) < len(first)
    assert {item.id for item in second} < {item.id for item in first}


def test_more_questions_keep_those_there_are() -> None:
    """The note is followed by adding."""
    examiner = examiner_of(TIDES, wanted=3)
    first = examiner.quiz(0).items
    second = examiner.another(0, [first], ["more questions"]).items
    assert len(second) > len(first)
    assert {item.id for item in first} < {item.id for item in second}


def test_a_term_that_the_note_names_is_asked_about() -> None:
    """A teacher who wants questions on the Moon gets questions on the Moon."""
    examiner = examiner_of(TIDES, wanted=3)
    first = examiner.quiz(0).items
    second = examiner.another(0, [first], ["please ask about perigee"]).items
    assert any("perigee" in visible(msgspec.to_builtins(item)) for item in second)


def test_versions_never_repeat_until_nothing_is_left() -> None:
    """Every version differs from all before it; in the end the regeneration fails instead of repeating."""
    examiner = examiner_of((DOCUMENTS / "yeast.md").read_text(encoding="utf-8"))
    versions = [examiner.quiz(0).items]
    while len(versions) < 60:
        try:
            versions.append(examiner.another(0, versions, ["other questions"]).items)
        except NothingElse:
            break
    asked = [frozenset(item.id for item in version) for version in versions]
    assert len(set(asked)) == len(asked)
    assert 1 < len(versions) < 60


@pytest.mark.parametrize(
    ("wish", "direction"),
    [
        ("fewer questions", "fewer"),
        ("This quiz is too long.", "fewer"),
        ("more questions about the heap", "more"),
        ("More!", "more"),
        ("please use other questions", "other"),
        ("make it simpler", "other"),
        ("", "other"),
        ("more questions, less text", "more"),
    ],
)
def test_a_wish_is_read_in_plain_words(wish: str, direction: str) -> None:
    """Whatever is neither fewer nor more asks for others."""
    assert direction_of(wish) == direction


def test_a_very_long_line_is_read_in_part() -> None:
    """A book on one line gives a quiz like any other: beyond a bound of sentences nothing more is weighed."""
    line = " ".join(
        f"Planet {number} is a body that circles the star {number} in {number + 3} days." for number in range(2500)
    )
    examiner = examiner_of(line, name="line.txt", modules=3)
    assert all(len(quiz) <= 5 for quiz in exported(examiner))


PIECES = st.sampled_from(
    ["The heap", "is", "a _kind_ of", "`drop()`", "stores", "42", "1,000", "values.", "It", "which", "and", "—", "(", ")", "“", "**A term**:", "\n\n", "\n- ",
     "\n1. ", "# ", "In 1969,", "not", "than", "é", "\u202e", "0", "?", "!", "...", "e.g.", "|", "<b>", "&amp;", "_____", "faster", "the stack"]
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES, min_size=1, max_size=120))
def test_no_text_breaks_the_examiner(pieces: list[str]) -> None:
    """Whatever the source is, there is a quiz of well-formed items, or none."""
    try:
        examiner = examiner_of(" ".join(pieces), modules=2)
    except GenerationFailed:
        return
    for quiz in exported(examiner):
        for item in quiz:
            assert msgspec.convert(item, Item).source_ref is not None
