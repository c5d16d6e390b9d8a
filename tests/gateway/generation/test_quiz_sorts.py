"""Wrong options are of the sort of thing that the right one is, so that one who has not read may take them for it."""

import pytest

from gateway.generation.builtin.quiz.distractors import terms_like
from tests.gateway.generation.quiz_reading import keys, options
from tests.gateway.generation.test_quiz_kinds import asked_of, reading_of

HIVE = (
    "# The hive\n\nThe **queen** is the only female that lays eggs. **Nectar** is a thin solution that flowers offer. **Honey** is a thick "
    "food that keeps through the cold. **Wax** is a soft substance that glands on the abdomen give off. A **drone** is a male that gathers "
    "in the air. In winter the bees eat honey. In summer the bees gather nectar. In autumn the workers drive out the drones. "
    "In spring the bees build with wax. A **forager** is a worker that flies out. In autumn the bees store honey.\n"
)


def test_terms_are_sorted_by_what_the_source_calls_them() -> None:
    """A word of no everyday list is of the sort that its definition starts from."""
    reading = reading_of(
        "# Things\n\nA **zorf** is a liquid that cools the engine. A **quib** is an animal that eats at night.\n"
    )
    assert (reading.sort("zorf"), reading.sort("quib"), reading.sort("sprocket")) == ("substance", "being", "")


def test_a_substance_is_offered_beside_substances() -> None:
    """Whoever is asked for a solution that flowers offer never doubts between nectar and the queen."""
    asked = [item for item in asked_of(HIVE)["single_choice"] if keys(item) == ["nectar"]]
    assert asked
    for item in asked:
        assert not {"queen", "drone", "forager"} & set(options(item)[1])


@pytest.mark.parametrize(("key", "never"), [("winter", {"honey", "queen", "wax"}), ("nectar", {"autumn", "drone"})])
def test_a_term_is_like_those_of_its_sort_alone(key: str, never: set[str]) -> None:
    """Seasons stand for seasons."""
    assert not never & set(terms_like(reading_of(HIVE), key, "", f"What of {key} is told."))
