"""Numbered lists are asked as orderings, in short documents too, where their order is what they tell."""

from typing import Any

import pytest

from tests.gateway.generation.quiz_course import asked_of
from tests.gateway.generation.quiz_reading import keys

DAMAGES = (
    "# Breach of contract\n\nA breach is the failure of a party to do what the contract asks. To claim damages, a party goes through these "
    "stages:\n\n1. The party shows that there was a contract.\n2. The party shows that the other side broke it.\n3. The party proves the "
    "loss that followed.\n4. The court fixes the sum to be paid.\n\nDamages put the injured party where performance would have put it.\n"
)


def ordering(text: str) -> list[dict[str, Any]]:
    """The orderings of a course of one short text."""
    return asked_of(text, "ordering")


def test_a_short_document_with_a_numbered_list_asks_for_its_order() -> None:
    """A `that` which belongs to its own step points nowhere, and the question says what the steps lead to."""
    (item,) = ordering(DAMAGES)
    assert item["content"]["stem"] == (
        "To claim damages, a party goes through these stages. Put them in order, from the first to the last."
    )
    assert keys(item)[0] == "The party shows that there was a contract"


def test_a_step_that_leans_on_another_is_left_out() -> None:
    """The others are still in order; the question no longer says how many there are."""
    text = (
        "# How a loop works\n\nA loop repeats its body for each element. A loop works in five steps:\n\n1. Python asks the list for an iterator.\n"
        "2. Python asks the iterator for an element.\n3. The result is bound to the loop variable.\n4. The body of the loop runs.\n"
        "5. The loop ends when no element is left.\n"
    )
    (item,) = ordering(text)
    assert len(keys(item)) == 4
    assert item["content"]["stem"].startswith("How a loop works: put these steps")


@pytest.mark.parametrize(
    "heading", ["What helps against poor sleep", "Tips for a better night", "Five rules of hygiene"]
)
def test_a_numbered_list_of_advice_has_no_order(heading: str) -> None:
    """Numbers alone make no sequence: the second tip does not follow from the first."""
    text = (
        f"# Sleep\n\nSleep is a state of rest in which the senses are muffled.\n\n## {heading}\n\n1. Spend half an hour outdoors in the light.\n"
        "2. Drink no coffee after lunch.\n3. Keep the bedroom dark and cool.\n4. Leave the bed at the same hour each morning.\n"
    )
    assert ordering(text) == []


def test_a_type_that_would_be_too_many_gives_way_to_another() -> None:
    """Where one type makes up too much of a short quiz, the fact is asked in another way and not left out."""
    text = "# Terms\n\n" + " ".join(
        f"A **{term}** is {meaning}."
        for term, meaning in (
            ("lock", "a chamber with gates that lifts boats from one level to another"),
            ("towpath", "a path beside the water on which mules pull barges"),
            ("aqueduct", "a bridge that carries a canal across a valley"),
            ("weir", "a low dam that holds the water back in a dry summer"),
        )
    )
    assert len(asked_of(text, "short_text")) <= 2
