"""False statements by a changed fact: a number, a measure, an opposite or a term; never by a `not`."""

import re
from collections.abc import Iterator
from operator import itemgetter
from typing import Literal

from msgspec import Struct

from gateway.generation.builtin.quiz.counts import is_given
from gateway.generation.builtin.quiz.definitions import Definition
from gateway.generation.builtin.quiz.distractors import numbers_like, terms_like
from gateway.generation.builtin.quiz.phrases import Spot, canonical
from gateway.generation.builtin.quiz.reading import Reading
from gateway.generation.builtin.quiz.standing import Statement
from gateway.generation.builtin.quiz.words import (
    DETERMINERS,
    NUMBERS,
    OPPOSITES,
    PREPOSITIONS,
    article,
    capitalised,
    has_word,
    is_plural,
    roots_of,
)

_IDIOM = re.compile(
    r"\b(?:one|two) (?:of|or more|another)\b|\b(?:at least|at most|up to|more than|fewer than|less than|over|about|around|roughly|nearly|almost|approximately)\s+$"
)
_OF_AGE = frozenset({"older", "younger", "oldest", "youngest"})
_FIXED = re.compile(
    r"\b(?:for|no|any|much|even|far|grows?|grew|grown|growing|becomes?|became|gets?|got|turns?|turned)\s$"
)
_CONDITION = re.compile(r"(?:When|If|Once|While|After|Before) ")
_CONTRAST = re.compile(r"\b(?:whereas|while|than)\b")
_DOINGS = frozenset(
    ["expand", "expands", "contract", "contracts", "reads", "writes", "opens", "closes", "absorb", "release"]
)
"""Verbs with an opposite that look like nouns without one."""
_SURE = 0.65
"""Below this a twist may still be true, so the statement is asked as it is or not at all."""


class Twist(Struct, frozen=True):
    """A false form of a statement: what was changed into what, and how sure its falsehood is (0 to 1)."""

    shown: str
    changed: str
    into: str
    how: Literal["number", "opposite", "meaning", "exchange", "term"]
    certainty: float


def twist(reading: Reading, statement: Statement) -> Twist | None:
    """The surest false form of `statement`, or None where none is sure enough."""
    options = [
        *_numbers(reading, statement),
        *_meanings(reading, statement),
        *_opposites(reading, statement),
        *_exchanged(reading, statement),
        *_terms(reading, statement),
    ]
    sound = [option for option in options if option.shown != statement.shown and option.certainty >= _SURE]
    return max(sound, key=lambda option: (option.certainty, option.shown), default=None)


def _replaced(statement: Statement, start: int, end: int, put: str) -> str:
    """The statement with the stretch [start, end) of its text replaced, its article made to agree."""
    before, after = statement.text[:start], statement.text[end:]
    if match := re.search(r"\b([Aa])n? $", before):
        kept = match[1] + ("n" if article(put) == "an" else "")
        before = before[: match.start()] + kept + " "
    return capitalised(before + put + after) + "."


def _numbers(reading: Reading, statement: Statement) -> Iterator[Twist]:
    """Counts and years: another number makes the statement false."""
    for match in re.finditer(
        r"(?<![\w.,\-–/`])(?:\d[\d,]*(?:\.\d+)?|[a-z]+)(?![\w`]|[.,\-–/]\d|\s?(?:to|–|-)\s?\d)", statement.text
    ):
        word, before = match[0], statement.text[: match.start()]
        if (
            re.search(r"\d\s?(?:to|and|or|–|-)\s?$|\bbetween $", before)
            or _IDIOM.search(before)
            or _IDIOM.match(statement.text[match.start() :])
        ):
            continue
        if word in NUMBERS and NUMBERS[word] > 1:
            near = [other for other in numbers_like(word) if not has_word(statement.text, other)]
            for other in near[:1]:
                yield Twist(_replaced(statement, match.start(), match.end(), other), word, other, "number", 0.95)
        elif word[0].isdigit() and not is_given(before) and (other := _other_number(reading, word, statement)):
            yield Twist(_replaced(statement, match.start(), match.end(), other), word, other, "number", 0.95)


def _other_number(reading: Reading, word: str, statement: Statement) -> str:
    """Another number of the document of the same make, else the number itself moved by a telling amount."""
    if re.fullmatch(r"1\d{3}|20\d\d", word):
        years = sorted(
            {
                token.text
                for tokens in reading.lexicon.tokens
                for token in tokens
                if token.kind == "number" and re.fullmatch(r"1\d{3}|20\d\d", token.text)
            }
        )
        far = [year for year in years if abs(int(year) - int(word)) >= 5 and year not in statement.text]
        return min(far, key=lambda year: (abs(int(year) - int(word)), year)) if far else str(int(word) - 20)
    if re.fullmatch(r"[1-9]\d?", word):
        return str(int(word) * 2) if int(word) > 9 else str(int(word) + 2)
    if re.fullmatch(r"[1-9]\d{2,}|[1-9]\d{0,2}(?:,\d{3})+", word):
        doubled = int(word.replace(",", "")) * 2
        return f"{doubled:,}" if "," in word else str(doubled)
    return ""


