"""A plain text source cut into the same raw blocks as Markdown: paragraphs, headings and lists by their looks alone."""

import re
from collections.abc import Iterator

from gateway.generation.builtin.blocks import RawBlock
from gateway.generation.builtin.inline import Line

_NEWLINE = re.compile(r"\r\n?|\n|\x0c|\u2028")
_MARKDOWN = re.compile(r"(?m)^(?:#{1,6} \S|```|~~~)")
_RULE = re.compile(r"^([=\-~_*#.+])\1{2,}$|^(?:[*\-_] ?){3,}$")
_BULLET = re.compile(r"^(?:[-*•◦▪‣·+]|(\d{1,3})[.)]|[a-zA-Z][.)]|\([a-z\d]{1,3}\))\s+(?=\S)")
_CHAPTER = re.compile(
    r"(?i)^(?:chapter|part|section|unit|lesson|appendix|book|module|act)\s+(?:[ivxlc]+|\d+|[a-z]+)\b[^.]*\.?[^.]*$"
)
_NUMBERED = re.compile(r"^(\d{1,3}(?:\.\d{1,3})*)\.?\s+[A-Z][^.!?]*$")
_LONG_LINE = 150


def looks_like_markdown(text: str) -> bool:
    """Whether a text that is called plain is written in Markdown all the same."""
    return bool(_MARKDOWN.search(text))


def blocks(text: str) -> Iterator[RawBlock]:
    """Every block of the text in its order."""
    groups = list(_groups(text))
    for place, group in enumerate(groups):
        following = groups[place + 1] if place + 1 < len(groups) else []
        yield from _block(group, following, place)


def _groups(text: str) -> Iterator[list[Line]]:
    """Runs of lines between blank ones, split again where a paragraph begins by its indent or by a long line."""
    group: list[Line] = []
    at = 0
    edges = [newline.span() for newline in _NEWLINE.finditer(text)]
    for start, after in [*edges, (len(text), len(text))]:
        raw = text[at:start]
        bare = raw.strip()
        indented = raw[:1].isspace() and bool(group) and not _BULLET.match(group[0].text)
        fresh = indented and text[group[-1].source_start - 1 : group[-1].source_start] not in {" ", "\t"}
        if group and (not bare or fresh or (len(bare) > _LONG_LINE and len(group[-1].text) > _LONG_LINE)):
            yield group
            group = []
        if bare:
            group.append(Line(bare, at + raw.index(bare)))
        at = after
    if group:
        yield group


def _block(group: list[Line], following: list[Line], place: int) -> Iterator[RawBlock]:
    if len(group) > 1 and _RULE.match(group[1].text) and len(group[0].text) < 100:
        yield _made("heading", group[:1], level=1 if group[1].text[0] in "=#*" else 2)
        group = group[2:]
    group = [line for line in group if not _RULE.match(line.text)]
    if not group:
        return
    if len(group) == 1 and (level := _heading_level(group[0].text, following)):
        yield _made("heading", group, level=level)
    elif any(_BULLET.match(line.text) for line in group):
        yield from _items(group, place)
    else:
        yield _made("paragraph", group)


def _heading_level(text: str, following: list[Line]) -> int:
    """How deep a heading this lone line is; 0 where it is none."""
    if len(text) > 90 or not following or not any(character.isalpha() for character in text):
        return 0
    if _CHAPTER.match(text):
        return 1
    if numbered := _NUMBERED.match(text):
        return 1 + numbered[1].count(".") if not _NUMBERED.match(following[0].text) else 0
    if text.isupper() and len(text) > 3:
        return 2
    body = sum(len(line.text) for line in following)
    short = len(text) <= 70 and len(text.split()) <= 10 and text[0].isupper() and body > max(60, len(text))
    return 3 if short and text[-1] not in ".!,;:" and not _BULLET.match(text) else 0


def _items(group: list[Line], place: int) -> Iterator[RawBlock]:
    lead: list[Line] = []
    item: list[Line] = []
    number: int | None = None
    for line in group:
        if bullet := _BULLET.match(line.text):
            if item:
                yield _made("item", item, level=1, number=number, group=place + 1)
            elif lead:
                yield _made("paragraph", lead)
            number = int(bullet[1]) if bullet[1] else None
            item = [Line(line.text[bullet.end() :], line.source_start + bullet.end())]
        elif item:
            item.append(line)
        else:
            lead.append(line)
    yield _made("item", item, level=1, number=number, group=place + 1)


def _made(kind: str, lines: list[Line], *, level: int = 0, number: int | None = None, group: int = 0) -> RawBlock:
    last = lines[-1]
    match kind:
        case "heading" | "item" | "paragraph":
            return RawBlock(
                kind=kind,
                lines=lines,
                start=lines[0].source_start,
                end=last.source_start + len(last.text),
                level=level,
                number=number,
                group=group,
            )
        case _:
            raise AssertionError(kind)
