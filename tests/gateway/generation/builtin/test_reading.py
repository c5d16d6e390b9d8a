"""Sources become sections, blocks and sentences: exact spans, and nothing of the markup in what is read."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.generation.builtin.document import Document
from gateway.generation.builtin.reading import clean_title, read_document
from gateway.generation.model import Source
from tests.gateway.generation.orders import DOCUMENTS, SHIPPED, source_of
from tests.gateway.generation.prose import without_markup


def read(text: str, media_type: str = "text/markdown") -> Document:
    """One text as a document."""
    return read_document([Source("src_a", "a-text.md", media_type, text)])


def texts(document: Document) -> list[str]:
    """The sentences of a document."""
    return [sentence.text for sentence in document.sentences]


@pytest.mark.parametrize("path", [SHIPPED, *DOCUMENTS], ids=lambda path: path.name)
def test_every_sentence_stands_where_its_span_says(path: Path) -> None:
    """The words of a sentence are those of its span, in order and none cut; sections and blocks hold their sentences."""
    source = source_of(path)
    document = read_document([source])
    end = 0
    for sentence in document.sentences:
        raw = without_markup(source.text[sentence.start : sentence.end])
        assert re.findall(r"[^\W_]+", sentence.text) == re.findall(r"[^\W_]+", raw)
        assert sentence.start >= end
        end = sentence.end
        block, section = document.blocks[sentence.block], document.sections[sentence.section]
        assert block.start <= sentence.start
        assert sentence.end <= block.end
        assert section.start <= sentence.start
        assert sentence.end <= section.end
        for edge in (sentence.start, sentence.end):
            assert not source.text[max(edge - 1, 0) : edge + 1].isalnum() or edge in {0, len(source.text)}


@given(st.text(alphabet='ab .*_`[]()<>!#>-\n\r&;{}|\\"“”1', max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever the marks, reading ends, and spans lie in the text and in order."""
    for media_type in ("text/markdown", "text/plain"):
        document = read(text, media_type)
        assert all(0 <= s.start < s.end <= len(text) for s in document.sentences)
        assert [s.start for s in document.sentences] == sorted(s.start for s in document.sentences)
        assert all(mark.end <= len(s.text) for s in document.sentences for mark in s.marks)


def test_markup_leaves_nothing() -> None:
    """Comments, tags, macros, images, footnotes, link targets and captions are no text."""
    document = read(
        "<!-- hidden -->\n\nSee [the **manual**](https://a.example/b)<!-- x --> and [this][ref] now.[^1] ![alt](i.png)\n\n"
        '<a id="x"></a>\n\n{{#include y.rs}}\n\n<span class="caption">Figure 1: A caption.</span>\n\n'
        "Water is H<sub>2</sub>O &amp; more.\n\n[^1]: A footnote.\n\n[ref]: https://c.example\n"
    )
    assert texts(document) == ["See the manual and this now.", "Water is H2O & more."]


def test_emphasis_and_code_are_marks_on_the_text() -> None:
    """What the author set apart is known by place, and is not in the text."""
    (sentence,) = read("A _scope_ is **very** `plain_code` in snake_case.").sentences
    marked = [(mark.kind, sentence.text[mark.start : mark.end]) for mark in sentence.marks]
    assert marked == [("emphasis", "scope"), ("strong", "very"), ("code", "plain_code")]
    assert sentence.text == "A scope is very plain_code in snake_case."


def test_headings_of_every_manner_make_sections() -> None:
    """ATX, underlined, HTML and quoted headings; a path names what stands above."""
    document = read(
        "Top\n===\n\nOne.\n\n## Middle {#mid}\n\nTwo.\n\n> ### Aside\n>\n> Three.\n\nFour.\n\n<h2>Last</h2>\n\nFive.\n"
    )
    assert [(s.title, s.path, s.continued) for s in document.sections] == [
        ("Top", (), False),
        ("Middle", ("Top",), False),
        ("Aside", ("Top", "Middle"), False),
        ("Middle", ("Top",), True),
        ("Last", ("Top",), False),
    ]
    assert [document.sections[s.section].title for s in document.sentences] == [
        "Top",
        "Middle",
        "Aside",
        "Middle",
        "Last",
    ]


