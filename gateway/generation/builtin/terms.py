"""What a document is about: its terms, where they stand, what kind they are, and which of them it explains."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from msgspec import Struct

from gateway.generation.builtin.document import Document, Sentence
from gateway.generation.builtin.lexicon import (
    FIRST_NAMES,
    GENERIC_NOUNS,
    ORGANISATION_WORDS,
    PLACE_WORDS,
    PLACES,
    POINTERS,
    UNITS,
    WEAK_LEADS,
)
from gateway.generation.builtin.words import Token, content_words, key_of, singular, tokens

TermKind = Literal["concept", "code", "person", "place", "organisation", "name", "acronym", "quantity", "year"]

_QUANTITY = re.compile(
    r"(?<![\w.,/\-–])[-+−]?\d(?:[\d,\u202f]*\d)?(?:\.\d+)?(?:\s?(?:to|[-–])\s?\d[\d,]*(?:\.\d+)?)?(?:\s?(?:thousand|million|billion|trillion))?"
    rf"(?:[\s\u00a0-]?(?:{UNITS})(?![\w/]))"
)
_YEAR = re.compile(r"(?<![\w.,/])(?:1[0-9]{3}|20[0-9]{2})(?![\w/%°]|[.,]\d)(?:\s?(?:BCE?|CE|AD))?")
_DEFINES = re.compile(
    r"\b(?:is|are) (?:a|an|the|one|any|called|known|termed|named|defined|referred)\b|\b(?:means|refers to|consists of|known as|called)\b"
)
_LONGEST_PHRASE = 4
_NOUN_ENDINGS = ("tion", "sion", "ment", "ness", "ity", "ing", "ism", "ance", "ence", "ure", "ings", "ions", "ments")


class Term(Struct, frozen=True, kw_only=True):
    """One term. `text` is its commonest form as written, `key` what its forms share; `sentences` are the indexes
    of those that use it, `sections` of theirs. `defined_in` is a sentence that explains it, or None.
    `salience` orders the terms: the higher, the more the document is about it.
    """

    key: str
    text: str
    kind: TermKind
    count: int
    forms: tuple[str, ...]
    sentences: tuple[int, ...]
    sections: tuple[int, ...]
    defined_in: int | None
    set_apart: bool
    in_heading: bool
    salience: float


class Mention(Struct, frozen=True):
    """One place where a sentence uses a term: half-open offsets into the sentence's text."""

    key: str
    start: int
    end: int


class Analysis(Struct, frozen=True):
    """All terms, the most salient first; by key; and per sentence the mentions in order, the longest phrases only."""

    terms: tuple[Term, ...]
    by_key: dict[str, Term]
    mentions: tuple[tuple[Mention, ...], ...]

    def terms_of(self, sentence: Sentence) -> list[Term]:
        """The terms that one sentence uses, each once, in their order there."""
        keys = dict.fromkeys(mention.key for mention in self.mentions[sentence.index])
        return [self.by_key[key] for key in keys if key in self.by_key]

    def key_terms(self, sections: Iterable[int], most: int) -> list[Term]:
        """The terms that these sections are about, the most salient first; no quantities, no years."""
        wanted = frozenset(sections)
        found = (t for t in self.terms if t.kind not in {"quantity", "year"} and not wanted.isdisjoint(t.sections))
        return [term for term, _ in zip(found, range(most), strict=False)]


class _Tally(Struct):
    count: int
    forms: Counter[str]
    sentences: list[int]
    sections: dict[int, None]
    kinds: Counter[str]
    set_apart: int
    defined_in: int | None


def analyse(document: Document) -> Analysis:
    """Find the terms of a document. Linear in its length; the same document gives the same analysis."""
    headings = {
        singular(word) for section in document.sections for word in re.findall(r"[^\W\d]{3,}", section.title.lower())
    }
    lowercase = _lowercase_words(document)
    tallies: dict[str, _Tally] = {}
    mentions: list[tuple[Mention, ...]] = []
    for sentence in document.sentences:
        found = sorted(_mentions(sentence, lowercase), key=lambda entry: (entry[0], -entry[1]))
        kept: list[Mention] = []
        for start, end, kind, apart in found:
            if kept and start < kept[-1].end:
                continue
            text = sentence.text[start:end]
            key = text if kind in {"code", "quantity", "year"} else key_of(text)
            kept.append(Mention(key, start, end))
            small = start == 0 and kind == "concept" and _is_common(text.split()[0], lowercase)
            _count(tallies, key, text[0].lower() + text[1:] if small else text, kind, sentence, apart=apart)
        mentions.append(tuple(kept))
    terms = [_term(key, tally, headings) for key, tally in tallies.items()]
    terms.sort(key=lambda term: (-term.salience, term.sentences[0], term.key))
    return Analysis(tuple(terms), {term.key: term for term in terms}, tuple(mentions))


