"""What one module may be made of: the fit sentences, lists, tables and code of its spans, section by section."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from gateway.generation.builtin.document import Block, Document, Section, Sentence
from gateway.generation.builtin.fitness import (
    Fit,
    addresses_reader,
    fitness,
    leans,
    points_away,
    settled,
    takes_up,
    words_in,
)
from gateway.generation.builtin.passages import Listing, Material, Part, Passage
from gateway.generation.builtin.render import clipped
from gateway.generation.builtin.shorten import has_verb
from gateway.generation.builtin.study import Study
from gateway.generation.builtin.terms import Mention
from gateway.generation.builtin.walkthrough import walks_through
from gateway.generation.model import SourceRef

_LONGEST_LIST, _LONGEST_LIST_WORDS = 14, 320
_LEAST_ITEM_WORDS = 8
_LONGEST_CODE_LINES = 24
_LONGEST_TABLE_ROWS = 16
_EXAMPLE = re.compile(r"(?i)\b(?:for example|for instance|such as|e\.g\.|including|an example)\b|\blike the\b")
_ANALOGY = re.compile(
    r"(?i)^(?:think of|imagine|consider|suppose|picture|say you|continuing the analogy|as an analogy|pretend)\b"
)
_CLAUSE = re.compile(
    r"[,;:(]|\b(?:and|or|but|when|while|because|that|which|who|if|so|as|than|until|once|after|before|where|to|without|by|in)\b"
)
_PRONOUN = re.compile(r"(?i)\b(?:it|its|it['’]s|they|them|their|he|she|his|her|this|that one)\b")


def gather(study: Study, refs: Sequence[SourceRef]) -> Material:
    """Everything usable inside the spans; a sentence that stands in the document a second time is left to the first."""
    parts = []
    for section, blocks in _sections(study, refs):
        part = _part(study, section, blocks)
        if part.words or part.codes or part.tables:
            parts.append(part)
    return Material(tuple(parts))


def _sections(study: Study, refs: Sequence[SourceRef]) -> Iterator[tuple[Section, list[Block]]]:
    """The blocks inside the spans, by section, in the order of the document; a block cut by a span counts."""
    document, order, starts = study.document, study.source_order, study.block_starts
    chosen: dict[int, list[Block]] = {}
    taken: set[int] = set()
    for ref in refs:
        place = order.get(ref.source_id)
        if place is None:
            continue
        at = max(bisect_left(starts, (place, ref.start)) - 1, 0)
        while at < len(document.blocks) and starts[at] < (place, ref.end):
            block = document.blocks[at]
            if block.source_id == ref.source_id and block.end > ref.start and at not in taken:
                taken.add(at)
                chosen.setdefault(block.section, []).append(_cut(document, block, ref))
            at += 1
    for index in sorted(chosen):
        yield document.sections[index], chosen[index]


def _cut(document: Document, block: Block, ref: SourceRef) -> Block:
    """The block with the sentences that lie inside the span alone."""
    if ref.start <= block.start and block.end <= ref.end:
        return block
    inside = [s.index for s in document.block_sentences(block) if ref.start <= s.start and s.end <= ref.end]
    first, last = (inside[0], inside[-1] + 1) if inside else (block.first, block.first)
    return replace(block, first=first, last=last, start=max(block.start, ref.start), end=min(block.end, ref.end))


def _part(study: Study, section: Section, blocks: list[Block]) -> Part:
    groups: dict[int, list[Block]] = {}
    for block in blocks:
        if block.kind in {"item", "row"} and block.group:
            groups.setdefault(block.group, []).append(block)
    bound = _bound(study, blocks, groups)
    passages: list[Passage] = []
    if not section.back_matter:
        for before, block, following in zip([None, *blocks[:-1]], blocks, [*blocks[1:], None], strict=True):
            if block.kind in {"paragraph", "quote", "item"} and not _is_cited(block, following):
                if block.kind == "item" and (block.group in bound or not _is_sentence(block)):
                    continue
                after_code = before is not None and before.kind == "code"
                code = following is not None and following.kind == "code"
                passages.extend(_passages(study, block, before_code=code, after_code=after_code))
    sentences = [s for block in blocks for s in study.document.block_sentences(block)]
    spare = section.back_matter
    return Part(
        section=section,
        passages=tuple(passages),
        listings=() if spare else tuple(_listings(study, blocks, groups)),
        tables=() if spare else tuple(_tables(groups.values(), bare=not passages)),
        codes=() if spare else tuple(block for block in blocks if block.kind == "code" and fit_code(block)),
        words=sum(words_in(s.text) for s in sentences),
        chars=sum(block.end - block.start for block in blocks),
    )


def _bound(study: Study, blocks: list[Block], groups: dict[int, list[Block]]) -> frozenset[int]:
    """The lists that are told whole or not at all: steps, and what a sentence announces; one as long as a chapter aside."""
    places = {block.index: place for place, block in enumerate(blocks)}
    found: set[int] = set()
    for group, items in groups.items():
        place = places[items[0].index]
        lead = blocks[place - 1] if place else None
        announced = lead is not None and (lead.text.endswith(":") or _lead(study.document, lead) is not None)
        if (announced or items[0].number is not None) and not _is_long(items):
            found.add(group)
    return frozenset(found)


def _is_long(items: Sequence[Block]) -> bool:
    words = sum(words_in(item.text) for item in items)
    return len(items) > _LONGEST_LIST or words > 40 * len(items) or words > _LONGEST_LIST_WORDS


def _is_sentence(item: Block) -> bool:
    """Whether an item can stand by itself."""
    return words_in(item.text) >= _LEAST_ITEM_WORDS and item.text.endswith((".", "!", ".)")) and has_verb(item.text)


def _is_cited(block: Block, following: Block | None) -> bool:
    """Whether a quotation names its author below: it is someone's word, to be kept whole or not at all."""
    if not block.quoted:
        return False
    return block.text.startswith(("—", "–", "--")) or (
        following is not None and following.quoted and following.text.startswith(("—", "–", "--"))
    )


