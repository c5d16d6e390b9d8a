"""Questions with one right choice: the term for a meaning, the meaning of a term, who or what does something, how many."""

import re
from collections.abc import Iterator

from gateway.generation.builtin.quiz.candidate import Candidate
from gateway.generation.builtin.quiz.counts import Count, counts_of
from gateway.generation.builtin.quiz.definitions import Definition
from gateway.generation.builtin.quiz.distractors import OFFERED, WANTED, numbers_like, other_terms, terms_like
from gateway.generation.builtin.quiz.options import fair, of_a_length
from gateway.generation.builtin.quiz.reading import Reading
from gateway.generation.builtin.quiz.standing import Statement
from gateway.generation.builtin.quiz.words import (
    ABSOLUTE,
    AUXILIARIES,
    FINITE,
    NUMBERS,
    capitalised,
    roots_of,
    words_of,
)
from gateway.generation.builtin.quiz.worth import taught, weight
from grading.model import Kind


def propose(reading: Reading) -> Iterator[Candidate]:
    """Every question of this kind that the source supports."""
    for definition in reading.definitions:
        yield from _term(reading, definition)
        yield from _meaning(reading, definition)
    for statement in reading.statements:
        yield from _subject(reading, statement)
    for count in counts_of(reading):
        yield from _how_many(reading, count)


def _term(reading: Reading, definition: Definition) -> Iterator[Candidate]:
    sentence = definition.sentence
    wrong = of_a_length(definition.term, other_terms(reading, definition))[:OFFERED]
    stem = term_question(reading, definition)
    if len(wrong) < WANTED or not fair(stem, definition.term, wrong[:WANTED]):
        return
    yield Candidate(
        kind=Kind.SINGLE_CHOICE,
        module=sentence.module,
        stem=stem,
        right=(definition.term,),
        wrong=tuple(wrong),
        source_id=sentence.source_id,
        start=sentence.start,
        end=sentence.end,
        places=(sentence.place,),
        keys=(definition.key,),
        rank=2.5 + definition.certainty / 2,
        taught=taught(reading, sentence, definition.term),
    )


def term_question(reading: Reading, definition: Definition, *, typed: bool = False) -> str:
    """The question that asks for the term of a meaning, in the words of the source."""
    phrase = reading.phrase(definition.term)
    if definition.form == "doing":
        return f"What is {definition.meaning} called?"
    if definition.form == "listed":
        return f"Which term fits the description “{definition.meaning}”?"
    if phrase is not None and phrase.kind == "person":
        return f"Who {definition.verb} {definition.meaning}?"
    if phrase is not None and phrase.kind in {"name", "place", "organisation"}:
        return f"What is the name of {definition.meaning}?"
    return f"What is the term for {definition.meaning}?" if typed else f"Which term means “{definition.meaning}”?"


def _meaning(reading: Reading, definition: Definition) -> Iterator[Candidate]:
    """`What is a scope?` with the meanings of other terms as wrong choices."""
    sentence, meaning = definition.sentence, definition.meaning
    phrase = reading.phrase(definition.term)
    if phrase is None or phrase.kind not in {"common", "acronym"} or definition.term[:1].isupper():
        return
    if definition.form != "noun" or not meaning.startswith(("a ", "an ", "the ")) or definition.plural:
        return
    others = [
        (abs(len(other.meaning) - len(meaning)), other.meaning)
        for other in reading.definitions
        if other.form == "noun"
        and other.key != definition.key
        and not other.plural
        and other.meaning.startswith(("a ", "an ", "the "))
        and not roots_of(other.meaning) & roots_of(definition.term)
        and len(roots_of(other.meaning) & roots_of(meaning)) <= 2
    ]
    wrong = of_a_length(meaning, [text for _, text in sorted(others)])[:OFFERED]
    named = f"{definition.article} {definition.term}".strip()
    stem = f"What is {named}?"
    if len(wrong) < WANTED or not fair(stem, meaning, wrong[:WANTED]):
        return
    yield Candidate(
        kind=Kind.SINGLE_CHOICE,
        module=sentence.module,
        stem=stem,
        right=(meaning,),
        wrong=tuple(wrong),
        source_id=sentence.source_id,
        start=sentence.start,
        end=sentence.end,
        places=(sentence.place,),
        keys=(definition.key,),
        rank=2.2 + definition.certainty / 2,
        taught=taught(reading, sentence, definition.term),
    )


