"""Which tables are asked as matchings, and which are not sure enough to be."""

import pytest

from gateway.generation.builtin.making import study_of
from gateway.generation.builtin.quiz.candidate import Candidate
from gateway.generation.builtin.quiz.material import material_of
from gateway.generation.builtin.quiz.table_matching import propose
from gateway.generation.model import Outline, OutlineModule, Source, SourceRef

HARDNESS = "| Hardness | Mineral |\n|---|---|\n| 1 | talc |\n| 2 | gypsum |\n| 3 | calcite |\n| 4 | fluorite |\n| 5 | apatite |\n"
METHODS = (
    "| Method | Stable | Comparisons on average |\n|---|---|---|\n| Insertion sort | yes | n²/4 |\n"
    "| Merge sort | yes | n log₂ n |\n| Quicksort | no | 1.39 n log₂ n |\n"
)


def asked_of(table: str) -> list[Candidate]:
    """The matchings that a text with this table bears out."""
    text = f"# Facts\n\nHere stands a sentence about something that is told.\n\n{table}\nAnd here stands one more of them.\n"
    study = study_of((Source("src_1", "source.md", "text/markdown", text),))
    module = OutlineModule(0, "Facts", "", [], [SourceRef("src_1", 0, len(text))])
    material = material_of(study, Outline("Facts", "", [module]), [text])
    asked = list(propose(material.tables, len(material.sentences)))
    assert all(right in text[each.start : each.end] for each in asked for right in (*each.lefts, *each.right))
    return asked


def test_what_a_table_names_is_matched_with_what_it_tells() -> None:
    """Four rows at most are asked, one more right-hand cell is left over, and numbers are never what is named."""
    (asked,) = asked_of(HARDNESS)
    assert asked.stem == "Match each mineral with its hardness."
    assert dict(zip(asked.lefts, asked.right, strict=True)) == {
        "talc": "1",
        "gypsum": "2",
        "calcite": "3",
        "fluorite": "4",
    }
    assert asked.wrong == ("5",)


def test_a_column_that_tells_two_rows_the_same_is_passed_over() -> None:
    """Every left has one right answer; the next column that tells each row something of its own is asked."""
    (asked,) = asked_of(METHODS)
    assert asked.stem == "Match each method with its comparisons on average."
    assert asked.right == ("n²/4", "n log₂ n", "1.39 n log₂ n")


@pytest.mark.parametrize(
    ("table", "stem"),
    [
        (
            "| Case | Year |\n|---|---|\n| Adams v Lindsell | 1818 |\n| Balfour v Balfour | 1919 |\n| Fisher v Bell | 1961 |\n",
            "Match each case with its year.",
        ),
        (
            "| Item | Price |\n|---|---|\n| Coffee | 2 EUR |\n| Tea | 1 EUR |\n| Lunch | 7 EUR |\n",
            "Match each item with its price.",
        ),
        (
            "| Person | Role |\n|---|---|\n| Jane Doe | governor |\n| Ann Lee | engineer |\n| Tom Ray | writer |\n",
            "Match each person with their role.",
        ),
        (
            "| Function | What it returns |\n|---|---|\n| `chain` | elements in turn |\n| `zip_longest` | padded pairs |\n| `count` | numbers |\n",
            "Match each function with what it returns.",
        ),
    ],
    ids=["case", "item", "person", "code"],
)
def test_the_question_reads_as_the_heads_do(table: str, stem: str) -> None:
    """Plain heads are heads too; a person has a role of their own, and a head may be a question."""
    (asked,) = asked_of(table)
    assert asked.stem == stem


@pytest.mark.parametrize(
    "table",
    [
        "| Hour | Share |\n|---|---|\n| First | 1/12 |\n| Second | 2/12 |\n| Third | 1/12 |\n",
        "| Property | Logical |\n|---|---|\n| Tool | dump |\n| Speed | slow |\n| Format | text |\n",
        "| Mineral | Scratched by |\n|---|---|\n| talc | nail |\n| gypsum | coin |\n| calcite | knife |\n",
        "| Mineral | Hardness |\n|---|---|\n| talc | 1 |\n| gypsum | 2 |\n",
        "| Mineral | Colour |\n|---|---|\n| talc | as above |\n| gypsum | white |\n| calcite | see below |\n",
        "| Wine | Grape |\n|---|---|\n| white Riesling | Riesling |\n| Chablis | Chardonnay |\n| Barolo | Nebbiolo |\n",
    ],
    ids=["twice", "nothing named", "no noun", "two rows", "pointer", "echo"],
)
def test_a_table_that_is_not_sure_enough_is_not_asked(table: str) -> None:
    """Two right answers, heads that name nothing, too few rows, cells that point elsewhere or give themselves away."""
    assert asked_of(table) == []
