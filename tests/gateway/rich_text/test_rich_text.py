"""What an author writes and what a learner's browser is given for it."""

import pytest

from gateway.rich_text import Node, render
from gateway.rich_text.nodes import text_of


@pytest.mark.parametrize(
    "text",
    [
        "Which gas do plants take in?",
        "it costs $5 and $6",
        "between $5 and 6$ each",
        "US$5 (A$6)",
        "1914.",
        "1914. The war began",
        "- 5",
        "+ 5",
        "> 3",
        "# of apples",
        "x < 3 & y > 2",
        "2 * 3 * 4",
        "snake_case_name",
        "_____",
        "A _____ and (_____), (_____).",
        "a | b",
        "---",
        "<b>bold</b> <script>alert(1)</script>",
        "[see below]",
        "",
        " ",
    ],
)
def test_what_holds_no_markup_is_plain(text: str) -> None:
    """It is shown as it was written: money, numbers, signs and gaps are no markup, and HTML is never read."""
    assert render(text) is None


def test_a_line_gives_what_may_stand_in_a_line() -> None:
    """Emphasis, code, links and escapes, without a paragraph around them, so that it may stand in a label."""
    nodes = render(r"*a* **b** `c < d` [e](https://f.test/g?h=1&i=2) \*j\* &lt;")
    link = {"href": "https://f.test/g?h=1&i=2", "rel": "noopener noreferrer", "target": "_blank"}
    assert nodes == [
        ("em", {}, ["a"]),
        " ",
        ("strong", {}, ["b"]),
        " ",
        ("code", {}, ["c < d"]),
        " ",
        ("a", link, ["e"]),
        " *j* <",
    ]


def test_lines_give_blocks() -> None:
    """Headings are strong paragraphs: the outline of the page is not the author's."""
    nodes = render(
        "# Sea\n\nTwo\nshort  \nlines\n\n3. a\n4. b\n\n- c\n\n> d\n\n***\n\n```python\nif x:\n    y = 1\n```\n\n    z\n"
    )
    assert nodes == [
        ("p", {}, [("strong", {}, ["Sea"])]),
        ("p", {}, ["Two", ("br", {}, []), "short", ("br", {}, []), "lines"]),
        ("ol", {"start": "3"}, [("li", {}, ["a"]), ("li", {}, ["b"])]),
        ("ul", {}, [("li", {}, ["c"])]),
        ("blockquote", {}, [("p", {}, ["d"])]),
        ("hr", {}, []),
        ("pre", {}, [("code", {}, ["if x:\n    y = 1"])]),
        ("pre", {}, [("code", {}, ["z"])]),
    ]


def test_tables_say_what_their_heads_are() -> None:
    """Cells are aligned as written; heads belong to their columns."""
    assert render("| a | b |\n|---|--:|\n| 1 | `|` |\n") == [
        (
            "table",
            {},
            [
                ("thead", {}, [("tr", {}, [("th", {"scope": "col"}, ["a"]), ("th", {"scope": "col", "align": "right"}, ["b"])])]),
                ("tbody", {}, [("tr", {}, [("td", {}, ["1"]), ("td", {"align": "right"}, ["`"])])]),
            ],
        )
    ]  # fmt: skip


def test_a_link_that_may_not_be_followed_leaves_its_words() -> None:
    """No brackets, no address: what a reader reads stays."""
    assert render("[see *this*](javascript:alert(1)), [that](/x)") == ["see ", ("em", {}, ["this"]), ", that"]


def test_an_image_is_its_own_address_or_its_description() -> None:
    """Nothing is fetched from anywhere."""
    png = "data:image/png;base64,iVBORw0KGgo="
    assert render(f"![a *red* dot]({png})") == [("img", {"src": png, "alt": "a red dot"}, [])]
    assert render("![a red dot](https://a.test/b.png)") == ["a red dot"]
    assert render("![a red dot](data:image/svg+xml;base64,AAAA)") == ["a red dot"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**_____** is _it_.", "_____ is it."),
        ("Say `print(_____)` or _(_____)_.", "Say print(_____) or (_____)."),
        ("_____\n\nbegins; *then* _______ ends.\n\n_____", "_____begins; then _______ ends._____"),
        ("| a | b |\n|---|---|\n| _____ | *x* _____ |", "ab_____x _____"),
        ("[see _____](https://a.test/_) `x`", "see _____ x"),
        ("```fill _____\n_____\n```", "fill _____\n_____"),
        ("Solve $x = _____$ for _____.", "Solve x = _____ for _____."),
        ("*\ue000 _____* \ue001", "\ue000 _____ \ue001"),
    ],
)
def test_gaps_survive_unbroken(text: str, shown: str) -> None:
    """Each run of five underscores stands in one text of the tree, in order, and is never emphasis or a rule."""
    nodes = render(text)
    assert nodes is not None
    assert text_of(nodes) == shown
    assert not any(name == "math" for name in tags(nodes))


def tags(nodes: list[Node]) -> list[str]:
    found: list[str] = []
    for node in nodes:
        if not isinstance(node, str):
            found += [node[0], *tags(node[2])]
    return found


def test_a_gap_that_would_not_be_seen_leaves_the_text_plain() -> None:
    """In an address, or in a cell that the table has no column for: the n-th run is the n-th gap."""
    for text in (
        "*a* _____ [b](https://c.test/_____)",
        "| a |\n|---|\n| b | _____ |",
        "_____ ![_____](data:image/png;base64,AAAA)",
    ):
        assert render(text) is None


def test_a_dollar_in_code_ends_no_formula() -> None:
    """Names of the shell beside names of the shell in code."""
    assert render("Set $HOME or `$PATH`.") == ["Set $HOME or ", ("code", {}, ["$PATH"]), "."]


def test_ten_times_nested_is_rendered_and_more_is_plain() -> None:
    """Nothing that an author wrote is dropped: what is too deep, too long or too wide is shown as written."""
    assert render("> " * 10 + "*x*\ny") is not None
    for text in (
        "> " * 30 + "*x*\ny",
        "- " * 30 + "x\ny",
        "*a*" * 700,
        "x\n" + "|a" * 40 + "|\n" + "|-" * 40 + "|\nb" * 30,
    ):
        assert render(text) is None
