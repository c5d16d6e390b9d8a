"""gap_text, from the authored item to the grade."""

from fractions import Fraction
from typing import Any

import pytest

from tests.grading.asking import Asked, flaws_of

GAPS: list[dict[str, Any]] = [{"id": "g1"}, {"id": "g2"}, {"id": "g3", "number": {"decimal_mark": ","}}]
KEY = {
    "gaps": {"g1": [{"text": "hydrogen"}, {"text": "H", "score": 0.5}], "g2": [{"text": "oxygen", "mode": "fuzzy"}]},
    "numbers": {"g3": [{"value": "1,5", "tolerance": {"type": "absolute", "by": "0,1"}}]},
}


def asked(**more: Any) -> Asked:
    content = {"stem": "_____ _____ _____", "gaps": GAPS, **more.pop("content", {})}
    return Asked("gap_text", content=content, key=more.pop("key", KEY), **more)


def typed(**texts: str) -> dict[str, list[dict[str, str]]]:
    return {"gaps": [{"gap": gap, "text": text} for gap, text in texts.items()]}


def test_each_gap_earns_its_part() -> None:
    """Texts and numbers alike; a partly right gap earns a part of its part."""
    item = asked()
    assert item.earns(**typed(g3="1,6", g2="oxygen", g1="Hydrogen")) == 1
    assert item.earns(**typed(g1="h", g2="nitrogen", g3="1,7")) == Fraction(1, 6)
    assert item.earns(**typed(g2="oxigen")) == Fraction(1, 3)
    assert item.graded(**typed(g2="oxigen")).result.notices == ("spelling",)


def test_gaps_count_by_their_weights() -> None:
    """A gap that is not named counts 1."""
    item = asked(scoring={"weights": {"g1": 2.5, "g3": 0.5}})
    assert item.earns(**typed(g1="hydrogen")) == Fraction(5, 8)
    assert item.earns(**typed(g2="oxygen", g3="1,5")) == Fraction(3, 8)


def test_all_or_nothing_asks_for_every_gap() -> None:
    """An empty gap, a partly right one or one that weighs nothing spoils it too."""
    item = asked(scoring={"rule": "all_or_nothing", "weights": {"g3": 0}})
    assert item.earns(**typed(g1="hydrogen", g2="oxygen", g3="1,5")) == 1
    for wrong in ({"g1": "h", "g2": "oxygen", "g3": "1,5"}, {"g1": "hydrogen", "g2": "oxygen"}, {"g3": "1,5"}):
        assert item.earns(**typed(**wrong)) == 0
    assert item.earns(**typed(g1="hydrogen", g2="oxygen", g3="9")) == 0


def test_each_gap_has_a_signal() -> None:
    """Empty gaps are unanswered, whether they are left out or blank."""
    assert asked().signals(**typed(g1="h", g3=" ")) == {"g1": "partial", "g2": "unanswered", "g3": "unanswered"}
    assert asked().signals(**typed(g1="x", g2="oxygen")) == {"g1": "wrong", "g2": "right", "g3": "unanswered"}


UNORDERED = {"scoring": {"unordered": [["g1", "g2"]]}}


@pytest.mark.parametrize(
    ("texts", "share", "signals"),
    [
        ({"g1": "hydrogen", "g2": "oxygen"}, Fraction(2, 3), ["right", "right", "unanswered"]),
        ({"g1": "oxygen", "g2": "hydrogen"}, Fraction(2, 3), ["right", "right", "unanswered"]),
        ({"g1": "oxygen", "g2": "Oxigen"}, Fraction(1, 3), ["wrong", "right", "unanswered"]),
        ({"g1": "oxygen"}, Fraction(1, 3), ["right", "unanswered", "unanswered"]),
        ({"g2": "h", "g1": "helium"}, Fraction(1, 6), ["wrong", "partial", "unanswered"]),
        ({"g1": "h", "g2": "hydrogen"}, Fraction(1, 3), ["wrong", "right", "unanswered"]),
    ],
)
def test_gaps_of_a_group_may_change_places(texts: dict[str, str], share: object, signals: list[str]) -> None:
    """Each key is given to the text that makes the most of it; the same answer is credited once."""
    item = asked(**UNORDERED)
    assert item.earns(**typed(**texts)) == share
    assert list(item.signals(**typed(**texts)).values()) == signals


def test_numbers_may_change_places_too() -> None:
    """The solutions of an equation have no order; the weight goes with the key."""
    content = {"gaps": [{"id": "a", "number": {}}, {"id": "b", "number": {}}]}
    key = {"numbers": {"a": [{"value": "-2"}], "b": [{"value": "3"}]}}
    item = asked(content=content, key=key, scoring={"unordered": [["a", "b"]], "weights": {"a": 3}})
    assert item.earns(**typed(a="3", b="-2.0")) == 1
    assert item.earns(**typed(a="3", b="3")) == Fraction(1, 4)
    assert item.earns(**typed(b="-2")) == Fraction(3, 4)


def test_texts_are_made_alike_as_the_item_says() -> None:
    """The options of short_text hold for all text gaps, and the first match by option."""
    answers = [{"text": "*", "mode": "wildcard", "score": 0.5}, {"text": "Été"}]
    content = {"gaps": [{"id": "g"}]}
    scoring: dict[str, Any] = {"text": {"diacritics": "ignore"}}
    assert asked(content=content, key={"gaps": {"g": answers}}, scoring=scoring).earns(**typed(g="ete")) == 1
    first = {**scoring, "match": "first_match"}
    assert asked(content=content, key={"gaps": {"g": answers}}, scoring=first).earns(**typed(g="ete")) == Fraction(1, 2)


