"""The text pipeline. Rule source: grading contract, section 4."""

import unicodedata
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grading.faults import FormatError
from grading.text import TextOptions, TextPipeline, read_text
from tests.grading.making.texts import options

allowed = st.characters(exclude_categories=["Cs", "Cc"])
texts = st.text(allowed, max_size=40) | st.text(
    "aÀßŉİıΐǆﬁ½²ﷺ\u0345\u0301\u0327\u05b0\u200b\u200d’“…–\u00a0´` .'", max_size=30
)
ALL = st.builds(
    TextOptions,
    compat=st.booleans(),
    typography=st.booleans(),
    whitespace=st.sampled_from(["collapse", "remove", "exact"]),
    case=st.sampled_from(["fold", "exact"]),
    diacritics=st.sampled_from(["exact", "ignore"]),
    final_mark=st.sampled_from(["exact", "ignore"]),
    leading_articles=st.sampled_from([(), ("the", "l’"), ("a", "A", "an")]),
    keep_zwj=st.booleans(),
)


def form(text: str, **chosen: Any) -> str:
    return TextPipeline(TextOptions(**chosen)).apply(text)


@settings(deadline=None, max_examples=300)
@given(text=texts, chosen=ALL)
@example(text="ŉ\u0301", chosen=TextOptions(case="exact"))
@example(text="the the .", chosen=TextOptions(leading_articles=("the",), final_mark="ignore"))
@example(text="l ' eau", chosen=TextOptions(leading_articles=("l'",), whitespace="remove"))
@example(text="e \u0301", chosen=TextOptions(whitespace="remove"))
@example(text="ﷺ" * 500, chosen=TextOptions(compat=True))
def test_the_pipeline_is_idempotent(text: str, chosen: TextOptions) -> None:
    """A text that has passed may pass again and stays as it is: keys and answers meet however often each passed."""
    pipeline = TextPipeline(chosen)
    once = pipeline.apply(text)
    assert pipeline.apply(once) == once


@pytest.mark.parametrize(
    "chosen",
    [
        TextOptions(),
        TextOptions(case="exact", typography=False),
        TextOptions(compat=True),
        TextOptions(diacritics="ignore"),
        TextOptions(compat=True, diacritics="ignore"),
    ],
    ids=["default", "strict", "compat", "bare", "compat and bare"],
)
def test_no_character_changes_twice(chosen: TextOptions) -> None:
    """Every letter and sign but those of East Asia, alone and with an accent between others, reaches its form at once."""
    pipeline = TextPipeline(chosen)
    codes = [*range(0xA0, 0x3400), *range(0xA000, 0xAC00), *range(0xF900, 0x11000), *range(0x1D000, 0x1F900)]
    for around in ("{}", "a{}\u0301"):
        once = [pipeline.apply(around.format(chr(code))) for code in codes]
        assert [pipeline.apply(each) for each in once] == once


@settings(deadline=None)
@given(text=texts, chosen=options)
def test_composed_and_decomposed_texts_have_one_form(text: str, chosen: TextOptions) -> None:
    """An accent may be typed with its letter or after it."""
    pipeline = TextPipeline(chosen)
    composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    assert pipeline.apply(composed) == pipeline.apply(decomposed)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("don't", "don’t"),
        ("don't", "don´t"),
        ("don't", "don`t"),
        ('"so"', "«so»"),
        ('"so"', "„so“"),
        ("a-b", "a\u2011b"),
        ("a - b", "a — b"),
        ("so...", "so…"),
        ("two words", "two\u00a0words"),
        ("two words", "two \t\n words"),
        ("two words", "  Two   WORDS  "),
        ("straße", "STRASSE"),
        ("Ångström", "A\u030angstro\u0308m"),
        ("word", "wo\u200brd\ufeff"),
        ("word", "\u202eword\u200f"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ],
)
def test_variants_of_one_text_are_equal_by_default(one: str, other: str) -> None:
    """Case, spacing, typography, invisible characters and the way accents are stored do not count."""
    assert form(one) == form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("resume", "résumé"), ("cm2", "cm²"), ("wide", "ｗｉｄｅ"), ("word.", "word"), ("the sea", "sea"), ("a b", "ab")],
)
def test_what_may_be_another_word_stays_apart_by_default(one: str, other: str) -> None:
    """Accents, ligatures, marks and articles count unless an option says that they do not."""
    assert form(one) != form(other)


