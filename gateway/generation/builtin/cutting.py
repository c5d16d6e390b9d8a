"""Where a document is cut into modules: along its own headings, into parts of like size."""

import re
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from msgspec import Struct

from gateway.generation.builtin.document import Section, Sentence
from gateway.generation.builtin.fitness import Fit, fitness, words_in
from gateway.generation.builtin.study import Study

_WORD = re.compile(r"[^\W\d_]{3,}")
_LEAST_WORDS = 170
"""Fewer source words than this teach too little for a module of their own."""
_LEAST_OF_TWO, _SECTIONS_OF_TWO = 130, 4
"""A page under this many headings is about more than one thing, and is two modules from so many words on."""
_LEAST_USABLE = 30
"""Words that notes may use, without which a module would be empty."""
_CLOSELY_READ = 20_000
_MOST_PIECES = 240
_LOPSIDED = 50.0


class Piece(Struct, frozen=True, kw_only=True):
    """A stretch of one source that is not cut further: blocks [first, last) of one section, or sentences of a block.
    `boundary` says how unwelcome a cut before it is, 0 at the topmost headings.
    """

    section: int
    source_id: str
    start: int
    end: int
    words: int
    usable: int
    boundary: float


class _Size(NamedTuple):
    words: int
    usable: int

    def plus(self, other: "_Size") -> "_Size":
        return _Size(self.words + other.words, self.usable + other.usable)


def modules_of(study: Study, most: int) -> list[list[Piece]]:
    """The pieces of each module in order; none is empty, none is three times the middle one where that can be helped."""
    pieces = _pieces(study, most)
    total = sum(piece.words for piece in pieces)
    if not total:
        return []
    headed = sum(1 for piece in pieces if piece.words)
    parts = max(round(total / _LEAST_WORDS), 2 if total >= _LEAST_OF_TWO and headed >= _SECTIONS_OF_TWO else 1)
    most = max(1, min(most, parts, headed))
    best: tuple[float, list[list[Piece]]] | None = None
    for count in range(most, 0, -1):
        if best is not None and best[0] < _LOPSIDED and count < (most * 3) // 5:
            break
        cost, cut = _best_cut(pieces, count)
        if cost == float("inf"):
            continue
        charge = cost / count + 0.3 * (most - count) + (_LOPSIDED if _lopsided(cut) else 0)
        if best is None or charge < best[0] - 1e-9:
            best = (charge, cut)
    return best[1] if best else _best_cut(pieces, 1)[1]


def _lopsided(modules: Sequence[Sequence[Piece]]) -> bool:
    sizes = [sum(piece.words for piece in module) for module in modules]
    return len(sizes) > 1 and (max(sizes) > 2.5 * median(sizes) or min(sizes) < 0.25 * median(sizes))


def _pieces(study: Study, most: int) -> list[Piece]:
    sections = [
        section for section in study.document.sections if section.last_block > section.first_block or section.headed
    ]
    top = min((section.level for section in sections if section.headed and section.index), default=1)
    sizes = [_section_size(study, section) for section in sections]
    total = sum(size.words for size in sizes)
    limit = max(total / max(most, 1) * 0.7, _LEAST_WORDS)
    pieces: list[Piece] = []
    for section, size in zip(sections, sizes, strict=True):
        first_of_source = not pieces or pieces[-1].source_id != section.source_id
        boundary = (
            0.0 if first_of_source else 0.12 * min(max(section.level - top, 0), 4) + (0.3 if section.continued else 0)
        )
        if section.back_matter:
            boundary += 2.0
        if size.words > limit * 1.5:
            pieces.extend(_split(study, section, limit, boundary))
        else:
            pieces.append(_piece(section, section.start, section.end, size, boundary))
    return _merged(pieces)


def _piece(section: Section, start: int, end: int, size: _Size, boundary: float) -> Piece:
    return Piece(
        section=section.index,
        source_id=section.source_id,
        start=start,
        end=end,
        words=size.words,
        usable=size.usable,
        boundary=boundary,
    )


def _section_size(study: Study, section: Section) -> _Size:
    if section.back_matter:
        return _Size(0, 0)
    sizes = [_block_size(study, block) for block in range(section.first_block, section.last_block)]
    return _Size(sum(size.words for size in sizes), sum(size.usable for size in sizes))


