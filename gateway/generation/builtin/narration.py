"""The narration: plain text to be read aloud, of those of the module's sentences that can be spoken."""

import re
from operator import itemgetter

from gateway.generation.builtin.choosing import choose
from gateway.generation.builtin.fitness import words_in
from gateway.generation.builtin.passages import Listing, Material, Part, Passage
from gateway.generation.builtin.rules import Rules
from gateway.generation.builtin.speech import spoken
from gateway.generation.builtin.study import Study

_LONGEST_SPOKEN = 45


def write_narration(study: Study, material: Material, title: str, rules: Rules) -> str | None:
    """The spoken text of one module, a paragraph a section; None where nothing in it can be said aloud."""
    recited = {each.group: words for part in material.parts for each in part.listings if (words := _recited(each))}
    said = {p.index: words for part in material.parts for p in part.passages if (words := _said(p)) is not None}
    chosen = choose(
        study,
        material,
        Rules(
            share=rules.share,
            wishes=rules.wishes,
            used=rules.used,
            reluctance=rules.reluctance,
            ceiling=rules.ceiling,
            list_share=rules.list_share,
            lists=rules.lists,
            plain=True,
            allowed_list=lambda listing: listing.group in recited,
            allowed=lambda passage: passage.index in said,
        ),
    )
    paragraphs = [_title(title)]
    last = title
    for part in material.parts:
        places = {p.index: (p.block, said[p.index]) for p in part.passages if p.index in chosen.passages}
        told = [*places.values()]
        told += [(each.blocks[0].index, recited[each.group]) for each in part.listings if each.group in chosen.listings]
        body = [words for _, words in sorted(told, key=itemgetter(0))]
        if not body:
            continue
        if part.section.title != last and part.section.headed and (name := _heading(part)):
            paragraphs.append(name)
        last = part.section.title
        paragraphs.append(" ".join(body))
    return "\n\n".join(paragraphs) + "\n" if len(paragraphs) > 1 else None


def _said(passage: Passage) -> str | None:
    """The passage as it is spoken, or None where it can't be."""
    if passage.words > _LONGEST_SPOKEN or passage.local or not passage.text.endswith((".", "!", ".”", '."', ".)")):
        return None
    return spoken(passage.text, passage.marks)


def _recited(listing: Listing) -> str | None:
    """A list as it is spoken, whole and behind the sentence that announces it; None where a part of it can't be said."""
    lines = [] if listing.lead is None else [spoken(listing.lead.text, listing.lead.marks)]
    for block in listing.blocks:
        if words_in(block.text) > _LONGEST_SPOKEN:
            return None
        lines.append(spoken(block.text, block.marks))
    heard = [line if line.endswith((".", ":", "!")) else f"{line}." for line in lines if line]
    return " ".join(line[:1].upper() + line[1:] for line in heard) if len(heard) == len(lines) else None


def _title(title: str) -> str:
    said = spoken(title, ())
    bare = said if said is not None else re.sub(r"[^\w\s,.:;?!’'-]", "", title)
    return bare if bare.endswith(("?", "!", ".")) else f"{bare}."


def _heading(part: Part) -> str | None:
    said = spoken(part.section.title, ())
    if said is None:
        return None
    return said if said.endswith(("?", "!", ".")) else f"{said}."
