# ruff: file-ignore[split-static-string] - a list of words reads as words
"""One reading of a course's material: its phrases, statements and definitions, made once and asked by every kind."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from itertools import pairwise
from operator import itemgetter

from msgspec import Struct

from gateway.generation.builtin.lexicon import GENERIC_NOUNS
from gateway.generation.builtin.quiz.definitions import Definition, definitions_of
from gateway.generation.builtin.quiz.kinship import Kinship, kinship_of
from gateway.generation.builtin.quiz.material import Material, Sentence
from gateway.generation.builtin.quiz.phrases import Lexicon, Phrase, PhraseKind, Spot, canonical
from gateway.generation.builtin.quiz.sorts import Sort, sort_of, sorts_of
from gateway.generation.builtin.quiz.standing import Statement, is_plain_code, statement_of
from gateway.generation.builtin.quiz.words import BLAND, root, roots_of, words_of

_JOINTS = frozenset(
    {"and", "or", "and the", "or the", "and a", "or a", "and an", "or an", "than", "than the", "versus"}
)
OPTIONS_PER_FORM = 80
STATEMENTS_PER_MODULE = 50
"""How many statements of a module are turned into questions: those that its notes teach before the others."""
DEFINITIONS_PER_MODULE = 15
_TOPIC = 0.07
_SUPPORT = 0.4
"""Share of a stem's words that one sentence must hold with another term before that term may be right as well."""


_UNIT = re.compile(r"(?:watt|met(?:re|er)|gram|lit(?:re|er)|hertz|byte|degree|pascal|volt|tonne|percent)s?$")
WEAK = frozenset(
    "data value values variable variables element elements object objects information text texts code program programs language"
    " languages user users space task tasks file files output input world life body water material materials substance"
    " substances country countries table food foods".split()
)
"""Words so wide that they fit nearly any sentence: neither gaps nor options, unless the source sets them apart."""


