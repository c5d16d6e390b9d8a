"""Texts that nobody writes in good faith."""

from typing import Final

from hypothesis import strategies as st

from gateway.rich_text.nodes import HTML, MATHML, MATHML_ATTRIBUTES, Node, every_node

ADDRESSES: Final = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "java&#10;script:alert(1)",
    "&#106;avascript:alert(1)",
    "javascript&colon;alert(1)",
    "\x01javascript:alert(1)",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "data:image/svg+xml;base64,PHN2Zz4=",
    "data:image/svg+xml,<svg onload=alert(1)>",
    "data:image/png;base64,AAAA",
    "data:image/png;charset=x;base64,AAAA",
    "data:IMAGE/PNG;base64,AAAA",
    "file:///etc/passwd",
    "blob:https://a.b/c",
    "//evil.test/x",
    "/embed/x",
    "#top",
    "mailto:a@b.c",
    "ftp://a.b/c",
    "https:evil.test",
    "https://",
    "https:///x",
    "https://user:word@a.b/",
    "https://a.b@evil.test/",
    "https://a.b\\@evil.test/",
    "https://[::1",
    "https://[a]b/",
    'https://a.b/"onmouseover="alert(1)',
    "https://a.b/'><script>alert(1)</script>",
    "https://a.b/c?d=e&f=[g]#h",
    "http://a.b",
)

PIECES: Final = (
    *("*", "**", "_", "__", "_____", "`", "``", "```", "~~~", "$", "$$", "\\", "\\$", "\n", "\n\n", "\r\n", "    ", "\t", "  \n"),
    *("[", "]", "](", ")", "![", "<", ">", "> ", "- ", "1. ", "1914. ", "# ", "|", "|-|-|", "\n---\n", "===", "&amp;", "&#x3c;", "&#0;", "&lt;"),
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<!--", "-->", "<![CDATA[", "</p>", "<a href='x'>"),
    *("[a]: ", "[a]", "<http://a.b>", "<a@b.c>", "a", "b c", "é", "שלום", "𝒳", "\u202e", "\u200b", "\ue000", "\0", "\x1b", "5", " "),
    *(r"\frac{1}{2}", r"\frac", r"\sqrt[3]{x}", r"\href{javascript:alert(1)}{x}", r"\style{color:red}{x}", r"\class{a}{b}", r"\color{red}"),
    *(r"\begin{matrix}a&b\\c\end{matrix}", r"\begin{", r"\end{x}", r"\left(", r"\right)", r"\text{<b>}", r"\unicode{x202e}", r"\hspace{9999em}"),
    *(r"\newcommand{\a}{\a\a}\a", r"\def\a{\a\a}\a", r"\verb|<script>|", r"\mathbf{x}", "^", "{", "}", "'", "&", r"\\", r"\rule{99em}{99em}", r"\genfrac"),
    *(f"[a]({address})" for address in ADDRESSES),
    *(f"![a]({address})" for address in ADDRESSES),
    *(f"<{address}>" for address in ADDRESSES),
)  # fmt: skip

mixtures: Final = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=60).map("".join)
"""Whatever markup there is, in no order."""


def assert_harmless(nodes: list[Node]) -> None:
    """Only elements and attributes of the lists, only addresses that may be opened."""
    for _, node in every_node(nodes):
        if isinstance(node, str):
            assert node
            continue
        tag, attributes, _ = node
        assert tag in HTML or tag in MATHML, tag
        assert attributes.keys() <= HTML.get(tag, MATHML_ATTRIBUTES), node
        for name, value in attributes.items():
            assert value.isprintable(), node
            match tag, name:
                case "a", "href":
                    assert value.startswith(("https://", "http://")), node
                    assert "@" not in value.split("/")[2], node
                    assert not set(value) & set('"<>\\ '), node
                case "img", "src":
                    assert value.startswith(
                        ("data:image/png;base64,", "data:image/jpeg;base64,", "data:image/webp;base64,")
                    )
                case "img", "alt":
                    pass
                case _:
                    assert not set(value) & set("\"'<>\\:;()"), node
        if tag == "a":
            assert attributes["rel"] == "noopener noreferrer"
            assert attributes["target"] == "_blank"
        if tag == "img":
            assert "alt" in attributes
