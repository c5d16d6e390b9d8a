"""Reads the order's sources into one document: where sections begin and end, and what is a sentence in them."""

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from gateway.generation.builtin import plaintext, sentences
from gateway.generation.builtin.blocks import RawBlock, Reader
from gateway.generation.builtin.document import Block, Document, Section, Sentence
from gateway.generation.builtin.inline import Inline, Mark
from gateway.generation.builtin.lexicon import SMALL_IN_TITLES
from gateway.generation.builtin.render import clipped
from gateway.generation.model import Source

_NUMBERING = re.compile(
    r"^(?:(?:chapter|section|part|unit|lesson|module)\s+)?(?:\d+(?:\.\d+)*|[IVXLC]+)[.):]?\s*[—–:-]?\s+(?=\S)",
    re.IGNORECASE,
)
_ATTRIBUTES = re.compile(r"\s*\{[#.:][^{}]*\}\s*$|\s*[¶#]+\s*$")
_BACK_MATTER = re.compile(
    r"(?i)^(?:references?|bibliography|works cited|sources?|citations|further reading|external links|see also|notes and references"
    r"|footnotes|endnotes|index|table of contents|contents|toc|licen[cs]e|copyright|acknowledge?ments?|credits|changelog"
    r"|about the authors?|contributing|contributors|appendix:? links|links|image credits)$"
)


def read_document(sources: Iterable[Source]) -> Document:
    """Read Markdown or plain text. Linear in the length; no markup, macro, comment or caption becomes a sentence."""
    assembly = _Assembly()
    kept = tuple(sources)
    for source in kept:
        assembly.read(source)
    return Document(kept, tuple(assembly.sections), tuple(assembly.blocks), tuple(assembly.sentences))


def clean_title(text: str) -> str:
    """A heading as it may stand in a table of contents: without number, anchor or final colon."""
    bare = _ATTRIBUTES.sub("", text).strip()
    unnumbered = _NUMBERING.sub("", bare)
    return (unnumbered if re.search(r"[^\W\d]{3}", unnumbered) else bare).rstrip(" :;,").strip()


class _Open(Struct):
    """A section that still grows."""

    level: int
    title: str
    path: tuple[str, ...]
    start: int
    first_block: int
    first_sentence: int
    quoted: bool
    continued: bool
    headed: bool
    marks: tuple[Mark, ...] = ()
    end: int = 0