@pytest.mark.parametrize(
    ("chosen", "one", "other"),
    [
        ({"diacritics": "ignore"}, "résumé", "resume"),
        ({"diacritics": "ignore"}, "Øster Łódź Straße Đà Nẵng", "oster lodz strasse da nang"),
        ({"diacritics": "ignore"}, "שָׁלוֹם", "שלום"),
        ({"compat": True}, "ﬁle ｗｉｄｅ", "file wide"),
        ({"compat": True}, "don´t", "don't"),
        ({"whitespace": "remove"}, "x = y + 1", "x=y+1"),
        ({"final_mark": "ignore"}, "Yes !", "yes"),
        ({"final_mark": "ignore"}, "はい。", "はい"),
        ({"leading_articles": ("the", "a")}, "The the Nile", "nile"),
        ({"leading_articles": ("l'",)}, "L’eau", "eau"),
        ({"leading_articles": ("der", "die"), "final_mark": "ignore"}, "Die Donau.", "donau"),
    ],
)
def test_an_option_makes_more_alike(chosen: dict[str, Any], one: str, other: str) -> None:
    """Each option does what it says, to both sides."""
    assert form(one, **chosen) == form(other, **chosen)


@pytest.mark.parametrize(
    ("chosen", "one", "other"),
    [
        ({"case": "exact"}, "NaCl", "nacl"),
        ({"whitespace": "exact"}, "a  b", "a b"),
        ({"typography": False}, "don’t", "don't"),
        ({"keep_zwj": True}, "👩\u200d🚀", "👩🚀"),
        ({"leading_articles": ("the",)}, "the", "thesis"),
        ({"leading_articles": ("the",)}, "thesis", "sis"),
    ],
)
def test_an_option_tells_more_apart(chosen: dict[str, Any], one: str, other: str) -> None:
    """What an author wants told apart is told apart; an article alone is no article."""
    assert form(one, **chosen) != form(other, **chosen)


def test_a_joiner_outside_of_pictures_goes_in_any_case() -> None:
    """Only inside a joint picture a zero width joiner means something to a reader."""
    assert form("a\u200db 👩\u200d", keep_zwj=True) == "ab 👩"
    assert form("👩\u200d🚀") == "👩🚀"


@pytest.mark.parametrize("bad", ["a\x00b", "\x1b[0m", "\x7f", "\x9f", "a\ud800", "\r"])
def test_control_characters_and_lone_surrogates_are_refused(bad: str) -> None:
    """422 `invalid_unicode`, and the message repeats nothing of it."""
    error = read_text(bad, 100, "text")
    assert isinstance(error, FormatError)
    assert (error.code, error.param) == ("invalid_unicode", "text")
    assert bad not in error.message


def test_length_counts_what_is_seen() -> None:
    """Blanks around, invisible characters and the way an accent is stored do not make a text longer."""
    assert read_text("  e\u0301\u200be\u0301  ", 2, "text") == "éé"
    error = read_text("abc", 2, "text")
    assert isinstance(error, FormatError)
    assert (error.code, error.limit) == ("too_long", 2)


@pytest.mark.parametrize("blank", ["", "   ", "\t\n", "\u00a0\u3000", "\u200b\ufeff\u200e"])
def test_what_shows_nothing_is_blank(blank: str) -> None:
    """A text of blanks and invisible characters is no answer."""
    assert not read_text(blank, 100, "text")


def test_no_more_than_thirty_marks_are_piled_upon_a_letter() -> None:
    """To sort hundreds of marks takes long; nobody writes so."""
    assert len(form("a" + "\u0316\u0345" * 200, case="exact")) <= 31
    assert len(form("a" + "\U0001d165\U0001d16e" * 200)) <= 31
