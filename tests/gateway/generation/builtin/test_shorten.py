"""Sentences made short enough for a slide."""

import pytest

from gateway.generation.builtin.shorten import shortened

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