class _Assembly:
    """The document so far, and in `_current` the section that grows; `_resumed` waits for a quoted one to end."""

    def __init__(self) -> None:
        self.sections: list[Section] = []
        self.blocks: list[Block] = []
        self.sentences: list[Sentence] = []
        self._groups = 0
        self._parents: list[tuple[int, str]] = []
        self._current: _Open | None = None
        self._resumed: _Open | None = None

    def read(self, source: Source) -> None:
        """Add one source behind the ones before it."""
        references: Iterable[str] = ()
        if source.media_type.startswith("text/plain") and not plaintext.looks_like_markdown(source.text):
            raw_blocks: Iterable[RawBlock] = plaintext.blocks(source.text)
        else:
            reader = Reader(source.text)
            references, raw_blocks = reader.references, reader.blocks()
        known = frozenset(references)
        self._begin(source)
        for raw in _with_bold_headings(raw_blocks, known):
            inline = Inline(raw.lines, known) if raw.kind not in {"code", "row"} else None
            if inline is not None and not inline.text.strip():
                continue
            if raw.kind == "heading" and inline is not None:
                title = clean_title(inline.text)
                at = inline.text.find(title)
                marks = clipped(inline.marks, at, at + len(title)) if at >= 0 else ()
                self._head(raw, self._cased(title), marks, source)
            else:
                section = self._home(raw, source)
                self._add(raw, inline, source, known)
                section.end = max(section.end, raw.end)
        if self._current is not None:
            self._close(self._current, source)

    def _begin(self, source: Source) -> None:
        self._small: frozenset[str] | None = None
        self._source = source
        self._groups += 1_000_000
        self._parents, self._current, self._resumed = [], None, None

    def _cased(self, title: str) -> str:
        """A heading in capitals as one in title case; words that the text never writes small keep their capitals."""
        if not title.isupper() or len(title) < 4:
            return title
        if self._small is None:
            self._small = frozenset(re.findall(r"\b[a-z]{2,}\b", self._source.text)) | SMALL_IN_TITLES
        words = [word.lower() if word.lower() in self._small or len(word) > 6 else word for word in title.split()]
        small = [
            word if place and word in SMALL_IN_TITLES else word[:1].upper() + word[1:]
            for place, word in enumerate(words)
        ]
        return " ".join(small)

    def _head(self, raw: RawBlock, title: str, marks: tuple[Mark, ...], source: Source) -> None:
        """Begin the section of a heading; one in a quote stands below the section around the quote."""
        if not title:
            return
        if raw.quoted and (self._current is None or not self._current.quoted):
            self._resumed = self._current
        if self._current is not None:
            self._close(self._current, source)
        level = (self._resumed.level + 1 if self._resumed else 1) if raw.quoted else raw.level
        self._parents = [parent for parent in self._parents if parent[0] < level]
        self._current = self._opened(level, title, raw.start, quoted=raw.quoted)
        self._current.end, self._current.marks = raw.end, marks
        if not raw.quoted:
            self._resumed = None
        self._parents.append((level, title))

    def _home(self, raw: RawBlock, source: Source) -> _Open:
        """The section that a block belongs to, begun where there is none or a quoted one has ended."""
        current = self._current
        if current is not None and current.quoted and not raw.quoted:
            self._close(current, source)
            current = None
        if current is None:
            back = self._resumed
            current = self._opened(back.level if back else 0, back.title if back else _name(source), raw.start)
            current.path, current.continued, current.headed = (back.path if back else ()), back is not None, False
            self._current = current
        return current

    def _opened(self, level: int, title: str, start: int, *, quoted: bool = False) -> _Open:
        return _Open(
            level=level,
            title=title,
            path=tuple(name for _, name in self._parents),
            start=start,
            first_block=len(self.blocks),
            first_sentence=len(self.sentences),
            quoted=quoted,
            continued=False,
            headed=True,
        )

    def _close(self, section: _Open, source: Source) -> None:
        self.sections.append(
            Section(
                index=len(self.sections),
                level=section.level,
                title=section.title,
                marks=section.marks,
                path=section.path,
                source_id=source.id,
                start=section.start,
                end=section.end,
                first_block=section.first_block,
                last_block=len(self.blocks),
                first_sentence=section.first_sentence,
                last_sentence=len(self.sentences),
                continued=section.continued,
                back_matter=any(_BACK_MATTER.match(title) for title in (section.title, *section.path)),
                headed=section.headed,
            )
        )

    def _add(self, raw: RawBlock, inline: Inline | None, source: Source, known: frozenset[str]) -> None:
        first = len(self.sentences)
        cells = tuple(Inline([cell], known).text.strip() for cell in raw.lines) if raw.kind == "row" else ()
        if inline is not None and raw.kind != "caption":
            self.sentences.extend(self._cut(raw, inline, source))
        text = inline.text.strip() if inline else raw.lines[0].text if raw.kind == "code" else " | ".join(cells)
        self.blocks.append(
            Block(
                index=len(self.blocks),
                kind=raw.kind,
                section=len(self.sections),
                source_id=source.id,
                start=raw.start,
                end=raw.end,
                text=text,
                marks=tuple(inline.marks) if inline else (),
                first=first,
                last=len(self.sentences),
                level=raw.level,
                number=raw.number,
                quoted=raw.quoted,
                group=raw.group + self._groups if raw.group else 0,
                language=raw.language,
                header=raw.header,
                opens_item=raw.first,
                cells=cells,
            )
        )

    def _cut(self, raw: RawBlock, inline: Inline, source: Source) -> Iterator[Sentence]:
        index = len(self.sentences)
        marks, place = inline.marks, 0
        for start, end in sentences.spans(inline.text, marks):
            while place < len(marks) and marks[place].end <= start:
                place += 1
            inner: list[Mark] = []
            for mark in marks[place:] if len(marks) - place < 64 else marks[place : place + 64]:
                if mark.start >= end:
                    break
                if mark.end > start:
                    inner.append(Mark(mark.kind, max(mark.start, start) - start, min(mark.end, end) - start))
            before = inline.source_end(start - 1) if start else raw.start
            after = inline.source_start(end) if end < len(inline.text) else raw.end
            text = inline.text[start:end]
            yield Sentence(
                index=index,
                text=text,
                marks=tuple(inner),
                source_id=source.id,
                start=before,
                end=after,
                section=len(self.sections),
                block=len(self.blocks),
                kind="quote" if raw.quoted and raw.kind == "paragraph" else raw.kind,
                whole=text.rstrip("\"'”’)]»")[-1:] in {".", "!", "?", "…", "。"},
            )
            index += 1


def _with_bold_headings(blocks: Iterable[RawBlock], references: frozenset[str]) -> Iterator[RawBlock]:
    """Where a source has no heading, its lone bold lines are its headings."""
    held = list(blocks)
    if any(block.kind == "heading" for block in held):
        yield from held
        return
    for block in held:
        short = block.kind == "paragraph" and len(block.lines) == 1 and len(block.lines[0].text) < 100
        bold = (
            short
            and block.lines[0].text.startswith(("**", "__"))
            and block.lines[0].text.rstrip(":").endswith(("**", "__"))
        )
        text = Inline(block.lines, references).text if bold else ""
        if bold and text and text[-1] not in ".!":
            yield RawBlock(kind="heading", lines=block.lines, start=block.start, end=block.end, level=2)
        else:
            yield block


def _name(source: Source) -> str:
    """What a source without a heading is called: its file name, made readable."""
    bare = re.sub(r"\.[A-Za-z0-9]{1,8}$", "", source.name.rsplit("/", 1)[-1])
    words = " ".join(re.split(r"[\s_\-]+", bare)).strip()
    return words[:1].upper() + words[1:] if words else "Introduction"
