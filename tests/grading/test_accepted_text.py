"""The modes of accepted texts. Rule source: grading contract, section 4."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from grading.accepted_text import AcceptedText, AcceptedTexts, MatchRule, accepted_texts
from grading.faults import Flaws
from grading.text import TextOptions


def prepared(*answers: AcceptedText, rule: MatchRule = "best_match", **options: Any) -> AcceptedTexts:
    flaws = Flaws()
    matcher = accepted_texts(answers, TextOptions(**options), rule, 500, "key.answers", flaws)
    assert not flaws, flaws.all()
    return matcher


def matches(accepted: str, mode: Any, typed: str, distance: int | None = None, **options: Any) -> bool:
    return prepared(AcceptedText(accepted, mode, 1.0, distance), **options).judge(typed).share == 1


def flaws_of(*answers: AcceptedText, max_length: int = 100, **options: Any) -> list[str]:
    flaws = Flaws()
    accepted_texts(answers, TextOptions(**options), "best_match", max_length, "key.answers", flaws)
    return [flaw.param for flaw in flaws.all()]


@pytest.mark.parametrize(
    ("pattern", "typed", "found"),
    [
        ("*", "anything", True),
        ("photo*", "Photosynthesis", True),
        ("photo*", "a photo", False),
        ("*thesis", "photosynthesis", True),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("a*b*c", "a xx b yy c", True),
        ("a*b*c", "a c b", False),
        ("a*b*b", "ab", False),
        (r"2\*3", "2*3", True),
        (r"2\*3", "2x3", False),
        (r"*\*", "many *", True),
        ("the * of rome", "The fall of Rome", True),
        ("no star", "NO STAR", True),
    ],
)
def test_an_asterisk_stands_for_anything(pattern: str, typed: str, found: bool) -> None:
    r"""Moodle's wildcard: `*` is any run of characters, also none; `\*` is an asterisk."""
    assert matches(pattern, "wildcard", typed) == found


@settings(deadline=None)
@given(pieces=st.lists(st.text("ab", max_size=3), min_size=1, max_size=5), typed=st.text("ab", min_size=1, max_size=12))
def test_wildcards_match_as_the_same_regular_expression(pieces: list[str], typed: str) -> None:
    """The greedy search finds a match where there is one."""
    pattern = "*".join(pieces)
    if pattern:
        assert matches(pattern, "wildcard", typed) == bool(re.fullmatch(".*".join(pieces), typed))


@pytest.mark.parametrize(
    ("pattern", "typed", "found"),
    [
        ("colou?r", "Color", True),
        ("colou?r", "colors", False),
        ("colou?r|gr[ae]y", "a grey", False),
        ("Straße", "straße", True),
        ("l’eau", "l'eau", True),
        ("so…", "so...", True),
        ("so…", "so abc", False),
        ("[a–z]", "-", True),
        ("[a–z]", "m", False),
        (r"a\\–b", r"a\-b", True),
        ("\\d+", "123", True),
        ("a b", "a   b", True),
        ("", "x", False),
    ],
)
def test_a_pattern_matches_the_whole_text(pattern: str, typed: str, found: bool) -> None:
    """RE2, anchored at both ends; letters of the pattern take the form of the text, its operators stay what they are."""
    if not pattern:
        assert flaws_of(AcceptedText(pattern, "regex")) == ["key.answers[0].text"]
    else:
        assert matches(pattern, "regex", typed) == found


def test_a_pattern_folds_what_the_pipeline_folds() -> None:
    """Case and accents count in a pattern only where they count in a text."""
    assert not matches("NaCl", "regex", "nacl", case="exact")
    assert matches("été", "regex", "ete", diacritics="ignore")
    assert matches("(ﬁle)+", "regex", "filefile", compat=True)
    assert AcceptedText(mode="regex", pattern="x+") != AcceptedText("x+", "regex")
    assert prepared(AcceptedText(mode="regex", pattern="x+")).judge("xxx").share == 1


@pytest.mark.parametrize(
    ("words", "typed", "found"),
    [
        ("red", "it is red.", True),
        ("red", "reddish", False),
        ("red", "tired", False),
        ("red", "red_1", False),
        ("red blood", "the red  blood cells", True),
        ("red blood", "red, blood", False),
        ("C++", "in C++, not C", True),
        ("5", "15", False),
        ("eau", "de l’eau", True),
        ("naïve", "a naïve idea", True),
        ("naive", "a naïve idea", False),
        ("е", "н\u0435\u0301", False),
        ("京", "東京は", True),
        ("ไทย", "ภาษาไทย", True),
    ],
)
def test_contained_words_are_whole(words: str, typed: str, found: bool) -> None:
    """Words are found between other words, not inside of them; where scripts have no spaces, anywhere."""
    assert matches(words, "contains", typed) == found


