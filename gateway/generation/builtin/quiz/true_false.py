"""Statements to judge: the source's own, and the same with one fact changed."""

from collections.abc import Iterator

from gateway.generation.builtin.quiz.candidate import Candidate
from gateway.generation.builtin.quiz.reading import Reading
from gateway.generation.builtin.quiz.twist import twist
from gateway.generation.builtin.quiz.words import ABSOLUTE, roots_of
from gateway.generation.builtin.quiz.worth import taught, weight
from grading.model import Kind

OPENING = "True or false: "


def propose(reading: Reading) -> Iterator[Candidate]:
    """Every statement that has a false form, so that either may be asked."""
    for statement in reading.statements:
        sentence = statement.sentence
        changed = twist(reading, statement)
        if changed is None or statement.vague or statement.absolute or ABSOLUTE.search(changed.shown):
            continue
        yield Candidate(
            kind=Kind.TRUE_FALSE,
            module=sentence.module,
            stem=OPENING + statement.shown,
            twin=OPENING + changed.shown,
            source_id=sentence.source_id,
            start=sentence.start,
            end=sentence.end,
            places=(sentence.place,),
            keys=(" ".join(sorted(roots_of(changed.changed))) or changed.changed,),
            rank=1.5 + 2 * changed.certainty + weight(reading, statement) / 2,
            taught=taught(reading, sentence, changed.changed),
        )
