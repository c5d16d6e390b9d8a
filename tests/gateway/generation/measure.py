"""The text rows of the contract on generated courses, each as a number or a list of what breaks it.

Written from outside: nothing here uses the generator's own reading of a document.
"""

import re
from collections.abc import Iterator
from itertools import combinations
from statistics import median

from tests.gateway.generation.course import Course
from tests.gateway.generation.measure_artifacts import broken_markdown, broken_narration, broken_slides
from tests.gateway.generation.measure_context import cut_loose, torn_lists, unexplained
from tests.gateway.generation.prose import (
    bare,
    blocks_of,
    content_words,
    grade,
    headings,
    key_terms,
    sentences_of,
    without_markup,
)

_DANGLING = re.compile(
    r"(?i)\b(?:listing|figure|fig\.|table|chapter|section|appendix) \d|\bas (?:we|you) (?:saw|have seen|learned)|\b(?:above|below)[,.:]?$"
    r"|\b(?:in|of) this (?:chapter|section|article|book|guide|tutorial)\b|\bthe (?:following|above|previous|next) (?:code|example|figure|listing|section|chapter|table|function)"
    r"|\bthe following(?: \w+){0,2}[.:]$|\blet['’]s\b|\bwe['’]ll\b|\bas (?:shown|mentioned|described|discussed)\b|\bhere['’]s\b|\b(?:mentioned|described|discussed|shown) (?:earlier|above|previously|below)"
)
_LEANING = re.compile(
    r"(?i)^[\"“(]?(?:it|this|that|these|those|they|he|she|its|their|his|her|however|but|so|therefore|thus|and|such|also|then|moreover|instead)\b"
)


def broken_structure(course: Course) -> list[str]:
    """What breaks the rows on structure."""
    found: list[str] = []
    modules = course.outline.modules
    refs = [ref for module in modules for ref in module.source_refs]
    for ref in refs:
        text = course.source(ref)
        inside = 0 <= ref.start < ref.end <= len(text)
        torn = inside and any(
            0 < edge < len(text) and text[edge - 1 : edge + 1].isalnum() for edge in (ref.start, ref.end)
        )
        if not inside or torn:
            found.append(f"citation {ref} is outside or cuts a word")
    found.extend(f"module {m.index} is empty" for m in modules if len(course.cited(m).split()) < 15)
    found.extend(empty_artifacts(course))
    sizes = [len(content_words(without_markup(course.cited(module)))) for module in modules]
    if max(sizes) > 3 * median(sizes):
        found.append(f"module sizes differ too much: {sizes}")
    if (share := sections_cited(course)) < 0.9:
        found.append(f"only {share:.2f} of the sections are cited")
    overlap = sum(
        max(0, min(a.end, b.end) - max(a.start, b.start))
        for a, b in combinations(refs, 2)
        if a.source_id == b.source_id
    )
    if overlap > 0.05 * sum(ref.end - ref.start for ref in refs):
        found.append("spans overlap")
    return [*found, *broken_titles(course)]


def empty_artifacts(course: Course) -> list[str]:
    """The artifacts that hold nothing but their title and headings."""
    found = []
    for module in course.outline.modules:
        for draft in course.modules[module.index]:
            if draft.kind == "quiz":
                continue
            lines = [line.strip() for line in (draft.content or "").split("\n")]
            body = [line for line in lines if re.search(r"\w", line) and not line.startswith("#")]
            if not body or (draft.kind == "narration" and body == [f"{module.title}."]):
                found.append(f"{draft.kind} {module.index} is empty")
    return found


def broken_titles(course: Course) -> list[str]:
    """Titles that stand twice, are too long, or name nothing that the module speaks of."""
    titles = [module.title for module in course.outline.modules]
    found = [f"title twice: {title}" for title in titles if [bare(t) for t in titles].count(bare(title)) > 1]
    for module in course.outline.modules:
        words = set(content_words(module.title))
        if not words & set(content_words(without_markup(course.cited(module)))) or len(module.title) > 120:
            found.append(f"title says nothing: {module.title}")
    return found


