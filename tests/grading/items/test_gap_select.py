"""gap_select: gaps with options of their own, or with a word bank."""

from fractions import Fraction
from typing import Any

import pytest

from tests.grading.asking import Asked, choices, flaws_of

OWN = {
    "stem": "_____ and _____",
    "gaps": [{"id": "g1", "options": choices("a", "b")}, {"id": "g2", "options": choices("a", "c")}],
}
BANK = {"stem": "_____ and _____", "gaps": [{"id": "g1"}, {"id": "g2"}], "bank": choices("w1", "w2", "w3")}


def gaps(**filled: str) -> list[dict[str, str]]:
    return [{"gap": gap, "option": option} for gap, option in filled.items()]


def test_right_gaps_count_over_all_gaps() -> None:
    """Each gap has options of its own; the same id in two gaps means two things."""
    item = Asked("gap_select", content=OWN, key={"gaps": {"g1": "a", "g2": ["a", "c"]}})
    assert item.earns(gaps=gaps(g1="a", g2="a")) == 1
    assert item.earns(gaps=gaps(g1="a", g2="c")) == 1
    assert item.earns(gaps=gaps(g1="b", g2="c")) == Fraction(1, 2)
    assert item.signals(gaps=gaps(g1="b")) == {"g1": "wrong", "g2": "unanswered"}


def test_an_option_of_another_gap_is_unknown_here() -> None:
    """B belongs to the first gap alone."""
    item = Asked("gap_select", content=OWN, key={"gaps": {"g1": "a", "g2": "c"}})
    assert item.errors(gaps=gaps(g2="b")) == [("unknown_id", "gaps[0].option")]


def test_gaps_count_by_their_weights() -> None:
    """2.5 for the first and 1 for the second, which the author did not name."""
    item = Asked("gap_select", content=OWN, key={"gaps": {"g1": "a", "g2": "c"}}, scoring={"weights": {"g1": 2.5}})
    assert item.earns(gaps=gaps(g1="a")) == Fraction(5, 7)
    assert item.earns(gaps=gaps(g2="c")) == Fraction(2, 7)
    assert item.earns(gaps=gaps(g2="c", g1="a")) == 1


def test_all_or_nothing_looks_also_at_gaps_that_weigh_nothing() -> None:
    """A gap with the weight 0 earns nothing, but it can be wrong."""
    scoring = {"rule": "all_or_nothing", "weights": {"g2": 0}}
    item = Asked("gap_select", content=OWN, key={"gaps": {"g1": "a", "g2": "c"}}, scoring=scoring)
    assert item.earns(gaps=gaps(g1="a", g2="c")) == 1
    assert item.earns(gaps=gaps(g1="a", g2="a")) == 0


def test_a_word_of_the_bank_goes_into_one_gap_unless_reuse_is_allowed() -> None:
    """And equal words are equal."""
    key = {"gaps": {"g1": "w1", "g2": "w2"}}
    item = Asked("gap_select", content=BANK, key=key)
    assert item.errors(gaps=gaps(g1="w1", g2="w1")) == [("duplicate_id", "gaps[1].option")]
    assert Asked("gap_select", content=BANK | {"reuse": True}, key=key).earns(gaps=gaps(g1="w1", g2="w1")) == Fraction(
        1, 2
    )
    twins = [{"id": each, "text": "the"} for each in ("w1", "w2")]
    same = Asked("gap_select", content=BANK | {"bank": [*twins, *choices("w3")]}, key=key)
    assert same.earns(gaps=gaps(g1="w2", g2="w1")) == 1


def test_require_all_names_the_gaps_that_are_empty() -> None:
    """422 `too_few`."""
    item = Asked("gap_select", content=BANK | {"require_all": True}, key={"gaps": {"g1": "w1", "g2": "w2"}})
    (error,) = item.refused(gaps=gaps(g2="w2"))
    assert (error.code, error.param, error.allowed) == ("too_few", "gaps", ("g1",))


@pytest.mark.parametrize(
    ("content", "key", "scoring", "paths"),
    [
        (BANK, {"g1": "w1"}, {}, ["key.gaps.g2"]),
        (BANK, {"g1": "w1", "g2": "w1"}, {}, ["key.gaps"]),
        (BANK, {"g1": ["w1", "w2"], "g2": "w2", "g3": "w3"}, {}, ["key.gaps.g3"]),
        (BANK | {"bank": []}, {"g1": "w1", "g2": "w2"}, {}, ["content.gaps[0].options", "content.gaps[1].options", "key.gaps.g1", "key.gaps.g2"]),
        (OWN | {"bank": choices("a", "b", "c")}, {"g1": "a", "g2": "c"}, {}, ["content.gaps[0].options", "content.gaps[1].options"]),
        (OWN, {"g1": "c", "g2": []}, {}, ["key.gaps.g1", "key.gaps.g2"]),
        (OWN, {"g1": "a", "g2": "c"}, {"weights": {"g1": 0, "g2": 0}}, ["scoring.weights"]),
        (OWN, {"g1": "a", "g2": "c"}, {"weights": {"g3": 1}}, ["scoring.weights.g3"]),
        (OWN, {"g1": "a", "g2": "c"}, {"weights": {"g1": 1e-10, "g2": 1e-9}}, ["scoring.weights.g1"]),
    ],
)  # fmt: skip
def test_an_item_that_can_not_be_filled_is_refused(
    content: dict[str, Any], key: dict[str, Any], scoring: dict[str, Any], paths: list[str]
) -> None:
    """Gaps have options, keys name them, and a bank has words enough for all gaps at once."""
    assert flaws_of("gap_select", content=content, key={"gaps": key}, scoring=scoring) == paths


def test_a_bank_that_is_short_of_one_word_is_found_out() -> None:
    """Three gaps want two words between them: each by itself could be filled, all at once can't."""
    content = {"stem": "_____", "gaps": [{"id": f"g{n}"} for n in (1, 2, 3)], "bank": choices("w1", "w2", "w3")}
    wants = {"g1": ["w1", "w2"], "g2": "w1", "g3": "w2"}
    assert flaws_of("gap_select", content=content, key={"gaps": wants}) == ["key.gaps"]
    Asked("gap_select", content=content, key={"gaps": wants | {"g1": ["w1", "w2", "w3"]}})
