# ruff: file-ignore[split-static-string] - a list of words reads as words
"""Which sentences say something on their own, so that a learner can judge them without the text before them."""

import re

from msgspec import Struct

from gateway.generation.builtin.quiz.material import Sentence
from gateway.generation.builtin.quiz.phrases import Spot, Token
from gateway.generation.builtin.quiz.words import (
    ABSOLUTE,
    BASE_VERBS,
    CONJUNCTIONS,
    FINITE,
    NEGATIVE,
    PEOPLE,
    PRONOUNS,
    STRUCTURE,
    VAGUE,
    YOU,
    capitalised,
)

SHORTEST, LONGEST = 36, 240
"""Characters of a statement; below it says too little, above it is no longer read."""
_LEAD = re.compile(
    r"^(?:However|Therefore|Thus|Hence|Moreover|Furthermore|Additionally|In addition|Also|Consequently|As a result|"
    r"In fact|In general|In other words|In short|Of course|Indeed|Similarly|Likewise|Overall|Today|Note that|Remember that|"
    r"Recall that|In practice|First|Second|Third|Finally|Comparatively|By contrast|In contrast|Instead|Nevertheless|"
    r"Meanwhile|Importantly|Internally|Luckily|Fortunately|That is|More precisely|Briefly|As always),? (?=\S)"
)
_POINTER = re.compile(
    r"\b(?:this|these|those|here|above|below|following|previous(?:ly)?|earlier|former|latter|aforementioned|chapters?|"
    r"sections?|listings?|figures?|appendix|examples?|such|another|others?|respectively|likewise|similarly|next|book|"
    r"e\.g|for instance|again|see also|tutorial|lesson|article|paragraph|page|so far|now|too|instead|otherwise|"
    r"let's|let’s|imagine|suppose|consider|recall|remember|luckily|recap|mentioned|discussed|as well|also|shown|diagram|picture|on the (?:left|right)|original)\b",
    re.IGNORECASE,
)
_THAT_NOUN = re.compile(
    r"\b(?:of|in|on|at|to|for|by|with|from|into|about|as|after|before|do|than) that\b|^That\b", re.IGNORECASE
)
_THE_UNSAID = re.compile(
    r"\bthe (?:first|second|third|last|next|same|other|only|answer|difference|problem|solution|reason|idea|issue|error|"
    r"code|message|two|three|four|result|question|good news|rest|whole point)\b",
    re.IGNORECASE,
)
_LONE_CODE = re.compile(r"`(?:[a-z]|[a-z]\d|[^`]*[^\w:.&!()`#+\-][^`]*|\d+)`")
_OPENERS = frozenset(
    "when if because although while whereas once after before since unlike in on at during by for with".split()
)
_DANGLING = re.compile(
    r"\b(?:it|its|they|them|their|theirs|itself|themselves|he|she|him|his|her|hers)\b", re.IGNORECASE
)
_ONES = re.compile(r"\b(?:the one|ones|that one|one from|another)\b", re.IGNORECASE)


_AFTERTHOUGHT = re.compile(
    r"; |(?<=\w)—(?=(?:that|which|it|this|and|so|but)\b)|: |, (?:so|but|and it|and they|and this|which|shown|as shown) "
)
_SUBORDINATE = frozenset("when if because although though while whereas once just after before since as even".split())
_OBJECT_PRONOUN = re.compile(r"^[^,]*\b(?:on|to|of|with|for|in|from|into|by) (?:it|them)\b", re.IGNORECASE)


class Statement(Struct, frozen=True, kw_only=True):
    """A stretch of a sentence that stands alone. `text` is that very stretch, `start` its offset in the sentence;
    `shown` has a capital and a full stop. `flaws` are small: an address of the reader, an absolute, a vague word.
    """

    sentence: Sentence
    text: str
    start: int
    absolute: bool
    vague: bool
    addresses: bool

    @property
    def shown(self) -> str:
        """The statement as a sentence."""
        return capitalised(self.text) + "."


