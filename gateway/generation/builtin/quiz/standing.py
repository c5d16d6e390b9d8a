# ruff: file-ignore[split-static-string] - a list of words reads as words
"""Which sentences say something on their own, so that a learner can judge them without the text before them."""

import re

from msgspec import Struct

from gateway.generation.builtin.fitness import tells_of_one_event
from gateway.generation.builtin.quiz.material import Sentence
from gateway.generation.builtin.quiz.phrases import Spot, Token
from gateway.generation.builtin.quiz.words import (
    ABSOLUTE,
    AUXILIARIES,
    BASE_VERBS,
    CONJUNCTIONS,
    DETERMINERS,
    FINITE,
    NEGATIVE,
    PEOPLE,
    PRONOUNS,
    STRUCTURE,
    THIRD_PERSON,
    VAGUE,
    YOU,
    capitalised,
)

SHORTEST, LONGEST = 28, 240
"""Characters of a statement; below it says too little, above it is no longer read."""
_LEAD = re.compile(
    r"^(?:(?:However|Moreover|Furthermore|Additionally|In addition|Consequently|As a result|In fact|In general|In other words|"
    r"In short|Of course|Similarly|Likewise|Overall|Today|In practice|First|Second|Third|Finally|"
    r"Meanwhile|Importantly|Internally|Luckily|Fortunately|More precisely|Briefly|As always|"
    r"By the same token|As expected|As a rule|In turn|After all|In particular|More generally), "
    r"|(?:Therefore|Thus|Hence|Also|Indeed|Note that|Remember that|Recall that|That is|But|And|Yet|So),? )(?=\S)"
)
_POINTER = re.compile(
    r"\b(?:this|these|those|here|following|previous(?:ly)?|earlier|former|latter|aforementioned|chapters?|sections?|"
    r"(?:listing|figure|table|appendix|equation|fig\.) [\dA-Z]|for example|such(?! as)|others|respectively|likewise|similarly|"
    r"therefore|thus|hence|consequently|accordingly|next|e\.g|for instance|again|see also|so far|now|too|instead|comparatively|(?:by|in) contrast|nevertheless|otherwise|(?:the|see|shown|as) (?:above|below)|"
    r"let's|let’s|imagine|suppose|consider|recall|remember|luckily|notice|recap|mentioned|discussed|as well(?! as)|"
    r"shown (?:in|on|by|here)|on the (?:left|right)(?! (?:of|side))|the original|the actual|an? similar (?!to)|the opposite of|"
    r"(?:so|and|but) (?:is|are|does|do))\b|\b(?:above|below)(?=[,.;:]|$)|^(?:[\w']+ ){0,2}other\b",
    re.IGNORECASE,
)
_THAT_NOUN = re.compile(
    r"(?:\b(?:of|in|on|at|to|for|by|with|from|into|about|as|after|before|do|than)|^) ?[Tt]hat (?P<noun>[A-Za-z]+)?"
)
_THE_UNSAID = re.compile(
    r"\bthe (?:answer|problem|solution|issue|code|message|two|three|four|question|good news|whole point|inverse)\b"
    r"|\bthe (?:first|second|third|last|only|difference|result|reason|idea|error|same) "
    r"(?:one|part|line|variable|way|point|is|was|are|thing|problem|rule|reason|error|case)\b",
    re.IGNORECASE,
)
_OPENS_UNSAID = re.compile(
    r"^the (?:first|second|third|last|next|only|difference|result|reason|idea|error|same|rest)\b", re.IGNORECASE
)
_MARKS = re.compile(r"[*|<>={}\\^~\[\]#@]|(?<!\w)_|_(?!\w)")
_BOTH = re.compile(r"^Both (?:of )?(?:the |these )?[\w`-]+(?! and| \w+ and)\b", re.IGNORECASE)
_SINCE_WHAT = re.compile(r"\b(?:since|after|until) the [a-z]+$")
_BOTH_UNSAID = re.compile(r"(?i)\bboth (?!(?:(?:of|the) )?(?:[\w'’`-]+ ){1,4}and\b)")
_CODE = re.compile(r"`([^`]*)`")
_PLAIN_CODE = re.compile(r"(?=.{2,40}$)(?![a-z]\d$)[&*\-]{0,2}[A-Za-z_][\w:.\-/]*(?:\(\)|!|#|\+\+)?")
_OPENERS = frozenset(
    "when if because although while whereas once after before since unlike in on at during by for with".split()
)
_DANGLING = re.compile(
    r"\b(?:it|its|they|them|their|theirs|itself|themselves|he|she|him|his|her|hers)\b", re.IGNORECASE
)
_TAKEN = re.compile(
    r"(?<!that)(?<!when)(?<!because)(?<!if)(?<!and)(?<!so)(?<!as)(?<!than)(?<!before)(?<!after)(?<!until)(?<!where)(?<!which)(?<!once)"
    r"(?<!while)(?<!unless)(?<!to) (?:it|them)\b(?! (?:is|are|was|were|has|have|can|will|does|do)\b)"
)
_ONES = re.compile(r"\b(?:the one|ones|that one|one from|another)\b", re.IGNORECASE)