def _meanings(reading: Reading, statement: Statement) -> Iterator[Twist]:
    """A definition given to another term that the source defines otherwise."""
    for definition in reading.defined_at.get(statement.sentence.place, ()):
        at = statement.text.lower().find(definition.term.lower())
        if at < 0 or definition.meaning.lower() not in statement.text.lower():
            continue
        mine = roots_of(definition.meaning)
        for other in _nearest(reading, definition):
            if not roots_of(other.term) & roots_of(statement.text) and _same_article(
                statement.text[:at], reading, other.term
            ):
                shown = _replaced(statement, at, at + len(definition.term), other.term)
                near = len(mine & roots_of(other.meaning)) > 1 or other.sentence.module == definition.sentence.module
                yield Twist(shown, definition.term, other.term, "meaning", 0.9 if near else 0.6)
                return


def _nearest(reading: Reading, definition: Definition) -> list[Definition]:
    """Other definitions, those first whose meaning is of the same make, none that comes near to saying the same."""
    mine = roots_of(definition.meaning)
    found: list[tuple[int, int, int, Definition]] = []
    for place, other in enumerate(reading.definitions):
        shared = len(mine & roots_of(other.meaning))
        theirs = roots_of(other.meaning)
        if reading.kinship.kin(definition.term, other.term):
            continue
        if _kin(reading, definition, other) and not (mine <= theirs or theirs <= mine):
            away = abs(other.sentence.module - definition.sentence.module)
            found.append((-min(shared, 3), away, place, other))
    return [other for *_, other in sorted(found, key=itemgetter(0, 1, 2))]


def _kin(reading: Reading, one: Definition, other: Definition) -> bool:
    """Whether two terms are of one number and make, and not one."""
    code = ("`" in one.term) == ("`" in other.term)
    kinds = {phrase.kind if (phrase := reading.phrase(each.term)) else "common" for each in (one, other)}
    return code and len(kinds) == 1 and one.plural == other.plural and one.form == other.form and one.key != other.key


def _same_article(before: str, reading: Reading, other: str) -> bool:
    """Whether `other` may stand behind the same article, or behind none, as the term before it did."""
    phrase = reading.phrase(other)
    if phrase is None or phrase.kind != "common" or phrase.plural:
        return True
    if re.search(r"\b[Aa]n? $", before):
        return phrase.with_article > 0
    if re.search(r"\b[Tt]he $", before):
        return phrase.determined > 0
    return phrase.bare > 0 and phrase.with_article == 0


def _opposites(reading: Reading, statement: Statement) -> Iterator[Twist]:
    """One word turned into its opposite, where no second one turns it back."""
    found = [match for match in re.finditer(r"[A-Za-z]+", statement.text) if match[0] in OPPOSITES]
    if len(found) != 1 or "both" in statement.text.lower() or _is_idiom(reading, statement, found[0]):
        return
    match = found[0]
    around = statement.text[max(0, match.start() - 14) : match.end() + 12].lower()
    other = OPPOSITES[match[0]]
    following = re.match(r" ([a-z]+)", statement.text[match.end() :])
    if match[0] == "more" and following and is_plural(following[1]):
        other = "fewer"
    if match[0] in _DOINGS and _is_named(reading, statement, match):
        return
    if match[0] in {"same", "opposite"} and (following is None or following[1] in {"of", "as", "time", "way"}):
        return
    if re.search(r"\bor\b|\bat " + match[0] + r"\b|-" + match[0] + "|" + match[0] + r"-|`", around) or has_word(
        statement.text, other
    ):
        return
    if match[0] in {"known", "unknown", "single", "double"} and following is None:
        return
    if match[0] in {"before", "after"} and not re.search(
        r"\b(?:before|after) (?:the(?! other)|an?|it|[a-z]+ing)\b", around
    ):
        return
    certainty = 0.85 if match[0].endswith(("er", "est", "es", "s", "ed")) or "than" in statement.text else 0.75
    yield Twist(_replaced(statement, match.start(), match.end(), other), match[0], other, "opposite", certainty)


def _is_named(reading: Reading, statement: Statement, match: re.Match[str]) -> bool:
    """Whether a word that may be a verb is part of a noun phrase here: a `contract` has no opposite, to contract has."""
    start = statement.start + match.start()
    spots = reading.spots(statement.sentence)
    return (
        any(spot.start <= start < spot.end for spot in spots)
        or re.search(r"\b(?:the|an?|of|its|their|this|each|every) $", statement.text[: match.start()], re.IGNORECASE)
        is not None
    )