@pytest.mark.parametrize(
    ("key", "typed", "distance", "found"),
    [
        ("mitochondrion", "mitochondrion", None, True),
        ("mitochondrion", "mitocondrion", None, True),
        ("mitochondrion", "mitocondrian", None, True),
        ("mitochondrion", "mitocondrien!", None, False),
        ("mitochondrion", "mtiohcondrion", None, True),
        ("Paris", "Pariss", None, True),
        ("Paris", "Pariis!", None, False),
        ("Paris", "aPris", None, True),
        ("cat", "cut", None, False),
        ("cat", "CAT", None, True),
        ("1945", "1946", None, False),
        ("Apollo 11", "Apollo 12", None, False),
        ("Apollo 11", "Apolo 11", None, True),
        ("Apollo eleven", "Apollo11 even", None, False),
        ("not guilty", "hot guilty", None, False),
        ("not guilty", "not gilty", None, True),
        ("ice cream", "icecream", None, True),
        ("group a streptococcus", "group streptococcus", None, False),
        ("group a streptococcus", "group bstreptococcus", None, False),
        ("group a streptococcus", "groupa streptococcus", None, True),
        ("polar bears swim", "polarbears swin", None, True),
        ("Constantinople", "Konstantinopel", 2, True),
        ("Constantinople", "Konstantinopel", 1, False),
    ],
)
def test_typing_errors_are_forgiven_in_steps(key: str, typed: str, distance: int | None, found: bool) -> None:
    """One error from 4 letters on, two from 10, or as told; never in digits, nor in words of three letters."""
    assert matches(key, "fuzzy", typed, distance) == found


@settings(deadline=None)
@given(key=st.text("abcd", min_size=4, max_size=14), typed=st.text("abcd", min_size=1, max_size=14))
def test_fuzzy_is_the_optimal_string_alignment(key: str, typed: str) -> None:
    """Changed, added, dropped and swapped letters count one each."""
    assert matches(key, "fuzzy", typed) == (OSA.distance(key, typed) <= (2 if len(key) > 9 else 1))


def test_what_was_forgiven_is_noticed_and_nothing_else() -> None:
    """The notice says that a text was misspelt where it earned something; an exact match has none."""
    both = prepared(AcceptedText("Paris", "fuzzy"), AcceptedText("Lyons", "fuzzy", 0.0))
    assert both.judge("paris").notices == ()
    assert both.judge("parsi").notices == ("spelling",)
    assert both.judge("lyonz").notices == ()
    assert both.judge("Rome").notices == ()


def test_the_best_match_counts_unless_the_first_is_asked_for() -> None:
    """An author who lists a catch-all first gets it only with `first_match`."""
    answers = AcceptedText("*", "wildcard", 0.1), AcceptedText("Paris"), AcceptedText("Par*", "wildcard", 0.5)
    best, first = prepared(*answers), prepared(*answers, rule="first_match")
    assert [str(best.judge(typed).share) for typed in ("Paris", "Parma", "Rome")] == ["1", "1/2", "1/10"]
    assert {str(first.judge(typed).share) for typed in ("Paris", "Parma", "Rome")} == {"1/10"}


def test_a_wrong_answer_may_cost_something() -> None:
    """A listed misconception has a negative score; what matches nothing has 0."""
    listed = prepared(AcceptedText("Paris"), AcceptedText("Rome", score=-0.5))
    assert [str(listed.judge(typed).share) for typed in ("Rome", "Oslo")] == ["-1/2", "0"]


@pytest.mark.parametrize(
    ("answers", "paths"),
    [
        ([AcceptedText("(", "regex")], ["[0].text"]),
        ([AcceptedText(mode="regex", pattern="a{2,1}")], ["[0].pattern"]),
        ([AcceptedText("x"), AcceptedText(r"(\pL{1,999}){1,9}", "regex")], ["[1].text"]),
        ([AcceptedText("((a{0,30}){0,30}b)*" * 2, "regex")], ["[0].text"]),
        ([AcceptedText("x", "regex", pattern="x")], ["[0].pattern"]),
        ([AcceptedText("x", pattern="x")], ["[0].pattern"]),
        ([AcceptedText("a" * 101)], ["[0].text"]),
        ([AcceptedText("   ")], ["[0].text"]),
        ([AcceptedText("a\x00")], ["[0].text"]),
        ([AcceptedText("x", score=0.5)], [""]),
        ([AcceptedText("x")] * 51, [""]),
        ([], [""]),
        ([AcceptedText("x", distance=1)], ["[0].distance"]),
        ([AcceptedText("cat", "fuzzy", 1.0, 1)], ["[0].distance"]),
        ([AcceptedText("cats", "fuzzy", 1.0, 3)], ["[0].distance"]),
    ],
)
def test_an_answer_that_can_not_be_matched_is_named(answers: list[AcceptedText], paths: list[str]) -> None:
    """An author learns which answer is at fault, and in which field."""
    assert flaws_of(*answers) == [f"key.answers{path}" for path in paths]


def test_a_text_that_its_options_leave_nothing_of_is_a_flaw() -> None:
    """An accepted text that is empty after the pipeline would match what it should not."""
    assert flaws_of(AcceptedText("?!"), final_mark="ignore") == ["key.answers[0].text"]
    assert flaws_of(AcceptedText("a b", "contains"), whitespace="remove") == ["key.answers[0].mode"]
    assert flaws_of(AcceptedText("a" * 101, "fuzzy"), max_length=500) == ["key.answers[0].text"]
