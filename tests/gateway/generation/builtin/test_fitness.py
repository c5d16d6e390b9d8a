"""Which sentences may stand in a course by themselves."""

import pytest

from gateway.generation.builtin.document import Sentence
from gateway.generation.builtin.fitness import Fit, fitness, points_away, settled
from gateway.generation.builtin.reading import read_document
from gateway.generation.model import Source


def sentence(text: str) -> Sentence:
    """The first sentence of a text."""
    return read_document([Source("src_a", "a.md", "text/markdown", text)]).sentences[0]


@pytest.mark.parametrize(
    "text",
    [
        "Ownership is a set of rules that govern how a program manages memory.",
        "Water freezes below 0 °C at sea level.",
        "Both the stack and the heap are parts of memory.",
        "Table salt dissolves in water.",
        "When a variable goes out of scope, Rust frees its memory.",
        "The temperature falls below freezing in winter.",
        "In languages with pointers, it’s easy to create a dangling pointer.",
        "After the swarm leaves the hive, it hangs in a tree.",
    ],
)
def test_a_whole_statement_stands_alone(text: str) -> None:
    """Complete, about its subject, pointing at nothing."""
    assert fitness(sentence(text)) is Fit.ALONE


@pytest.mark.parametrize(
    "text",
    [
        "It remains valid until the end.",
        "However, the second part is different.",
        "This function is called drop.",
        "For example, tides are higher in narrow bays.",
        "The former is smaller than the latter.",
        "Between the twelfth and the eighteenth day she builds comb with wax.",
        "For food more than 100 metres away she performs the waggle dance.",
    ],
)
def test_what_takes_up_the_sentence_before_leans_on_it(text: str) -> None:
    """A pronoun or a connective at the start needs what it follows."""
    assert fitness(sentence(text)) is Fit.LEANS


@pytest.mark.parametrize(
    "text",
    [
        "Listing 4-1 shows a program with comments.",
        "As we saw in Chapter 3, values can be copied.",
        "We'll discuss this syntax more later.",
        "The code above prints a number on the screen.",
        "What if we want to take user input?",
        "Let's take a closer look at memory.",
        "In this chapter, you'll learn about slices.",
        "Keep at it!",
        "Try adding code to the main function.",
        "(Most of them are small.)",
        "see https://example.org for the details of it.",
    ],
)
def test_pointers_remarks_and_questions_are_unfit(text: str) -> None:
    """What points away, speaks of the text or to the reader, or only asks, is not taught."""
    assert fitness(sentence(text)) is Fit.UNFIT


def test_a_sentence_that_leads_on_to_code_can_lose_its_tail() -> None:
    """What is said before the colon stands, where it says something by itself."""
    leading = sentence("You can create a string from a literal using the function, like so:")
    assert leading.text[: settled(leading)] == "You can create a string from a literal using the function"
    assert settled(sentence("This means the following three things are equal:")) == 0


def test_what_remedies_an_unnamed_fault_is_no_lesson() -> None:
    """Which bug, only the sentences left out have told; named before in the same sentence it may stand."""
    assert points_away("Slices make this bug impossible and let us know much sooner that something is wrong.")
    assert not points_away("Data races cause undefined behavior; Rust avoids this problem by refusing to compile.")