class Reading(Struct, frozen=True, dict=True):
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

    @cached_property
    def likes(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """What was found to be like a term behind a word, kept so that it is sought once."""
        return {}

    @cached_property
    def defined_sorts(self) -> dict[str, Sort]:
        """What sorts of things the source defines its terms as."""
        return sorts_of(self.definitions)

    def sort(self, text: str) -> Sort:
        """What sort of thing a term is, "" where nothing tells."""
        return sort_of(text, self.defined_sorts)

    @cached_property
    def options(self) -> dict[tuple[PhraseKind, bool], tuple[Phrase, ...]]:
        """By kind and number the terms that may serve as wrong options, the best known first, so many that all forms
        find their like and few enough to weigh each for every question.
        """
        found: dict[tuple[PhraseKind, bool], list[Phrase]] = {}
        for key, phrase in self.lexicon.phrases.items():
            if self._weighs(key, phrase):
                found.setdefault((phrase.kind, phrase.plural), []).append(phrase)
        for phrases in found.values():
            phrases.sort(key=lambda phrase: (canonical(phrase.shown) not in self.known, -phrase.count, phrase.shown))
        return {form: tuple(phrases[:OPTIONS_PER_FORM]) for form, phrases in found.items()}

    def _weighs(self, key: str, phrase: Phrase) -> bool:
        """Whether a learner has met the term often enough to weigh it as an answer."""
        words, code = words_of(phrase.shown), phrase.shown.strip("`")
        if phrase.kind == "code" and (not is_plain_code(code) or code in self.material.local_names):
            return False
        if words and _UNIT.search(words[-1]):
            return False
        if (
            not words
            or not (phrase.is_noun or self.is_everyday(phrase))
            or all(word in BLAND for word in words)
            or words[-1] in GENERIC_NOUNS
        ):
            return False
        if key in self.known or self.uses(phrase) > 1:
            return True
        return phrase.kind in {"person", "place", "organisation", "code"} or self.is_everyday(phrase)

    def is_everyday(self, phrase: Phrase) -> bool:
        """Whether it is a plain noun of a sort that English tells, so that others of its sort may stand beside it."""
        return phrase.kind == "common" and " " not in phrase.shown and self.sort(phrase.shown) not in {"", "being"}

    @cached_property
    def _used(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for key, phrase in self.lexicon.phrases.items():
            counts[_one_and_many(key)] += phrase.count
        return counts

    def uses(self, phrase: Phrase) -> int:
        """How often the source uses the phrase, of one or of many: `arch bridge` and `arch bridges`."""
        return self._used[_one_and_many(canonical(phrase.shown))]

    @cached_property
    def defined_at(self) -> dict[int, tuple[Definition, ...]]:
        """The definitions by the place of their sentence."""
        found: dict[int, tuple[Definition, ...]] = {}
        for definition in self.definitions:
            place = definition.sentence.place
            found[place] = (*found.get(place, ()), definition)
        return found

    @cached_property
    def kinship(self) -> Kinship:
        """Which of the source's terms are kinds of others."""
        sentences, headings = self.material.sentences, self.material.headings
        texts = [sentence.text for sentence in sentences]
        sections = [sentence.section for sentence in sentences]
        return kinship_of(texts, self.lexicon.spots, sections, headings[0] if headings else "")

    def salience(self, text: str) -> float:
        """0 for a phrase of no weight, up to 4 for a term that the source defines and keeps using."""
        phrase = self.phrase(text)
        everyday = phrase is not None and self.is_everyday(phrase)
        if phrase is None or not (phrase.is_noun or everyday) or all(word in BLAND for word in words_of(text)):
            return 2.0 if canonical(text) in self.known else 0.0
        known = 2.0 if canonical(text) in self.known else 0.5 if phrase.kind != "common" or everyday else 0.0
        return known + min(self.uses(phrase), 6) / 3

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
            named = phrase is not None and bool(phrase.contexts & {"called _", "named _"})
            return phrase is None or named or (phrase.is_noun and (phrase.count > 1 or phrase.named))
        if phrase is not None and phrase.kind in {"person", "place", "organisation"}:
            return True
        if phrase is not None and phrase.kind == "code":
            code = phrase.shown.strip("`")
            return is_plain_code(code) and code not in self.material.local_names
        if phrase is not None and self.is_everyday(phrase) and words_of(text)[-1] not in BLAND:
            return True
        if phrase is None or self.uses(phrase) < 2 or not phrase.is_noun:
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


def _one_and_many(key: str) -> str:
    """The phrase by the root of its last word."""
    first, _, last = key.rpartition(" ")
    return f"{first} {root(last)}"


def read(material: Material) -> Reading:
    """Read the material. Linear in its sentences."""
    texts = [sentence.text for sentence in material.sentences]
    lexicon = Lexicon(texts, [name for sentence in material.sentences for name in sentence.named], material.names)
    parts = [canonical(part) for title in material.headings for part in _parts(title)]
    definitions = _surest(definitions_of(material, lexicon, frozenset(parts)))
    statements = [
        statement
        for sentence in material.sentences
        if (statement := statement_of(sentence, lexicon.tokens[sentence.place], lexicon.spots[sentence.place]))
        and not any(code in material.local_names for code in re.findall(r"`([^`]*)`", statement.text))
    ]
    known = {canonical(definition.term) for definition in definitions}
    known |= {key for key, phrase in lexicon.phrases.items() if phrase.named and phrase.is_noun}
    known |= {part for part in parts if part in lexicon.phrases}
    known |= {canonical(spot.text) for spots in lexicon.spots for spot in spots if spot.before in {"called", "named"}}
    return Reading(
        material,
        lexicon,
        _bounded(statements, STATEMENTS_PER_MODULE),
        definitions,
        tuple(roots_of(text) for text in texts),
        _siblings(texts, lexicon),
        frozenset(known),
    )


def _bounded(statements: Iterable[Statement], most: int) -> tuple[Statement, ...]:
    """Up to `most` statements a module, taught ones first, in the order of the source."""
    used: Counter[int] = Counter()
    kept: list[Statement] = []
    for statement in sorted(statements, key=lambda each: (not each.sentence.taught, each.sentence.place)):
        used[statement.sentence.module] += 1
        if used[statement.sentence.module] <= most:
            kept.append(statement)
    return tuple(sorted(kept, key=lambda each: each.sentence.place))


def _surest(definitions: Iterable[Definition]) -> tuple[Definition, ...]:
    """Up to so many definitions a module, the surest and taught ones first, in the order of the source."""
    used: Counter[int] = Counter()
    kept: list[tuple[int, Definition]] = []
    ranked = sorted(
        enumerate(definitions), key=lambda entry: (not entry[1].sentence.taught, -entry[1].certainty, entry[0])
    )
    for place, definition in ranked:
        used[definition.sentence.module] += 1
        if used[definition.sentence.module] <= DEFINITIONS_PER_MODULE:
            kept.append((place, definition))
    return tuple(definition for _, definition in sorted(kept, key=itemgetter(0)))


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