def trimmed(sentence: Sentence) -> tuple[str, int]:
    """The sentence without a leading connective, a final mark and an afterthought, and where that stretch starts."""
    text, start = sentence.text, 0
    after_colon = re.search(r"(?<=\w): (?=[A-Z])", text)
    if after_colon and len(text[after_colon.end() :].split(" ")) >= 6:
        text, start = text[after_colon.end() :], after_colon.end()
    while lead := _LEAD.match(text):
        text, start = text[lead.end() :], start + lead.end()
    for cut in _AFTERTHOUGHT.finditer(text):
        if len(text[: cut.start()].split(" ")) >= 7 and not _half_said(text[: cut.start()]):
            return text[: cut.start()], start
    because = text.find(" because ")
    if because > 0 and len(text[:because].split(" ")) >= 7 and not stands(text[because:]) and not _half_said(text[:because]):
        return text[:because].rstrip(","), start
    return text.rstrip(" .;,"), start


def _half_said(text: str) -> bool:
    """Whether `text` opens with a condition whose consequence it does not reach."""
    opener = text.split(" ")[0].lower()
    comma = text.rfind(", ")
    return opener in _SUBORDINATE and (comma < 0 or len(text[comma + 2 :].split(" ")) < 4)


def statement_of(sentence: Sentence, tokens: list[Token], spots: list[Spot]) -> Statement | None:
    """The part of `sentence` that stands alone, or None."""
    raw = sentence.text.rstrip()
    if "?" in raw or "!" in re.sub(r"`[^`]*`", "", raw) or raw.endswith((":", ",")) or "[" in raw or "|" in raw:
        return None
    if sentence.role == "prose" and not raw.endswith((".", ".”", '."', ".)")):
        return None
    text, start = trimmed(sentence)
    if not SHORTEST <= len(text) <= LONGEST or not 6 <= len(text.split(" ")) <= 38:
        return None
    return _judged(sentence, text, start, tokens, spots)


def _judged(sentence: Sentence, text: str, start: int, tokens: list[Token], spots: list[Spot]) -> Statement | None:
    words = [token for token in tokens if start <= token.start < start + len(text)]
    if not words or not stands(text) or not _has_verb(words):
        return None
    first = words[0].lower
    if first in PRONOUNS or (first in CONJUNCTIONS and first not in _OPENERS) or first == "there":
        return None
    if first in {"just", "even", "note", "only"} or _half_said(text) or _orders(words):
        return None
    if _OBJECT_PRONOUN.search(text):
        return None
    dangling = _DANGLING.search(text)
    if dangling and not any(start <= spot.start and spot.end - start < dangling.start() for spot in spots):
        return None
    return Statement(
        sentence=sentence,
        text=text,
        start=start,
        absolute=ABSOLUTE.search(text) is not None,
        vague=VAGUE.search(text) is not None,
        addresses=any(word.lower in YOU for word in words),
    )


def _orders(words: list[Token]) -> bool:
    """Whether the sentence tells the reader to do something."""
    first, second = words[0].lower, words[1].lower if len(words) > 1 else ""
    return first in BASE_VERBS and second not in FINITE and (second in STRUCTURE or second not in BASE_VERBS)


def stands(text: str) -> bool:
    """Whether nothing in `text` points out of it, denies, or is an example's own name; a dangling pronoun is not sought."""
    if NEGATIVE.search(text) or _POINTER.search(text) or _THAT_NOUN.search(text) or _THE_UNSAID.search(text):
        return False
    if _LONE_CODE.search(text) or _ONES.search(text) or "http" in text or text.count("`") % 2:
        return False
    if text.count("(") != text.count(")") or text.count("“") != text.count("”") or text.count('"') % 2:
        return False
    return not any(word in PEOPLE for word in re.findall(r"[a-z]+(?:['’][a-z]+)?", text.lower()))


def holds_pronoun(text: str) -> bool:
    """Whether `text` has a pronoun of the third person."""
    return _DANGLING.search(text) is not None


def _has_verb(words: list[Token]) -> bool:
    return any(word.lower in FINITE or word.lower in BASE_VERBS for word in words[1:])