def _lowercase_words(document: Document) -> frozenset[str]:
    """Words that the document also writes small, which a capital at a sentence's start makes no names."""
    words: set[str] = set()
    for sentence in document.sentences:
        words.update(re.findall(r"\b[a-z][a-z'’\-]+", sentence.text))
    return frozenset(words)


def _is_common(word: str, lowercase: frozenset[str]) -> bool:
    """Whether a word that a sentence begins with would be small elsewhere."""
    return word.lower() in lowercase or (word[1:].islower() and word.endswith(_NOUN_ENDINGS))


def _mentions(sentence: Sentence, lowercase: frozenset[str]) -> Iterator[tuple[int, int, TermKind, bool]]:
    """Every candidate: start, end, kind, and whether the author set it apart."""
    text = sentence.text
    for mark in sentence.marks:
        phrase = text[mark.start : mark.end]
        if mark.kind == "code" and 0 < len(phrase) <= 60:
            yield mark.start, mark.end, "code", False
        elif mark.kind in {"emphasis", "strong"} and _is_phrase(phrase):
            yield mark.start, mark.end, "concept", True
    for match in _QUANTITY.finditer(text):
        yield match.start(), match.end(), "quantity", False
    for match in _YEAR.finditer(text):
        yield match.start(), match.end(), "year", False
    run: list[Token] = []
    for token in tokens(sentence):
        if token.tag == "number" and run and run[-1].lower in POINTERS:
            run = run[:-1]
        if token.tag in {"noun", "adjective", "name"} and (
            not run or text[run[-1].end : token.start] in {" ", "’s ", "'s "}
        ):
            run.append(token)
            continue
        yield from _phrase(run, text, lowercase)
        run = [token] if token.tag in {"noun", "adjective", "name"} else []
    yield from _phrase(run, text, lowercase)


def _is_phrase(phrase: str) -> bool:
    """Whether an emphasised stretch names something, and is no word stressed in passing."""
    words = phrase.split()
    if not 1 <= len(words) <= 5 or phrase[-1] in ".!?:;":
        return False
    lower = phrase.lower()
    stressed = len(words) == 1 and (
        lower in WEAK_LEADS or lower in GENERIC_NOUNS or len(lower) < 4 or lower.endswith("ly")
    )
    return not stressed and any(len(word) > 3 for word in words) and not _all_closed(words)


def _all_closed(words: Sequence[str]) -> bool:
    return not content_words(" ".join(words))


def _phrase(run: list[Token], text: str, lowercase: frozenset[str]) -> Iterator[tuple[int, int, TermKind, bool]]:
    """The term in a run of adjectives, nouns and names: names apart from the words around them."""
    while run and (run[-1].tag == "adjective"):
        run = run[:-1]
    while run and run[0].tag != "name" and (run[0].lower in WEAK_LEADS or run[0].lower.endswith(("'s", "est"))):
        run = run[1:]
    if not run:
        return
    names = [token for token in run if token.tag == "name" and (token.lower not in lowercase or token.text.isupper())]
    if names and len(names) == len(run):
        start, end = names[0].start, names[-1].end
        yield start, _without_possessive(text, start, end), _name_kind(names, text[max(0, start - 12) : start]), False
        return
    tail = next((place for place in range(len(run), 0, -1) if run[place - 1] not in names), 0)
    if 0 < tail < len(run):
        yield from _phrase(run[:tail], text, lowercase)
        yield from _phrase(run[tail:], text, lowercase)
        return
    run = run[-_LONGEST_PHRASE:]
    while run and run[0].tag != "name" and run[0].lower in WEAK_LEADS:
        run = run[1:]
    if not run:
        return
    start, end = run[0].start, _without_possessive(text, run[0].start, run[-1].end)
    phrase = text[start:end]
    if len(phrase) < 3 or (len(run) == 1 and run[0].lower in GENERIC_NOUNS):
        return
    yield start, end, "concept", False


