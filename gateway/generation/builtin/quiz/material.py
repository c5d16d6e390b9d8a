"""The source as the quiz reads it: sentences with their spans and their modules, lists, and what each module teaches."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Literal, cast

from msgspec import Struct

from gateway.generation.builtin.document import Block, Document
from gateway.generation.builtin.document import Sentence as Plain
from gateway.generation.builtin.quiz.phrases import PhraseKind
from gateway.generation.builtin.quiz.tables import Table, tables_of
from gateway.generation.builtin.quiz.words import roots_of
from gateway.generation.builtin.study import Study
from gateway.generation.builtin.terms import Analysis
from gateway.generation.model import Outline

Role = Literal["prose", "bullet", "step"]
SENTENCES_PER_MODULE = 400
"""How many sentences of one module the quiz looks at, so that a book costs no more than a long chapter."""
_LONGEST_SENTENCE = 600
_PERSON: PhraseKind = "person"
_ACTS = re.compile(
    r" (?:who|invented|discovered|wrote|published|built|proposed|was born|developed|argued|introduced|founded|painted|"
    r"led|died|observed|described|used his|used her|won|became|began|designed|presented|opened|showed|proved|sailed|married)\b"
)


class Sentence(Struct, frozen=True, kw_only=True):
    """One sentence as a reader sees it, on one line, inline code in backticks; `start` and `end` bound it in the source.
    `place` counts the sentences kept, `section` names the heading above, `named` are the words that the author set
    apart, and `taught` says that the module's notes hold it.
    """

    text: str
    source_id: str
    start: int
    end: int
    module: int
    place: int
    section: str
    role: Role = "prose"
    named: tuple[str, ...] = ()
    taught: bool = True


class Listing(Struct, frozen=True, kw_only=True):
    """One list with the sentence that leads it in ("" if none does); `start` is where that sentence starts."""

    ordered: bool
    lead: str
    section: str
    module: int
    source_id: str
    start: int
    end: int
    entries: tuple[Sentence, ...]


class Material(Struct, frozen=True, dict=True):
    """Everything a course's quiz may be made of; `headings` are the section titles in order, `notes` what each module's
    notes say, `names` what the document's proper names are names of, and
    `local_names` the code that means nothing outside its example.
    """

    sentences: tuple[Sentence, ...]
    listings: tuple[Listing, ...]
    headings: tuple[str, ...]
    notes: tuple[str, ...]
    names: dict[str, PhraseKind]
    local_names: frozenset[str]
    tables: tuple[Table, ...] = ()

    @cached_property
    def taught_roots(self) -> tuple[frozenset[str], ...]:
        """Per module the roots of all words that its notes use."""
        return tuple(roots_of(notes) for notes in self.notes)


def material_of(study: Study, outline: Outline, notes: Sequence[str]) -> Material:
    """Read the sources for the quiz of the course that `outline` makes of them; `notes[i]` is what module i teaches."""
    document = study.document
    flat = tuple(" ".join(_bare(text).split()) for text in notes)
    kept: list[Sentence] = []
    by_index: dict[int, Sentence] = {}
    used = [0] * len(outline.modules)
    for plain, module in _placed(document, outline):
        section = document.sections[plain.section]
        if used[module] >= SENTENCES_PER_MODULE or section.back_matter or len(plain.text) > _LONGEST_SENTENCE:
            continue
        used[module] += 1
        block = document.blocks[plain.block]
        sentence = Sentence(
            text=shown(plain),
            source_id=plain.source_id,
            start=plain.start,
            end=plain.end,
            module=module,
            place=len(kept),
            section=section.title,
            role="prose" if block.kind != "item" else "step" if block.number is not None else "bullet",
            named=tuple(plain.text[m.start : m.end] for m in plain.marks if m.kind in {"emphasis", "strong"}),
            taught=" ".join(_bare(plain.text).rstrip(".").split()) in flat[module],
        )
        kept.append(sentence)
        by_index[plain.index] = sentence
    headings = tuple(section.title for section in document.sections if section.headed)
    return Material(
        tuple(kept),
        tuple(_listings(document, by_index)),
        headings,
        flat,
        _names(document, study.analysis),
        study.local_names,
        tuple(tables_of(document, outline, flat)),
    )


def _names(document: Document, analysis: Analysis) -> dict[str, PhraseKind]:
    """What the document's proper names are names of, by the form that is written."""
    names: dict[str, PhraseKind] = {}
    for term in analysis.terms:
        if term.kind in {"person", "place", "organisation"}:
            names.update(dict.fromkeys(term.forms, cast("PhraseKind", term.kind)))
        elif term.kind == "name" and any(
            document.sentences[index].text.find(form) >= 0
            and _ACTS.match(document.sentences[index].text.partition(form)[2])
            for form in term.forms
            if 2 <= len(form.split(" ")) <= 3
            for index in term.sentences[:20]
        ):
            names.update(dict.fromkeys(term.forms, _PERSON))
    return names


