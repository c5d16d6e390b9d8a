# ruff: file-ignore[split-static-string] - a list of words reads as words
"""Which terms are kinds of others: a wrong option must be no kind of the right one, nor what that is a kind of."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from msgspec import Struct

from gateway.generation.builtin.quiz.phrases import Spot
from gateway.generation.builtin.quiz.words import STRUCTURE, root, words_of

_COPULA = re.compile(
    r"^ (?:is|are|was|were|remains?|becomes?) (?:also |both |usually |often |all )?(?:an? |the |one of the )?$"
)
_NAMED = re.compile(r"^,? (?:called|named|known as|such as|including|like|especially) (?:the |an? )?$")
_OTHER = re.compile(r"^,? (?:and|or) (?:other|similar|all other) $")
_JOINT = re.compile(r"^(?:,| and| or|, and|, or) (?:the |an? )?$")
_ROLE = re.compile(r"\bas an? $")
_OF = re.compile(r"^ of (?:the )?$")
_KINDS = frozenset("kind type form sort class group variety species member piece part".split())
SUPERSETS = frozenset(
    root(word)
    for word in "animal insect plant organism creature being person people human man woman child thing object substance material metal"
    " liquid fluid gas device machine tool structure member individual member item species".split()
)
"""Words that hold whole classes of other terms; as an option each is right wherever one of its kind is."""


class Kinship(Struct, frozen=True):
    """`broader` maps the head of a term to the heads of what the source says it is a kind of; `about` are the heads of
    what the whole source is about, which are broader than any other.
    """

    broader: dict[str, frozenset[str]]
    about: frozenset[str]

    def kin(self, one: str, other: str) -> bool:
        """Whether one of two terms is a kind of the other, so that both may be right in one place."""
        first, second = head(one), head(other)
        if first == second:
            return (" " in one) != (" " in other)
        both_about = first in self.about and second in self.about
        return any(
            (" " not in term and (wide in SUPERSETS or (wide in self.about and not both_about)))
            or self._is_kind(narrow, wide)
            for narrow, wide, term in ((first, second, other), (second, first, one))
        )

    def _is_kind(self, narrow: str, wide: str) -> bool:
        seen: set[str] = set()
        waiting = [narrow]
        while waiting:
            at = waiting.pop()
            if at == wide:
                return True
            if at not in seen:
                seen.add(at)
                waiting.extend(self.broader.get(at, ()))
        return False


def head(term: str) -> str:
    """The root of the word that says what a term is: its last."""
    words = words_of(term)
    return root(words[-1]) if words else ""


def kinship_of(texts: Sequence[str], spots: Sequence[Sequence[Spot]], sections: Sequence[str], title: str) -> Kinship:
    """What the sentences say of which term is a kind of which; `sections` are the headings they stand under."""
    broader: dict[str, set[str]] = {}
    subject, under = "", None
    for text, held, section in zip(texts, spots, sections, strict=True):
        if section != under:
            subject, under = "", section
        for narrow, wide in _pairs(text, held, subject):
            if narrow != wide:
                broader.setdefault(narrow, set()).add(wide)
        if held and held[0].start <= len("The ") and not subject:
            subject = head(held[0].text)
    named = [word for word in words_of(title) if len(word) > 2 and word not in STRUCTURE]
    compound = {
        short
        for short in _heads(spots)
        for word in named
        if len(short) > 2 and short not in {word, root(word)} and (word.endswith(short) or root(word).endswith(short))
    }
    about = {root(word) for word in named}
    return Kinship({narrow: frozenset(wide) for narrow, wide in broader.items()}, frozenset(about | compound))


def _heads(spots: Iterable[Iterable[Spot]]) -> set[str]:
    return {head(spot.text) for held in spots for spot in held}


def _pairs(text: str, spots: Sequence[Spot], subject: str) -> Iterable[tuple[str, str]]:
    for place, (one, other) in enumerate(pairwise(spots)):
        between = text[one.end : other.start]
        if _COPULA.match(_without_adjectives(between)):
            wide = other
            if (
                head(other.text) in _KINDS
                and place + 2 < len(spots)
                and _OF.match(text[other.end : spots[place + 2].start])
            ):
                wide = spots[place + 2]
            yield head(one.text), head(wide.text)
        elif _NAMED.match(between):
            wide, at = one, place + 1
            yield head(spots[at].text), head(wide.text)
            while at + 1 < len(spots) and _JOINT.match(text[spots[at].end : spots[at + 1].start]):
                at += 1
                yield head(spots[at].text), head(wide.text)
        elif _OTHER.match(between):
            yield head(one.text), head(other.text)
    for spot in spots:
        if subject and _ROLE.search(text[: spot.start]):
            yield head(spot.text), subject


def _without_adjectives(between: str) -> str:
    """The words between two phrases without the describing ones, which the second phrase may not hold."""
    return re.sub(r"\b(?:[a-z]+est|most [a-z]+|only|main|first|last|chief) ", "", between)