_AFTERTHOUGHT = re.compile(
    r"; |(?<=\w)—(?=(?:that|which|it|this|and|so|but)\b)|: |, (?:so|but|and it|and they|and this|which|shown|as shown) "
)
_TRAILING = re.compile(r" (?:instead|too|as well|again|here|now|together)$")
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
        if len(text[: cut.start()].split(" ")) >= 6 and not _half_said(text[: cut.start()]):
            return text[: cut.start()], start
    because = text.find(" because ")
    if (
        because > 0
        and len(text[:because].split(" ")) >= 7
        and not stands(text[because:])
        and not _half_said(text[:because])
    ):
        return text[:because].rstrip(","), start
    return _TRAILING.sub("", text.rstrip(" .;,!")), start


def _half_said(text: str) -> bool:
    """Whether `text` opens with a condition whose consequence it does not reach."""
    opener = text.split(" ", 1)[0].lower()
    comma = text.rfind(", ")
    return opener in _SUBORDINATE and (comma < 0 or len(text[comma + 2 :].split(" ")) < 4)


def statement_of(sentence: Sentence, tokens: list[Token], spots: list[Spot]) -> Statement | None:
    """The part of `sentence` that stands alone, or None."""
    raw = sentence.text.rstrip()
    text, start = trimmed(sentence)
    if "?" in raw or "!" in _CODE.sub("", raw)[:-1] or "[" in raw or "|" in raw:
        return None
    cut = start + len(text) < len(raw) - 1
    if not cut and (
        raw.endswith((":", ",")) or (sentence.role == "prose" and not raw.endswith((".", "!", ".”", '."', ".)")))
    ):
        return None
    if not SHORTEST <= len(text) <= LONGEST or not 5 <= len(text.split(" ")) <= 38:
        return None
    return _judged(sentence, text, start, tokens, spots)


def _judged(sentence: Sentence, text: str, start: int, tokens: list[Token], spots: list[Spot]) -> Statement | None:
    words = [token for token in tokens if start <= token.start < start + len(text)]
    if not words or not stands(text) or not _has_verb(words, strict=sentence.role != "prose"):
        return None
    first = words[0].lower
    if first in PRONOUNS or (first in CONJUNCTIONS and first not in _OPENERS) or first == "there":
        return None
    if first in {"just", "even", "note", "only"} or _half_said(text) or _orders(words):
        return None
    if _BOTH_UNSAID.search(text) or _SINCE_WHAT.search(text) or tells_of_one_event(text):
        return None
    if _OBJECT_PRONOUN.search(text) or _OPENS_UNSAID.search(text) or _pronoun_leads(words):
        return None
    if sentence.role != "prose" and re.match(r"[^:–—]{2,50}(?::| [–—-]) ", sentence.text):
        return None
    if _takes_unnamed(text, start, spots):
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


