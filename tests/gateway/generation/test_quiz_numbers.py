"""Numbers are asked as the source gives them: with their unit, as exactly as it is sure of them, and only where they are the fact."""

from typing import Any

import pytest

from tests.gateway.generation.test_quiz_grading import graded
from tests.gateway.generation.test_quiz_kinds import asked_of, twisted


def numeric(text: str) -> list[dict[str, Any]]:
    """The numeric items that a text bears out."""
    return asked_of(f"# Facts\n\n{text}\n").get("numeric", [])


def test_a_rough_number_need_be_roughly_right() -> None:
    """What the source gives as `about 20` is right from 18 to 22, and the question says that it is rough."""
    (item,) = numeric("A strong colony needs about 20 kilograms of honey to survive a winter in Europe.")
    assert "about _____ kilograms" in item["content"]["stem"]
    shares = {value: graded(item, {"type": "numeric", "value": value}).share for value in ("18", "20", "22", "23")}
    assert shares == {"18": 1, "20": 1, "22": 1, "23": 0}


def test_about_every_so_many_minutes_is_rough_too() -> None:
    """What says that a number is rough need not stand right before it."""
    (item,) = numeric("A young yeast cell in warm dough divides about every 90 minutes.")
    assert graded(item, {"type": "numeric", "value": "95"}).share == 1


def test_no_false_form_changes_what_is_only_supposed() -> None:
    """Of a list of 2,000 items something else holds, but not the opposite."""
    shown = "A list of 1,000 items is halved by each step of the sort."
    assert shown not in twisted(f"# Facts\n\n{shown}\n")


def test_an_exact_number_must_be_exactly_right() -> None:
    """What the source is sure of, a learner must be."""
    (item,) = numeric("The Golden Gate Bridge in San Francisco has a main span of 1,280 metres.")
    assert graded(item, {"type": "numeric", "value": "1281"}).share == 0


def test_a_rough_year_is_right_within_a_decade() -> None:
    """A tenth of a year's number would be a hundred years."""
    (item,) = numeric("The printer Bi Sheng invented movable type in China around 1040.")
    assert graded(item, {"type": "numeric", "value": "1050"}).share == 1
    assert graded(item, {"type": "numeric", "value": "1051"}).share == 0


def test_a_rough_count_is_no_choice_between_neighbours() -> None:
    """`about six` is five and seven as well."""
    asked = asked_of("# Facts\n\nA summer worker needs about six weeks. The large valve has about seven flaps.\n")
    assert not {"single_choice", "short_text"} & set(asked)


def test_what_a_count_is_by_stays_in_the_question() -> None:
    """Eggs a day are not eggs; where the question can't say it, the sentence is asked with a gap."""
    (item,) = numeric("A healthy queen produces 2,000 eggs a day, which together weigh more than her body.")
    assert item["content"]["stem"] == "How many eggs does a healthy queen produce a day?"
    (gap,) = numeric("A healthy queen produces 2,000 eggs where the brood is warm.")
    assert "2,000" not in gap["content"]["stem"]
    assert "where the brood is warm" in gap["content"]["stem"]


@pytest.mark.parametrize(
    "text",
    [
        "A steel bridge of 1,000 metres is longer on a hot summer day than on a cold winter day.",
        "A loaf of 750 grams bakes in a hot oven until its crust is brown.",
    ],
)
def test_a_number_that_is_only_supposed_is_not_asked(text: str) -> None:
    """It is no fact about the thing; any other would do."""
    assert numeric(text) == []


def test_no_false_form_moves_a_rough_count_by_one() -> None:
    """`around seven` may be true of six."""
    assert "The large valve has around seven flaps." not in twisted(
        "# Facts\n\nThe large valve has around seven flaps.\n"
    )


def test_one_of_three_figures_is_asked_beside_the_others() -> None:
    """A sentence with three figures still has one that can be left out."""
    (item,) = numeric("The development of a queen takes 16 days, that of a worker 21 days and that of a drone 24 days.")
    assert "_____ days, that of a worker 21 days" in item["content"]["stem"]