def _subject(reading: Reading, statement: Statement) -> Iterator[Candidate]:
    """`Which of these stores values in the order it gets them?`: the statement's subject is asked for."""
    sentence = statement.sentence
    match = re.match(r"(?:(The|An?) )?(.+)$", statement.text)
    spots = [spot for spot in reading.spots(sentence) if spot.start >= statement.start]
    if not match or not spots or statement.addresses or _overstates(statement) or statement.vague:
        return
    spot, opening = spots[0], match.start(2)
    if spot.start - statement.start != opening or not reading.is_concept(spot.text):
        return
    predicate = statement.text[opening + len(spot.text) :].strip()
    verb = words_of(predicate)[0] if words_of(predicate) else ""
    phrase = reading.phrase(spot.text)
    if phrase is None or phrase.kind in {"name", "organisation"} or not _predicates(verb, phrase.plural):
        return
    if re.match(r"\w+ (?:how|what|where|why|when|who|because)\b", predicate):
        return
    if len(roots_of(predicate) - roots_of(spot.text)) < 4 or roots_of(predicate) & roots_of(spot.text):
        return
    if (
        re.search(r"\b(?:its|their|it|they|them|itself)\b", predicate)
        and phrase.plural is False
        and "it" not in predicate
    ):
        return
    determiner = f"{match[1].lower()} " if match[1] else ""
    before = match[1].lower() if match[1] else ""
    shown = phrase.shown
    like = terms_like(reading, spot.text, before, statement.text)
    wrong = of_a_length(shown, [text for text in like if reading.is_concept(text)])[:OFFERED]
    options = [f"{determiner}{text}" for text in wrong]
    stem = f"{'Who' if phrase.kind == 'person' else 'Which of these'} {predicate}?"
    if len(wrong) < WANTED or not fair(stem, shown, wrong[:WANTED]):
        return
    yield Candidate(
        kind=Kind.SINGLE_CHOICE,
        module=sentence.module,
        stem=stem,
        right=(f"{determiner}{shown}",),
        wrong=tuple(options),
        source_id=sentence.source_id,
        start=sentence.start,
        end=sentence.end,
        places=(sentence.place,),
        keys=(" ".join(sorted(roots_of(shown))),),
        rank=1.5 + weight(reading, statement),
        taught=taught(reading, sentence, shown),
    )


def _overstates(statement: Statement) -> bool:
    """Whether a statement is absolute; that something is the only one of its kind is a fact like another."""
    return ABSOLUTE.search(statement.text.replace("the only ", "the ")) is not None


def _predicates(verb: str, plural: bool) -> bool:
    """Whether `verb` is a finite verb that follows `which of these` as it follows the subject."""
    if plural:
        return verb in {"are", "were", "have", "can"} or (
            verb not in FINITE and verb not in AUXILIARIES and verb.isalpha()
        )
    return verb in FINITE and verb not in {"are", "were", "have", "do", "be", "been", "being", "am"}


def _how_many(reading: Reading, count: Count) -> Iterator[Candidate]:
    sentence = count.sentence
    if count.word not in NUMBERS or count.rough:
        return
    near = numbers_like(count.word)
    low, high = (
        [n for n in near if NUMBERS[n] < NUMBERS[count.word]],
        [n for n in near if NUMBERS[n] > NUMBERS[count.word]],
    )
    wrong = (
        [*low[:1], *high[:1]] if sentence.place % 3 == 0 else high[:2] if sentence.place % 3 == 1 else low[:2]
    ) or near
    if len(wrong) < WANTED:
        wrong = near
    yield Candidate(
        kind=Kind.SINGLE_CHOICE,
        module=sentence.module,
        stem=capitalised(count.question),
        right=(count.word,),
        wrong=tuple(wrong[:WANTED]),
        source_id=sentence.source_id,
        start=sentence.start,
        end=sentence.end,
        places=(sentence.place,),
        keys=(count.key,),
        rank=3.0,
        taught=taught(reading, sentence, count.noun),
        ascending=True,
    )