def _without_possessive(text: str, start: int, end: int) -> int:
    return end - 2 if text[start:end].endswith(("'s", "’s")) else end


def _name_kind(names: Sequence[Token], before: str) -> TermKind:
    words = [token.lower.removesuffix("'s") for token in names]
    if words[-1] in ORGANISATION_WORDS or words[0] in ORGANISATION_WORDS:
        return "organisation"
    if words[0] in FIRST_NAMES or re.search(
        r"(?:Sir|Dr\.?|Mr\.?|Mrs\.?|Lord|Lady|Saint|Professor|Captain)\s*$", before
    ):
        return "person"
    if any(word in PLACE_WORDS or word in PLACES for word in words):
        return "place"
    if len(names) == 1 and names[0].text.isupper() and 2 <= len(names[0].text) <= 6:
        return "acronym"
    if re.search(r"\b(?:in|at|near|from|across)\s*$", before) and names[0].text[0].isupper() and len(names[0].text) > 3:
        return "place"
    return "name"


def _count(tallies: dict[str, _Tally], key: str, text: str, kind: TermKind, sentence: Sentence, *, apart: bool) -> None:
    tally = tallies.get(key)
    if tally is None:
        tally = tallies[key] = _Tally(0, Counter(), [], {}, Counter(), 0, None)
    tally.count += 1
    tally.forms[text] += 1
    tally.kinds[kind] += 1
    tally.sections[sentence.section] = None
    tally.set_apart += apart
    if not tally.sentences or tally.sentences[-1] != sentence.index:
        tally.sentences.append(sentence.index)
    if tally.defined_in is None and _explains(sentence, text, apart=apart):
        tally.defined_in = sentence.index


def _explains(sentence: Sentence, text: str, *, apart: bool) -> bool:
    """Whether the sentence says what the term is: it is set apart in a defining sentence, or leads one."""
    if not sentence.whole or sentence.text.endswith("?"):
        return False
    defining = _DEFINES.search(sentence.text)
    if not defining:
        return False
    at = sentence.text.lower().find(text.lower())
    names = defining[0].endswith(("called", "known as", "termed", "named"))
    leads = at <= 4 and defining.start() <= at + len(text) + 2 and not names
    named = names and 0 <= at - defining.end() <= 5
    return leads or named or (apart and abs(at - defining.end()) < 40)


def _term(key: str, tally: _Tally, headings: set[str]) -> Term:
    kind = max(sorted(tally.kinds), key=lambda name: tally.kinds[name])
    words = key.split()
    in_heading = kind not in {"quantity", "year"} and all(singular(word) in headings for word in words)
    generic = words[-1] in GENERIC_NOUNS and len(words) == 1
    weight = tally.count**0.7 * (1 + 0.35 * math.log2(len(tally.sections) + 1)) * (1 + 0.4 * (min(len(words), 3) - 1))
    weight *= (
        (1.8 if tally.set_apart else 1) * (1.5 if in_heading else 1) * (1.4 if tally.defined_in is not None else 1)
    )
    weight *= {"quantity": 0.3, "year": 0.3, "code": 0.7 if len(key) > 2 else 0.2}.get(kind, 1.0) * (
        0.3 if generic else 1
    )
    return Term(
        key=key,
        text=min(tally.forms, key=lambda form: (-tally.forms[form], form[:1].isupper(), form)),
        kind=_kind(kind),
        count=tally.count,
        forms=tuple(sorted(tally.forms)),
        sentences=tuple(tally.sentences),
        sections=tuple(tally.sections),
        defined_in=tally.defined_in,
        set_apart=tally.set_apart > 0,
        in_heading=in_heading,
        salience=round(weight, 6),
    )


def _kind(name: str) -> TermKind:
    match name:
        case "code" | "person" | "place" | "organisation" | "name" | "acronym" | "quantity" | "year":
            return name
        case _:
            return "concept"
