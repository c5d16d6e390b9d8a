"""short_text, from the authored item to the grade."""

import unicodedata
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.grading.asking import Asked, flaws_of
from tests.grading.making.texts import WORDS, variants

ANSWERS: list[dict[str, Any]] = [
    {"text": "carbon dioxide"},
    {"text": "CO2", "score": 0.75},
    {"text": "*oxide", "mode": "wildcard", "score": 0.25},
    {"text": "oxygen", "score": -0.5},
]


def asked(answers: list[dict[str, Any]] = ANSWERS, **more: Any) -> Asked:
    content = {"stem": "Which gas?", **more.pop("content", {})}
    return Asked("short_text", content=content, key={"answers": answers}, **more)


@pytest.mark.parametrize(
    ("typed", "share"),
    [("Carbon  Dioxide", 1), ("co2", Fraction(3, 4)), ("nitrous oxide", Fraction(1, 4)), ("oxygen", 0), ("helium", 0)],
)
def test_the_best_matching_answer_counts(typed: str, share: object) -> None:
    """Accepted answers earn their scores, others nothing; a negative score stops at the floor."""
    assert asked().earns(text=typed) == share
    assert asked(floor=-1).earns(text="oxygen") == Fraction(-1, 2)


def test_the_first_matching_answer_counts_by_option() -> None:
    """As Moodle grades: the order of the answers decides."""
    catch_all = [{"text": "*", "mode": "wildcard", "score": 0.1}, *ANSWERS]
    assert asked(catch_all, scoring={"rule": "first_match"}).earns(text="carbon dioxide") == Fraction(1, 10)
    assert asked(catch_all).earns(text="carbon dioxide") == 1


@settings(deadline=None)
@given(word=st.sampled_from(WORDS), data=st.data())
def test_variants_of_the_key_are_right(word: str, data: st.DataObject) -> None:
    """Composed or decomposed, with curly or straight quotes, in capitals, with blanks around."""
    item = asked([{"text": word}])
    typed = data.draw(variants(word).flatmap(lambda text: st.sampled_from([text, text.upper(), text.lower()])))
    assert item.earns(text=typed) == 1


def test_spelling_is_noticed_where_it_was_forgiven() -> None:
    """The notice goes with a right answer, and holds nothing of the key."""
    item = asked([{"text": "photosynthesis", "mode": "fuzzy"}])
    assert item.graded(text="fotosynthesis").result.notices == ("spelling",)
    assert item.graded(text="photosynthesis").result.notices == ()
    assert item.graded(text="phytosintesys").result.notices == ()


@pytest.mark.parametrize(
    ("answer", "errors"),
    [
        ({"text": ""}, [("answer_required", "text")]),
        ({"text": " \u200b\n"}, [("answer_required", "text")]),
        ({"text": "x" * 101}, [("too_long", "text")]),
        ({"text": "x" * 501}, [("too_long", "text")]),
        ({"text": "a\x00b"}, [("invalid_unicode", "text")]),
        ({"text": 5}, [("type_mismatch", "text")]),
        ({}, [("missing_field", "text")]),
        ({"text": "a", "score": 1}, [("unknown_field", "score")]),
    ],
)
def test_a_malformed_answer_is_refused(answer: dict[str, Any], errors: list[tuple[str, str]]) -> None:
    """Each with its code and the field."""
    assert asked().errors(**answer) == errors


def test_length_is_public_and_counts_seen_characters() -> None:
    """The limit is told; a decomposed accent and blanks around do not count."""
    item = asked([{"text": "été"}], content={"max_length": 3})
    assert item.earns(text=f"  {unicodedata.normalize('NFD', 'été')}  ") == 1
    assert [error.limit for error in item.refused(text="étés")] == [3]


def test_a_blank_earns_nothing_where_it_is_allowed() -> None:
    """Even where a catch-all would match it, and where wrong answers cost something."""
    item = asked([{"text": "*", "mode": "wildcard"}], allow_blank=True, floor=-1)
    assert (item.earns(text="  "), item.graded(text="").result.attempted) == (0, False)


@pytest.mark.parametrize(
    ("item", "paths"),
    [
        ({"key": {"answers": [{"text": "(", "mode": "regex"}, {"text": "x"}]}}, ["key.answers[0].text"]),
        ({"key": {"answers": [{"pattern": "(", "mode": "regex"}]}}, ["key.answers[0].pattern"]),
        (
            {"key": {"answers": [{"text": "toolong"}]}, "content": {"stem": "?", "max_length": 5}},
            ["key.answers[0].text"],
        ),
        ({"key": {"answers": [{"text": "x", "score": 0.5}]}}, ["key.answers"]),
        ({"key": {"answers": [{"text": "the"}]}, "scoring": {"text": {"leading_articles": ["the"]}}}, None),
        (
            {"key": {"answers": [{"text": "..."}]}, "scoring": {"text": {"final_mark": "ignore"}}},
            ["key.answers[0].text"],
        ),
    ],
)
def test_an_item_that_can_not_be_graded_is_refused(item: dict[str, Any], paths: list[str] | None) -> None:
    """The author learns the path; an article that is the whole answer is fine."""
    whole = {"content": {"stem": "?"}, **item}
    if paths is None:
        assert Asked("short_text", **whole).earns(text="The") == 1
    else:
        assert flaws_of("short_text", **whole) == paths
