"""TeX to MathML; what can't be read is shown as it was written.

The converter is a third party's: it knows commands that set links, styles and colours, and macros that grow without
bound. So its tree is copied by our own list of elements and attributes, and macros are not read at all.
"""

import html
import re
import unicodedata
from functools import lru_cache
from typing import Final
from xml.etree import ElementTree as ET  # ruff: ignore[suspicious-xml-etree-import] - a tree made here; nothing is parsed

from latex2mathml.converter import Converter

from gateway.rich_text.nodes import DEPTH_MAX, MATHML, MATHML_ATTRIBUTES, NODES_MAX, Node

TEX_MAX: Final = 1_000
"""Characters of one formula."""
LENGTH_MAX: Final = 10.0
"""How far, in widths of a letter, a formula may push things: nothing is laid over the rest of a page."""

_MACROS: Final = re.compile(r"\\(?:def|newcommand|newenvironment|DeclareMathOperator)(?![a-zA-Z])")
_COMMENT: Final = re.compile(r"(?<!\\)%")
"""Nobody comments on a formula in a question: it is a per cent sign."""
_ONE_LETTER: Final = re.compile(r"\\math(bb|bf|cal|frak|it|normal|rm|scr|sf|tt)\{([a-zA-Z])\}")
"""The converter has a table for these, which takes one for another sign and forgets what is upright."""
_SAME_ENVIRONMENTS: Final = {
    "aligned": "split",
    "gathered": "matrix",
    "gather": "matrix",
    "gather*": "matrix",
    "dcases": "cases",
}
_ENVIRONMENT: Final = re.compile(r"(\\(?:begin|end))\{(aligned|gathered|gather\*?|dcases)\}")
_UNKNOWN: Final = re.compile(r"\\[a-zA-Z]")
_WORDS: Final = re.compile(r"[a-z][a-z-]{0,23}( [a-z][a-z-]{0,23}){0,19}")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,2}")
_LENGTH: Final = re.compile(r"[+-]?([0-9]{0,4}\.[0-9]{1,4}|[0-9]{1,4})(em|ex|pt|px|mm|cm|in|mu|%)")
_LETTERS_OF: Final = {"em": 1, "ex": 0.5, "pt": 0.1, "px": 0.08, "mm": 0.25, "cm": 2.5, "in": 6, "mu": 0.06, "%": 0.01}
_NAMED_SPACES: Final = {
    "thinmathspace": "0.167em",
    "thickmathspace": "0.278em",
    "negativethinmathspace": "-0.167em",
    "negativemediummathspace": "-0.222em",
    "negativethickmathspace": "-0.278em",
}
"""Browsers no longer know the names."""
_ALPHABETS: Final = {
    "bold": "BOLD",
    "italic": "ITALIC",
    "bold-italic": "BOLD ITALIC",
    "double-struck": "DOUBLE-STRUCK",
    "script": "SCRIPT",
    "fraktur": "FRAKTUR",
    "sans-serif": "SANS-SERIF",
    "sans-serif-italic": "SANS-SERIF ITALIC",
    "monospace": "MONOSPACE",
}
_DIGITS: Final = ("ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE")


class UnreadableError(Exception):
    """Not a formula, or one that is too large."""


def formula(tex: str, *, display: bool) -> Node:
    """Return the formula as MathML, or, where that can't be made of it, its TeX as code."""
    try:
        return _mathml(tex, display=display)
    except Exception:  # ruff: ignore[blind-except] - the converter raises whatever its code stumbles over, RecursionError too
        return "code", {}, [tex]


def _mathml(tex: str, *, display: bool) -> Node:
    if len(tex) > TEX_MAX or _MACROS.search(tex):
        raise UnreadableError
    mode = "block" if display else "inline"
    made = Converter(display=mode).convert_to_element(_mended(tex))
    return "math", {"display": mode}, _Copy().children(made, 1)


def _mended(tex: str) -> str:
    """What the converter would read otherwise than its author meant it."""
    tex = _COMMENT.sub(r"\\%", tex)
    tex = _ONE_LETTER.sub(r"\\math\1{{\2}}", tex)
    return _ENVIRONMENT.sub(lambda found: f"{found[1]}{{{_SAME_ENVIRONMENTS[found[2]]}}}", tex)


class _Copy:
    """What of the converter's tree is kept."""

    def __init__(self) -> None:
        self._count = 0

    def children(self, parent: ET.Element, depth: int) -> list[Node]:
        if depth > DEPTH_MAX - 4:
            raise UnreadableError
        return [node for child in parent for node in self._copied(child, depth)]

    def _copied(self, element: ET.Element, depth: int) -> list[Node]:
        """One node, or, of an element that says nothing, what it holds."""
        self._count += 1
        if self._count > NODES_MAX // 3 or element.tag not in MATHML:
            raise UnreadableError
        inside = self.children(element, depth + 1)
        if element.text == "&" or element.get("linebreak"):
            raise UnreadableError  # columns and lines outside of a table: browsers know no such thing
        text = html.unescape(element.text or "")
        if text:
            if _UNKNOWN.match(text) and element.tag != "mtext":
                raise UnreadableError  # a command that is not known is left standing
            inside.insert(0, _in_alphabet(text, element))
        attributes = {name: kept for name, value in element.attrib.items() if (kept := _kept(name, value))}
        if element.tag == "mrow" and not attributes and len(inside) == 1:
            return inside
        return [(element.tag, attributes, inside)]


def _kept(name: str, value: str) -> str | None:
    if name not in MATHML_ATTRIBUTES or (name == "mathvariant" and value != "normal"):
        return None
    value = _NAMED_SPACES.get(value, value)
    if _WORDS.fullmatch(value) or _NUMBER.fullmatch(value):
        return value
    return value if all(map(_is_short, value.split())) else None


def _is_short(length: str) -> bool:
    found = _LENGTH.fullmatch(length)
    return found is not None and float(found[1]) * _LETTERS_OF[found[2]] <= LENGTH_MAX


def _in_alphabet(text: str, element: ET.Element) -> str:
    """The letters of bold, blackboard and other alphabets are characters of their own; browsers know no other way."""
    name = _ALPHABETS.get(element.get("mathvariant", ""))
    return text if name is None or element.tag == "mtext" else "".join(_letter(name, one) for one in text)


@lru_cache(maxsize=1024)
def _letter(alphabet: str, one: str) -> str:
    if not ("a" <= one <= "z" or "A" <= one <= "Z" or "0" <= one <= "9"):
        return one
    if one.isdigit():
        names = [f"MATHEMATICAL {alphabet} DIGIT {_DIGITS[int(one)]}"]
    else:
        letter = f"{'CAPITAL' if one.isupper() else 'SMALL'} {one.upper()}"
        older = alphabet.replace("FRAKTUR", "BLACK-LETTER")
        names = [f"MATHEMATICAL {alphabet} {letter}", f"{older} {letter}"]
        if (alphabet, one) == ("ITALIC", "h"):
            names = ["PLANCK CONSTANT"]
    for name in names:
        try:
            return unicodedata.lookup(name)
        except KeyError:
            continue
    return one
