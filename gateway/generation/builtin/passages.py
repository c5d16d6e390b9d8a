"""The shapes of what a module may be made of: sentences as they would stand there, whole lists, and sections of both."""

from msgspec import Struct

from gateway.generation.builtin.document import Block, Section, Sentence
from gateway.generation.builtin.inline import Mark


class Passage(Struct, frozen=True, kw_only=True):
    """One sentence that a course may use, as it would stand there: `text` is the source's, or its front part.
    `after` is the index of the sentence it must directly follow, or None; `keys` are the terms it uses.
    """

    index: int
    block: int
    section: int
    text: str
    marks: tuple[Mark, ...]
    words: int
    after: int | None
    keys: tuple[str, ...]
    local: int
    opens: bool
    example: bool
    leaning: bool
    quoted: bool
    shortened: bool = False


class Listing(Struct, frozen=True, kw_only=True):
    """A whole list that is short enough to be kept so, with the sentence that announces it, if that may stand."""

    group: int
    section: int
    ordered: bool
    lead: Sentence | None
    blocks: tuple[Block, ...]
    words: int
    keys: tuple[str, ...]


class Part(Struct, frozen=True, kw_only=True):
    """What a module takes from one section. `chars` and `words` count what the section holds in this module."""

    section: Section
    passages: tuple[Passage, ...]
    listings: tuple[Listing, ...]
    tables: tuple[tuple[Block, ...], ...]
    codes: tuple[Block, ...]
    words: int
    chars: int


class Material(Struct, frozen=True):
    """One module's parts in the order of the source."""

    parts: tuple[Part, ...]

    @property
    def words(self) -> int:
        """How many words of running text the module's spans hold."""
        return sum(part.words for part in self.parts)

    @property
    def chars(self) -> int:
        """How many characters the module's spans hold."""
        return sum(part.chars for part in self.parts)

    @property
    def sections(self) -> tuple[int, ...]:
        """The indexes of the sections in it."""
        return tuple(part.section.index for part in self.parts)
