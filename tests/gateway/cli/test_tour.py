"""The tour: what it says of itself. That it holds is for `make demo`, and for the scenarios."""

import pytest

from gateway.cli.tour import in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "0 seconds"), (0.9, "1 second"), (1.4, "1 second"), (1.6, "2 seconds"), (12.3, "12 seconds")],
)
def test_one_second_is_no_plural(seconds: float, words: str) -> None:
    """The last line of the tour reads as a sentence however fast it went."""
    assert in_words(seconds) == words
