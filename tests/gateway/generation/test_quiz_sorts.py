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


def test_a_measure_that_is_named_once_is_asked_among_measures() -> None:
    """Everyday nouns of one sort stand beside each other, however seldom the source uses them."""
    text = (
        "# Dance\n\nThe duration of the waggle run tells the distance. A forager tells the quality of the nectar by her zeal. "
        "The temperature of the nest stays the same in the whole summer.\n"
    )
    asked = {item["content"]["stem"]: item for item in asked_of(text)["gap_select"]}
    item = asked["The _____ of the waggle run tells the distance."]
    assert set(options(item)[1]) == {"quality", "temperature"}


def test_terms_of_one_head_are_counted_of_one_and_of_many() -> None:
    """`truss bridge` and `truss bridges` are one term that the source uses twice, and stands beside others of its head."""
    text = (
        "# Crossing a gap\n\nA truss bridge turns the load into pressure along its bars. A beam bridge rests on two supports. A cable "
        "bridge hangs its deck from two heavy ropes. Truss bridges, beam bridges and cable bridges are common.\n"
    )
    like = terms_like(reading_of(text), "cable bridge", "a", "A cable bridge hangs its deck from two heavy ropes.")
    assert set(like) == {"truss bridge", "beam bridge"}


def test_what_the_source_explains_by_the_key_is_no_wrong_option() -> None:
    """Nectar is a sugar solution: what splits the sugar splits it in the nectar."""
    text = (
        "# Honey\n\n**Nectar** is a thin sugar solution that flowers offer to insects. Bees add enzymes that split the sugar of the drop. "
        "The bees store pollen and wax. The **wax** keeps the cells closed. The bees gather resin.\n"
    )
    assert "nectar" not in terms_like(
        reading_of(text), "sugar", "the", "Bees add enzymes that split the sugar of the drop."
    )
