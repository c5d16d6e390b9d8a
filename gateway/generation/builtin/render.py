"""A sentence written out again: as Markdown with the author's own emphasis and code, or as plain words."""

import re
from collections.abc import Sequence

from gateway.generation.builtin.inline import Mark

_ESCAPE = re.compile(
    r"[\\`*]|(?<![^\W_])_|_(?![^\W_])|<(?=[A-Za-z/!?])|&(?=#?\w{1,31};)|\{(?=[{%])|\[(?=[^\]]*\][(\[:])|~(?=~)"
)
_LINE_START = re.compile(r"^(?=[#>+\-=|]|\d{1,9}[.)](?:\s|$))")


def markdown(text: str, marks: Sequence[Mark]) -> str:
    """Plain text as inline Markdown; links lose their target, so none can be dead."""
    edges: list[tuple[int, int, str]] = []
    outer = 0
    for mark in marks:
        if mark.kind in {"emphasis", "strong"} and mark.start >= outer:
            outer = mark.end
            fence = "**" if mark.kind == "strong" else "_"
            edges.extend(((mark.start, 1, fence), (mark.end, 0, fence)))
    codes = [mark for mark in marks if mark.kind == "code"]
    out: list[str] = []
    at = 0
    for code in codes:
        out.extend((_prose(text, at, code.start, edges), _code(text[code.start : code.end])))
        at = code.end
    out.append(_prose(text, at, len(text), edges))
    written = "".join(out)
    if written.count("**") % 2:
        written = written.replace("**", "")
    return written


def at_line_start(written: str) -> str:
    """Inline Markdown made safe to begin a line with, so that no sentence turns into a list or a heading."""
    match = _LINE_START.match(written)
    if not match:
        return written
    digits = re.match(r"\d+", written)
    return f"{digits[0]}\\{written[digits.end() :]}" if digits else "\\" + written


def _prose(text: str, start: int, end: int, edges: Sequence[tuple[int, int, str]]) -> str:
    out: list[str] = []
    at = start
    for place, _, fence in sorted(edge for edge in edges if start <= edge[0] <= end):
        out.extend((_ESCAPE.sub(lambda found: "\\" + found[0], text[at:place]), fence))
        at = place
    out.append(_ESCAPE.sub(lambda found: "\\" + found[0], text[at:end]))
    return "".join(out)


def _code(code: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest or code[:1] == "`" else ""
    return f"{fence}{pad}{code}{pad}{fence}"


def clipped(marks: Sequence[Mark], start: int, end: int) -> tuple[Mark, ...]:
    """The marks of a text that lie within [start, end), moved to where that part begins."""
    return tuple(Mark(m.kind, m.start - start, m.end - start) for m in marks if start <= m.start and m.end <= end)
