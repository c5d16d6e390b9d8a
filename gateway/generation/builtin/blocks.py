"""A Markdown source cut into raw blocks, each with the lines it stands on and their places in the source."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Literal, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec import Struct

from gateway.generation.builtin.inline import Line

BlockKind = Literal["heading", "paragraph", "item", "quote", "code", "row", "caption"]

_NEWLINE = re.compile(r"\r\n?|\n")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(?:[^\n]*\n){0,200}?(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)")
_FENCED_NOTE = re.compile(r"^(?::{3,}.*|!!!.*|\?\?\?.*|\[\[?_?TOC_?\]?\]|\\(?:newpage|pagebreak).*)$", re.IGNORECASE)
_MODULE_LINE = re.compile(r"^(?:import|export) .*(?:from ['\"]|[{};=])")
_NOTE_MARK = re.compile(r"^\[\^[^\]]+\]:|^\[!\w+\]\s*$")
_CHECKBOX = re.compile(r"^\[[ xX]\]\s+")
_CAPTION = re.compile(
    r"(?i)^\s*(?:<[^<>]*\bcaption\b[^<>]*>|(?:figure|fig\.|table|listing|photo)\s*\d+[\d.\-–]*\s*[:.–—])"
)
_HIDDEN_HTML = re.compile(r"(?is)^\s*<(?:!--|script|style|pre|svg|math|template|[!?])")
_HTML_HEADING = re.compile(r"(?is)<h([1-6])\b[^<>]*>(.*?)</h\1\s*>")
_HTML_BREAK = re.compile(
    r"(?i)</?(?:p|div|li|ul|ol|tr|table|h[1-6]|section|article|blockquote|summary|details|dd|dt|dl)\b[^<>]{0,2000}>"
)
_HTML_SKIP = re.compile(r"(?is)<!--.*?(?:-->|\Z)|<(script|style|pre|svg)\b.*?(?:</\1\s*>|\Z)")


class RawBlock(Struct, frozen=True, kw_only=True):
    """One block. `lines` hold its text without container marks; `start` and `end` bound it in the source.
    `level` is a heading's depth or an item's nesting; `number` an ordered item's place; `quoted` says that a
    block quote holds it; `group` tells lists and tables from their neighbours; `first` that an item's first
    paragraph stands here; a row's cells are lines of their own.
    """

    kind: BlockKind
    lines: list[Line]
    start: int
    end: int
    level: int = 0
    number: int | None = None
    quoted: bool = False
    group: int = 0
    language: str = ""
    header: bool = False
    first: bool = True


class _Text(NamedTuple):
    lines: list[str]
    starts: list[int]


class Reader:
    """Reads one Markdown source; `references` are the link labels that the source defines."""

    def __init__(self, source: str) -> None:
        parser = MarkdownIt("commonmark").enable("table").disable(["inline", "text_join"])
        environment: dict[str, dict[str, object]] = {}
        self._text = _lines(source)
        self._tokens = parser.parse(_without_front_matter(source), environment)
        self.references: Collection[str] = frozenset(environment.get("references", {}))
        self._lists: list[tuple[bool, int, int]] = []  # ordered, next number, group
        self._groups = 0
        self._quotes = 0
        self._item_open = False

    def blocks(self) -> Iterator[RawBlock]:
        """Every block in the order of the source."""
        tokens = self._tokens
        for place, token in enumerate(tokens):
            self._enter(token)
            match token.type:
                case "inline" if tokens[place - 1].type == "heading_open":
                    yield self._heading(token, tokens[place - 1])
                case "inline" if tokens[place - 1].type == "paragraph_open":
                    yield from self._paragraph(token)
                case "tr_open":
                    yield self._row(token, header=tokens[place - 1].type == "thead_open")
                case "fence" | "code_block":
                    yield self._code(token)
                case "html_block":
                    yield from self._html(token)
                case _:
                    pass

    def _enter(self, token: Token) -> None:
        """Keep count of the quotes, lists and tables that hold what comes next."""
        match token.type:
            case "blockquote_open" | "blockquote_close":
                self._quotes += token.nesting
            case "bullet_list_open" | "ordered_list_open":
                self._groups += 1 if not self._lists else 0
                self._lists.append((token.type[0] == "o", int(token.attrGet("start") or 1), self._groups))
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
                self._item_open = False
            case "list_item_open":
                self._item_open = True
            case "table_open":
                self._groups += 1
            case _:
                pass

    def _located(self, content: str, first: int) -> list[Line]:
        """The content's lines tied to the source lines from `first` on, of which each is the tail."""
        found: list[Line] = []
        for offset, text in enumerate(content.split("\n")):
            raw = self._text.lines[first + offset]
            bare = text.strip()
            at = raw.rfind(bare) if bare else 0
            found.append(Line(bare if at >= 0 else "", self._text.starts[first + offset] + max(at, 0)))
        return found

    def _heading(self, token: Token, opening: Token) -> RawBlock:
        start, end = _span(token)
        lines = self._located(token.content, start)
        return RawBlock(
            kind="heading",
            lines=lines,
            start=self._text.starts[start],
            end=self._end(end),
            level=int(opening.tag[1]),
            quoted=self._quotes > 0,
        )

    def _paragraph(self, token: Token) -> Iterator[RawBlock]:
        start, _ = _span(token)
        lines = [line for line in self._located(token.content, start) if not _FENCED_NOTE.match(line.text)]
        if not lines or _NOTE_MARK.match(lines[0].text) or _MODULE_LINE.match(lines[0].text):
            lines = lines[1:] if lines and lines[0].text.startswith("[!") else []
        first = self._item_open
        if self._lists and first and lines and (box := _CHECKBOX.match(lines[0].text)):
            lines[0] = Line(lines[0].text[box.end() :], lines[0].source_start + box.end())
        self._item_open = False
        if not lines or not any(line.text for line in lines):
            return
        kind: BlockKind = "caption" if _CAPTION.match(lines[0].text) else "item" if self._lists else "paragraph"
        number, group = None, 0
        if self._lists:
            ordered, following, group = self._lists[-1]
            number = following - (0 if first else 1) if ordered else None
            self._lists[-1] = (ordered, following + (1 if first else 0), group)
        yield RawBlock(
            kind="quote" if self._quotes and kind == "paragraph" else kind,
            lines=lines,
            start=lines[0].source_start,
            end=lines[-1].source_start + len(lines[-1].text),
            level=len(self._lists),
            number=number,
            quoted=self._quotes > 0,
            group=group,
            first=first,
        )

    def _row(self, token: Token, *, header: bool) -> RawBlock:
        line = _span(token)[0]
        raw, base = self._text.lines[line], self._text.starts[line]
        cells = [
            Line(raw[cell.start() : cell.end()].strip(), base + cell.start() + len(cell[0]) - len(cell[0].lstrip()))
            for cell in re.finditer(r"(?:\\.|[^|\\])+", raw.rstrip())
        ]
        if not raw.strip().startswith("|"):
            cells = [cell for cell in cells if cell.text]
        cells = cells[1:] if cells and not cells[0].text and raw.lstrip() != raw else cells
        start = cells[0].source_start if cells else base
        end = cells[-1].source_start + len(cells[-1].text) if cells else base
        return RawBlock(
            kind="row", lines=cells, start=start, end=end, group=self._groups, header=header, quoted=self._quotes > 0
        )

    def _code(self, token: Token) -> RawBlock:
        start, end = _span(token)
        fenced = token.type == "fence"
        return RawBlock(
            kind="code",
            lines=[Line(token.content.rstrip("\n"), self._text.starts[start])],
            start=self._text.starts[start],
            end=self._end(end),
            quoted=self._quotes > 0,
            language=token.info.strip().split(",")[0].split()[0] if fenced and token.info.strip(", \t") else "",
        )

    def _html(self, token: Token) -> Iterator[RawBlock]:
        start, end = _span(token)
        raw, base = "\n".join(self._text.lines[start:end]), self._text.starts[start]
        if _HIDDEN_HTML.match(raw):
            return
        if heading := _HTML_HEADING.search(raw):
            at, to = heading.span(2)
            yield RawBlock(
                kind="heading",
                lines=self._slices(start, end, at, to),
                start=base,
                end=self._end(end),
                level=int(heading[1]),
            )
            raw = raw[: heading.start()] + " " * (heading.end() - heading.start()) + raw[heading.end() :]
        raw = _HTML_SKIP.sub(lambda hidden: " " * len(hidden[0]), raw)
        bounds = [0, *(edge for gap in _HTML_BREAK.finditer(raw) for edge in gap.span()), len(raw)]
        for at, to in zip(bounds[::2], bounds[1::2], strict=True):
            visible = re.sub(r"<[^<>]*>", "", raw[at:to]).strip()
            if visible and "<" not in visible and not _CAPTION.match(raw[at:to]):
                lines = self._slices(start, end, at, to)
                yield RawBlock(
                    kind="paragraph",
                    lines=lines,
                    start=lines[0].source_start,
                    end=lines[-1].source_start + len(lines[-1].text),
                )

    def _slices(self, first: int, last: int, at: int, to: int) -> list[Line]:
        """The part [at, to) of the joined lines first..last, as lines again."""
        found: list[Line] = []
        offset = 0
        for number in range(first, last):
            text = self._text.lines[number]
            left, right = max(at - offset, 0), min(to - offset, len(text))
            if left < right and text[left:right].strip():
                kept = text[left:right]
                bare = kept.strip()
                found.append(Line(bare, self._text.starts[number] + left + kept.index(bare)))
            offset += len(text) + 1
        return found or [Line("", self._text.starts[first])]

    def _end(self, line: int) -> int:
        last = line - 1
        return self._text.starts[last] + len(self._text.lines[last].rstrip())


def _span(token: Token) -> Sequence[int]:
    return token.map or [0, 1]


def _lines(source: str) -> _Text:
    lines, starts, at = [], [], 0
    for newline in _NEWLINE.finditer(source):
        lines.append(source[at : newline.start()])
        starts.append(at)
        at = newline.end()
    lines.append(source[at:])
    starts.append(at)
    return _Text(lines, starts)


def _without_front_matter(source: str) -> str:
    """The same lines with a leading metadata block emptied, so that every line keeps its number."""
    matter = _FRONT_MATTER.match(source)
    if not matter or ":" not in matter[0]:
        return source
    return "\n" * len(_NEWLINE.findall(matter[0])) + source[matter.end() :]
