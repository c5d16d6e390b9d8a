"""parsons: blocks of a program or a proof are picked and put in order, where asked for with indents.

Groups of blocks that must stay together are not offered; say it in the stem, or make one block of them.
"""

from collections.abc import Sequence
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Struct

from grading.alike import longest_in_common, numbers_alike, twins
from grading.faults import Blank, Flaws, FormatError, Malformed, shown
from grading.items.asked import Answered, Asked
from grading.kinds import Loaded, loaded
from grading.parts import Choice, Id, Stem, ids_once
from grading.precedence import closure, largest_part_in_order
from grading.result import Scored, Share, Signs, ratio, signs

BLOCKS_MAX: Final = 40
EDGES_MAX: Final = 200
INDENT_MAX: Final = 20

Indent: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=INDENT_MAX)]
"""Steps from the left edge."""


class ParsonsContent(Struct, frozen=True, forbid_unknown_fields=True):
    """Blocks, some of which may be distractors that belong nowhere; with `indent` each is placed with an indent."""

    stem: Stem
    blocks: Annotated[tuple[Choice, ...], msgspec.Meta(min_length=2, max_length=BLOCKS_MAX)]
    indent: bool = False


class KeyBlock(Struct, frozen=True, forbid_unknown_fields=True):
    """A block that belongs into the answer, its indent (null: any), and, for a dag, the blocks right before it."""

    id: Id
    indent: Indent | None = None
    after: Annotated[tuple[Id, ...], msgspec.Meta(max_length=BLOCKS_MAX)] | None = None


class ParsonsKey(Struct, frozen=True, forbid_unknown_fields=True):
    """The blocks that are needed; those that are not named are distractors.

    In a `list` each comes after the one before it, and any block of the same text may stand for it. In a `dag` (a
    directed acyclic graph) each comes after those that it names, and every order that agrees with that is right.
    """

    blocks: Annotated[tuple[KeyBlock, ...], msgspec.Meta(min_length=1, max_length=BLOCKS_MAX)]
    order: Literal["list", "dag"] = "list"


ParsonsRule: TypeAlias = Literal["edit", "all_or_nothing", "prefix"]


class ParsonsScoring(Struct, frozen=True, forbid_unknown_fields=True):
    """`edit`: blocks to be taken out or put in (a move is both), over the blocks needed, taken from 1, not below 0.

    `prefix`: blocks from the first on that may stand as they do, over the blocks needed. `all_or_nothing`: no edit.
    """

    rule: ParsonsRule = "edit"


class Parsons(Asked, frozen=True, tag="parsons", kw_only=True):
    """Blocks in order."""

    content: ParsonsContent
    key: ParsonsKey
    scoring: ParsonsScoring = ParsonsScoring()


class PlacedBlock(Struct, frozen=True, forbid_unknown_fields=True):
    """A block and its indent; one that the content does not ask for is ignored."""

    id: Id
    indent: int | None = None


class ParsonsAnswer(Answered, frozen=True, tag="parsons"):
    """The blocks that were picked, in their order; each once."""

    blocks: Annotated[tuple[PlacedBlock, ...], msgspec.Meta(max_length=200)]


class ParsonsForm(Struct, frozen=True):
    """Knows the ids of the blocks, and whether they have indents."""

    blocks: frozenset[str]
    indent: bool

    def read(self, answer: ParsonsAnswer) -> tuple[PlacedBlock, ...] | Blank | Malformed:
        """Return the blocks as they were placed."""
        placed = answer.blocks
        if not placed:
            return Blank("blocks")
        known = {block.id for block in placed}
        if self.indent or len(known) < len(placed) or not known <= self.blocks:
            errors = self._errors(placed)
            if errors:
                return Malformed(errors)
        return placed

    def _errors(self, placed: tuple[PlacedBlock, ...]) -> tuple[FormatError, ...]:
        errors: list[FormatError] = []
        seen: set[str] = set()
        for index, block in enumerate(placed):
            path = f"blocks[{index}]"
            if block.id not in self.blocks:
                errors.append(FormatError("unknown_id", f"{path}.id", f"no block has the id {shown(block.id)!r}"))
            elif block.id in seen:
                errors.append(FormatError("duplicate_id", f"{path}.id", f"{shown(block.id)!r} is there twice"))
            seen.add(block.id)
            if not self.indent:
                continue
            if block.indent is None:
                errors.append(FormatError("missing_field", f"{path}.indent", "every block has an indent here"))
            elif not 0 <= block.indent <= INDENT_MAX:
                message = f"an indent is from 0 to {INDENT_MAX}"
                errors.append(FormatError("out_of_range", f"{path}.indent", message, limit=INDENT_MAX))
        return tuple(errors)