def test_bold_lines_head_a_text_without_headings() -> None:
    """A lone bold line is a heading where there is no other."""
    document = read("**First part**\n\nSome text here.\n\n**Second part**\n\nMore text here.\n")
    assert [section.title for section in document.sections] == ["First part", "Second part"]


def test_front_matter_is_no_text() -> None:
    """A metadata block at the top is left out, and the spans behind it still count from the first character."""
    text = "---\ntitle: A: b\n---\n\nReal text stands here.\n"
    (sentence,) = read(text).sentences
    assert text[sentence.start : sentence.end] == "Real text stands here."


def test_windows_newlines_keep_their_places() -> None:
    """A carriage return counts as the character it is in the stored text."""
    text = "# A\r\n\r\nOne line\r\nand another.\r\n\r\n- item one\r\n- item two\r\n"
    document = read(text)
    assert texts(document) == ["One line and another.", "item one", "item two"]
    assert text[document.sentences[0].start : document.sentences[0].end] == "One line\r\nand another."


def test_lists_know_their_order_and_depth() -> None:
    """Items carry their number, their nesting and the list they belong to."""
    document = read("Steps:\n\n1. First.\n2. Second.\n   - Inner.\n\nEnd of it.\n\n- Other.\n")
    items = [(b.text, b.number, b.level) for b in document.blocks if b.kind == "item"]
    assert items == [("First.", 1, 1), ("Second.", 2, 1), ("Inner.", None, 2), ("Other.", None, 1)]
    assert len({block.group for block in document.blocks if block.kind == "item"}) == 2


def test_tables_keep_their_cells() -> None:
    """Rows are cells, the first row is the header, and no sentence is made of them."""
    document = read("| A | B |\n|---|---|\n| one | `x` |\n")
    assert [(block.cells, block.header) for block in document.blocks] == [(("A", "B"), True), (("one", "x"), False)]
    assert not document.sentences


def test_plain_text_is_read_by_its_looks() -> None:
    """Capitals, numbers and short lone lines are headings; dashes and numbers in front are lists."""
    text = (
        "CHAPTER ONE\n\nThe first paragraph is long enough to be one\nand runs on.\n\n1.2 A Numbered Part\n\nText of the part."
        "\n\n- one thing\n- another thing\n"
    )
    document = read(text, "text/plain")
    assert [section.title for section in document.sections] == ["Chapter One", "A Numbered Part"]
    assert [block.kind for block in document.blocks] == ["paragraph", "paragraph", "item", "item"]


def test_a_text_that_is_markdown_in_all_but_name_is_read_so() -> None:
    """A wrong media type costs no headings."""
    assert read("# Head\n\nSome **bold** text.\n", "text/plain").sections[0].title == "Head"


def test_references_and_licences_are_back_matter() -> None:
    """They are sections of the source, and not taught."""
    document = read("# A\n\nText.\n\n## References\n\n- Someone, 1999.\n")
    assert [section.back_matter for section in document.sections] == [False, True]


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("1.2 The Sea", "The Sea"),
        ("Chapter 3: Tides", "Tides"),
        ("Why?", "Why?"),
        ("Setup:", "Setup"),
        ("2001", "2001"),
        ("A {#x}", "A"),
    ],
)
def test_headings_lose_their_numbers(raw: str, title: str) -> None:
    """A title needs no number, no anchor and no colon."""
    assert clean_title(raw) == title


def test_several_sources_are_one_document() -> None:
    """Indexes run through all sources, spans through each."""
    document = read_document(
        [Source("a", "a.md", "text/markdown", "# A\n\nOne.\n"), Source("b", "b.txt", "text/plain", "Two.")]
    )
    assert [(s.source_id, s.start, s.index) for s in document.sentences] == [("a", 5, 0), ("b", 0, 1)]