@pytest.mark.parametrize(
    ("answer", "errors"),
    [
        ({"gaps": []}, [("answer_required", "gaps")]),
        (typed(g1=" ", g3=""), [("answer_required", "gaps")]),
        (typed(g9="x"), [("unknown_id", "gaps[0].gap")]),
        ({"gaps": [{"gap": "g1", "text": " "}, {"gap": "g1", "text": "x"}]}, [("duplicate_id", "gaps[1].gap")]),
        (
            typed(g1="x" * 101, g3="1.5", g2="a\x00", g7=""),
            [
                ("too_long", "gaps[0].text"),
                ("separator_not_allowed", "gaps[1].text"),
                ("invalid_unicode", "gaps[2].text"),
                ("unknown_id", "gaps[3].gap"),
            ],
        ),
        ({"gaps": [{"gap": "g1"}]}, [("missing_field", "gaps[0].text")]),
    ],
)
def test_a_malformed_answer_is_refused(answer: dict[str, Any], errors: list[tuple[str, str]]) -> None:
    """All errors at once, each at its entry."""
    assert asked().errors(**answer) == errors


def test_every_gap_may_be_asked_for() -> None:
    """With `require_all` what is missing is named, beside all other errors; a gap with an error is not missing."""
    item = asked(content={"require_all": True})
    (error,) = item.refused(**typed(g1="x", g3=" "))
    assert (error.code, error.param, error.limit, error.allowed) == ("too_few", "gaps", 3, ("g2", "g3"))
    assert item.errors(**typed(g1="x", g3="many")) == [("not_a_number", "gaps[1].text"), ("too_few", "gaps")]
    assert [error.allowed for error in item.refused(**typed(g1="x", g3="many"))][1] == ("g2",)
    assert item.errors(**typed(g1="")) == [("answer_required", "gaps")]
    assert item.earns(**typed(g1="x", g2="oxygen", g3="0")) == Fraction(1, 3)


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ({"key": {"gaps": {"g1": [{"text": "x"}]}}, "content": {"gaps": GAPS[:2]}}, ["key.gaps.g2"]),
        ({"key": {"gaps": {"g": [{"text": "x"}]}}, "content": {"gaps": GAPS[:1]}}, ["key.gaps.g", "key.gaps.g1"]),
        (
            {"key": {"gaps": {"g1": [{"text": "("}, {"text": "(", "mode": "regex"}]}}, "content": {"gaps": GAPS[:1]}},
            ["key.gaps.g1[1].text"],
        ),
        ({"key": {"gaps": KEY["gaps"], "numbers": {"g3": [{"value": "1.5"}]}}}, ["key.numbers.g3[0].value"]),
        ({"key": {"gaps": {**KEY["gaps"], "g3": [{"text": "x"}]}, "numbers": KEY["numbers"]}}, ["key.gaps.g3"]),
        (
            {
                "key": {"gaps": {"g1": [{"text": "x"}]}, "numbers": {"g1": [{"value": "1"}]}},
                "content": {"gaps": GAPS[:1]},
            },
            ["key.numbers.g1"],
        ),
        (
            {
                "content": {"gaps": [*GAPS[:2], {"id": "g3", "number": {"group_mark": "."}}]},
                "key": {**KEY, "numbers": {"g3": [{"value": "1"}]}},
            },
            ["content.gaps[2].number.group_mark"],
        ),
        ({"content": {"gaps": [*GAPS, {"id": "g1"}]}}, ["content.gaps[3].id"]),
        ({"scoring": {"weights": {"g9": 1}}}, ["scoring.weights.g9"]),
        ({"scoring": {"unordered": [["g1", "g9"]]}}, ["scoring.unordered[0][1]"]),
        (
            {"scoring": {"unordered": [["g1", "g2"], ["g2", "g1"]]}},
            ["scoring.unordered[1][0]", "scoring.unordered[1][1]"],
        ),
        ({"scoring": {"unordered": [["g1", "g3"]]}}, ["scoring.unordered[0]"]),
        ({"key": {**KEY, "gaps": {"g1": [{"text": "x"}] * 25, "g2": [{"text": "x"}] * 25}}}, ["key.gaps"]),
        (
            {
                "content": {"gaps": [{"id": f"g{n}", "max_length": 500} for n in range(13)]},
                "key": {"gaps": {f"g{n}": [{"text": "x"}] for n in range(13)}},
            },
            ["content.gaps"],
        ),
    ],
)
def test_an_item_that_can_not_be_graded_is_refused(change: dict[str, Any], paths: list[str]) -> None:
    """The author learns the path."""
    content = {"stem": "_____", "gaps": GAPS, **change.get("content", {})}
    assert flaws_of("gap_text", **{"key": KEY, **change, "content": content}) == paths


def test_patterns_of_all_gaps_cost_together() -> None:
    """A group tries each pattern on each of its texts, which counts."""
    gaps = [{"id": f"g{number}"} for number in range(8)]
    key = {"gaps": {gap["id"]: [{"text": "(a?b?c?d?){30}", "mode": "regex"}] for gap in gaps}}
    content = {"stem": "_____", "gaps": gaps}
    assert Asked("gap_text", content=content, key=key).earns(**typed(g0="abcdabcd")) == Fraction(1, 8)
    unordered = {"unordered": [[gap["id"] for gap in gaps]]}
    assert flaws_of("gap_text", content=content, key=key, scoring=unordered) == ["key.gaps"]