def sections_cited(course: Course) -> float:
    """The share of the sources' sections of which a citation holds the better part."""
    cited = total = 0
    for source in course.order.sources:
        for heading in headings(source.text):
            body = source.text[heading.start : heading.end].rstrip()
            held = sum(
                max(0, min(r.end, heading.start + len(body)) - max(r.start, heading.start))
                for m in course.outline.modules
                for r in m.source_refs
                if r.source_id == source.id
            )
            total += 1
            cited += held >= 0.5 * len(body)
    return cited / total if total else 1.0


def told(course: Course) -> Iterator[tuple[int, str, bool]]:
    """Every sentence of all notes: its module, itself, and whether it opens a paragraph or an item."""
    for module in course.outline.modules:
        for block in blocks_of(course.content(module.index, "notes")):
            for place, sentence in enumerate(sentences_of(block)):
                yield module.index, sentence, place == 0


def broken_notes(course: Course) -> list[str]:
    """What breaks the rows on notes."""
    found: list[str] = []
    source = bare(without_markup(course.everything()))
    own = [bare(without_markup(course.cited(module))) for module in course.outline.modules]
    sentences = list(told(course))
    verbatim = [bare(s) in source for _, s, _ in sentences]
    found.extend(f"not in the source: {s}" for (_, s, _), there in zip(sentences, verbatim, strict=True) if not there)
    checks = {
        "from the module's own span": (sum(bare(s) in own[m] for m, s, _ in sentences), 0.95),
        "without a dangling pointer": (sum(not _DANGLING.search(s) for _, s, _ in sentences), 0.98),
        "no orphan at the start": (
            sum(not (_LEANING.match(s) and _orphaned(s, opens, source, course)) for _, s, opens in sentences),
            0.95,
        ),
        "said once": (len({bare(s) for _, s, _ in sentences}), 0.98),
    }
    found.extend(
        f"{row}: {count}/{len(sentences)}" for row, (count, least) in checks.items() if count < least * len(sentences)
    )
    length = sum(len(course.content(m.index, "notes")) for m in course.outline.modules) / len(course.everything())
    if not 0.07 <= length <= 0.6:
        found.append(f"the notes have {length:.2f} of the source's length")
    if (taught := terms_taught(course)) < 0.8:
        found.append(f"only {taught:.2f} of the key terms are taught")
    prose = " ".join(
        block if block.endswith(".") else f"{block}." for block in blocks_of(without_markup(course.everything()))
    )
    if abs(grade(" ".join(s if s.endswith((".", "!")) else f"{s}." for _, s, _ in sentences)) - grade(prose)) > 2:
        found.append("the notes are harder or easier to read than the source")
    return found


def _orphaned(sentence: str, opens: bool, source: str, course: Course) -> bool:
    """Whether a sentence that takes up another stands without the one it follows in the source."""
    if opens:
        return True
    notes = bare(" ".join(course.content(m.index, "notes") for m in course.outline.modules))
    before = source[: source.find(bare(sentence))].split()[-4:]
    return " ".join(before) + bare(sentence) not in notes


def terms_taught(course: Course) -> float:
    """The share of the source's key terms that the notes use."""
    terms = key_terms(course.everything(), 25)
    words = set(content_words(" ".join(course.content(m.index, "notes") for m in course.outline.modules)))
    return sum(set(term.split()) <= words for term in terms) / len(terms) if terms else 1.0


def broken(course: Course) -> list[str]:
    """Everything that breaks a text row."""
    return [
        *broken_structure(course),
        *broken_notes(course),
        *broken_markdown(course),
        *broken_slides(course),
        *broken_narration(course),
        *torn_lists(course),
        *cut_loose(course),
        *unexplained(course),
    ]
