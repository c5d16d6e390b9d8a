"""Statements to judge: the source's own, and the same with one fact changed."""

from collections.abc import Iterator, Mapping

from gateway.generation.builtin.quiz.candidate import Candidate
from gateway.generation.builtin.quiz.reading import Reading
from gateway.generation.builtin.quiz.standing import Statement
from gateway.generation.builtin.quiz.twist import Twist
from gateway.generation.builtin.quiz.words import ABSOLUTE, roots_of
from gateway.generation.builtin.quiz.worth import taught, weight
from grading.model import Kind

OPENING = "True or false: "
_WORDS, _WEIGHT = 8, 0.8


def propose(reading: Reading, twists: Mapping[int, Twist | None]) -> Iterator[Candidate]:
    """Every clean statement, with its false form if it has one, so that either may be asked."""
    for statement in reading.statements:
        sentence = statement.sentence
        if statement.vague or statement.absolute:
            continue
        changed = twists[sentence.place]
        if changed is not None and ABSOLUTE.search(changed.shown):
            changed = None
        key = changed.changed if changed is not None else _subject(reading, statement)
        if not key or (changed is None and not _worth_judging(reading, statement)):
            continue
        yield Candidate(
            kind=Kind.TRUE_FALSE,
            module=sentence.module,
            stem=OPENING + statement.shown,
            twin=OPENING + changed.shown if changed is not None else "",
            source_id=sentence.source_id,
            start=sentence.start,
            end=sentence.end,
            places=(sentence.place,),
            keys=(" ".join(sorted(roots_of(key))) or key,),
            rank=(1.5 + 2 * changed.certainty if changed is not None else 1.3) + weight(reading, statement) / 2,
            taught=taught(reading, sentence, key),
        )


def _worth_judging(reading: Reading, statement: Statement) -> bool:
    """Whether a statement that can only be true says enough to be judged."""
    return (
        not statement.addresses and len(statement.text.split(" ")) >= _WORDS and weight(reading, statement) >= _WEIGHT
    )


def _subject(reading: Reading, statement: Statement) -> str:
    """The weightiest concept of a statement."""
    concepts = [spot.text for spot in reading.spots(statement.sentence) if reading.is_concept(spot.text)]
    return max(concepts, key=lambda text: (reading.salience(text), text), default="")
