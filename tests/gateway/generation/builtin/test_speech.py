"""Sentences as they are read aloud."""

import pytest

from gateway.generation.builtin.inline import Mark
from gateway.generation.builtin.speech import spoken


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("It runs at 40 km/h.", "It runs at 40 kilometres per hour."),
        ("Water boils at 100 °C.", "Water boils at 100 degrees Celsius."),
        ("About 20% is lost.", "About 20 percent is lost."),
        ("It takes 5–10 minutes.", "It takes 5 to 10 minutes."),
        ("Cats & dogs, e.g. poodles.", "Cats and dogs, for example poodles."),
        ("It cost $5 million.", "It cost 5 million dollars."),
        ("A field of 3 m².", "A field of 3 square metres."),
        ("One pace is 1 m.", "One pace is 1 metre."),
        ("In the 1960s it grew for 5 s.", "In the 1960s it grew for 5 seconds."),
        ("It was cold—very cold—outside.", "It was cold, very cold, outside."),
    ],
)
def test_symbols_and_units_are_said(written: str, said: str) -> None:
    """No symbol is left to the reader's guess."""
    assert spoken(written, ()) == said


def test_code_is_said_where_it_is_a_word_and_else_not_at_all() -> None:
    """`drop` can be said; `s.len()` can't."""
    assert spoken("Rust calls drop here.", (Mark("code", 11, 15),)) == "Rust calls drop here."
    assert spoken("It calls s.len() here.", (Mark("code", 9, 16),)) is None
    assert spoken("Set x_y = {1} now.", ()) is None
