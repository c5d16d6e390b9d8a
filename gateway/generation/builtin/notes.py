"""Study notes in Markdown: the module's own sentences in their order under their headings, with its lists and code."""

import re
from collections.abc import Callable, Sequence
from operator import itemgetter

from msgspec.structs import replace

from gateway.generation.builtin.choosing import choose
from gateway.generation.builtin.document import Block, Document
from gateway.generation.builtin.inline import Mark
from gateway.generation.builtin.passages import Listing, Material, Part, Passage
from gateway.generation.builtin.render import at_line_start, markdown
from gateway.generation.builtin.rules import Chosen, Rules
from gateway.generation.builtin.study import Study
from gateway.generation.builtin.words import content_words, singular

_MOST_OF_SOURCE, _MORE_FOR_SHARE, _MOST_TOLD = 0.165, 0.8, 0.68
"""Of the source's characters: so much for any notes, and so much more for the share of its words they are to have."""
_MOST_WHEN_LONGER = 0.72
_MOST_CODE_SHARE = 0.26
_LONGEST = 300_000
"""Characters of one artifact, whatever the share of the source."""
_SHORT_PARAGRAPH_WORDS = 24
_JOINED_WORDS = 95
_LEAST_PROSE, _LEAST_PROSE_SHARE = 40, 0.12


def write_notes(study: Study, material: Material, title: str, rules: Rules) -> str | None:
    """The notes of one module, no longer than the share of the source that notes may have; None where nothing of it fits.
    A table that is all there is stands there whole.
    """
    rules = replace(rules, share=min(rules.share, _LONGEST / max(material.chars, 1)), wanted=rules.share)
    if not rules.generous and _has_enough_without_examples(material):
        rules = replace(rules, allowed=_without_examples(rules))
    while True:
        chosen = choose(study, material, rules)
        written = _written(study, material, title, chosen)
        share = _most(rules, chosen)
        most = min(share * material.chars, _LONGEST * 1.2)
        if len(written) <= most or rules.share < 0.1 or len(chosen.passages) <= 1:
            return written or _written(study, material, title, chosen, bare=True) or None
        rules = replace(rules, share=rules.share * 0.93)


def _most(rules: Rules, chosen: Chosen) -> float:
    """The share of the source's characters that notes may have."""
    if rules.wishes.length == "longer":
        return _MOST_WHEN_LONGER
    return _MOST_TOLD if chosen.told else _MOST_OF_SOURCE + _MORE_FOR_SHARE * min(rules.wanted or rules.share, 0.5)


def _without_examples(rules: Rules) -> Callable[[Passage], bool]:
    """What may be taken, passages aside that use a name which means something beside its example alone."""
    return lambda passage: not passage.local and rules.allowed(passage)


def _has_enough_without_examples(material: Material) -> bool:
    words = [(p.words, p.local) for part in material.parts for p in part.passages]
    return sum(count for count, local in words if not local) >= max(_LEAST_PROSE, material.words * _LEAST_PROSE_SHARE)


def _written(study: Study, material: Material, title: str, chosen: Chosen, *, bare: bool = False) -> str:
    """The notes of what was chosen, empty where that is nothing. `bare` has tables in it whatever room they take."""
    out = [f"# {module_heading(material, title)}"]
    room = _LONGEST if bare else material.chars * _MOST_CODE_SHARE
    last_title = title
    top = min((part.section.level for part in material.parts if part.section.level), default=1)
    for part in material.parts:
        body, spent = _body(study, part, chosen, room)
        room -= spent
        if not body:
            continue
        name = part.section.title
        if name != last_title and (part.section.headed or part.section.continued):
            depth = min(2 + max(part.section.level - top - (1 if top == 1 and len(material.parts) > 1 else 0), 0), 4)
            out.append(f"{'#' * depth} {heading(part)}")
            last_title = name
        out.extend(body)
    return "\n\n".join(out) + "\n" if len(out) > 1 else ""


def heading(part: Part) -> str:
    """A section's title as a line of Markdown."""
    return markdown(part.section.title, part.section.marks)


def module_heading(material: Material, title: str) -> str:
    """A module's title as a line of Markdown, with the code in it where it is a section's."""
    marks: list[Mark] = []
    for section in dict.fromkeys(part.section for part in material.parts):
        at = title.find(section.title)
        if (
            section.marks
            and at >= 0
            and not any(mark.start < at + len(section.title) and mark.end > at for mark in marks)
        ):
            marks.extend(Mark(mark.kind, mark.start + at, mark.end + at) for mark in section.marks)
    return markdown(title, sorted(marks, key=lambda mark: mark.start))


