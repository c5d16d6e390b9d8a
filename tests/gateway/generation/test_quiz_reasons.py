"""What the source gives a reason for is asked for its reason."""

from typing import Any

from tests.gateway.generation.quiz_reading import keys, options
from tests.gateway.generation.test_quiz_kinds import asked_of

HEART = (
    "# The heart\n\nExercise raises the pulse because the muscles need more oxygen. The left ventricle pumps the blood into the aorta. "
    "The human heart has four chambers. A valve keeps the blood from flowing back.\n"
)


def reasons(text: str) -> list[dict[str, Any]]:
    """The items of a text that ask for a reason."""
    return [item for item in asked_of(text).get("gap_select", []) if "because _____" in item["content"]["stem"]]


def test_a_reason_is_asked_among_what_else_the_source_says() -> None:
    """The right reason is the source's own; the wrong ones are clauses of the source that are no reason for it."""
    (item,) = reasons(HEART)
    assert item["content"]["stem"] == "Exercise raises the pulse because _____."
    assert keys(item) == ["the muscles need more oxygen"]
    assert all(option in HEART.lower() for option in options(item)[1])


def test_a_reason_that_a_pronoun_gives_away_is_not_asked() -> None:
    """Beside clauses without one, `they` shows whose reason it is."""
    assert (
        reasons(HEART.replace("the muscles need more oxygen", "they need more oxygen than the resting muscles")) == []
    )


def test_a_reason_that_echoes_what_it_explains_is_not_asked_alone() -> None:
    """The words of the claim in one option only would show it."""
    assert reasons(HEART.replace("the muscles need more oxygen", "a faster pulse feeds the muscles")) == []


def test_a_condition_is_no_reason() -> None:
    """`because of` and a claim that a condition opens are left to other questions."""
    assert reasons(HEART.replace("because the muscles need more oxygen", "because of the need of the muscles")) == []
    assert reasons(HEART.replace("Exercise raises", "If a runner starts, exercise raises")) == []
