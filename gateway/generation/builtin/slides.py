"""Slides in Markdown: a heading and at most five short lines each, of the module's own sentences."""

import re
from collections.abc import Iterator

from gateway.generation.builtin.choosing import choose
from gateway.generation.builtin.fitness import leans, tells_of_one_event
from gateway.generation.builtin.notes import heading, module_heading
from gateway.generation.builtin.passages import Listing, Material, Part, Passage
from gateway.generation.builtin.render import at_line_start, clipped, markdown
from gateway.generation.builtin.rules import Rules
from gateway.generation.builtin.shorten import left_out_of_lead, shortened
from gateway.generation.builtin.study import Study

MOST_WORDS = 15
_MOST_LINES = 5
_ARTICLE = len("The ")
_THIS = re.compile(r"(?i)\b(?:this|that['’]s|these|those|here)\b")
_BREAK = "\n\n---\n\n"


def write_slides(study: Study, material: Material, title: str, rules: Rules) -> str | None:
    """The deck of one module, parted by rules; None where no sentence is short enough for a slide."""
    lines = {p.index: line for part in material.parts for p in part.passages if (line := _line(p)) is not None}
    chosen = choose(study, material, _with(study, rules, lines))
    slides = [
        (name if part.section.headed or part.section.continued else title, body)
        for part in material.parts
        for name, body in _slides(part, lines, chosen.passages, chosen.listings)
    ]
    if not slides:
        return None
    names = list(dict.fromkeys(name for name, _ in slides if name != title))
    agenda = [f"- {name}" for name in names[:_MOST_LINES] if len(name.split()) <= MOST_WORDS] if len(names) > 1 else []
    if not agenda and slides[0][0] == title:
        agenda = slides.pop(0)[1]
    cover = "\n".join([f"# {module_heading(material, title)}", *(["", *agenda] if agenda else [])])
    deck = [cover, *(f"## {name}\n\n" + "\n".join(body) for name, body in slides)]
    return _BREAK.join(deck) + "\n"


def _with(study: Study, rules: Rules, lines: dict[int, str]) -> Rules:
    return Rules(
        share=rules.share,
        wishes=rules.wishes,
        used=rules.used,
        reluctance=rules.reluctance,
        ceiling=rules.ceiling,
        list_share=rules.list_share,
        lists=rules.lists,
        plain=True,
        allowed_list=lambda listing: _fits(study, listing),
        allowed=lambda passage: (
            passage.index in lines and passage.after is None and (rules.generous or not passage.local)
        ),
    )


def _line(passage: Passage) -> str | None:
    """The passage as one line of a slide, or None where it can't be one."""
    short = shortened(passage.text, MOST_WORDS)
    if short is None or leans(short) or _THIS.search(short) or tells_of_one_event(short):
        return None
    if not passage.text.startswith(short.rstrip(".")):
        return f"- {markdown(short.rstrip('.'), ())}" if not passage.marks else None
    bare = short.rstrip(".")
    return f"- {markdown(bare, clipped(passage.marks, 0, len(bare)))}"


def _slides(
    part: Part, lines: dict[int, str], taken: frozenset[int], groups: frozenset[int]
) -> Iterator[tuple[str, list[str]]]:
    """The slides of one section: its lists by themselves, its sentences five at a time."""
    entries = [(p.block * 1000 + place, lines[p.index]) for place, p in enumerate(part.passages) if p.index in taken]
    taken_lists = [listing for listing in part.listings if listing.group in groups]
    listed = [(listing.blocks[0].index * 1000, _lead(listing), _items(listing)) for listing in taken_lists]
    name = heading(part)
    if len(name.split()) > MOST_WORDS:
        name = " ".join(name.split()[:MOST_WORDS])
    if len(listed) == 1 and len(entries) + len(listed[0][2]) <= _MOST_LINES and not taken_lists[0].lead:
        at, _, items = listed.pop()
        if items[0].startswith("-"):
            entries.extend((at + place, item) for place, item in enumerate(items))
            entries.sort()
        else:
            listed.append((at, [], items))
    for place, lead, items in listed:
        before = [line for at, line in entries if at < place]
        entries = [(at, line) for at, line in entries if at >= place]
        yield from ((name, body) for body in _fives(before))
        yield from ((name, [*lead, *body]) for body in _runs(items, _MOST_LINES - bool(lead)))
    yield from ((name, body) for body in _fives([line for _, line in entries]))


def _lead(listing: Listing) -> list[str]:
    """The line that announces a list, over its items and a line apart, none where nothing does or nothing need."""
    if listing.lead is None:
        return []
    text, marks = listing.lead.text, listing.lead.marks
    left_out = left_out_of_lead(text, MOST_WORDS)
    if left_out is None:
        return []
    start, end = left_out
    shown = markdown(text[:start], clipped(marks, 0, start)) + markdown(text[end:], clipped(marks, end, len(text)))
    return [f"{at_line_start(shown)}\n"]


def _items(listing: Listing) -> list[str]:
    """The items of a list, each short or made so; empty where one can't be: a list is shown whole or not at all."""
    found: list[str] = []
    for place, block in enumerate(listing.blocks, start=1):
        first = re.split(r"(?<=[.!]) (?=[A-Z])", block.text)[0]
        short = shortened(first, MOST_WORDS)
        if short is None or not block.text.startswith(short.rstrip(".")) or not block.opens_item:
            return []
        bare = short.rstrip(".")
        found.append(f"{f'{place}.' if listing.ordered else '-'} {markdown(bare, clipped(block.marks, 0, len(bare)))}")
    return found


def _fits(study: Study, listing: Listing) -> bool:
    """Whether a list can be shown: with the sentence that announces it, or without where every item opens with the term
    that it explains; names that live in an example alone mean nothing on a slide.
    """
    codes = {b.text[m.start : m.end] for b in listing.blocks for m in b.marks if m.kind == "code"}
    if not _items(listing) or codes & study.local_names:
        return False
    if listing.lead is None or left_out_of_lead(listing.lead.text, MOST_WORDS) is not None:
        return True
    return all(any(m.kind in {"strong", "emphasis"} and m.start <= _ARTICLE for m in b.marks) for b in listing.blocks)


def _fives(lines: list[str]) -> Iterator[list[str]]:
    """Lines in runs of at most five, of like length."""
    return _runs(lines, _MOST_LINES)


def _runs(lines: list[str], most: int) -> Iterator[list[str]]:
    """Lines in runs of at most `most`, of like length."""
    if not lines:
        return
    count = -(-len(lines) // most)
    size = -(-len(lines) // count)
    for start in range(0, len(lines), size):
        yield lines[start : start + size]
