"""The tables of the source as the quiz reads them."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec import Struct

from gateway.generation.builtin.document import Block, Document
from gateway.generation.model import Outline

_MOST_ROWS = 16


class Table(Struct, frozen=True, kw_only=True):
    """One table: the heads of its columns, and its rows with as many cells each. `start` and `end` bound it in the source."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    module: int
    source_id: str
    start: int
    end: int
    taught: bool


def tables_of(document: Document, outline: Outline, notes: Sequence[str]) -> Iterator[Table]:
    """The whole tables within a module's spans; `notes[i]` is the bare text that module i teaches."""
    spans = [(ref.source_id, ref.start, ref.end, each.index) for each in outline.modules for ref in each.source_refs]
    rows = (block for block in document.blocks if block.kind == "row")
    for _, found in groupby(rows, key=lambda block: block.group):
        table = list(found)
        holders = [at for source, start, end, at in spans if _is_within(table, source, start, end)]
        whole = len({len(row.cells) for row in table}) == 1 and table[0].header and len(table) <= _MOST_ROWS
        if holders and whole and not document.sections[table[0].section].back_matter:
            yield Table(
                heads=table[0].cells,
                rows=tuple(row.cells for row in table[1:]),
                module=holders[0],
                source_id=table[0].source_id,
                start=table[0].start,
                end=table[-1].end,
                taught=all(cell in notes[holders[0]] for row in table for cell in row.cells),
            )


def _is_within(table: Sequence[Block], source_id: str, start: int, end: int) -> bool:
    return table[0].source_id == source_id and start <= table[0].start and table[-1].end <= end