def _takes_unnamed(text: str, start: int, spots: list[Spot]) -> bool:
    """Whether the first verb takes an `it` or `them` that only its own subject goes before: `A forager carries it home`."""
    taken = _TAKEN.search(text)
    if taken is None:
        return False
    before = [spot for spot in spots if start <= spot.start and spot.end - start <= taken.start()]
    return len(before) < 2 and "," not in text[: taken.start()]


def _pronoun_leads(words: list[Token]) -> bool:
    """Whether a pronoun is the first subject: a verb follows it and none went before."""
    for at, word in enumerate(words[:-1]):
        if word.lower in {"it", "they", "he", "she"}:
            return words[at + 1].lower in FINITE | BASE_VERBS
        if word.lower in FINITE and word.kind == "word":
            return False
    return False


def _orders(words: list[Token]) -> bool:
    """Whether the sentence tells the reader to do something, or leaves out who does it."""
    first, second = words[0].lower, words[1] if len(words) > 1 else words[0]
    if first in THIRD_PERSON and (second.lower in DETERMINERS or second.kind == "code"):
        return True
    return (
        first in BASE_VERBS
        and second.lower not in FINITE
        and (second.lower in STRUCTURE or second.lower not in BASE_VERBS)
    )


def stands(text: str) -> bool:
    """Whether nothing in `text` points out of it, denies, or is an example's own name; a dangling pronoun is not sought."""
    if (
        NEGATIVE.search(text)
        or _POINTER.search(text)
        or _points_back(text)
        or _half_a_pair(text)
        or _THE_UNSAID.search(text)
    ):
        return False
    if _MARKS.search(_CODE.sub("", text)) or _BOTH.search(text):
        return False
    if _ONES.search(text) or "http" in text or text.count("`") % 2:
        return False
    if not all(is_plain_code(code) for code in _CODE.findall(text)):
        return False
    if text.count("(") != text.count(")") or text.count("“") != text.count("”") or text.count('"') % 2:
        return False
    return not any(word in PEOPLE for word in re.findall(r"[a-z]+(?:['’][a-z]+)?", text.lower()))


def _half_a_pair(text: str) -> bool:
    """Whether `the other` has no first one in `text`."""
    match = re.search(r"\bthe other\b", text, re.IGNORECASE)
    return (
        match is not None
        and re.search(r"\b(?:one|two|both|either|each)\b", text[: match.start()], re.IGNORECASE) is None
    )


def is_plain_code(code: str) -> bool:
    """Whether a piece of code is a name that means something outside its example, as `drop` does and `s1` does not."""
    return _PLAIN_CODE.fullmatch(code) is not None


def _points_back(text: str) -> bool:
    """Whether `that …` means something that `text` has not named."""
    return any(
        not match["noun"] or re.search(rf"\b{match['noun']}", text[: match.start()], re.IGNORECASE) is None
        for match in _THAT_NOUN.finditer(text)
    )


def holds_pronoun(text: str) -> bool:
    """Whether `text` has a pronoun of the third person."""
    return _DANGLING.search(text) is not None


def _has_verb(words: list[Token], *, strict: bool) -> bool:
    """Whether a verb makes the words a sentence. In a list, where an entry may be a bare noun phrase, only one counts
    that no `which` or `that` has taken.
    """
    if not strict:
        return any(word.lower in FINITE or word.lower in BASE_VERBS for word in words[1:])
    taken = 0
    for at, word in enumerate(words):
        if word.lower in {"that", "which", "who", "where", "when", "if", "as", "while", "because"}:
            taken += 1
        elif at and (
            word.lower in AUXILIARIES or (word.lower in THIRD_PERSON and words[at - 1].lower not in STRUCTURE)
        ):
            if word.lower in {"be", "been", "being"} or words[at - 1].lower in AUXILIARIES:
                continue
            if not taken:
                return True
            taken -= 1
    return False
