"""Questions answered by a term or a number word."""

import re
from collections.abc import Iterator

from gateway.generation.builtin.quiz.candidate import Candidate
from gateway.generation.builtin.quiz.counts import counts_of
from gateway.generation.builtin.quiz.definitions import Definition
from gateway.generation.builtin.quiz.reading import Reading
from gateway.generation.builtin.quiz.single_choice import term_question
from gateway.generation.builtin.quiz.words import NUMBERS, capitalised, words_of
from gateway.generation.builtin.quiz.worth import taught
from grading.model import Kind

_MOST_WORDS = 3


def propose(reading: Reading) -> Iterator[Candidate]:
    """Every question of this kind that the source supports."""
    for definition in reading.definitions:
        yield from _term(reading, definition)
    for count in counts_of(reading):
        if count.word in NUMBERS and not count.rough:
            sentence = count.sentence
            yield Candidate(
                kind=Kind.SHORT_TEXT,
                module=sentence.module,
                stem=capitalised(count.question),
                right=(count.word, str(NUMBERS[count.word])),
                source_id=sentence.source_id,
                start=sentence.start,
                end=sentence.end,
                places=(sentence.place,),
                keys=(count.key,),
                rank=2.6,
                taught=taught(reading, sentence, count.noun),
            )


def _term(reading: Reading, definition: Definition) -> Iterator[Candidate]:
    words = words_of(definition.term)
    if len(words) > _MOST_WORDS or definition.certainty < 3:
        return
    sentence = definition.sentence
    yield Candidate(
        kind=Kind.SHORT_TEXT,
        module=sentence.module,
        stem=term_question(reading, definition, typed=True),
        right=accepted(definition.bare_term, definition.article),
        source_id=sentence.source_id,
        start=sentence.start,
        end=sentence.end,
        places=(sentence.place,),
        keys=(definition.key,),
        rank=2.3 + definition.certainty / 2 - 0.4 * (len(words) - 1),
        taught=taught(reading, sentence, definition.term),
    )


def accepted(term: str, leading: str = "") -> tuple[str, ...]:
    """The forms of a term that are right: as written, without a hyphen, behind the article that the source gives it."""
    forms = [term]
    if re.fullmatch(r"[A-Za-z]+(?:-[A-Za-z]+)+", term):
        forms.append(term.replace("-", " "))
    if leading:
        forms.append(f"{leading} {term}")
    return tuple(forms)