def _block_size(study: Study, index: int) -> _Size:
    block = study.document.blocks[index]
    if block.kind == "code":
        return _Size(0 if "{{" in block.text else len(_WORD.findall(block.text)), 0)
    if block.kind == "row":
        return _Size(words_in(block.text), words_in(block.text))
    sizes = [_sentence_size(study, sentence) for sentence in study.document.block_sentences(block)]
    return _Size(sum(size.words for size in sizes), sum(size.usable for size in sizes))


def _sentence_size(study: Study, sentence: Sentence) -> _Size:
    """Its words, and those of them that notes may use; a very long document is not looked at so closely."""
    if sentence.index in study.repeats:
        return _Size(0, 0)
    words = words_in(sentence.text)
    close = len(study.document.sentences) <= _CLOSELY_READ
    return _Size(words, words if not close or fitness(sentence) in {Fit.ALONE, Fit.LEANS} else 0)


def _split(study: Study, section: Section, limit: float, boundary: float) -> list[Piece]:
    """A section that is too long for one module, cut between paragraphs, or within one that is too long by itself."""
    document = study.document
    found: list[Piece] = []
    start, end, held = section.start, section.start, _Size(0, 0)
    for index in range(section.first_block, section.last_block):
        block = document.blocks[index]
        size = _block_size(study, index)
        bound = index > section.first_block and _holds_together(document.blocks[index - 1].text, block.kind)
        if held.words and not bound and held.words + size.words / 2 > limit / 2:
            found.append(_piece(section, start, end, held, 0.7 if found else boundary))
            start, held = block.start, _Size(0, 0)
        if size.words > limit * 1.5 and block.last > block.first + 1:
            for sentence in document.block_sentences(block):
                size = _sentence_size(study, sentence)
                if held.words and held.words + size.words / 2 > limit / 2:
                    found.append(_piece(section, start, end, held, 1.0 if found else boundary))
                    start, held = sentence.start, _Size(0, 0)
                end, held = sentence.end, held.plus(size)
            continue
        end, held = block.end, held.plus(size)
    found.append(_piece(section, start, max(end, start), held, 0.7 if found else boundary))
    return found


def _holds_together(before: str, kind: str) -> bool:
    return before.rstrip().endswith(":") or kind in {"code", "row"}


def _merged(pieces: list[Piece]) -> list[Piece]:
    """Neighbours joined, the closest bound first, until there are few enough to weigh every cut."""
    while len(pieces) > _MOST_PIECES:
        total = sum(piece.words for piece in pieces)
        goal = max(total / _MOST_PIECES * 2, 1)
        joined: list[Piece] = []
        for piece in pieces:
            last = joined[-1] if joined else None
            if last is not None and last.source_id == piece.source_id and last.words + piece.words <= goal:
                joined[-1] = Piece(
                    section=last.section,
                    source_id=last.source_id,
                    start=last.start,
                    end=piece.end,
                    words=last.words + piece.words,
                    usable=last.usable + piece.usable,
                    boundary=last.boundary,
                )
            else:
                joined.append(piece)
        if len(joined) == len(pieces):
            break
        pieces = joined
    return pieces


def _best_cut(pieces: Sequence[Piece], count: int) -> tuple[float, list[list[Piece]]]:
    """The cut into `count` runs with the least cost: how far each is from the common size, and how unwelcome its start."""
    size = sum(piece.words for piece in pieces) / count
    sums = [0]
    fits = [0]
    for piece in pieces:
        sums.append(sums[-1] + piece.words)
        fits.append(fits[-1] + piece.usable)
    least = min(_LEAST_USABLE, fits[-1] // (2 * count))
    total = len(pieces)
    unreachable = float("inf")
    costs = [0.0] + [unreachable] * total
    origins: list[list[int]] = []
    for _ in range(count):
        following = [unreachable] * (total + 1)
        origin = [0] * (total + 1)
        for end in range(1, total + 1):
            for start in range(end - 1, -1, -1):
                words = sums[end] - sums[start]
                if words > 3 * size and start < end - 1:
                    break
                if costs[start] == unreachable or not words or fits[end] - fits[start] < least:
                    continue
                cost = costs[start] + ((words - size) / size) ** 2 * 1.6 + (pieces[start].boundary if start else 0)
                if cost < following[end]:
                    following[end], origin[end] = cost, start
        costs = following
        origins.append(origin)
    if costs[total] == unreachable:
        return unreachable, [list(pieces)]
    cuts, end = [], total
    for origin in reversed(origins):
        cuts.append((origin[end], end))
        end = origin[end]
    return costs[total], [list(pieces[start:stop]) for start, stop in reversed(cuts)]
