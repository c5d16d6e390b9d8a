"""No text, however made, brings more to a browser than the lists allow, or keeps a gateway busy."""

import re

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.rich_text import render
from gateway.rich_text.formulas import formula
from gateway.rich_text.links import IMAGE_BYTES_MAX, is_image, is_link
from gateway.rich_text.markdown import tokens_of
from gateway.rich_text.nodes import CHARACTERS_MAX, DEPTH_MAX, NODES_MAX, every_node, text_of, texts_of
from gateway.rich_text.rendering import TEXT_MAX, may_hold_markup
from tests.effort import stays_within
from tests.gateway.rich_text.hostile import ADDRESSES, PIECES, assert_harmless, mixtures


@given(mixtures)
@example("[a](" * 400)
@example("$" + "{" * 990 + "$")
@example("```\n```\n*a*")
@example("*a* $$ $$ $$")
@example("*a*\n\n$$\n$$\n")
def test_no_text_brings_more_than_the_lists_allow(text: str) -> None:
    """Elements, attributes, addresses, size and depth, and it can be sent."""
    nodes = render(text)
    if nodes is None:
        return
    assert_harmless(nodes)
    assert 0 < sum(1 for _ in every_node(nodes)) <= NODES_MAX
    assert max(depth for depth, _ in every_node(nodes)) <= DEPTH_MAX
    assert len(text_of(nodes)) <= CHARACTERS_MAX
    assert msgspec.json.decode(msgspec.json.encode(nodes))


@given(st.lists(st.sampled_from([piece for piece in PIECES if "\n" not in piece]) | st.text(max_size=5), max_size=30))
def test_a_formula_is_mathml_or_code(pieces: list[str]) -> None:
    """Whatever stands between the dollars."""
    tex = "".join(pieces)
    made = formula(tex, display=True)
    assert made[0] in {"math", "code"}
    if tex:
        assert_harmless([made])


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    "frame",
    ["[a]({})", "[a](<{}>)", "[a][b]\n\n[b]: {}\n", "![a]({})", "<{}>", "[![a]({0})]({0})", "| [a]({}) |\n|---|\n"],
)
def test_no_place_makes_an_address_dangerous(address: str, frame: str) -> None:
    """Inline, by reference, as an image, bare, nested or in a table: it is a web address, a picture, or words."""
    nodes = render(frame.format(address))
    if nodes is not None:
        assert_harmless(nodes)


@given(mixtures.filter(lambda text: not re.search(r"[\r\n]", text)))
def test_what_the_first_look_calls_plain_holds_no_markup(text: str) -> None:
    """The cheap look and the parser agree."""
    if text.strip() and not may_hold_markup(text):
        [inline] = tokens_of(re.sub(r"_{5,}", "x", text.strip()))
        assert all(token.type == "text" for token in inline.children or ())


WORDLESS = (
    "*",
    "**",
    "_",
    " ",
    " ",
    "`",
    "\n",
    "\n\n",
    "\n> ",
    "\n- ",
    "\n2. ",
    "\n# ",
    "\\",
    "<",
    ">",
    "[",
    "](",
    ")",
    "$",
    "&",
    "\n    ",
    "~~",
    "```",
    "\n```",
)


@given(st.lists(st.sampled_from(WORDLESS), max_size=40))
def test_no_word_is_lost_or_moved(marks: list[str]) -> None:
    """What a reader could read in the source can be read in the same order in what is shown."""
    text = "".join(f"{mark}{place:02}x?" for place, mark in enumerate(marks))
    nodes = render(text)
    if nodes is not None and "](" not in text:
        words = re.findall(r"[0-9]{2}x", text_of(nodes))
        assert words == re.findall(r"[0-9]{2}x", text)


@given(
    st.lists(
        st.sampled_from(
            ["_____", "______ ", "*", "**", "`", " ", "(", ")", ",", "\n", "\n\n", "a", "[a](", "$", "|", "> ", "- "]
        ),
        max_size=30,
    )
)
def test_no_gap_is_split_or_lost(pieces: list[str]) -> None:
    """As many runs as the author wrote, each in one text."""
    text = "".join(pieces)
    nodes = render(text)
    if nodes is not None:
        shown = [run for one in texts_of(nodes) for run in re.findall(r"_{5,}", one)]
        assert shown == re.findall(r"_{5,}", text)


WORST = {
    "a table whose cells are filled in": "|a" * 100 + "|\n" + "|-" * 100 + "|\n" + "x\n" * 700,
    "links that begin": "[\n" * 1000,
    "links in links": "[" * 900 + "a" + "](b)" * 250,
    "emphasis that never ends": "_a " * 660,
    "dollars": "$a" * 1000,
    "dollars behind backslashes": ("\\" * 40 + "$") * 48,
    "code that never ends": "".join("`" * length + " " for length in range(1, 62)),
    "quotes in quotes": "\n".join(">" * level + "a" for level in range(60)),
    "references": "[a]: http://x.y/" + "z" * 900 + "\n\n" + "[a]" * 350,
    "braces": "$" + "{" * 990 + "$",
    "primes": "$x" + "'" * 990 + "$",
    "fractions": "$" + r"\frac" * 190 + "$",
    "cells": "$" + "&" * 990 + "$",
    "angles and brackets": "<![CDATA[" * 222,
    "formulas": r"$\sqrt{x^2}$ " * 150,
}


@pytest.mark.parametrize("name", WORST)
def test_no_text_takes_long(name: str) -> None:
    """The most that a field may hold, made to be slow: some milliseconds."""
    text = WORST[name][:TEXT_MAX]
    assert stays_within(0.05, lambda: render(text))


def test_what_is_plain_costs_nothing() -> None:
    """Most texts are plain: a thousand of them in a millisecond or so."""
    assert stays_within(
        0.005, lambda: [render("Which of these do plants take in to make sugar, at _____?") for _ in range(1000)]
    )


@pytest.mark.parametrize(
    "address", ["https://a.b", "http://a.b/c?d=e&f=g#h", "https://a.b:8443/%C3%BC", "https://[::1]/"]
)
def test_web_addresses_are_links(address: str) -> None:
    """As the parser normalises them: ASCII."""
    assert is_link(address)


def test_a_picture_has_200_kb_at_most() -> None:
    """Counted as bytes, not as the text that stands for them."""
    assert is_image("data:image/webp;base64," + "A" * (IMAGE_BYTES_MAX // 3 * 4))
    assert not is_image("data:image/webp;base64," + "A" * (IMAGE_BYTES_MAX // 3 * 4 + 4))
    assert not is_image("data:image/webp;base64,AAA")
