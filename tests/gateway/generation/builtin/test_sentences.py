"""Where sentences end."""

import pytest

from gateway.generation.builtin.inline import Mark
from gateway.generation.builtin.sentences import spans


def cut(text: str, *marks: Mark) -> list[str]:
    """The sentences of a text."""
    return [text[start:end] for start, end in spans(text, marks)]


@pytest.mark.parametrize(
    "sentences",
    [
        ["One stops.", "Two goes on!", "Three asks?"],
        ["It cost 3.50 at 5 p.m. in the U.S. Navy yard.", "Dr. Smith paid."],
        ["He met J. R. R. Tolkien, e.g. in Oxford.", "They talked."],
        ["She said “Go. Now.” and left.", "He stayed."],
        ["Some (see Fig. 3. It helps.) do.", "Others don't."],
        ["It has vitamin C.", "The rest is water."],
        ["Wait…", "Then go."],
    ],
)
def test_a_text_is_cut_between_its_sentences_alone(sentences: list[str]) -> None:
    """Abbreviations, initials, numbers, quotations and brackets end nothing."""
    assert cut(" ".join(sentences)) == sentences


def test_code_ends_no_sentence_and_may_begin_one() -> None:
    """A stop inside code is code; code behind a stop begins a sentence though it is small."""
    text = "Call x.y. Z now. drop frees it."
    assert cut(text, Mark("code", 5, 11), Mark("code", 17, 21)) == ["Call x.y. Z now.", "drop frees it."]


def test_labels_are_left_outside() -> None:
    """`Note:` and `A:` are no part of what is said."""
    assert cut("Note: The sea is salt.") == ["The sea is salt."]
    assert cut("A: It is blue.") == ["It is blue."]


def test_an_unclosed_bracket_swallows_nothing() -> None:
    """A bracket that never closes leaves the sentences behind it whole."""
    assert cut("One (two. Three is here. Four.") == ["One (two.", "Three is here.", "Four."]
