"""A document read and understood once, with what every module's making asks of it again and again."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from msgspec import Struct

from gateway.generation.builtin.document import Document
from gateway.generation.builtin.fitness import words_in
from gateway.generation.builtin.lexicon import SMALL_IN_TITLES
from gateway.generation.builtin.terms import Analysis
from gateway.generation.builtin.words import content_words
from gateway.generation.model import SourceRef

_MOST_COUNTED = 20_000
_MOST_FREQUENT = 36
_DECLARED = re.compile(
    r"(?:let(?:\s+mut)?|var|const|fn|def|func|function|int|for)\s+([A-Za-z_]\w*)|^\s*([A-Za-z_]\w*)\s*(?::[^=\n]+)?=",
    re.MULTILINE,
)


class Study(Struct, frozen=True, dict=True):
    """The document, its terms, and what follows from both. Everything here is a function of the sources alone."""

    document: Document
    analysis: Analysis

    @cached_property
    def repeats(self) -> frozenset[int]:
        """The sentences that the document has said word for word before."""
        seen: set[str] = set()
        twice: set[int] = set()
        for sentence in self.document.sentences:
            bare = " ".join(re.findall(r"\w+", sentence.text.lower()))
            if bare in seen:
                twice.add(sentence.index)
            seen.add(bare)
        return frozenset(twice)

    @cached_property
    def shows_code(self) -> bool:
        """Whether the document has pieces of code that its sentences may speak of."""
        return any(block.kind == "code" for block in self.document.blocks)

    @cached_property
    def local_names(self) -> frozenset[str]:
        """Names that live in an example alone, such as `s` or `first_word`: they mean nothing where it is not shown."""
        declared: set[str] = set()
        examples = any(block.kind == "code" for block in self.document.blocks)
        for block in self.document.blocks:
            if block.kind == "code":
                declared.update(name for pair in _DECLARED.findall(block.text[:20_000]) for name in pair if name)
        found = set()
        for term in self.analysis.terms:
            if term.kind != "code":
                continue
            words = re.findall(r"\w+", term.text)
            lettered = any(re.fullmatch(r"[a-z]\d?", word) for word in words) or re.fullmatch(
                r"[a-z]{1,6}\d", term.text
            )
            private = examples and "_" in term.text and len(term.sections) <= 4 and term.text.islower()
            literal = term.text[0] in "\"'0123456789"
            shown = all(word in declared for word in words) and bool(words)
            private = private or literal or len(term.text) > 25
            if lettered or private or shown:
                found.add(term.key)
        return frozenset(found)

    @cached_property
    def frequent_words(self) -> tuple[str, ...]:
        """The words with meaning that the document uses most, the commonest first."""
        counts: Counter[str] = Counter()
        for sentence in self.document.sentences[:_MOST_COUNTED]:
            counts.update(word for word in content_words(sentence.text) if len(word) > 2 and word.isalpha())
        ranked = sorted((word for word in counts if counts[word] > 1), key=lambda word: (-counts[word], word))
        return tuple(ranked[:_MOST_FREQUENT])

    @cached_property
    def small_words(self) -> frozenset[str]:
        """The words that the document writes small somewhere, which no heading makes names."""
        found: set[str] = set()
        for sentence in self.document.sentences[:_MOST_COUNTED]:
            found.update(re.findall(r"\b[a-z][^\W\d_]+", sentence.text))
        return frozenset(found | SMALL_IN_TITLES)

    @cached_property
    def mean_words(self) -> float:
        """How many words the document's sentences have on average."""
        sentences = self.document.sentences[:_MOST_COUNTED]
        return sum(words_in(sentence.text) for sentence in sentences) / max(len(sentences), 1)

    @cached_property
    def telling_salience(self) -> float:
        """The salience from which on a term is one of those the document is about."""
        terms = self.analysis.terms
        return terms[min(len(terms) // 8, 40)].salience if terms else 0.0

    def sentences_within(self, refs: Sequence[SourceRef]) -> frozenset[int]:
        """The indexes of the sentences that lie wholly inside the spans."""
        found: set[int] = set()
        for ref in refs:
            place = self.source_order.get(ref.source_id)
            if place is None:
                continue
            index = bisect_left(self.sentence_starts, (place, ref.start))
            while index < len(self.sentence_starts) and self.sentence_starts[index] < (place, ref.end):
                if self.document.sentences[index].end <= ref.end:
                    found.add(index)
                index += 1
        return frozenset(found)

    @cached_property
    def sentence_starts(self) -> list[tuple[int, int]]:
        """Source place and start of every sentence, ascending."""
        return [(self.source_order[s.source_id], s.start) for s in self.document.sentences]

    @cached_property
    def source_order(self) -> dict[str, int]:
        """The place of each source by its id."""
        return {source.id: place for place, source in enumerate(self.document.sources)}

    @cached_property
    def block_starts(self) -> list[tuple[int, int]]:
        """Source place and start of every block, ascending."""
        return [(self.source_order[block.source_id], block.start) for block in self.document.blocks]