def _is_idiom(reading: Reading, statement: Statement, match: re.Match[str]) -> bool:
    """Whether a word has no opposite here: `far more`, `grows older`, `on top of`, `more work` than is not said."""
    before, after = statement.text[: match.start()], statement.text[match.end() :]
    if (noun := re.match(r" [a-z]+", after)) and canonical(OPPOSITES[match[0]] + noun[0]) in reading.known:
        return True  # `high water` and `low water` are two terms: one may hold wherever the other does
    if _FIXED.search(before) or (match[0] in {"top", "bottom"} and before.endswith("on ")):
        return True
    if match[0] in {"longer", "shorter"} and re.match(r" (?:for|in|when|after)\b", after):
        return True  # who dances longer does not dance `shorter`
    if match[0] in _OF_AGE and "young" not in reading.lexicon.lower:
        return True
    return match[0] in {"more", "less", "fewer"} and "than" not in after


def _exchanged(reading: Reading, statement: Statement) -> Iterator[Twist]:
    """The two sides of a contrast change places: `X is thicker than Y` becomes `Y is thicker than X`."""
    joint = _CONTRAST.search(statement.text)
    if joint is None or re.search(r"\bas\b|\bboth\b|\bor\b", statement.text):
        return
    text = statement.text
    spots = [
        (spot.start - statement.start, spot)
        for spot in reading.spots(statement.sentence)
        if spot.start >= statement.start and spot.end - statement.start <= len(text)
    ]
    for at, one in spots:
        for to, other in spots:
            first, second = reading.phrase(one.text), reading.phrase(other.text)
            if (
                not at < joint.start() < to
                or first is None
                or second is None
                or not (first.is_noun or second.is_noun or (at < 6 and to - joint.end() < 6))
            ):
                continue
            governed = re.match(r"[a-z]+(?= )", text[joint.end() :].lstrip())
            if governed and governed[0] in PREPOSITIONS and not text[:at].endswith(f" {governed[0]} "):
                continue
            same = (
                first.kind == second.kind
                and first.plural == second.plural
                and _determiner(one, at) == _determiner(other, to)
            )
            alone = all(len(re.findall(re.escape(each.text), text, re.IGNORECASE)) == 1 for each in (one, other))
            if not same or not alone or (at > 6 and to - joint.end() > 12):
                continue
            put = text[:at] + _as_at(other.text, one.text) + text[at + len(one.text) : to]
            put += _as_at(first.shown if at == 0 else one.text, other.text) + text[to + len(other.text) :]
            yield Twist(capitalised(put) + ".", one.text, other.text, "exchange", 0.88)
            return


def _determiner(spot: Spot, start: int) -> str:
    """The determiner of a phrase; at the start of a statement and after a joint it has none."""
    return spot.before if start > 0 and spot.before in DETERMINERS else ""


def _as_at(text: str, place: str) -> str:
    """`text` with the capital that its new place has."""
    return text[:1].upper() + text[1:] if place[:1].isupper() and text[:1].islower() else text


def _terms(reading: Reading, statement: Statement) -> Iterator[Twist]:
    """A term that the source stresses put for another that it stresses: the statement's subject, or one of a pair."""
    if statement.sentence.place in reading.defined_at:
        return
    for spot in reading.spots(statement.sentence):
        start = spot.start - statement.start
        key = canonical(spot.text)
        if start < 0 or start + len(spot.text) > len(statement.text) or key not in reading.known:
            continue
        if _CONDITION.match(statement.text) and "," in statement.text[start:]:
            continue  # what follows may hold under the other condition as well
        around = statement.text[:start][-6:], statement.text[start + len(spot.text) :][:6]
        if re.search(r"\b(?:and|or)\b", " ".join(around)) or len(re.findall(re.escape(spot.text), statement.text)) != 1:
            continue
        if "both " in statement.text.lower() or len(roots_of(statement.text) - roots_of(spot.text)) < 4:
            continue
        rest = statement.text[:start] + statement.text[start + len(spot.text) :]
        if roots_of(spot.text) & roots_of(rest):  # the rest would show which term was taken out
            continue
        siblings = reading.siblings.get(key, frozenset())
        for other in terms_like(reading, spot.text, spot.before if start else "", statement.text)[:4]:
            if canonical(other) not in reading.known:
                continue
            subject, sibling = start < 6, canonical(other) in siblings
            certainty = 0.55 + 0.2 * subject + 0.1 * sibling
            yield Twist(_replaced(statement, start, start + len(spot.text), other), spot.text, other, "term", certainty)
            break
