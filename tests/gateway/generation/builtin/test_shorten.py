"""Sentences made short enough for a slide."""

import pytest

from gateway.generation.builtin.shorten import left_out_of_lead, shortened

MOST = 15


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("The Moon orbits the Earth.", "The Moon orbits the Earth."),
        (
            "Coral reefs grow in warm and shallow water, because the algae inside the corals need the light of the sun.",
            "Coral reefs grow in warm and shallow water.",
        ),
        (
            "Rust takes a quite different path from others: The memory is returned once the variable that owns it goes away.",
            "The memory is returned once the variable that owns it goes away.",
        ),
    ],
)
def test_a_long_sentence_loses_an_end_that_adds_but_does_not_change(text: str, short: str) -> None:
    """What stays is a clause of the source, word for word."""
    assert shortened(text, MOST) == short


@pytest.mark.parametrize(
    "text",
    [
        "The engine starts by itself every cold winter morning, which it does not do where the battery is empty.",
        "The valve lets the blood of the body flow through the heart, because 70 beats a minute push it onward.",
        "The tide rises on all coasts of the sea and the ocean twice a day, unless the wind holds it back.",
        "Iron, copper, lead, tin and zinc from the mines of the northern hills were carried over the old pass each summer.",
    ],
)
def test_no_negation_number_or_condition_is_lost(text: str) -> None:
    """Where the end changes what is said, nothing is made of the sentence."""
    assert shortened(text, MOST) is None


def test_a_long_lead_of_a_list_loses_the_first_of_two_predicates() -> None:
    """What a list is announced by keeps its subject and what announces it."""
    lead = "A data race is similar to a race condition and happens when these three behaviors occur:"
    start, end = left_out_of_lead(lead, MOST) or (0, 0)
    assert lead[:start] + lead[end:] == "A data race happens when these three behaviors occur:"


@pytest.mark.parametrize(
    ("lead", "left_out"),
    [
        ("A data race happens when these three behaviors occur:", (0, 0)),
        ("A data race is not always a fault of the program and happens when these three behaviors occur:", None),
        ("A group of valves is a set of keys and values that are found in one of the following three places:", None),
    ],
    ids=["short", "negated", "no second predicate"],
)
def test_a_lead_is_kept_whole_or_not_shown(lead: str, left_out: tuple[int, int] | None) -> None:
    """Nothing is left out of a short lead, and none is cut where the rest would say something else."""
    assert left_out_of_lead(lead, MOST) == left_out
