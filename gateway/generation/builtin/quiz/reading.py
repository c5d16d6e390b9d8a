# ruff: file-ignore[split-static-string] - a list of words reads as words
"""One reading of a course's material: its phrases, statements and definitions, made once and asked by every kind."""

import re
from itertools import pairwise

from msgspec import Struct

from gateway.generation.builtin.lexicon import GENERIC_NOUNS
from gateway.generation.builtin.quiz.definitions import Definition, definitions_of
from gateway.generation.builtin.quiz.material import Material, Sentence
from gateway.generation.builtin.quiz.phrases import Lexicon, Phrase, Spot, canonical
from gateway.generation.builtin.quiz.standing import Statement, statement_of
from gateway.generation.builtin.quiz.words import BLAND, NUMBERS, root, roots_of, words_of

_JOINTS = frozenset(
    {"and", "or", "and the", "or the", "and a", "or a", "and an", "or an", "than", "than the", "versus"}
)
_TOPIC = 0.07
_SUPPORT = 0.4
"""Share of a stem's words that one sentence must hold with another term before that term may be right as well."""


WEAK = frozenset(
    "data value values variable variables element elements object objects information text texts code program programs language"
    " languages user users space task tasks file files output input world life body water material materials substance"
    " substances country countries table".split()
)
"""Words so wide that they fit nearly any sentence: neither gaps nor options, unless the source sets them apart."""


class Reading(Struct, frozen=True):
    """The material and all that was found in it. `roots` are those of each sentence, `siblings` the terms that the
    source sets beside each other, `known` the terms that it defines, names or heads a section with.
    """

    material: Material
    lexicon: Lexicon
    statements: tuple[Statement, ...]
    definitions: tuple[Definition, ...]
    roots: tuple[frozenset[str], ...]
    siblings: dict[str, frozenset[str]]
    known: frozenset[str]

    def phrase(self, text: str) -> Phrase | None:
        """What the source does with a phrase."""
        return self.lexicon.phrases.get(canonical(text))

    def salience(self, text: str) -> float:
        """0 for a phrase of no weight, up to 4 for a term that the source defines and keeps using."""
        phrase = self.phrase(text)
        if phrase is None or not phrase.is_noun or all(word in BLAND for word in words_of(text)):
            return 2.0 if canonical(text) in self.known else 0.0
        return (2.0 if canonical(text) in self.known else 0.0) + min(phrase.count, 6) / 3

    def is_topic(self, text: str) -> bool:
        """Whether the whole source is about it, so that asking for it asks for nothing."""
        phrase = self.phrase(text)
        return phrase is not None and phrase.count > max(6, _TOPIC * len(self.roots))

    def is_concept(self, text: str) -> bool:
        """Whether the source defines, names or heads a section with it, or keeps using it."""
        phrase = self.phrase(text)
        if canonical(text) in WEAK and not (phrase and phrase.named):
            return False
        if canonical(text) in self.known:
            return phrase is None or phrase.count > 1 or phrase.named
        if phrase is not None and phrase.kind in {"person", "place", "organisation"}:
            return True
        if phrase is None or phrase.count < 2 or not phrase.is_noun:
            return False
        return (
            " " in text
            or phrase.kind != "common"
            or (phrase.determined > 0 and words_of(text)[-1] not in GENERIC_NOUNS)
        )

    def spots(self, sentence: Sentence) -> list[Spot]:
        """The noun phrases of a sentence."""
        return self.lexicon.spots[sentence.place]

    def also_fits(self, text: str, stem_roots: frozenset[str]) -> bool:
        """Whether some sentence says of `text` so much of what the stem says that it may be right as well."""
        phrase = self.phrase(text)
        wanted = max(2, round(len(stem_roots) * _SUPPORT))
        own = roots_of(text)
        return phrase is not None and any(
            len((self.roots[place] & stem_roots) - own) >= wanted for place in phrase.sentences[:200]
        )


def read(material: Material) -> Reading:
    """Read the material. Linear in its sentences."""
    texts = [sentence.text for sentence in material.sentences]
    lexicon = Lexicon(texts, [name for sentence in material.sentences for name in sentence.named], material.names)
    parts = [canonical(part) for title in material.headings for part in _parts(title)]
    definitions = definitions_of(material, lexicon, frozenset(parts))
    statements = [
        statement
        for sentence in material.sentences
        if (statement := statement_of(sentence, lexicon.tokens[sentence.place], lexicon.spots[sentence.place]))
        and not any(code in material.local_names for code in re.findall(r"`([^`]*)`", statement.text))
    ]
    known = {canonical(definition.term) for definition in definitions}
    known |= {key for key, phrase in lexicon.phrases.items() if phrase.named}
    known |= {part for part in parts if part in lexicon.phrases}
    return Reading(
        material,
        lexicon,
        tuple(statements),
        tuple(definitions),
        tuple(roots_of(text) for text in texts),
        _siblings(texts, lexicon),
        frozenset(known),
    )


def _parts(title: str) -> list[str]:
    """A heading and what it names side by side, determiners left out: `The Stack and the Heap`."""
    parts = [title, *re.split(r",? (?:and|or|vs\.?|versus|of) |, |: ", title)]
    return [
        re.sub(r"^(?:the|an?|what (?:is|are)|how|why) ", "", part.rstrip("?"), flags=re.IGNORECASE) for part in parts
    ]


def _siblings(texts: list[str], lexicon: Lexicon) -> dict[str, frozenset[str]]:
    """Terms that stand side by side: `the stack and the heap`."""
    found: dict[str, set[str]] = {}
    for text, spots in zip(texts, lexicon.spots, strict=True):
        for one, other in pairwise(spots):
            if text[one.end : other.start].strip() in _JOINTS:
                first, second = canonical(one.text), canonical(other.text)
                if lexicon.phrases[first].plural == lexicon.phrases[second].plural and first != second:
                    found.setdefault(first, set()).add(second)
                    found.setdefault(second, set()).add(first)
    return {term: frozenset(others) for term, others in found.items()}


def is_number(text: str) -> bool:
    """Whether a word is a number."""
    return text in NUMBERS or text[:1].isdigit()


def share_root(one: str, other: str) -> bool:
    """Whether two phrases share a word in any form or in a compound: `heart` and `heartbeat`."""
    mine, theirs = ({root(word) for word in words_of(text)} for text in (one, other))
    return bool(mine & theirs) or any(
        len(short) > 3 and (long.startswith(short) or long.endswith(short))
        for first in mine
        for second in theirs
        for short, long in ((first, second), (second, first))
    )
