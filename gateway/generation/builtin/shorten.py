"""A sentence made short enough for a slide by leaving its ends off: never a new word, never another meaning."""

import re

from gateway.generation.builtin.lexicon import IRREGULAR_VERBS, VERBS
from gateway.generation.builtin.words import verb_base

_GUARDED = re.compile(
    r"(?i)\b(?:not|no|never|none|nor|neither|cannot|without|unless|except|only|if|until|till|hardly|rarely|seldom|few|little|least|most|almost|nearly"
    r"|about|approximately|roughly|but|although|though|however|otherwise|may|might|could|sometimes|usually|often|some|either|provided|when|while|before|after|whether|during|except)\b|n['’]t\b|\d"
)
_CUTS = re.compile(
    r"(?P<aside>\s*\([^()]*\))|(?P<tail>\s*(?:;|—|–)\s|,\s+(?:which|where|who|whose|because|since|so|and|making|allowing|causing|giving|leading|resulting|leaving|including|such as|as well as|for example|for instance|especially|particularly|rather than|thanks to|due to)\b|\s+(?:because|so that|in order to|thanks to|rather than|as well as|such as|which means)\b)"
)
_SUBORDINATE = re.compile(
    r"(?i)^(?:if|when|whenever|while|because|although|though|since|unless|after|before|once|as|where|in|on|at|for|with|by|from|to|during|under|unlike|like|despite|given|without|rather|instead)\b"
)
_FINITE = re.compile(
    r"(?i)\b(?:is|are|was|were|has|have|had|do|does|did|can|could|may|might|must|shall|should|will|would|cannot|[a-z]+n['’]t)\b|['’](?:s|re)\b"
)
_CLAUSE = re.compile(
    r",\s+and\s+(?:it|they|he|she|we|you|this|there|(?:the|a|an|each|every|all|its|their)\s+\w+(?:\s\w+){0,3}?\s+(?:is|are|was|were|has|have|can|will|\w+s))\b"
)
_HANGS = re.compile(
    r"(?i)\b(?:the|a|an|of|to|in|on|at|by|for|with|and|or|but|that|which|who|is|are|was|were|be|as|than|from|into|its|their|this|these|both|either|not|very|more|so)$"
)
_LEFT_OUT = re.compile(r"(?i)\b(?:both|either|neither|not only|so|such|too|as|more|less|rather)\b")
_TWO_PREDICATES = re.compile(
    r"(?:An? |The )?[\w’'-]+(?: [\w’'-]+){0,2} (?P<first>(?:is|are) [^,;:]+? and )"
    r"(?:happens?|occurs?|consists?|has|have|includes?|contains?|requires?|begins?|arises?) [^,;]+:$"
)


def shortened(text: str, most_words: int) -> str | None:
    """The sentence itself where it is short enough, else the longest front part that says the same for less, or None.
    What is left off holds no negation, number, condition or hedge, and what stays is a clause with its verb.
    """
    if len(text.split()) <= most_words:
        return text
    for candidate in _candidates(text):
        if len(candidate.split()) <= most_words and _stands(candidate):
            return candidate
    return None


def left_out_of_lead(text: str, most_words: int) -> tuple[int, int] | None:
    """Which stretch of a sentence that announces a list is left out to make it short enough: none, as (0, 0), or the
    first of two predicates (`A race is like a fall and happens when …:`). None where that won't do.
    """
    if len(text.split()) <= most_words:
        return 0, 0
    double = _TWO_PREDICATES.match(text)
    if double is None or _GUARDED.search(double["first"]):
        return None
    left = len(text.split()) - len(double["first"].split())
    return (double.start("first"), double.end("first")) if left <= most_words else None


def _candidates(text: str) -> list[str]:
    bare = text.rstrip(".!")
    bases = [bare]
    without = re.sub(r"\s*\([^()]*\)", lambda aside: aside[0] if _GUARDED.search(aside[0]) else "", bare)
    if without != bare:
        bases.append(without)
    found: list[str] = []
    for base in bases:
        if base is not bare:
            found.append(base + ".")
        for cut in reversed(list(_CUTS.finditer(base))):
            if cut["tail"] is None:
                continue
            head, rest = base[: cut.start()], base[cut.start() :]
            listed = re.match(r",\s+and\b", rest) and ("," in head or not _CLAUSE.match(rest))
            if not _GUARDED.search(rest) and not _LEFT_OUT.search(head) and not listed:
                found.append(head + ".")
        front, colon, after = base.partition(": ")
        if colon and after[:1].isupper() and not _GUARDED.search(front):
            found.append(after + ".")
    return sorted(dict.fromkeys(found), key=lambda candidate: -len(candidate))


def _stands(candidate: str) -> bool:
    bare = candidate.rstrip(".")
    if len(bare.split()) < 4 or _HANGS.search(bare) or not has_verb(bare):
        return False
    if (
        bare.count("(") != bare.count(")")
        or bare.count("“") != bare.count("”")
        or bare.count("`") % 2
        or bare.count('"') % 2
    ):
        return False
    return not (_SUBORDINATE.match(bare) and "," not in bare)


def has_verb(bare: str) -> bool:
    """Whether some word behind the first is a verb that says something of it."""
    words = re.findall(r"[A-Za-z]+", bare.lower())[1:]
    return bool(_FINITE.search(bare)) or any(word in IRREGULAR_VERBS or verb_base(word) in VERBS for word in words)
