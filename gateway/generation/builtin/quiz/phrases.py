# ruff: file-ignore[split-static-string] - a list of words reads as words
"""Noun phrases of a document, found by the closed word classes around them, and how the document uses each."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from msgspec import Struct

from gateway.generation.builtin.quiz.words import (
    ADVERBS,
    AUXILIARIES,
    BASE_VERBS,
    BLAND,
    DETERMINERS,
    NUMBERS,
    PAST,
    PEOPLE,
    PREPOSITIONS,
    PRONOUNS,
    STRUCTURE,
    THIRD_PERSON,
    UNITS,
    YOU,
    is_plural,
    root,
)

TokenKind = Literal["word", "code", "number", "mark"]
PhraseKind = Literal["code", "acronym", "name", "person", "place", "organisation", "common"]

_TOKEN = re.compile(
    r"`[^`]{1,60}`|\d[\d,.]*\d%?|\d%?|[A-Za-zÀ-ɏ][A-Za-z0-9À-ɏ]*(?:['’\-.][A-Za-z0-9À-ɏ]+)*|[^\sA-Za-z0-9]"
)
_NOT_ADVERBS = frozenset(
    "family supply assembly butterfly anomaly early reply italy july monopoly fly ally belly jelly".split()
)
_OBJECT_STARTS = DETERMINERS | PRONOUNS | YOU | PEOPLE | PREPOSITIONS | ADVERBS | NUMBERS.keys()
_MODALS = frozenset("to can could may might must shall should will would do does did don't".split())
_CLAUSE_STARTS = PRONOUNS | {"which", "who", "what", "that"}
_QUESTION_WORDS = frozenset("how why where when what while as if because".split())
_CONTRACTED = re.compile(r"(?:n't|'re|'ve|'ll|'d|'m)$|^(?:it|that|there|here|what|who|he|she|let|one)'s$")
_PREDICATIVE = re.compile(r"(?:[a-z]{3}able|ible|ful|ous|less)$")
_NOT_PREDICATIVE = frozenset("variable table vegetable syllable timetable constable".split())
_CONTEXTS = 60
_OBJECTS = frozenset({"of _", "with _", "into _", "from _"})
"""Words behind which a noun stands, whatever its determiner."""
LONGEST_PHRASE = 3
"""Words in a phrase; longer ones are rarely one term."""


class Token(NamedTuple):
    """A word, code span, number or punctuation mark with its place in the sentence."""

    text: str
    start: int
    end: int
    kind: TokenKind
    lower: str


class Spot(NamedTuple):
    """A noun phrase at its place: half-open offsets, the word before it in lower case, and what comes after."""

    text: str
    start: int
    end: int
    before: str
    after: str


class Phrase(Struct):
    """How the document uses one noun phrase. Counts are of occurrences; `shown` is the form to print, `contexts` the
    words that stand before and after it.
    """

    shown: str
    kind: PhraseKind
    plural: bool
    count: int = 0
    determined: int = 0
    with_article: int = 0
    bare: int = 0
    predicative: int = 0
    named: bool = False
    sentences: list[int] = []
    contexts: set[str] = set()
    forms: dict[str, int] = {}

    @property
    def is_noun(self) -> bool:
        """Whether the document gives reason to take it for a noun."""
        alone = " " not in self.shown and self.kind == "common"
        if self.predicative and not self.determined and alone and not (self.plural and self.count > self.predicative):
            return False
        if self.named or self.kind != "common" or self.determined > 0:
            return True
        return self.count > 1 and (self.plural or not alone or bool(self.contexts & _OBJECTS))


def tokens_of(text: str) -> list[Token]:
    """The tokens of one sentence."""
    found = []
    for match in _TOKEN.finditer(text):
        word = match[0]
        kind: TokenKind = "word"
        if word[0] == "`":
            kind = "code"
        elif word[0].isdigit():
            kind = "number"
        elif not word[0].isalpha():
            kind = "mark"
        found.append(Token(word, match.start(), match.end(), kind, word.lower().replace("’", "'")))
    return found


def _is_verb(tokens: Sequence[Token], at: int, in_phrase: bool) -> bool:
    """Whether the word at `at` is a verb here, judged by its neighbours."""
    word, before = tokens[at].lower, tokens[at - 1].lower if at else ""
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    if at and tokens[at].text[:1].isupper():
        return False
    if before in _MODALS and (word in BASE_VERBS or before == "to") and word not in STRUCTURE:
        return word in BASE_VERBS or not in_phrase
    if word.endswith("ing") and len(word) > 4 and root(word) in _VERB_ROOTS:
        return before not in DETERMINERS and not (in_phrase and after is not None and after.kind == "mark")
    if word in PAST:
        return before not in DETERMINERS and not (before in PREPOSITIONS and after is not None and after.kind == "word")
    if before in {"that", "which", "who"} and word.endswith("s") and after is not None and after.lower in DETERMINERS:
        return True
    opens_object = after is not None and (after.lower in _OBJECT_STARTS or after.kind in {"code", "number"})
    if word in THIRD_PERSON:
        if before in _CLAUSE_STARTS or (in_phrase and _clause_before(tokens, at)):
            return True
        follows = opens_object or (after is not None and after.kind == "word" and after.lower not in STRUCTURE)
        return follows if in_phrase else opens_object and before in {"and", "or", ",", "then", "also"}
    if word in BASE_VERBS:
        return (
            (in_phrase and is_plural(before)) or before in YOU or before in PEOPLE or before in {"they", "that", "who"}
        )
    return False


def _clause_before(tokens: Sequence[Token], at: int) -> bool:
    """Whether the phrase that ends before `at` is the subject of `how … works` or `if … runs`."""
    place = at - 1
    while place >= 0 and tokens[place].kind in {"word", "code"} and tokens[place].lower not in STRUCTURE:
        place -= 1
    if place > 0 and tokens[place].lower in DETERMINERS:
        place -= 1
    return place >= 0 and tokens[place].lower in _QUESTION_WORDS


_VERB_ROOTS = frozenset(root(verb) for verb in BASE_VERBS) | frozenset(root(verb + "ing") for verb in BASE_VERBS)


def spots_of(text: str, tokens: Sequence[Token]) -> list[Spot]:
    """The noun phrases of one sentence, longest form each, from left to right."""
    found: list[Spot] = []
    run: list[int] = []
    for at in range(len(tokens) + 1):
        if at < len(tokens) and _continues(tokens, at, bool(run)):
            run.append(at)
            continue
        if run:
            _close(text, tokens, run, found)
            run = []
    return found


def _continues(tokens: Sequence[Token], at: int, in_phrase: bool) -> bool:
    token = tokens[at]
    if token.kind == "code":
        return True
    if token.kind != "word" or token.lower in STRUCTURE or token.lower in NUMBERS:
        return False
    if _CONTRACTED.search(token.lower):
        return False
    if token.lower.endswith("ly") and token.lower not in _NOT_ADVERBS:
        return False
    return not _is_verb(tokens, at, in_phrase)


def _close(text: str, tokens: Sequence[Token], run: list[int], found: list[Spot]) -> None:
    while run and tokens[run[0]].lower in BLAND and not _opens_name(tokens, run):
        run = run[1:]
    if not run or len(run) > LONGEST_PHRASE or tokens[run[-1]].lower in (BLAND if len(run) == 1 else UNITS):
        return
    if run[-1] + 1 < len(tokens) and _is_gerund(tokens[run[-1] + 1]):
        return
    if any(tokens[at].kind == "code" for at in run):
        found.extend(_spot_of(tokens, at, at, tokens[at].text) for at in run if tokens[at].kind == "code")
        return
    head = tokens[run[-1]].lower
    if _PREDICATIVE.search(head) and head not in _NOT_PREDICATIVE:
        return
    first, last = tokens[run[0]], tokens[run[-1]]
    if not tight(text[first.start : last.end]) or last.text.endswith(("'s", "’s")):
        return
    after = tokens[run[-1] + 1] if run[-1] + 1 < len(tokens) else None
    if after is not None and (after.text in {"-", "/", "’", "'", "(", "_"} and after.start == last.end):
        return
    found.append(_spot_of(tokens, run[0], run[-1], text[first.start : last.end]))


def _opens_name(tokens: Sequence[Token], run: Sequence[int]) -> bool:
    """Whether a plain word is the first of a name: `New York City`, `Great Salt Lake`."""
    return len(run) > 1 and all(tokens[at].text[:1].isupper() for at in run[:2])


def _is_gerund(token: Token) -> bool:
    return token.kind == "word" and token.lower.endswith("ing") and root(token.lower) in _VERB_ROOTS


def _spot_of(tokens: Sequence[Token], first: int, last: int, text: str) -> Spot:
    before = tokens[first - 1].lower if first else ""
    after = tokens[last + 1].lower if last + 1 < len(tokens) else ""
    return Spot(text, tokens[first].start, tokens[last].end, before, after)


def tight(phrase: str) -> bool:
    """Whether only single spaces part the words of `phrase`."""
    return re.search(r"[^\w`'’&.:\-+#() ]|  ", phrase) is None


def canonical(phrase: str) -> str:
    """The form under which a phrase is counted: lower case, code left as it is written."""
    return " ".join(word if "`" in word else word.lower().replace("’", "'") for word in phrase.split(" "))


class Lexicon:
    """All phrases of a document by canonical form; `names` says of proper names what they are names of."""

    def __init__(
        self, texts: Sequence[str], named: Iterable[str], names: Mapping[str, PhraseKind] | None = None
    ) -> None:
        self.phrases: dict[str, Phrase] = {}
        self._names = names or {}
        self.spots: list[list[Spot]] = []
        self.tokens: list[list[Token]] = []
        self.lower: Counter[str] = Counter()
        self.inner_capitals: set[str] = set()
        for text in texts:
            tokens = tokens_of(text)
            self.tokens.append(tokens)
            self.inner_capitals.update(token.text for token in tokens[1:] if token.text[:1].isupper())
            self.lower.update(token.text for token in tokens if token.kind == "word" and token.text.islower())
        for number, text in enumerate(texts):
            spots = spots_of(text, self.tokens[number])
            self.spots.append(spots)
            for spot in spots:
                self._count(spot, number)
        for name in named:
            if phrase := self.phrases.get(canonical(name)):
                phrase.named = True

    def _count(self, spot: Spot, number: int) -> None:
        key = canonical(spot.text)
        phrase = self.phrases.get(key)
        if phrase is None:
            kind = self._kind(spot)
            shown = spot.text if kind != "common" else key
            phrase = self.phrases[key] = Phrase(
                shown, kind, is_plural(spot.text), sentences=[], contexts=set(), forms={}
            )
        phrase.count += 1
        if spot.start > 0 and phrase.kind == "common":
            phrase.forms[spot.text] = phrase.forms.get(spot.text, 0) + 1
            phrase.shown = max(phrase.forms, key=lambda form: (phrase.forms[form], form))
        if len(phrase.contexts) < _CONTEXTS:
            phrase.contexts.update((f"{self._governor(spot, number)} _", f"_ {spot.after}"))
        phrase.sentences.append(number)
        phrase.determined += spot.before in DETERMINERS
        phrase.with_article += spot.before in {"a", "an"}
        phrase.predicative += spot.before in {"is", "are", "was", "were", "be", "been", "become", "becomes"}
        phrase.bare += spot.before not in DETERMINERS and spot.before not in AUXILIARIES and spot.start > 0

    def _governor(self, spot: Spot, number: int) -> str:
        """The word before the phrase, its determiner skipped."""
        before = ""
        for token in self.tokens[number]:
            if token.start >= spot.start:
                break
            if token.lower not in DETERMINERS:
                before = token.lower
        return before

    def _kind(self, spot: Spot) -> PhraseKind:
        if "`" in spot.text:
            return "code"
        words = spot.text.split(" ")
        if all(word.isupper() and len(word) > 1 for word in words):
            return "acronym"
        capital = [word for word in words if word[:1].isupper()]
        proper = [word for word in capital if self.lower[word.lower()] == 0 and word in self.inner_capitals]
        if capital and (proper if spot.start == 0 else len(capital) == len(words) and proper):
            return self._names.get(spot.text, "name")
        return "common"