def _passages(study: Study, block: Block, *, before_code: bool, after_code: bool) -> Iterator[Passage]:
    """The sentences of a block that may be used. One that opens by taking up the code above it speaks of that code
    throughout, so that of it only what explains a term stands without.
    """
    analysis, local = study.analysis, study.local_names
    analogy = False
    stranded = after_code and block.last > block.first and leans(study.document.sentences[block.first].text)
    previous: int | None = None
    for sentence in study.document.block_sentences(block):
        analogy = analogy or bool(_ANALOGY.match(sentence.text))
        fit = fitness(sentence)
        length = len(sentence.text)
        if fit is Fit.LEADS:
            length = settled(sentence) if before_code and sentence.index == block.last - 1 else 0
        usable = fit in {Fit.ALONE, Fit.LEANS} or (fit is Fit.LEADS and length > 0)
        if sentence.index in study.repeats or not usable or (sentence.kind == "item" and words_in(sentence.text) < 3):
            previous = None
            continue
        mentions = [m for m in analysis.mentions[sentence.index] if m.end <= length]
        keys = tuple(dict.fromkeys(m.key for m in mentions))
        orphan = _refers_back(sentence.text, [m for m in mentions if m.key not in local], study)
        if analogy and not any(
            analysis.by_key[key].salience > study.telling_salience for key in keys if key not in local
        ):
            previous = None
            continue
        if stranded and previous is None and not any(analysis.by_key[k].defined_in == sentence.index for k in keys):
            continue
        opening = fit is Fit.LEANS or orphan
        continues = opening or takes_up(sentence.text)
        if continues and previous is None:
            continue
        text = sentence.text[:length]
        yield Passage(
            index=sentence.index,
            block=block.index,
            section=block.section,
            text=text + ("" if length == len(sentence.text) else "."),
            marks=clipped(sentence.marks, 0, length) if length < len(sentence.text) else sentence.marks,
            words=words_in(text),
            after=previous if continues else None,
            keys=keys,
            local=sum(1 for key in keys if key in local) + (study.shows_code and walks_through(text)),
            opens=sentence.index == block.first,
            example=bool(_EXAMPLE.search(text)),
            leaning=fit is Fit.LEANS,
            quoted=block.quoted,
            shortened=length < len(sentence.text),
        )
        previous = sentence.index