class ParsonsRubric(Struct, frozen=True):
    """Knows the needed blocks by number, their indents, and as bits what must precede each.

    In a list where texts are repeated, `alike` are for each block the numbers of those needed that have its text.
    """

    numbers: dict[str, int]
    indents: tuple[int | None, ...]
    before: tuple[int, ...]
    signs: dict[str, Signs]
    rule: ParsonsRule
    alike: dict[str, tuple[int, ...]] | None = None

    def score(self, reading: tuple[PlacedBlock, ...]) -> Scored:
        """Blocks that may stay as they were placed are right, the others wrong, distractors among them."""
        stays = self._leading(reading) if self.rule == "prefix" else self._staying(reading)
        signs = self.signs
        parts = [
            signs[block.id].right if stay else signs[block.id].wrong for block, stay in zip(reading, stays, strict=True)
        ]
        return Scored(self._share(len(reading), stays.count(True)), tuple(parts))

    def _share(self, placed: int, kept: int) -> Share:
        needed = len(self.before)
        match self.rule:
            case "edit":
                edits = needed + placed - 2 * kept
                return ratio(max(0, needed - edits), needed)
            case "all_or_nothing":
                return int(placed == kept == needed)
            case "prefix":
                return ratio(kept, needed)

    def _number(self, block: PlacedBlock) -> int | None:
        """The number of a needed block with a right indent; None for all others."""
        number = self.numbers.get(block.id)
        if number is None:
            return None
        indent = self.indents[number]
        return number if indent is None or indent == block.indent else None

    def _fits(self, block: PlacedBlock) -> int:
        """The needed blocks, as bits, that have this one's text and may have its indent."""
        if self.alike is None:
            return 0
        fits = 0
        for number in self.alike[block.id]:
            indent = self.indents[number]
            if indent is None or indent == block.indent:
                fits |= 1 << number
        return fits

    def _next(self, block: PlacedBlock, number: int) -> int | None:
        """The number of the needed block that comes next, if this one may stand for it."""
        return number if self._fits(block) >> number & 1 else None

    def _staying(self, reading: tuple[PlacedBlock, ...]) -> list[bool]:
        """The most blocks that can stay while the others are taken out."""
        if self.alike is not None:
            return longest_in_common([self._fits(block) for block in reading], len(self.before))
        numbers = list(map(self._number, reading))
        counted = [number for number in numbers if number is not None]
        kept = largest_part_in_order(counted, self.before)
        if len(counted) == len(numbers):
            return kept
        rest = iter(kept)
        return [number is not None and next(rest) for number in numbers]

    def _leading(self, reading: tuple[PlacedBlock, ...]) -> list[bool]:
        """The blocks up to the first that may not stand where it does."""
        stays = [False] * len(reading)
        placed = 0
        for index, block in enumerate(reading):
            number = self._number(block) if self.alike is None else self._next(block, index)
            if number is None or self.before[number] & ~placed:
                break
            placed |= 1 << number
            stays[index] = True
        return stays


def load(item: Parsons, flaws: Flaws) -> Loaded | None:
    """Prepare the item; what makes it ungradable is added to `flaws`."""
    content, key = item.content, item.key
    blocks = ids_once(content.blocks, "content.blocks", flaws)
    ids_once(key.blocks, "key.blocks", flaws)
    for place, block in enumerate(key.blocks):
        if block.id not in blocks:
            flaws.add(f"key.blocks[{place}].id", f"no block has the id {shown(block.id)!r}")
        if block.indent is not None and not content.indent:
            flaws.add(f"key.blocks[{place}].indent", "the content asks for no indents")
    before = _before(key, flaws)
    if flaws or before is None:
        return None
    repeated = list(twins(content.blocks))
    if key.order == "dag":
        for place, one, other in repeated:
            if _part_of(key, before, one.id) != _part_of(key, before, other.id):
                message = f"the block {shown(other.id)!r} has this text too, and its part in the graph is another"
                flaws.add(f"content.blocks[{place}].text", message)
    in_row = key.order == "list" and bool(repeated)
    rubric = ParsonsRubric(
        {block.id: number for number, block in enumerate(key.blocks)},
        tuple(block.indent for block in key.blocks),
        tuple(before),
        {block: signs(block) for block in blocks},
        item.scoring.rule,
        numbers_alike(content.blocks, [block.id for block in key.blocks]) if in_row else None,
    )
    return loaded(ParsonsAnswer, ParsonsForm(blocks, content.indent), rubric, cost_us=4 * len(blocks))


def _part_of(key: ParsonsKey, before: Sequence[int], block: str) -> tuple[int | None, int, int] | None:
    """A block's indent, and as bits what must precede and what must follow it; None of a distractor.

    Blocks that agree in this may change places in any answer, and its grade is the same.
    """
    for number, mine in enumerate(key.blocks):
        if mine.id == block:
            follow = sum(1 << later for later, earlier in enumerate(before) if earlier >> number & 1)
            return mine.indent, before[number], follow
    return None


def _before(key: ParsonsKey, flaws: Flaws) -> list[int] | None:
    """What must precede each needed block, as bits; None with a flaw if that can't be."""
    numbers = {block.id: number for number, block in enumerate(key.blocks)}
    after: dict[int, list[int]] = {}
    edges = 0
    for place, block in enumerate(key.blocks):
        if key.order == "list" and block.after is not None:
            flaws.add(f"key.blocks[{place}].after", "in a list each block comes after the one before it")
        for edge, earlier in enumerate(block.after or ()):
            edges += 1
            if earlier not in numbers:
                flaws.add(f"key.blocks[{place}].after[{edge}]", f"the key has no block {shown(earlier)!r}")
            else:
                after.setdefault(place, []).append(numbers[earlier])
    if key.order == "list":
        return [(1 << place) - 1 for place in range(len(key.blocks))]
    if edges > EDGES_MAX:
        flaws.add("key.blocks", f"all `after` together name {EDGES_MAX} blocks at most")
        return None
    before = closure(after, len(key.blocks))
    if before is None:
        flaws.add("key.blocks", "the blocks come after each other in a circle")
    return before
