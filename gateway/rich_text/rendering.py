"""Tokens to nodes. Nothing raises, whatever the text: what can't be rendered is shown as it was written."""

import re
from collections.abc import Iterable
from typing import Final

from markdown_it.token import Token

from gateway.rich_text.formulas import formula
from gateway.rich_text.links import is_image, is_link
from gateway.rich_text.markdown import NESTING_MAX, tokens_of
from gateway.rich_text.nodes import Element, Node, TooLargeError, checked, text_of, texts_of

TEXT_MAX: Final = 2_000
"""Characters: what a stem may have."""
CELLS_MAX: Final = 1_000
"""Lines times columns: a table's missing cells are filled in, so few characters make many of them."""

_MARKS: Final = re.compile(r"[*`\\$\n\r\0]|\]\(|<[A-Za-z]|&[#A-Za-z]|(?<!_)_{1,4}(?!_)")
"""What any markup of a single line has."""
_GAPS: Final = re.compile(r"_{5,}")
_SAME: Final = {
    "paragraph": "p",
    "em": "em",
    "strong": "strong",
    "bullet_list": "ul",
    "list_item": "li",
    "blockquote": "blockquote",
    "table": "table",
    "thead": "thead",
    "tbody": "tbody",
    "tr": "tr",
}
_LANGUAGE: Final = re.compile(r"[\w+#.-]{0,20}")
"""What may follow the backticks that begin a block of code; anything else is a line of it."""
_ALIGNED: Final = re.compile(r"text-align:(left|center|right)")


def may_hold_markup(text: str) -> bool:
    """The cheap first look: what it says no to is plain."""
    return len(text) <= TEXT_MAX and _MARKS.search(text) is not None


def render(text: str) -> list[Node] | None:
    """Return the text as nodes, or None where it is plain: no markup in it, too long, too deep or too large.

    A single line gives what may stand in a line; several lines give paragraphs, lists, tables and the like. A gap, a run
    of five underscores or more, stands unbroken in one text of the tree wherever it stood in the source; where one would
    not be seen, such as in an address, the text is taken as plain, since the n-th run is the n-th gap.
    """
    if not may_hold_markup(text) or _cells(text) > CELLS_MAX:
        return None
    text = text.strip()
    stand_in = _free_character(text)
    try:
        tokens = tokens_of(_GAPS.sub(lambda gap: stand_in * len(gap[0]), text))
        if any(token.level >= NESTING_MAX - 1 for token in tokens):
            return None
        nodes = checked(_Tree(stand_in).of(tokens))
        if _GAPS.findall(text) != [run for node in texts_of(nodes) for run in _GAPS.findall(node)]:
            return None
    except (RecursionError, TooLargeError):
        return None
    return None if nodes in ([], [text]) else nodes


def _cells(text: str) -> int:
    lines = text.splitlines()
    return len(lines) * max((line.count("|") for line in lines), default=0)


def _free_character(text: str) -> str:
    """A character that nobody uses and Markdown takes for a letter, so that no underscore of a gap is emphasis."""
    return next(one for one in map(chr, range(0xE000, 0xF8FF)) if one not in text)


class _Tree:
    """Puts nodes together; `stand_in` are the underscores of gaps."""

    def __init__(self, stand_in: str) -> None:
        self._stand_in = stand_in

    def of(self, tokens: list[Token]) -> list[Node]:
        nodes = self._nodes(tokens)
        match nodes:
            case [("p", _, inside)]:
                return inside
            case _:
                return nodes

    def _nodes(self, tokens: Iterable[Token]) -> list[Node]:
        root: list[Node] = []
        open_lists = [root]
        for token in tokens:
            here = open_lists[-1]
            if token.nesting == 1:
                element, inside = self._opened(token)
                if element is not None:
                    here.append(element)
                open_lists.append(here if inside is None else inside)
            elif token.nesting == -1:
                open_lists.pop()
            else:
                for node in self._leaves(token):
                    _add(here, node)
        return root

    def _opened(self, token: Token) -> tuple[Element | None, list[Node] | None]:
        """The element that begins, and the list that takes what is inside; none where its inside alone is kept."""
        kind = token.type.removesuffix("_open")
        inside: list[Node] = []
        match kind:
            case "heading":
                return ("p", {}, [("strong", {}, inside)]), inside
            case "link":
                href = self._shown(str(token.attrGet("href")))
                if not is_link(href):
                    return None, None
                return ("a", {"href": href, "rel": "noopener noreferrer", "target": "_blank"}, inside), inside
            case "ordered_list":
                start = str(token.attrGet("start") or 1)
                return ("ol", {} if start == "1" else {"start": start}, inside), inside
            case "th" | "td":
                aligned = _ALIGNED.fullmatch(str(token.attrGet("style") or ""))
                attributes = {"scope": "col"} if kind == "th" else {}
                return (kind, attributes | ({"align": aligned[1]} if aligned else {}), inside), inside
            case _ if kind in _SAME and not token.hidden:
                return (_SAME[kind], {}, inside), inside
            case _:
                return None, None

    def _leaves(self, token: Token) -> list[Node]:
        match token.type:
            case "inline":
                return self._nodes(token.children or ())
            case "softbreak" | "hardbreak":  # authors of questions mean the ends of their lines
                return [("br", {}, [])]
            case "hr":
                return [("hr", {}, [])]
            case "code_inline":
                return [self._code(token.content)]
            case "fence" | "code_block":
                head = "" if _LANGUAGE.fullmatch(token.info.strip()) else f"{token.info}\n"
                return [("pre", {}, [self._code(head + token.content.removesuffix("\n"))])]
            case "math_inline" | "math_inline_double" | "math_block" if not token.content.strip():
                return [f"{token.markup}{token.content}{token.markup}"]
            case "math_inline" | "math_inline_double":
                return [self._formula(token.content, display=token.type != "math_inline")]
            case "math_block":
                return [("p", {}, [self._formula(token.content, display=True)])]
            case "image":
                return [self._image(token)]
            case _:
                return [self._shown(token.content)]

    def _code(self, text: str) -> Node:
        return "code", {}, [self._shown(text)] if text else []

    def _formula(self, tex: str, *, display: bool) -> Node:
        """A gap can't be filled inside a formula: one that has a gap is shown as code, the gap in it."""
        if self._stand_in in tex:
            return self._code(tex.strip())
        return formula(tex.strip(), display=display)

    def _image(self, token: Token) -> Node:
        description = text_of(self._nodes(token.children or ()))
        source = str(token.attrGet("src"))
        return ("img", {"src": source, "alt": description}, []) if is_image(source) else description

    def _shown(self, text: str) -> str:
        return text.replace(self._stand_in, "_")


def _add(nodes: list[Node], node: Node) -> None:
    """Append it; texts that follow one another are one text."""
    if isinstance(node, str) and nodes and isinstance(nodes[-1], str):
        nodes[-1] += node
    elif node:
        nodes.append(node)
