"""The tree: which elements and attributes there are, and how large a tree may grow."""

import re
from collections.abc import Iterator
from typing import Final, TypeAlias

Node: TypeAlias = "str | Element"
Element: TypeAlias = tuple[str, dict[str, str], list[Node]]
"""Tag, attributes, children."""

HTML: Final = {
    "p": frozenset[str](),
    "em": frozenset[str](),
    "strong": frozenset[str](),
    "code": frozenset[str](),
    "pre": frozenset[str](),
    "br": frozenset[str](),
    "hr": frozenset[str](),
    "a": frozenset({"href", "rel", "target"}),
    "img": frozenset({"src", "alt"}),
    "ul": frozenset[str](),
    "ol": frozenset({"start"}),
    "li": frozenset[str](),
    "blockquote": frozenset[str](),
    "table": frozenset[str](),
    "thead": frozenset[str](),
    "tbody": frozenset[str](),
    "tr": frozenset[str](),
    "th": frozenset({"scope", "align"}),
    "td": frozenset({"align"}),
}
"""Elements of HTML with their attributes. There are none for headings: a question's heading is the page's affair."""

MATHML: Final = frozenset(
    re.findall(
        r"\w+",
        """
        math mrow mi mn mo mtext mspace ms msup msub msubsup mfrac msqrt mroot munder mover munderover mmultiscripts
        mprescripts mtable mtr mtd mstyle mpadded mphantom menclose
        """,
    )
)
MATHML_ATTRIBUTES: Final = frozenset(
    re.findall(
        r"\w+",
        """
        display mathvariant stretchy fence form accent accentunder movablelimits largeop linethickness displaystyle
        scriptlevel width height depth voffset lspace rspace minsize maxsize columnalign columnspacing rowspacing
        columnlines rowlines notation
        """,
    )
)
"""None of them names an address, a style or a colour."""

NODES_MAX: Final = 1_500
"""What a text may come to, and what of it a formula."""
CHARACTERS_MAX: Final = 20_000
"""All texts and attributes of a tree together: a reference can be used often and be long."""
DEPTH_MAX: Final = 40


class TooLargeError(Exception):
    """More than a learner's browser should be given for one text."""


def checked(nodes: list[Node]) -> list[Node]:
    """Return the nodes as they are, or raise `TooLargeError`."""
    characters = 0
    for count, (depth, node) in enumerate(every_node(nodes), 1):
        if isinstance(node, str):
            characters += len(node)
        else:
            characters += sum(map(len, node[1].values()))
        if count > NODES_MAX or characters > CHARACTERS_MAX or depth > DEPTH_MAX:
            raise TooLargeError
    return nodes


def every_node(nodes: list[Node]) -> Iterator[tuple[int, Node]]:
    """Yield all nodes in the order of the text, each with its depth; without recursion."""
    waiting = [(1, node) for node in reversed(nodes)]
    while waiting:
        depth, node = waiting.pop()
        yield depth, node
        if not isinstance(node, str):
            waiting.extend((depth + 1, child) for child in reversed(node[2]))


def texts_of(nodes: list[Node]) -> list[str]:
    """Return the texts alone, in their order."""
    return [node for _, node in every_node(nodes) if isinstance(node, str)]


def text_of(nodes: list[Node]) -> str:
    """Return the texts, one after the other."""
    return "".join(texts_of(nodes))
