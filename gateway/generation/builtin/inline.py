"""From the raw lines of one Markdown block to what a reader sees, each character tied to its place in the source.

Links keep their words, code spans their code; images, comments, tags, footnote marks and template macros leave
nothing. One pass over the block, so a paragraph of five million characters costs as much as its length.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from html import unescape
from typing import Literal, NamedTuple

from msgspec import Struct

MarkKind = Literal["emphasis", "strong", "code", "link", "address"]

_SPECIAL = re.compile(
    r"\\[!-/:-@\[-`{-~]|\\\n|`+|!\[|\[\^[^\]\s]{1,60}\]|\[|\]|<|\*+|_+|~~+|\{\{|\{%"
    r"|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
    r"|\s{2,}|[\n\t\r\f\v\u00a0\u2007\u202f]|https?://[^\s<>\])]{1,2000}"
)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,4000}>|<[!?][^<>]{0,4000}>")
_AUTOLINK = re.compile(r"<((?:https?|ftp|mailto):[^\s<>]{1,2000}|[\w.+-]{1,64}@[\w.-]{1,255})>")
_DESTINATION = re.compile(
    r"\(\s{0,99}(?:<[^<>\n]{0,2000}>|[^\s()]{0,2000}(?:\([^\s()]{0,500}\)[^\s()]{0,500}){0,8})"
    r"(?:\s{1,99}(?:\"[^\"]{0,1000}\"|'[^']{0,1000}'|\([^()]{0,1000}\)))?\s{0,99}\)"
)
_LABEL = re.compile(r"\[([^\[\]]{0,999})\]")
_CITATION = re.compile(r"\d{1,3}(?:\s?[,–-]\s?\d{1,3}){0,8}|citation needed|edit|note \d{1,3}")


class Mark(Struct, frozen=True):
    """A stretch of plain text that the author set apart; half-open offsets into that text."""

    kind: MarkKind
    start: int
    end: int


class Line(NamedTuple):
    """One raw line of a block without its container's prefix, and where in the source it starts."""

    text: str
    source_start: int


class Inline:
    """The visible text of one block; `source_start(i)` and `source_end(i)` bound character `i` in the source."""

    __slots__ = ("_from", "_line_at", "_line_source", "_raw_at", "_raw_to", "marks", "text")

    def __init__(self, lines: Sequence[Line], references: Collection[str]) -> None:
        self._line_at: list[int] = []
        self._line_source: list[int] = []
        at = 0
        for line in lines:
            self._line_at.append(at)
            self._line_source.append(line.source_start)
            at += len(line.text) + 1
        scan = _Scan("\n".join(line.text for line in lines), references)
        scan.run()
        self.text, self.marks, self._from, self._raw_at, self._raw_to = scan.assembled()

    def source_start(self, index: int) -> int:
        """Where the character at `index` begins in the source."""
        piece = bisect_right(self._from, index) - 1
        start, end, length = self._raw_at[piece], self._raw_to[piece], self._length(piece)
        return self._source(start + index - self._from[piece] if end - start == length else start)

    def source_end(self, index: int) -> int:
        """Where the character at `index` has ended in the source."""
        piece = bisect_right(self._from, index) - 1
        start, end, length = self._raw_at[piece], self._raw_to[piece], self._length(piece)
        return self._source(start + index - self._from[piece] if end - start == length else end - 1) + 1

    def _length(self, piece: int) -> int:
        after = self._from[piece + 1] if piece + 1 < len(self._from) else len(self.text)
        return after - self._from[piece]

    def _source(self, raw: int) -> int:
        line = bisect_right(self._line_at, raw) - 1
        return self._line_source[line] + raw - self._line_at[line]


class _Delimiter(NamedTuple):
    piece: int
    character: str
    width: int