def _placed(document: Document, outline: Outline) -> Iterator[tuple[Plain, int]]:
    """Every sentence that lies within a module's spans, with the module's index."""
    spans: dict[str, list[tuple[int, int, int]]] = {}
    for module in outline.modules:
        for ref in module.source_refs:
            spans.setdefault(ref.source_id, []).append((ref.start, ref.end, module.index))
    for of_source in spans.values():
        of_source.sort()
    places = dict.fromkeys(spans, 0)
    for sentence in document.sentences:
        of_source = spans.get(sentence.source_id, [])
        at = places.get(sentence.source_id, 0)
        while at < len(of_source) and of_source[at][1] <= sentence.start:
            at += 1
        places[sentence.source_id] = at
        if at < len(of_source) and of_source[at][0] <= sentence.start and sentence.end <= of_source[at][1]:
            yield sentence, of_source[at][2]


def shown(plain: Plain) -> str:
    """The sentence with its inline code in backticks, other markup left out."""
    out: list[str] = []
    at = 0
    for mark in plain.marks:
        if mark.kind != "code" or mark.start < at or "`" in plain.text[mark.start : mark.end]:
            continue
        out.extend((plain.text[at : mark.start], "`", plain.text[mark.start : mark.end], "`"))
        at = mark.end
    return "".join((*out, plain.text[at:]))


def _bare(markdown: str) -> str:
    """A text without its marks; an underscore within a name such as `wal_level` is none."""
    return re.sub(r"[`*]|(?<!\w)_|_(?!\w)|\\(?=[^\w\s])", "", markdown)


def _listings(document: Document, kept: dict[int, Sentence]) -> Iterator[Listing]:
    """The lists whose every first sentence was kept, with their leads."""
    group: list[Block] = []
    lead: Block | None = None
    before: Block | None = None
    for block, following in [*pairwise(document.blocks), (document.blocks[-1], None)] if document.blocks else []:
        if block.kind != "item":
            before = block
            continue
        if not group:
            lead = before
        if block.opens_item and block.level == 1 and block.last > block.first:
            group.append(block)
        if following is None or following.kind != "item" or following.group != block.group:
            yield from _listing(document, kept, group, lead, block.end)
            group = []


def _listing(
    document: Document, kept: dict[int, Sentence], group: list[Block], lead: Block | None, end: int
) -> Iterator[Listing]:
    entries = [kept.get(block.first) for block in group]
    whole = [entry for entry in entries if entry is not None]
    if len(whole) < 2 or len(whole) != len(entries) or len({entry.module for entry in whole}) > 1:
        return
    said, start = "", group[0].start
    if (
        lead is not None
        and lead.kind in {"paragraph", "quote"}
        and lead.section == group[0].section
        and lead.last > lead.first
    ):
        sentence = document.sentences[lead.last - 1]
        if sentence.index in kept:
            said, start = shown(sentence), sentence.start
    yield Listing(
        ordered=group[0].number is not None,
        lead=said,
        section=whole[0].section,
        module=whole[0].module,
        source_id=whole[0].source_id,
        start=start,
        end=end,
        entries=tuple(whole),
    )
