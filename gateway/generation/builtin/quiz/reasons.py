"""Sentences that give a reason, asked for it: `Starch prevents curdling because _____`, with what else the source says to pick
from.
"""

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from gateway.generation.builtin.quiz.candidate import Candidate
from gateway.generation.builtin.quiz.distractors import OFFERED, WANTED
from gateway.generation.builtin.quiz.options import of_a_length
from gateway.generation.builtin.quiz.reading import Reading
from gateway.generation.builtin.quiz.standing import Statement, holds_pronoun, stands
from gateway.generation.builtin.quiz.words import ABSOLUTE, DETERMINERS, VAGUE, capitalised, roots_of, words_of
from gateway.generation.builtin.quiz.worth import taught, weight
from grading.model import Kind
from grading.parts import GAP

_BECAUSE = re.compile(r"(?<=\w),? because (?!of\b)")
_ASIDE = re.compile(r"[;:(—]|, (?:and|but|so|which|while|whereas|although)\b")
_LEADS_ON = re.compile(r"\b(?:because|so|therefore|thus|hence|since|if|when|unless|although)\b")
_LEAST_CLAIM, _LEAST_REASON, _MOST_REASON = 4, 4, 20
_LIKE, _TELLING = 2, 1.25


class Reason(Struct, frozen=True):
    """`claim` and the `reason` that the source gives for it, both stretches of the statement's sentence, and what joins them."""

    statement: Statement
    claim: str
    joint: str
    reason: str


def propose(reading: Reading) -> Iterator[Candidate]:
    """Every reason that two other clauses of the source may be mistaken for."""
    reasons = list(_reasons(reading.statements))
    for reason in reasons:
        elsewhere = (each.reason for each in reasons if each.reason != reason.reason)
        others = [*_like(reason, elsewhere), *_facts(reading, reason)]
        wrong = _fair(reason, of_a_length(reason.reason, others))
        if len(wrong) >= WANTED:
            yield _candidate(reading, reason, wrong[:OFFERED])


def _reasons(statements: Iterable[Statement]) -> Iterator[Reason]:
    for statement in statements:
        text = statement.sentence.text
        because = _BECAUSE.search(text, statement.start)
        if because is None or statement.start + len(statement.text) < because.start():
            continue
        claim, reason = text[statement.start : because.start()], text[because.end() :]
        aside = _ASIDE.search(reason)
        reason = (reason[: aside.start()] if aside else reason).rstrip(" .,!")
        bare = not _LEADS_ON.search(claim.lower()) and not _LEADS_ON.search(reason) and stands(claim) and stands(reason)
        if bare and len(words_of(claim)) >= _LEAST_CLAIM and _is_reason(reason):
            yield Reason(statement, claim, because[0], reason)


def _is_reason(text: str) -> bool:
    short = _LEAST_REASON <= len(words_of(text)) <= _MOST_REASON
    return short and not ABSOLUTE.search(text) and not VAGUE.search(text)


def _like(reason: Reason, others: Iterable[str]) -> Iterator[str]:
    """Other reasons that no pronoun marks as another's: `it` and `they` would tell whose reason they are."""
    for other in others:
        if _pronouns(other) == _pronouns(reason.reason) and _is_apart(reason, other):
            yield other


def _facts(reading: Reading, reason: Reason) -> Iterator[str]:
    """What else the source says near by, in the form of a reason; only for a reason without a pronoun."""
    if _pronouns(reason.reason):
        return
    place = reason.statement.sentence.place
    near = sorted(reading.statements, key=lambda each: (abs(each.sentence.place - place), each.sentence.place))
    for statement in near:
        text = statement.text
        if (
            statement.sentence.place == place
            or text in reason.statement.sentence.text
            or _LEADS_ON.search(text.lower())
            or holds_pronoun(text)
        ):
            continue
        first = words_of(text)[0]
        plain = first in DETERMINERS or reading.lexicon.lower[first] > 0
        if plain and not statement.addresses and _is_reason(text) and _is_apart(reason, text):
            yield text[:1].lower() + text[1:]


def _is_apart(reason: Reason, other: str) -> bool:
    """Whether `other` says neither much of what the reason says nor of what it is a reason for."""
    theirs = roots_of(other)
    return all(len(theirs & roots_of(ours)) < _LIKE for ours in (reason.reason, reason.claim))


def _pronouns(text: str) -> frozenset[str]:
    found = re.findall(r"\b(?:it|its|they|their|them|he|his|she|her|itself|themselves)\b", text.lower())
    return frozenset("many" if word.startswith("the") else word[:2] if word[:2] == "it" else "one" for word in found)


def _fair(reason: Reason, wrong: Iterable[str]) -> list[str]:
    """The wrong reasons, if neither length nor an echo of the claim shows the right one."""
    found = list(dict.fromkeys(wrong))
    stem = roots_of(reason.claim)
    if stem & roots_of(reason.reason):
        found.sort(key=lambda text: not stem & roots_of(text))
        if not found or not stem & roots_of(found[0]):
            return []
    longest = max(map(len, found[:WANTED]), default=0)
    return found if len(reason.reason) <= _TELLING * longest else []


def _candidate(reading: Reading, reason: Reason, wrong: list[str]) -> Candidate:
    sentence = reason.statement.sentence
    return Candidate(
        kind=Kind.GAP_SELECT,
        module=sentence.module,
        stem=f"{capitalised(reason.claim)}{reason.joint}{GAP}.",
        right=(reason.reason,),
        wrong=tuple(wrong),
        source_id=sentence.source_id,
        start=sentence.start,
        end=sentence.end,
        places=(sentence.place,),
        keys=(" ".join(sorted(roots_of(reason.reason))),),
        rank=4.2 + weight(reading, reason.statement) / 2,
        taught=taught(reading, sentence, reason.reason),
    )
