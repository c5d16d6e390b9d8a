"""The text rows of the contract on generated courses, each as a number or a list of what breaks it.

Written from outside: nothing here uses the generator's own reading of a document.
"""

import re
from collections.abc import Iterator
from itertools import combinations
from statistics import median

from msgspec import Struct

from gateway.generation.model import ArtifactDraft, Generator, Order, Outline, OutlineModule, SourceRef
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
_UNSAID = re.compile(r"[`*_<>{}\[\]|\\^~=@#$€£§&+/]|::|https?:|°|%|\w\(\)")
_SYMBOL_WORDS = frozenset(
    [
        "percent",
        "degrees",
        "degree",
        "celsius",
        "fahrenheit",
        "kilometres",
        "metres",
        "centimetres",
        "millimetres",
        "kilometre",
        "metre",
        "per",
        "hour",
        "second",
        "seconds",
        "kilograms",
        "grams",
        "square",
        "cubic",
        "squared",
        "cubed",
        "to",
        "and",
        "or",
        "plus",
        "minus",
        "times",
        "equals",
        "about",
        "over",
        "by",
        "divided",
        "less",
        "greater",
        "than",
        "at",
        "most",
        "least",
        "number",
        "point",
        "euros",
        "dollars",
        "pounds",
        "half",
        "quarter",
        "hours",
        "watts",
        "kilowatts",
        "megawatts",
        "for",
        "example",
        "that",
        "is",
        "versus",
        "so",
        "on",
        "sharp",
    ]
)


class Course(Struct, frozen=True):
    """A generated course as it would be exported."""

    order: Order
    outline: Outline
    modules: list[list[ArtifactDraft]]

    def content(self, index: int, kind: str) -> str:
        """The text of one artifact."""
        return next((d.content or "" for d in self.modules[index] if d.kind == kind), "")

    def cited(self, module: OutlineModule) -> str:
        """All source text that a module cites."""
        return "\n".join(self.source(ref)[ref.start : ref.end] for ref in module.source_refs)

    def source(self, ref: SourceRef) -> str:
        """The text that a citation points into."""
        return next(source.text for source in self.order.sources if source.id == ref.source_id)

    def everything(self) -> str:
        """All sources, one after the other."""
        return "\n\n".join(source.text for source in self.order.sources)


async def generated(generator: Generator, order: Order) -> Course:
    """Make a whole course, module by module, as a worker does."""
    outline = await generator.outline(order)
    return Course(order, outline, [await generator.module(order, outline, module.index) for module in outline.modules])


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
    prose = " ".join(block for block in blocks_of(without_markup(course.everything())) if block.endswith("."))
    if abs(grade(" ".join(s for _, s, _ in sentences)) - grade(prose)) > 2:
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


def broken_markdown(course: Course) -> list[str]:
    """Open fences, macros, HTML, links and stray marks in any text."""
    found: list[str] = []
    for module in course.outline.modules:
        for kind in ("notes", "slides"):
            text = course.content(module.index, kind)
            prose = re.sub(r"(?ms)^```[^\n]*\n.*?^```$", "", text)
            if "```" in prose or prose.count("**") % 2 or prose.count("`") % 2:
                found.append(f"{kind} {module.index}: an open fence or mark")
            if re.search(r"\{\{|\{%|<!--|<[a-z/][^>\n]*>|\]\(|\[\^|\]\[|&\w+;", re.sub(r"`[^`]*`", "", prose)):
                found.append(f"{kind} {module.index}: a macro, tag, link or entity")
            if not text.startswith("# ") or not text.endswith("\n"):
                found.append(f"{kind} {module.index}: begins or ends wrongly")
    return found


def broken_slides(course: Course) -> list[str]:
    """What breaks the row on slides."""
    source = bare(without_markup(course.everything()))
    slides = [
        s
        for m in course.outline.modules
        for s in re.split(r"(?m)^---$", course.content(m.index, "slides"))
        if s.strip()
    ]
    lines = [[line for line in slide.split("\n") if line.strip()] for slide in slides]
    long = [
        slide
        for slide in lines
        if len(slide) > 6 or any(len(re.sub(r"^\s*(?:[-*]|\d+\.|#+)\s", "", line).split()) > 15 for line in slide)
    ]
    points = [
        re.sub(r"^\s*(?:[-*]|\d+\.)\s", "", line) for slide in lines for line in slide if not line.startswith("#")
    ]
    unfaithful = [point for point in points if bare(point) not in source and not _shortened(point, course)]
    found = [f"slide too long: {slide}" for slide in long] if len(long) > 0.1 * len(lines) else []
    return found + (
        [f"not in the source: {point}" for point in unfaithful] if len(unfaithful) > 0.05 * len(points) else []
    )


def _shortened(point: str, course: Course) -> bool:
    """Whether the words of a point stand in one sentence of the source in this order."""
    words = bare(point).split()
    for block in blocks_of(without_markup(course.everything())):
        for sentence in sentences_of(block):
            rest = iter(bare(sentence).split())
            if all(word in rest for word in words):
                return True
    return False


def broken_narration(course: Course) -> list[str]:
    """What breaks the row on narration."""
    source = bare(without_markup(course.everything()))
    known = set(source.split())
    sentences = [
        s
        for m in course.outline.modules
        for p in course.content(m.index, "narration").split("\n\n")
        for s in sentences_of(p)
    ]
    unsaid = [s for s in sentences if _UNSAID.search(s)]
    grounded = [s for s in sentences if bare(s) in source or not set(bare(s).split()) - known - _SYMBOL_WORDS]
    found = [f"not speakable: {s}" for s in unsaid] if len(unsaid) > 0.03 * len(sentences) else []
    return found + ([f"grounded: {len(grounded)}/{len(sentences)}"] if len(grounded) < 0.85 * len(sentences) else [])


def broken(course: Course) -> list[str]:
    """Everything that breaks a text row."""
    return [
        *broken_structure(course),
        *broken_notes(course),
        *broken_markdown(course),
        *broken_slides(course),
        *broken_narration(course),
    ]