def _refers_back(text: str, concepts: Sequence[Mention], study: Study) -> bool:
    """Whether the first pronoun of a sentence stands for something that the sentence does not name before it."""
    pronoun = _PRONOUN.search(text)
    if pronoun is None:
        return False
    before = text[: pronoun.start()]
    kinds = {study.analysis.by_key[m.key].kind for m in concepts if m.start < pronoun.start()}
    if not kinds - {"quantity", "year"} or before.endswith(("one of ", "some of ", "all of ", "each of ", "most of ")):
        return True
    is_object = pronoun[0].lower() in {"it", "them", "him"} and not re.match(
        r"(?i)\s+(?:is|was|are|were|has|had|can|will|does|did|may|[a-z]+s)\b", text[pronoun.end() :]
    )
    return is_object and not _CLAUSE.search(before)


def _listings(study: Study, blocks: list[Block], groups: dict[int, list[Block]]) -> Iterator[Listing]:
    places = {block.index: place for place, block in enumerate(blocks)}
    for group, items in groups.items():
        if items[0].kind != "item" or not 2 <= len(items) <= _LONGEST_LIST:
            continue
        words = sum(words_in(item.text) for item in items)
        if _is_long(items) or any(item.text.endswith("?") for item in items):
            continue
        if any(not _fit_item(study, item) for item in items):
            continue
        place = places[items[0].index]
        lead = _lead(study.document, blocks[place - 1]) if place else None
        bare = place > 0 and lead is None and blocks[place - 1].text.endswith(":")
        if bare and not all(item.text.endswith(".") and has_verb(item.text) for item in items):
            continue
        keys = dict.fromkeys(
            m.key
            for item in items
            for s in study.document.block_sentences(item)
            for m in study.analysis.mentions[s.index]
        )
        yield Listing(
            group=group,
            section=items[0].section,
            ordered=items[0].number is not None,
            lead=lead,
            blocks=tuple(items),
            words=words + (words_in(lead.text) if lead else 0),
            keys=tuple(keys),
        )


def _lead(document: Document, block: Block) -> Sentence | None:
    """The sentence that announces a list, where it may stand over it."""
    if block.kind not in {"paragraph", "quote"} or block.first == block.last:
        return None
    last = document.sentences[block.last - 1]
    if fitness(last) is not Fit.LEADS or points_away(last.text) or words_in(last.text) < 3:
        return None
    announces = last.text.startswith(("Here are", "Here is"))
    return None if (leans(last.text) and not announces) or addresses_reader(last.text) else last


def _fit_item(study: Study, item: Block) -> bool:
    if not item.text or points_away(item.text) or item.first == item.last or _is_link(item):
        return False
    return not any(s.index in study.repeats for s in study.document.block_sentences(item))


def _is_link(item: Block) -> bool:
    """Whether an item is nothing but a link to somewhere else."""
    return any(mark.kind in {"link", "address"} and mark.end - mark.start > 0.8 * len(item.text) for mark in item.marks)


def _tables(groups: Iterable[list[Block]], *, bare: bool) -> Iterator[tuple[Block, ...]]:
    """The tables that may be shown; of a long one its first rows, where its section has nothing else to tell."""
    for rows in groups:
        shown = rows[:_LONGEST_TABLE_ROWS] if bare else rows
        if _fit_table(shown):
            yield tuple(shown)


def _fit_table(rows: Sequence[Block]) -> bool:
    if rows[0].kind != "row" or not 2 <= len(rows) <= _LONGEST_TABLE_ROWS:
        return False
    width = len(rows[0].cells)
    whole = all(len(row.cells) == width for row in rows)
    return (
        whole
        and 2 <= width <= 6
        and sum(words_in(row.text) for row in rows) <= 250
        and not any("http" in row.text for row in rows)
    )


def fit_code(block: Block) -> bool:
    """Whether code is whole, short and no template of another text."""
    text = block.text
    if not text.strip() or "{{" in text or "{%" in text or "http://" in text or text.count("\n") >= _LONGEST_CODE_LINES:
        return False
    return max(len(line) for line in text.split("\n")) <= 120
