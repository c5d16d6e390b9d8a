"""Notes do without the sentences that walk through a piece of code which the learner does not see."""

import pytest

from gateway.generation.builtin.making import open_workshop, outline_of
from gateway.generation.builtin.walkthrough import walks_through
from gateway.generation.model import Brief, Order, Source


@pytest.mark.parametrize(
    "text",
    [
        "When we find a space, we return a string slice using the start of the string.",
        "Because the enumerate method returns a tuple, we can use patterns to destructure that tuple.",
        "If the function doesn't find a space in the string, the whole string must be one word.",
        "Inside the for loop, we search for the byte that represents the space.",
    ],
)
def test_telling_what_a_piece_of_code_does_walks_through_it(text: str) -> None:
    """`we return`, `the function`: of a function that stands somewhere else."""
    assert walks_through(text)


@pytest.mark.parametrize(
    "text",
    [
        "A slice is a reference to a sequence of elements in a collection.",
        "We call the action of creating a reference borrowing.",
        "When the function is over, the values get popped off the stack.",
        "The function `iter()` asks an iterable for an iterator.",
    ],
)
def test_what_holds_of_all_code_does_not(text: str) -> None:
    """A rule of the language needs no example to be read."""
    assert not walks_through(text)


def test_notes_leave_a_walk_through_out() -> None:
    """Where there is enough else to teach."""
    rules = " ".join(
        f"A slice of kind {n} is a reference to the elements of a collection of kind {n}." for n in range(12)
    )
    walk = "When we find a space, we return a string slice using the start of the string."
    text = f"# Slices\n\n{rules}\n\n```rust\nfn first() {{}}\n```\n\n{walk} {rules.replace('kind', 'sort')}\n"
    shop = open_workshop(Order("crs_1", "", Brief(topic="slices"), [Source("src_1", "a.md", "text/markdown", text)]))
    assert not any(walk in notes for notes in shop.taught(outline_of(shop)))