def _body(study: Study, part: Part, chosen: Chosen, room: float) -> tuple[list[str], int]:
    """The blocks of Markdown for one section, and how many characters of them are code or tables."""
    entries: list[tuple[int, str, str]] = []  # place in the source, kind, text
    listed = {listing.group: listing for listing in part.listings if listing.group in chosen.listings}
    entries.extend((listing.blocks[0].index * 4, "list", _listing(listing)) for listing in listed.values())
    entries.extend(_paragraphs(study.document, part, chosen))
    spent = 0
    names = {word for place, _, text in entries for word in re.findall(r"`([^`]+)`", text)}
    for code in part.codes:
        block = _fenced(code)
        if spent + len(block) <= room and _belongs(code, entries, names):
            entries.append((code.index * 4, "code", block))
            spent += len(block)
    for rows in part.tables:
        table = _table(rows)
        if spent + len(table) <= max(room, 0.7 * part.chars):
            entries.append((rows[0].index * 4, "table", table))
            spent += len(table)
    entries.sort(key=itemgetter(0))
    return _joined(entries), spent


def _paragraphs(document: Document, part: Part, chosen: Chosen) -> list[tuple[int, str, str]]:
    """One paragraph for each block of the source that sentences were taken from; items stay items, quotes quotes."""
    by_block: dict[int, list[Passage]] = {}
    for passage in part.passages:
        if passage.index in chosen.passages:
            by_block.setdefault(passage.block, []).append(passage)
    aside = all(document.blocks[p.block].quoted for p in part.passages)
    found = []
    for index, passages in by_block.items():
        block = document.blocks[index]
        text = " ".join(markdown(p.text, p.marks) for p in passages)
        if block.kind == "item":
            found.append((index * 4, "item", f"- {at_line_start(text)}"))
        elif block.quoted and not aside:
            found.append((index * 4, "quote", f"> {at_line_start(text)}"))
        else:
            found.append((index * 4, "text", at_line_start(text)))
    return found


def _joined(entries: Sequence[tuple[int, str, str]]) -> list[str]:
    """Items below each other, and short paragraphs that follow each other as one."""
    out: list[str] = []
    last = ""
    for _, kind, text in entries:
        short = last == kind == "text" and len(out[-1].split()) + len(text.split()) <= _JOINED_WORDS
        if short and (len(text.split()) < _SHORT_PARAGRAPH_WORDS or len(out[-1].split()) < _SHORT_PARAGRAPH_WORDS):
            out[-1] += " " + text
        elif last == kind == "item":
            out[-1] += "\n" + text
        else:
            out.append(text)
        last = kind
    return out


def _listing(listing: Listing) -> str:
    lines: list[str] = []
    number = 0
    for block in listing.blocks:
        text = markdown(block.text, block.marks)
        indent = "   " * max(block.level - 1, 0)
        if not block.opens_item:
            lines.append(f"\n{indent}  {text}")
            continue
        if block.number is not None and block.level == 1:
            number += 1
            lines.append(f"{indent}{number}. {text}")
        else:
            lines.append(f"{indent}- {text}")
    written = "\n".join(lines)
    if listing.lead is None:
        return written
    return f"{at_line_start(markdown(listing.lead.text, listing.lead.marks))}\n\n{written}"


def _fenced(code: Block) -> str:
    longest = max((len(run) for run in re.findall(r"`{3,}", code.text)), default=2)
    fence = "`" * (longest + 1)
    language = code.language if re.fullmatch(r"[\w+#.-]{1,20}", code.language) else ""
    return f"{fence}{language}\n{code.text}\n{fence}"


def _belongs(code: Block, entries: Sequence[tuple[int, str, str]], names: set[str]) -> bool:
    """Whether the notes speak of this code: a paragraph next to it does, in its names or its words."""
    near = [
        text for place, kind, text in entries if kind in {"text", "item", "list"} and abs(place // 4 - code.index) <= 2
    ]
    if not near or code.language in {"console", "text", "output"}:
        return False
    written = {singular(word) for word in re.findall(r"[^\W_]+", code.text.lower())}
    spoken = set(content_words(" ".join(near)))
    named = {word for name in names for word in re.findall(r"\w+", name.lower())}
    return (
        bool(written & named & {w for text in near for w in re.findall(r"\w+", text.lower())})
        or len(written & spoken) >= 2
    )


def _table(rows: Sequence[Block]) -> str:
    lines = []
    for place, row in enumerate(rows):
        cells = [cell.replace("|", "\\|") for cell in row.cells]
        lines.append(f"| {' | '.join(cells)} |")
        if place == 0:
            lines.append(f"|{'---|' * len(cells)}")
    return "\n".join(lines)
