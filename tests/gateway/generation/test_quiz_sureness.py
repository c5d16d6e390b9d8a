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
