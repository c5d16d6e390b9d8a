"""The order's sources as one document: sections, blocks and sentences, each bounded in the text as stored."""

from collections.abc import Sequence
from functools import cached_property

from msgspec import Struct

from gateway.generation.builtin.blocks import BlockKind
from gateway.generation.builtin.inline import Mark
from gateway.generation.model import Source


class Sentence(Struct, frozen=True, kw_only=True):
    """One sentence. `text` is plain and one line; `marks` are offsets into it. `start` and `end` bound it in the
    source, with the emphasis or code marks that hug it. `whole` says that it ends as a sentence does.
    """

    index: int
    text: str
    marks: tuple[Mark, ...]
    source_id: str
    start: int
    end: int
    section: int
    block: int
    kind: BlockKind
    whole: bool


class Block(Struct, frozen=True, kw_only=True):
    """One block under its section; `first` and `last` bound its sentences, half-open. `text` is plain, or the
    code verbatim; `cells` are a table row's. `group` is the same for the items of one list or the rows of one table.
    """

    index: int
    kind: BlockKind
    section: int
    source_id: str
    start: int
    end: int
    text: str
    marks: tuple[Mark, ...]
    first: int
    last: int
    level: int
    number: int | None
    quoted: bool
    group: int
    language: str
    header: bool
    opens_item: bool
    cells: tuple[str, ...]


class Section(Struct, frozen=True, kw_only=True):
    """A heading and what stands under it until the next. `marks` are offsets into the title. `path` are the titles above it, outermost first.
    `start` and `end` bound it in the source, heading and all; `continued` marks what goes on after a quoted heading;
    `back_matter` are references, licences and the like, which are cited but not taught.
    """

    index: int
    level: int
    title: str
    marks: tuple[Mark, ...]
    path: tuple[str, ...]
    source_id: str
    start: int
    end: int
    first_block: int
    last_block: int
    first_sentence: int
    last_sentence: int
    continued: bool
    back_matter: bool
    headed: bool


class Document(Struct, frozen=True, dict=True):
    """All sources in the order given, cut up once. Indexes run through all of them."""

    sources: tuple[Source, ...]
    sections: tuple[Section, ...]
    blocks: tuple[Block, ...]
    sentences: tuple[Sentence, ...]

    @cached_property
    def texts(self) -> dict[str, str]:
        """The stored text by source id."""
        return {source.id: source.text for source in self.sources}

    def quoted(self, source_id: str, start: int, end: int) -> str:
        """The source verbatim between two code points."""
        return self.texts[source_id][start:end]

    def block_sentences(self, block: Block) -> Sequence[Sentence]:
        """The sentences of one block."""
        return self.sentences[block.first : block.last]

    def section_sentences(self, section: Section) -> Sequence[Sentence]:
        """The sentences under one heading, quotes and lists included."""
        return self.sentences[section.first_sentence : section.last_sentence]
