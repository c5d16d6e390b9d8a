"""How a document is cut into modules."""

from statistics import median

import pytest

from gateway.generation.builtin.cutting import modules_of
from gateway.generation.builtin.making import study_of
from gateway.generation.model import Source


def sizes(text: str, most: int) -> list[int]:
    """The words of each module."""
    study = study_of((Source("src_a", "a.md", "text/markdown", text),))
    return [sum(piece.words for piece in module) for module in modules_of(study, most)]


def prose(words: int, name: str = "number") -> str:
    """Sentences that differ, of about so many words in all."""
    return " ".join(f"Fact {name} {count} says that thing {count * 7} is old." for count in range(words // 10))


def test_modules_follow_the_headings() -> None:
    """Sections of like size become a module each."""
    text = "\n\n".join(f"## Part {name}\n\n{prose(400, name)}" for name in "abcd")
    assert len(sizes(text, 4)) == 4
    assert max(sizes(text, 4)) == min(sizes(text, 4))


@pytest.mark.parametrize("most", [1, 2, 5, 9, 20])
@pytest.mark.parametrize(
    "text",
    [
        "# One\n\n" + prose(8_000),
        "\n\n".join(f"## Part {place}\n\n{prose(60 + 900 * (place == 3), str(place))}" for place in range(9)),
        "\n\n".join(f"### Bit {place}\n\n{prose(30, str(place))}" for place in range(300)),
        "\n".join(f"- Item {place} is a thing of the kind {place % 7}." for place in range(900)),
    ],
    ids=["one long line", "one long section", "many short sections", "one list"],
)
def test_no_module_is_three_times_the_middle_one(text: str, most: int) -> None:
    """However the source is built, modules are of like size, none empty, and no more than asked for."""
    found = sizes(text, most)
    assert 1 <= len(found) <= most
    assert min(found) > 0
    assert max(found) <= 3 * median(found)


def test_a_rich_source_yields_all_the_modules_asked_for() -> None:
    """Fewer come only of too little to teach."""
    assert len(sizes("# One\n\n" + prose(8_000), 7)) == 7
    assert len(sizes(f"# One\n\n{prose(180)}\n\n# Two\n\n{prose(180, 'two')}", 7)) == 2


def test_a_page_about_several_things_is_more_than_one_module() -> None:
    """A short document under many headings is cut in two; one under few headings stays whole."""
    many = "\n\n".join(f"## Part {name}\n\n{prose(40, name)}" for name in "abcd")
    few = "\n\n".join(f"## Part {name}\n\n{prose(80, name)}" for name in "ab")
    assert (len(sizes(many, 5)), len(sizes(few, 5))) == (2, 1)