class _Scan:
    """The one pass. A piece is (text, raw start, raw end); a dropped one has no text."""

    def __init__(self, raw: str, references: Collection[str]) -> None:
        self.raw = raw
        self.references = references
        self.pieces: list[tuple[str, int, int]] = []
        self.styled: list[tuple[MarkKind, int, int]] = []  # piece indexes, half-open
        self.brackets: list[tuple[int, int, bool]] = []  # piece index, raw position, is an image
        self.openers: dict[str, list[_Delimiter]] = {"*": [], "_": [], "~": []}
        self.ticks: dict[int, list[int]] = {}
        self.comment_open = True
        for run in re.finditer(r"`+", raw):
            self.ticks.setdefault(len(run[0]), []).append(run.start())

    def run(self) -> None:
        """Walk the raw text once, from special character to special character."""
        at, raw = 0, self.raw
        while match := _SPECIAL.search(raw, at):
            if match.start() > at:
                self.pieces.append((raw[at : match.start()], at, match.start()))
            at = self._special(match[0], match.start(), match.end())
        if at < len(raw):
            self.pieces.append((raw[at:], at, len(raw)))

    def _special(self, mark: str, start: int, end: int) -> int:
        first = mark[0]
        if first.isspace() or mark == "\\\n":
            self.pieces.append((" ", start, end))
        elif first == "\\":
            self.pieces.append((mark[1], start, end))
        elif first == "`":
            return self._code(len(mark), start, end)
        elif first == "&":
            self.pieces.append((unescape(mark).replace("\u00a0", " "), start, end))
        elif first == "<":
            return self._tag(start)
        elif first == "{":
            return self._macro(mark, start)
        elif first in "*_~":
            self._delimiter(mark, start, end)
        elif first == "h":
            self.styled.append(("address", len(self.pieces), len(self.pieces) + 1))
            self.pieces.append((mark, start, end))
        else:
            return self._bracket(mark, start, end)
        return end

    def _bracket(self, mark: str, start: int, end: int) -> int:
        if mark == "]":
            return self._close(start)
        if not mark.startswith("[^"):  # a footnote mark leaves nothing
            self.brackets.append((len(self.pieces), start, mark == "!["))
            self.pieces.append((mark, start, end))
        return end

    def _code(self, ticks: int, start: int, end: int) -> int:
        places = self.ticks.get(ticks, [])  # a run whose first tick is escaped is no run that could close
        after = bisect_left(places, end)
        if after == len(places):
            self.pieces.append((self.raw[start:end], start, end))
            return end
        close = places[after]
        code = " ".join(self.raw[end:close].split("\n")).strip()
        if code:
            lead = self.raw.find(code[0], end)
            same = self.raw[lead : lead + len(code)] == code
            self.styled.append(("code", len(self.pieces), len(self.pieces) + 1))
            self.pieces.append((code, lead, lead + len(code)) if same else (code, end, close))
        return close + ticks

    def _tag(self, start: int) -> int:
        if self.raw.startswith("<!--", start):
            close = self.raw.find("-->", start + 4) if self.comment_open else -1
            self.comment_open = close >= 0
            return close + 3 if close >= 0 else len(self.raw)
        if link := _AUTOLINK.match(self.raw, start):
            self.styled.append(("address", len(self.pieces), len(self.pieces) + 1))
            self.pieces.append((link[1], start + 1, link.end() - 1))
            return link.end()
        if tag := _TAG.match(self.raw, start):
            if tag[0].lower().startswith(("<br", "</p", "</td", "</th", "</li", "</div", "<wbr")):
                self.pieces.append((" ", start, tag.end()))
            return tag.end()
        self.pieces.append(("<", start, start + 1))
        return start + 1

    def _macro(self, mark: str, start: int) -> int:
        close = self.raw.find("}}" if mark == "{{" else "%}", start + 2, start + 600)
        if close >= 0:
            return close + 2
        self.pieces.append((mark, start, start + 2))
        return start + 2

    def _delimiter(self, mark: str, start: int, end: int) -> None:
        before = self.raw[start - 1] if start else " "
        after = self.raw[end] if end < len(self.raw) else " "
        opens, closes = not after.isspace(), not before.isspace()
        if mark[0] == "_" or (opens and closes and not (before.isalnum() and after.isalnum())):
            opens, closes = opens and not before.isalnum(), closes and not after.isalnum()
        waiting = self.openers[mark[0]]
        if closes and waiting:
            opener = waiting.pop()
            strength = min(opener.width, len(mark))
            kind: MarkKind = "strong" if strength > 1 else "emphasis"
            if mark[0] != "~":
                self.styled.append((kind, opener.piece, len(self.pieces)))
            self.pieces[opener.piece] = ("", *self.pieces[opener.piece][1:])
            self.pieces.append(("", start, end))
            return
        if opens:
            waiting.append(_Delimiter(len(self.pieces), mark[0], len(mark)))
        self.pieces.append((mark, start, end))

    def _close(self, at: int) -> int:
        if not self.brackets:
            self.pieces.append(("]", at, at + 1))
            return at + 1
        piece, start, image = self.brackets.pop()
        words = self.raw[start + (2 if image else 1) : min(at, start + 1001)]
        end = self._link_end(words, at)
        if image and end:
            self._forget(piece)
            return end
        if end:
            self.pieces[piece] = ("", *self.pieces[piece][1:])
            self.styled.append(("link", piece, len(self.pieces)))
            return end
        if start and not self.raw[start - 1].isspace() and _CITATION.fullmatch(words):
            self._forget(piece)
            return at + 1
        self.pieces.append(("]", at, at + 1))
        return at + 1

    def _link_end(self, words: str, at: int) -> int:
        """Where the link closed at `at` ends, or 0 where the brackets are only brackets."""
        if destination := _DESTINATION.match(self.raw, at + 1):
            return destination.end()
        label = _LABEL.match(self.raw, at + 1)
        if label and (self._known(label[1] or words) or re.search(r"[A-Za-z]{2}", label[1])):
            return label.end()
        return at + 1 if self._known(words) else 0

    def _known(self, label: str) -> bool:
        return " ".join(label.split()).upper() in self.references

    def _forget(self, piece: int) -> None:
        """Drop an image or a citation with everything inside it."""
        del self.pieces[piece:]
        while self.styled and self.styled[-1][2] > piece:
            self.styled.pop()
        for waiting in self.openers.values():
            while waiting and waiting[-1].piece >= piece:
                waiting.pop()

    def assembled(self) -> tuple[str, list[Mark], list[int], list[int], list[int]]:
        """The visible text, what is set apart in it, and per piece its offset and its raw bounds."""
        out: list[str] = []
        offsets: list[int] = []
        kept: tuple[list[int], list[int], list[int]] = ([], [], [])
        length, spaced = 0, True
        for text, start, end in self.pieces:
            offsets.append(length)
            skip = 1 if spaced and text[:1] == " " else 0
            if len(text) <= skip:
                continue
            linear = len(text) == end - start
            for values, value in zip(kept, (length, start + skip if linear else start, end), strict=True):
                values.append(value)
            out.append(text[skip:])
            length += len(text) - skip
            spaced = text[-1] == " "
        offsets.append(length)
        marks = [Mark(kind, offsets[first], offsets[last]) for kind, first, last in self.styled]
        marks = sorted((mark for mark in marks if mark.end > mark.start), key=lambda mark: (mark.start, -mark.end))
        return "".join(out), marks, *kept
