"""Words of a sentence with their likely class, by a short lexicon, endings and the neighbours: enough to find its terms."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from gateway.generation.builtin.document import Sentence
from gateway.generation.builtin.lexicon import (
    ADJECTIVES,
    ADVERBS,
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    IRREGULAR_VERBS,
    NOUNS_BY_EXCEPTION,
    PREPOSITIONS,
    PRONOUNS,
    VERBS,
)

Tag = Literal[
    "determiner",
    "pronoun",
    "preposition",
    "conjunction",
    "auxiliary",
    "verb",
    "adjective",
    "adverb",
    "noun",
    "name",
    "number",
    "code",
    "mark",
]

_TOKEN = re.compile(
    r"[^\W\d_]+(?:[’'\-‐][^\W_]+)*(?:\.(?:[A-Za-z]\.)+)?|[+\-−]?\d[\d,.\u202f]*\d%?|\d%?|[^\w\s]|_+|\w+"
)
_IRREGULAR_SINGULARS = {
    "men": "man", "women": "woman", "children": "child", "people": "person", "feet": "foot", "teeth": "tooth", "mice": "mouse",
    "geese": "goose", "leaves": "leaf", "lives": "life", "wolves": "wolf", "knives": "knife", "halves": "half", "shelves": "shelf",
    "indices": "index", "matrices": "matrix", "vertices": "vertex", "axes": "axis", "crises": "crisis", "analyses": "analysis",
    "bases": "base", "hypotheses": "hypothesis", "theses": "thesis", "phenomena": "phenomenon", "criteria": "criterion",
    "bacteria": "bacterium", "data": "data", "nuclei": "nucleus", "radii": "radius", "larvae": "larva", "algae": "alga",
    "neap": "neap", "lens": "lens", "species": "species", "series": "series", "gas": "gas", "gases": "gas", "bus": "bus",
    "buses": "bus", "its": "its", "as": "as", "is": "is", "was": "was", "has": "has", "this": "this", "thus": "thus",
}  # fmt: skip
_PARTICLES = frozenset({"von", "van", "der", "de", "da", "di", "la", "le", "del", "ibn", "bin", "al"})
_UNCOUNTED = ("ss", "us", "is", "ics", "ous", "as")


class Token(NamedTuple):
    """One word or mark of a sentence; half-open offsets into its text."""

    text: str
    start: int
    end: int
    tag: Tag

    @property
    def lower(self) -> str:
        """The word without case, with straight apostrophes."""
        return self.text.lower().replace("’", "'")


def tokens(sentence: Sentence) -> list[Token]:
    """The tokens of a sentence in order; a code span is one token."""
    raw = list(_raw(sentence))
    found: list[Token] = []
    for place, (text, start, end, code) in enumerate(raw):
        following = raw[place + 1][0] if place + 1 < len(raw) else ""
        tag: Tag = "code" if code else _tag(text, found, following, first=place == 0)
        found.append(Token(text, start, end, tag))
    return found


def _raw(sentence: Sentence) -> Iterator[tuple[str, int, int, bool]]:
    at, text = 0, sentence.text
    for mark in sentence.marks:
        if mark.kind in {"code", "address"} and mark.start >= at:
            for match in _TOKEN.finditer(text, at, mark.start):
                yield match[0], match.start(), match.end(), False
            yield text[mark.start : mark.end], mark.start, mark.end, True
            at = mark.end
    for match in _TOKEN.finditer(text, at):
        yield match[0], match.start(), match.end(), False


def _tag(text: str, before: list[Token], following: str, *, first: bool) -> Tag:
    if text[0].isdigit() or (text[0] in "+-−" and len(text) > 1):
        return "number"
    if not text[0].isalnum():
        return "mark"
    lower = text.lower().replace("’", "'")
    if lower in _PARTICLES and before and before[-1].tag == "name" and following[:1].isupper():
        return "name"
    closed = _closed(lower)
    if closed == "determiner" and lower == "that" and before and before[-1].tag in {"noun", "name", "code", "verb"}:
        return "conjunction"
    if closed is not None:
        return closed
    previous = before[-1] if before else None
    if text[0].isupper() and (not first or text[1:2].isupper() or not lower.isalpha()):
        if previous is None or previous.text not in {".", ":", "!", "?", "“", '"'} or len(text) == 1:
            return "name"
        return "noun"
    return _open(lower, previous, following)


@lru_cache(maxsize=4096)
def _closed(lower: str) -> Tag | None:
    classes: tuple[tuple[frozenset[str], Tag], ...] = (
        (DETERMINERS, "determiner"),
        (AUXILIARIES, "auxiliary"),
        (PRONOUNS, "pronoun"),
        (PREPOSITIONS, "preposition"),
        (CONJUNCTIONS, "conjunction"),
    )
    for words, tag in classes:
        if lower in words:
            return tag
    if re.match(r"(?:[a-z]+n't|(?:i|you|he|she|it|we|they|who|there|what)'(?:s|re|ve|ll|d|m))$", lower):
        return "auxiliary"
    return None


def _open(lower: str, previous: Token | None, following: str) -> Tag:
    """The class of a word that may be several, by what stands before it."""
    likely = _likely(lower)
    if previous is None:
        return likely
    after_subject = previous.tag in {"pronoun", "auxiliary", "adverb"} or previous.lower == "to"
    if likely == "verb" and not after_subject and lower.endswith("ing"):
        follows = following.lower()
        before_noun = (
            following[:1].isalpha()
            and _closed(follows) is None
            and not (follows.endswith("s") and _likely(follows) == "verb")
        )
        return (
            "adjective"
            if before_noun and previous.tag in {"determiner", "adjective"}
            else "noun"
            if previous.tag == "determiner"
            else "verb"
        )
    if likely == "verb" and previous.tag == "number":
        return "verb" if lower.endswith("s") and _closed(following.lower()) else "noun"
    if likely == "verb" and previous.tag in {"determiner", "adjective", "preposition"} and previous.lower != "to":
        return "adjective" if lower.endswith("ed") or lower in IRREGULAR_VERBS else "noun"
    if (
        likely == "verb"
        and previous.tag in {"noun", "name", "code"}
        and not lower.endswith(("s", "ed"))
        and lower not in IRREGULAR_VERBS
    ):
        return "verb" if previous.lower.endswith("s") and not previous.lower.endswith("ss") else "noun"
    return likely


@lru_cache(maxsize=65536)
def _likely(lower: str) -> Tag:
    if singular(lower) in NOUNS_BY_EXCEPTION:
        return "noun"
    if lower in ADJECTIVES:
        return "adjective"
    if lower in ADVERBS or (lower.endswith("ly") and len(lower) > 4):
        return "adverb"
    if lower in IRREGULAR_VERBS or lower in VERBS or verb_base(lower) in VERBS:
        return "verb"
    if (
        lower.endswith(("ous", "ful", "able", "ible", "ive", "less", "ary", "ic", "ical", "ish", "ent", "ant"))
        and len(lower) > 5
    ):
        return "noun" if lower.endswith("ment") else "adjective"
    if lower.endswith("al") and len(lower) > 5:
        return "adjective"
    if lower.endswith("ed") and len(lower) > 4 and not lower.endswith(("eed", "bed", "shed", "sled")):
        return "verb"
    if lower.endswith("ing") and len(lower) > 5:
        return "verb"
    return "noun"


@lru_cache(maxsize=65536)
def verb_base(lower: str) -> str:
    """The base form of a regular verb form, by its ending; the word itself where nothing fits."""
    for ending in ("ies", "ied"):
        if lower.endswith(ending) and lower[:-3] + "y" in VERBS:
            return lower[:-3] + "y"
    for ending in ("ing", "ed", "es", "s", "d"):
        if lower.endswith(ending):
            root = lower[: -len(ending)]
            doubled = root[:-1] if len(root) > 2 and root[-1] == root[-2] else root
            for base in (root, root + "e", doubled):
                if base in VERBS:
                    return base
    return lower


@lru_cache(maxsize=65536)
def singular(word: str) -> str:
    """The singular of a noun in lower case; a word that is none comes back as it is."""
    lower = word.lower().replace("’", "'")
    lower = lower.removesuffix("'s")
    if lower in _IRREGULAR_SINGULARS:
        return _IRREGULAR_SINGULARS[lower]
    if len(lower) < 4 or not lower.endswith("s") or lower.endswith(_UNCOUNTED):
        return lower
    if lower.endswith("ies") and len(lower) > 4:
        return lower[:-3] + "y"
    if lower.endswith(("ches", "shes", "xes", "sses", "zzes")):
        return lower[:-2]
    return lower[:-1]


def is_plural(word: str) -> bool:
    """Whether a noun is, by its looks, more than one."""
    lower = word.lower()
    return singular(lower) != lower and not lower.endswith(("'s", "’s"))


def key_of(phrase: str) -> str:
    """What a term is counted under: lower case, the last word in the singular."""
    parts = phrase.lower().replace("’", "'").split()
    return " ".join((*parts[:-1], singular(parts[-1]))) if parts else ""


def content_words(text: str) -> list[str]:
    """The words of a text that carry meaning, singular and in lower case, repeats kept."""
    found = []
    for match in re.finditer(r"[^\W_]+(?:[’'\-][^\W_]+)*", text):
        lower = match[0].lower().replace("’", "'")
        if len(lower) > 1 and _closed(lower) is None and lower not in ADVERBS:
            found.append(singular(lower))
    return found


def spoken_words(text: str) -> str:
    """A text as its letters and digits alone, small, one space between words: the same for every way of writing it."""
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())
