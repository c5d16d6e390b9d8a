"""Sentences written out as Markdown."""

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from gateway.generation.builtin.inline import Inline, Line
from gateway.generation.builtin.render import at_line_start, markdown


def test_emphasis_and_code_come_back_and_links_lose_their_target() -> None:
    """The author's marks stay; a link that could be dead does not."""
    inline = Inline([Line("A _b_ **c** `d` [e](https://f.example).", 0)], ())
    assert markdown(inline.text, inline.marks) == "A _b_ **c** `d` e."


def test_what_was_literal_stays_literal() -> None:
    """An escaped star is a star again, and a number at a line's start no list."""
    inline = Inline([Line(r"1984\. was \*great\*", 0)], ())
    assert at_line_start(markdown(inline.text, inline.marks)) == r"1984\. was \*great\*"
    assert at_line_start("# no heading") == r"\# no heading"


@example("\\``")
@example("\\``a` b``")
@given(st.text(alphabet="ab c*_`<>[]()!#\\&;{}", min_size=1, max_size=40))
def test_written_text_reads_as_the_same_text(text: str) -> None:
    """What a Markdown reader shows of the written text is the text."""
    inline = Inline([Line(text, 0)], ())
    plain = "".join(inline.text.split())
    written = at_line_start(markdown(inline.text.strip(), inline.marks if inline.text == inline.text.strip() else ()))
    tokens = MarkdownIt("commonmark", {"html": True}).parseInline(written)
    shown = "".join(
        child.content for token in tokens for child in token.children or () if child.type in {"text", "code_inline"}
    )
    assert not any(
        child.type in {"html_inline", "link_open", "image"} for token in tokens for child in token.children or ()
    )
    assert [c for c in shown if c.isalnum()] == [c for c in plain if c.isalnum()]
