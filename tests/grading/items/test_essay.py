"""essay: word limits, and a suggestion that the reviewer alone sees."""

from fractions import Fraction

import pytest

from grading.items.essay import Essay, EssayAnswer, EssayContent, EssayKey, Keyword, suggest
from tests.grading.asking import Asked, flaws_of

CONTENT = {"stem": "Why?", "min_words": 3, "max_words": 5}


def test_a_person_must_judge() -> None:
    """No score, no points yet, and no signals."""
    graded = Asked("essay", points="5.00", content=CONTENT).graded(text="Because it rains.")
    assert graded.share is None
    result = graded.result
    assert (result.score, result.points, result.state, result.parts) == (None, "0.00", "needs_review", ())


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("two words", ("too_few", "text")),
        ("this text has six words now", ("too_many", "text")),
        (" \n\t ", ("answer_required", "text")),
        ("", ("answer_required", "text")),
        ("\u200b \ufeff \u2060", ("answer_required", "text")),
        ("one two\x00 three", ("invalid_unicode", "text")),
        ("x" * 20_001, ("too_long", "text")),
    ],
)
def test_a_text_outside_the_limits_is_refused(text: str, error: tuple[str, str]) -> None:
    """Words are what is seen between blanks, lines and tabs."""
    assert Asked("essay", content=CONTENT).errors(text=text) == [error]


def test_the_limit_of_words_is_told() -> None:
    """It is public; the text is not repeated."""
    (error,) = Asked("essay", content=CONTENT).refused(text=["far too", "short"][0])
    assert error.limit == 3
    assert "far" not in error.message


def test_keywords_suggest_a_share_to_the_reviewer() -> None:
    """Whole words and phrases, in any case, spacing and accent; added up exactly, at most 1."""
    keywords = (Keyword("rain", 0.1), Keyword("water vapour", 0.2), Keyword("café", 0.7), Keyword("sun", 0.4))
    item = Essay(id="q", content=EssayContent("Why?"), key=EssayKey(keywords=keywords))
    suggestion = suggest(item, EssayAnswer("Rain is no rainbow; WATER\n vapour rises."))
    assert suggestion.share == Fraction(3, 10)
    assert suggestion.found == ("rain", "water vapour")
    assert suggest(item, EssayAnswer("rain, sun, water vapour and a CAFE")).share == 1
    assert suggest(item, EssayAnswer("nothing of it")).share == 0


def test_limits_that_no_text_can_meet_are_refused() -> None:
    """At least 3 and at most 2 words."""
    assert flaws_of("essay", content={**CONTENT, "max_words": 2}) == ["content.max_words"]
