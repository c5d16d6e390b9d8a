"""Matchings that a table bears out row by row: what its first column names with what another tells of it."""

import re
from collections.abc import Iterator, Sequence

from gateway.generation.builtin.lexicon import GENERIC_NOUNS
from gateway.generation.builtin.quiz.candidate import LONGEST_SPAN, Candidate
from gateway.generation.builtin.quiz.tables import Table
from gateway.generation.builtin.quiz.words import is_plural, root, roots_of, words_of
from grading.model import Kind

_LEAST, _MOST, _LONGEST_CELL = 3, 4, 80
_HEAD = re.compile(r"[A-Z][a-z]+(?: [a-z]+){0,3}")
_NO_THING = re.compile(r"^\w+(?:ed|able|ible|ing)\b|\b(?:by|to|for|with|from|than)$", re.IGNORECASE)
_TELLING = frozenset(
    ["problem", "method", "person", "country", "level", "step", "effect", "term", "word", "case", "item"]
)
_WIDE = (GENERIC_NOUNS | {"property", "parameter", "attribute", "setting", "criterion", "option", "key"}) - _TELLING
_PERSONS = frozenset(
    [
        "person",
        "scientist",
        "inventor",
        "author",
        "writer",
        "poet",
        "painter",
        "engineer",
        "king",
        "queen",
        "emperor",
        "president",
    ]
)
_SAYS_LITTLE = re.compile(r"(?i)\b(?:notes?|comments?|remarks?|details?|examples?|other)$")
_POINTS = re.compile(r"(?i)\b(?:see|above|below|this|that|these|those|same|ditto|it|both)\b")
_PLAIN = re.compile(r"(?:[^|<>\[\]{}*_\\]|(?<=\w)_(?=\w))+")
_ASKS = re.compile(r"What (?:it|he|she) ")


def propose(tables: Sequence[Table], sentences: int) -> Iterator[Candidate]:
    """One matching a table whose first column names things and another tells each something that it tells no other.
    Tables count as places behind all `sentences`, since a table says what no sentence does.
    """
    for place, table in enumerate(tables):
        if table.end - table.start > LONGEST_SPAN or len(table.rows) < _LEAST:
            continue
        for named, told in _columns(table):
            if candidate := _matching(table, named, told, sentences + place):
                yield candidate
                break


def _columns(table: Table) -> Iterator[tuple[int, int]]:
    """Pairs of columns to be asked, what is named before what is told; a column of bare numbers names nothing."""
    first = [row[0] for row in table.rows]
    for told in range(1, len(table.heads)):
        if not any(re.search(r"[A-Za-z]{2}", cell) is None for cell in first):
            yield 0, told
        elif all(re.search(r"[A-Za-z]{2}", row[told]) for row in table.rows):
            yield told, 0


def _matching(table: Table, named: int, told: int, place: int) -> Candidate | None:
    head, other = table.heads[named], table.heads[told]
    lefts, rights = ([row[at] for row in table.rows] for at in (named, told))
    if not _is_head(head) or words_of(head)[-1] in _WIDE or is_plural(head) or not _is_head(other):
        return None
    if not all(_is_cell(cell) for cell in (*lefts, *rights)) or not _is_each_its_own(lefts, rights):
        return None
    kept = list(range(min(_MOST, max(_LEAST, len(lefts) - 1))))
    stem = f"Match each {_small(head)} with {_whose(head)}{_small(other)}."
    if _ASKS.match(other):
        stem = f"Match each {_small(head)} with {_small(other)}."
    return Candidate(
        kind=Kind.MATCHING,
        module=table.module,
        stem=stem,
        lefts=tuple(lefts[at] for at in kept),
        right=tuple(rights[at] for at in kept),
        wrong=tuple(rights[len(kept) : len(kept) + 1]),
        source_id=table.source_id,
        start=table.start,
        end=table.end,
        places=(place,),
        keys=tuple(" ".join(root(word) for word in words_of(f"{lefts[at]} {other}")) for at in kept),
        rank=4.5,
        taught=1.0 if table.taught else 0.0,
    )


def _is_head(text: str) -> bool:
    """Whether the head of a column is the name of something, so that a question may ask for it."""
    return _HEAD.fullmatch(text) is not None and _NO_THING.search(text) is None and not _SAYS_LITTLE.search(text)


def _is_cell(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_CELL and _PLAIN.fullmatch(text) is not None and not _POINTS.search(text)


def _is_each_its_own(lefts: Sequence[str], rights: Sequence[str]) -> bool:
    """Whether no two rows name or tell the same, and no row gives itself away by a word that both its cells share."""
    cells = [cell.casefold() for cell in (*lefts, *rights)]
    echoed = any(roots_of(left) & roots_of(right) for left, right in zip(lefts, rights, strict=True))
    return len(set(cells)) == len(cells) and not echoed


def _whose(head: str) -> str:
    return "their " if words_of(head)[-1] in _PERSONS else "its "


def _small(head: str) -> str:
    return head[:1].lower() + head[1:]
