"""What is read from a teacher's note."""

import pytest

from gateway.generation.builtin.making import study_of
from gateway.generation.builtin.study import Study
from gateway.generation.builtin.wishes import read_wishes
from tests.gateway.generation.orders import SHIPPED, source_of


@pytest.fixture(scope="module")
def study() -> Study:
    """The shipped document."""
    return study_of((source_of(SHIPPED),))


@pytest.mark.parametrize(
    ("note", "length"),
    [
        ("Shorter, please.", "shorter"),
        ("This is too long", "shorter"),
        ("Can you make it more concise?", "shorter"),
        ("longer", "longer"),
        ("I want more detail.", "longer"),
        ("Nice, but again.", "same"),
    ],
)
def test_the_newest_note_sets_the_length(study: Study, note: str, length: str) -> None:
    """A length asked for earlier is done already."""
    assert read_wishes(study, ["longer", note]).length == length


def test_style_is_kept_from_note_to_note(study: Study) -> None:
    """`simpler` once is simpler still in the version after."""
    wishes = read_wishes(study, ["Simpler, please", "More examples"])
    assert wishes.simple
    assert wishes.examples


def test_terms_of_the_source_are_found_in_the_note(study: Study) -> None:
    """Terms count where the source has them, in any form; ordinary words of a request don't."""
    assert "spring tide" in read_wishes(study, ["Explain spring tides better"]).terms
    assert read_wishes(study, ["Please make this text better for students"]).terms == ()
    assert read_wishes(study, ["Tell me about volcanoes"]).terms == ()
