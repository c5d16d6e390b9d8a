"""Sentences with one gap on a salient term, to be typed or picked: the two gap kinds share the choice of the gap."""

import re
from collections.abc import Iterator

from msgspec import Struct

from gateway.generation.builtin.quiz.candidate import Candidate, Made
from gateway.generation.builtin.quiz.closeness import share_root
from gateway.generation.builtin.quiz.distractors import OFFERED, WANTED, terms_like
from gateway.generation.builtin.quiz.kinship import head
from gateway.generation.builtin.quiz.options import fair, of_a_length
from gateway.generation.builtin.quiz.phrases import Spot, canonical
from gateway.generation.builtin.quiz.reading import Reading
from gateway.generation.builtin.quiz.short_text import accepted
from gateway.generation.builtin.quiz.standing import Statement
from gateway.generation.builtin.quiz.words import capitalised, root, roots_of, words_of
from gateway.generation.builtin.quiz.worth import taught, weight
from grading.model import Kind
from grading.parts import GAP

_LEAST_SALIENCE = 0.6
_TYPED_WORDS, _REST = 2, 3


class GapPlace(Struct, frozen=True):
    """Where a statement has its gap, and the statement with it."""

    statement: Statement
    spot: Spot
    stem: str
    shown: str
    worth: float


def gap_places(reading: Reading) -> Iterator[GapPlace]:
    """The best gap of every statement: a term the source is about, not the first word, said once, not given away."""
    for statement in reading.statements:
        places = [place for spot in reading.spots(statement.sentence) if (place := _place(reading, statement, spot))]
        if places:
            yield max(places, key=lambda place: (place.worth, -place.spot.start))


def _place(reading: Reading, statement: Statement, spot: Spot) -> GapPlace | None:
    start = spot.start - statement.start
    end = start + len(spot.text)
    phrase = reading.phrase(spot.text)
    if start <= 0 or end > len(statement.text) or phrase is None or not reading.is_concept(spot.text):
        return None
    if reading.is_topic(spot.text):
        return None
    before, after = statement.text[:start], statement.text[end:]
    rest = before + after
    shared = {root(word) for word in words_of(spot.text)} & {root(word) for word in words_of(rest)}
    if phrase.named and " " in spot.text:  # `a _____ is a tide that …` names the head of `spring tide` alone
        shared -= {head(spot.text)}
    if len(words_of(before)) < 1 or shared:
        return None
    if re.search(r"\b(?:and|or|as|like)\s*$", before) or re.match(r"\s*(?:and|or)\b|-|’s|'s", after):
        return None
    if _within_name(before, spot.text, after):
        return None
    if len(roots_of(rest)) < 4 or reading.salience(spot.text) < _LEAST_SALIENCE:
        return None
    stem = f"{before[:1].upper()}{before[1:]}{GAP}{after}."
    defined = any(
        canonical(definition.term) == canonical(spot.text)
        for definition in reading.defined_at.get(statement.sentence.place, ())
    )
    worth = (
        reading.salience(spot.text)
        + 1.5 * defined
        - 1.0 * (canonical(spot.text) not in reading.known)
        + 0.3 * (" " in spot.text)
    )
    worth -= 0.8 * bool(re.search(r"[,—] (?:with|which|where|who|when|while|because|so|although|as)\b", before))
    return GapPlace(statement, spot, stem, spot.text, worth)


def _within_name(before: str, key: str, after: str) -> bool:
    """Whether the gap would tear a name apart: `New _____`, `_____ Canal`."""
    return key[:1].isupper() and bool(re.search(r"(?<=.)\b[A-Z][\w.]* $", before) or re.match(r" [A-Z][a-z]", after))


def _candidate(
    reading: Reading, place: GapPlace, kind: Made, right: tuple[str, ...], wrong: list[str], base: float
) -> Candidate:
    sentence = place.statement.sentence
    return Candidate(
        kind=kind,
        module=sentence.module,
        stem=place.stem,
        right=right,
        wrong=tuple(wrong),
        source_id=sentence.source_id,
        start=sentence.start,
        end=sentence.end,
        places=(sentence.place,),
        keys=(" ".join(root(word) for word in words_of(place.shown)),),
        rank=base + weight(reading, place.statement) / 2 + place.worth / 3,
        taught=taught(reading, sentence, place.shown),
    )


def propose_typed(reading: Reading) -> Iterator[Candidate]:
    """Gaps to type into."""
    for place in gap_places(reading):
        if (
            len(place.shown.split(" ")) <= _TYPED_WORDS
            and not place.statement.addresses
            and not _has_wider_name(reading, place)
            and _is_settled(reading, place.shown)
        ):
            yield _candidate(reading, place, Kind.GAP_TEXT, accepted(place.shown.replace("`", "")), [], 1.2)


def _is_settled(reading: Reading, term: str) -> bool:
    """Whether the source defines, stresses or heads a section with the term, or it is a name: another plain word may
    fill a gap as well as one that the source merely uses.
    """
    phrase = reading.phrase(term)
    return " " in term or canonical(term) in reading.known or (phrase is not None and phrase.kind != "common")


def _has_wider_name(reading: Reading, place: GapPlace) -> bool:
    """Whether the source says of what the one-word term is a kind: a learner may type that and be right as well,
    unless the sentence says it already.
    """
    said = {root(word) for word in words_of(place.stem)}
    return " " not in place.shown and bool(reading.kinship.broader.get(head(place.shown), frozenset()) - said)


def propose_picked(reading: Reading) -> Iterator[Candidate]:
    """Gaps with three terms to pick from."""
    for place in gap_places(reading):
        text = place.statement.text
        if _picks_out(place) and place.statement.sentence.place not in reading.defined_at:
            continue
        others = terms_like(reading, place.spot.text, place.spot.before, text)
        wrong = of_a_length(place.shown, others)[:OFFERED]
        if len(wrong) >= WANTED and fair(place.stem, place.shown, wrong[:WANTED]):
            yield _candidate(reading, place, Kind.GAP_SELECT, (place.shown,), wrong, 1.4)


def _picks_out(place: GapPlace) -> bool:
    """Whether the gap is told from others of its sort only by what follows it: of `a _____ that has found flowers` each
    narrower or wider word is right as well.
    """
    after = place.stem.partition(GAP)[2]
    return re.match(r" (?:that|which|who|whose)\b", after) is not None


def propose_last(reading: Reading, module: int) -> Iterator[Candidate]:
    """For a module that has nothing better: gaps on any plain noun phrase of its statements."""
    for statement in reading.statements:
        if statement.sentence.module != module:
            continue
        text, start = statement.text, statement.start
        for spot in reading.spots(statement.sentence):
            at, phrase = spot.start - start, reading.phrase(spot.text)
            rest = text[: max(at, 0)] + text[at + len(spot.text) :]
            if at <= 0 or at + len(spot.text) > len(text) or phrase is None or not phrase.is_noun:
                continue
            if share_root(spot.text, rest) or len(spot.text.split(" ")) > _TYPED_WORDS or len(roots_of(rest)) < _REST:
                continue
            stem = f"{capitalised(text[:at])}{GAP}{text[at + len(spot.text) :]}."
            place = GapPlace(statement, spot, stem, spot.text, reading.salience(spot.text) + 0.3 * (" " in spot.text))
            yield _candidate(reading, place, Kind.GAP_TEXT, accepted(spot.text.replace("`", "")), [], 0.0)
