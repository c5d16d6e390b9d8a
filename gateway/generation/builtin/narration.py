"""The narration: plain text to be read aloud, of those of the module's sentences that can be spoken."""

import re

from gateway.generation.builtin.choosing import choose
from gateway.generation.builtin.passages import Material, Part, Passage
from gateway.generation.builtin.rules import Rules
from gateway.generation.builtin.speech import spoken
from gateway.generation.builtin.study import Study

_LONGEST_SPOKEN = 45


def write_narration(study: Study, material: Material, title: str, rules: Rules) -> str | None:
    """The spoken text of one module, a paragraph a section; None where nothing in it can be said aloud."""
    said = {p.index: words for part in material.parts for p in part.passages if (words := _said(study, p)) is not None}
    chosen = choose(
        study,
        material,
        Rules(
            share=rules.share,
            wishes=rules.wishes,
            used=rules.used,
            reluctance=rules.reluctance,
            ceiling=rules.ceiling,
            lists=False,
            plain=True,
            allowed=lambda passage: passage.index in said,
        ),
    )
    paragraphs = [_title(title)]
    last = title
    for part in material.parts:
        body = [said[p.index] for p in part.passages if p.index in chosen.passages]
        if not body:
            continue
        if part.section.title != last and part.section.headed and (name := _heading(part)):
            paragraphs.append(name)
        last = part.section.title
        paragraphs.append(" ".join(body))
    return "\n\n".join(paragraphs) + "\n" if len(paragraphs) > 1 else None


def _said(study: Study, passage: Passage) -> str | None:
    """The passage as it is spoken; list items by themselves only where they are sentences."""
    if passage.words > _LONGEST_SPOKEN or passage.local or not passage.text.endswith((".", "!", ".”", '."', ".)")):
        return None
    if study.document.blocks[passage.block].kind == "item" and passage.words < 6:
        return None
    return spoken(passage.text, passage.marks)


def _title(title: str) -> str:
    said = spoken(title, ())
    bare = said if said is not None else re.sub(r"[^\w\s,.:;?!’'-]", "", title)
    return bare if bare.endswith(("?", "!", ".")) else f"{bare}."


def _heading(part: Part) -> str | None:
    said = spoken(part.section.title, ())
    if said is None:
        return None
    return said if said.endswith(("?", "!", ".")) else f"{said}."
