"""What would have a second right answer, or a false form that is true, is not asked."""

import pytest

from tests.gateway.generation.test_quiz_kinds import asked_of, reading_of, twisted


def test_half_of_a_pair_of_terms_is_not_turned_round() -> None:
    """A tide with a single high water has a single low water too, so that the opposite would be true."""
    text = (
        "# Tides\n\n- **High water** is the highest level that one tide reaches.\n- **Low water** is the lowest level between two "
        "high waters.\n\nA diurnal tide has a single high water in a lunar day.\n"
    )
    assert "A diurnal tide has a single high water in a lunar day." not in twisted(text)


def test_the_sides_of_a_comparison_change_places_only_where_they_are_its_sides() -> None:
    """`higher during systole than during diastole` compares two phases, not the pressure with one of them."""
    text = "# Pressure\n\nBlood pressure is greater during systole than during diastole. Systole and diastole make up one beat.\n"
    changed = twisted(text).values()
    assert not any("than during blood pressure" in statement for statement in changed)


def test_a_condition_is_not_changed_under_what_follows_from_it() -> None:
    """What holds on the heap may hold on the stack as well."""
    text = (
        "# The Stack and the Heap\n\nThe stack and the heap are parts of memory. When you put data on the heap, you request a "
        "certain amount of space.\n"
    )
    assert not any("When you put data on the stack" in statement for statement in twisted(text).values())


def test_a_plain_word_that_the_source_merely_uses_is_not_typed() -> None:
    """Many a word could stand there: a coast, a strait or a bay."""
    text = "# Tides\n\nThe shape of a bay can raise the tide far above that of the open ocean. Ships cross the bay at noon.\n"
    assert "gap_text" not in asked_of(text)


@pytest.mark.parametrize("text", ["Engineers have tested models of large bridges in wind tunnels since the collapse."])
def test_a_sentence_that_dates_itself_by_something_unnamed_is_not_judged(text: str) -> None:
    """Which collapse, a learner without the text can't know."""
    assert reading_of(f"# Facts\n\n{text}\n").statements == ()


def test_a_word_that_only_a_clause_picks_out_is_not_offered_beside_others() -> None:
    """A worker may have found flowers as well as a forager, and it says the same of her."""
    text = (
        "# Bees\n\nA **worker** is a female that keeps the nest. A **forager** is a bee that gathers nectar. The **queen** is the female that "
        "lays eggs. A forager that has found rich flowers reports them by a dance on the comb.\n"
    )
    assert not any(
        item["content"]["stem"].startswith("A _____ that has found") for item in asked_of(text).get("gap_select", [])
    )


def test_a_being_is_offered_only_where_the_source_tells_both_apart() -> None:
    """A scout may be a worker, since nothing says that it is none."""
    text = (
        "# Bees\n\nThe **workers** raise new queens in spring. The scouts search for a cavity. The scouts dance. The **drones** gather no "
        "food. The **queens** lay all eggs. In late spring the workers raise new brood in special cells at the edge of the comb.\n"
    )
    offered = {
        option["text"]
        for item in asked_of(text).get("gap_select", [])
        for gap in item["content"]["gaps"]
        for option in gap["options"]
    }
    assert "scouts" not in offered


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("A forager carries it home in her honey stomach.", 0),
        ("The renal artery brings blood to the kidney, and the renal vein carries it away.", 1),
        ("Rust calls the function when it reaches the end of the scope.", 1),
    ],
)
def test_a_verb_that_takes_what_was_named_before_does_not_stand_alone(text: str, stands: int) -> None:
    """What is carried home, a learner without the text can't know."""
    assert len(reading_of(f"# Facts\n\n{text}\n").statements) == stands


@pytest.mark.parametrize(
    "text", ["Beam bridges are therefore built with spans of 250 metres.", "A pastry cream can thus be boiled."]
)
def test_what_follows_from_the_text_before_is_not_asked_without_it(text: str) -> None:
    """A `therefore` without its reason leans on a text that the learner does not see."""
    assert reading_of(f"# Facts\n\n{text}\n").statements == ()
