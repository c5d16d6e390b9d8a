"""No typed text or number takes long to read and to judge: 5 ms at most, whatever the item's author allows."""

import random
from typing import Any

import pytest

from grading.engine import Graded
from tests.grading.asking import Asked
from tests.grading.test_worst_answers import is_quick

chance = random.Random(5)
ACCENTS = [chr(code) for code in range(0x300, 0x370)]
TEXTS = {
    "marks": "a" + "".join(chance.choice(ACCENTS) for _ in range(499)),
    "marks in the worst order": "a" + "\u0345\u0316" * 249,
    "marks beyond the basic plane": "a" + "\U0001d165\U0001d16e" * 249,
    "what NFKC blows up": "ﷺ" * 500,
    "what folding blows up": "ᾀ" * 500,
    "joined pictures": "👩\u200d" * 250,
    "articles": "the " * 125,
    "sentence marks": ". " * 250,
    "one letter": "a" * 500,
    "words": "Привет мир " * 45,
}
EVERYTHING = {
    "compat": True,
    "diacritics": "ignore",
    "final_mark": "ignore",
    "leading_articles": ["the", "l'"] * 10,
    "keep_zwj": True,
}
NEAR_A = "a" * 90
ANSWERS: dict[str, list[dict[str, Any]]] = {
    "exact": [{"text": f"answer {number}"} for number in range(50)],
    "fuzzy": [{"text": f"{NEAR_A}{number:02}b", "mode": "fuzzy", "distance": 10} for number in range(50)],
    "wildcard": [{"text": "*" + "a*" * 200 + "b", "mode": "wildcard"}] * 50,
    "contains": [{"text": "a b c", "mode": "contains"}] * 50,
    "regex": [{"text": "(a{0,7}b?){0,3}c", "mode": "regex"}] * 5,
}


@pytest.mark.parametrize("mode", ANSWERS)
@pytest.mark.parametrize("text", TEXTS)
def test_no_text_takes_long_in_any_mode(mode: str, text: str) -> None:
    """500 characters against 50 answers, with every option of the pipeline."""
    content = {"stem": "What?", "max_length": 500}
    item = Asked("short_text", content=content, key={"answers": ANSWERS[mode]}, scoring={"text": EVERYTHING})
    assert is_quick(item, Graded, {"text": TEXTS[text][:500]})


def test_the_costliest_pattern_that_is_taken_keeps_the_time() -> None:
    """RE2 is linear, but its factor is the pattern's size: that is bounded together with the length of answers."""
    content = {"stem": "What?", "max_length": 100}
    item = Asked("short_text", content=content, key={"answers": [{"text": "((a{0,30}){0,30}b)*", "mode": "regex"}]})
    for text in ("a" * 100, "ab" * 50, "a" * 99 + "c"):
        assert is_quick(item, Graded, {"text": text})


HUGE = "9" * 40
TOLERANCES = [
    {"type": "exact"},
    {"type": "absolute", "by": "1e-400"},
    {"type": "geometric", "by": "1e-400"},
    {"type": "absolute+relative", "absolute": "1e-400", "relative": "1e-300", "combine": "sum"},
    {"type": "round_sigfigs", "digits": 40},
    {"type": "written_sigfigs", "digits": 1},
]


@pytest.mark.parametrize("tolerance", TOLERANCES, ids=lambda tolerance: str(tolerance["type"]))
def test_no_number_takes_long_by_any_tolerance(tolerance: dict[str, Any]) -> None:
    """64 characters, 40 digits and an exponent of 400, against 50 answers as long."""
    answers = [{"value": f"{HUGE[:37]}e{power}", "tolerance": tolerance} for power in range(-400, -350)]
    content = {"stem": "How many?", "min": "-1e400", "max": f"{HUGE}e400", "step": "1e-400"}
    item = Asked("numeric", content=content, key={"answers": answers})
    for value in (f"{HUGE}e400", f"-9.{HUGE[:38]}e-362", f"{HUGE}e-399"):
        assert is_quick(item, Graded, {"value": value})


@pytest.mark.parametrize("text", TEXTS)
def test_forty_gaps_take_no_longer(text: str) -> None:
    """As much text as the gaps of an item take together."""
    gaps = [{"id": f"g{number}", "max_length": 150} for number in range(40)]
    key = {"gaps": {gap["id"]: [{"text": "*a*b*c*", "mode": "wildcard"}] for gap in gaps}}
    item = Asked("gap_text", content={"stem": "_____", "gaps": gaps}, key=key, scoring={"text": EVERYTHING})
    typed = [{"gap": gap["id"], "text": TEXTS[text][:150]} for gap in gaps]
    assert is_quick(item, Graded, {"gaps": typed})


def test_a_group_of_twenty_gaps_takes_no_longer() -> None:
    """Each text against each gap's answers, and the best assignment of all."""
    words = ["".join(chance.choice("abcdefgh ") for _ in range(98)) + "z" for _ in range(20)]
    gaps = [{"id": f"g{number}"} for number in range(20)]
    key = {
        "gaps": {
            gap["id"]: [{"text": word, "mode": "fuzzy", "distance": 10}] for gap, word in zip(gaps, words, strict=True)
        }
    }
    scoring = {"unordered": [[gap["id"] for gap in gaps]], "text": EVERYTHING}
    item = Asked("gap_text", content={"stem": "_____", "gaps": gaps}, key=key, scoring=scoring)
    for texts in (words[::-1], words[:10] * 2, [word[:-3] for word in words]):
        typed = [{"gap": gap["id"], "text": text} for gap, text in zip(gaps, texts, strict=True)]
        assert is_quick(item, Graded, {"gaps": typed})
