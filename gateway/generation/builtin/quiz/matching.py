"""Terms to be matched with their meanings, where the source defines at least three close together."""

from collections.abc import Iterator, Sequence

from gateway.generation.builtin.quiz.candidate import LONGEST_SPAN, Candidate
from gateway.generation.builtin.quiz.closeness import share_root
from gateway.generation.builtin.quiz.definitions import Definition
from gateway.generation.builtin.quiz.reading import Reading
from gateway.generation.builtin.quiz.words import is_plural, roots_of
from gateway.generation.builtin.quiz.worth import taught
from grading.model import Kind

_LEAST, _MOST = 3, 4


def propose(reading: Reading) -> Iterator[Candidate]:
    """Every run of definitions of one form that fits into a citable span."""
    for group in _groups(reading.definitions):
        most = min(_MOST, max(_LEAST, len(group) - 2))  # leave some of the terms to other questions
        for first in range(len(group)):
            run = _run(reading, group[first:], most)
            if len(run) >= _LEAST:
                yield _candidate(reading, run, group)
                break


def _groups(definitions: Sequence[Definition]) -> list[list[Definition]]:
    groups: dict[tuple[int, str, bool, bool, str], list[Definition]] = {}
    for definition in definitions:
        sentence = definition.sentence
        capital = definition.term[:1].isupper() and definition.form != "listed"
        key = (sentence.module, sentence.source_id, "`" in definition.term, capital, definition.form)
        groups.setdefault(key, []).append(definition)
    return list(groups.values())


def _run(reading: Reading, group: Sequence[Definition], most: int) -> list[Definition]:
    """From the first on, as many as fit the span, with no meaning that names another's term or says much the same."""
    run: list[Definition] = []
    for definition in group:
        if run and definition.sentence.end - run[0].sentence.start > LONGEST_SPAN:
            break
        if len(run) < most and all(_apart(reading, definition, held) for held in run):
            run.append(definition)
    return run


def _apart(reading: Reading, one: Definition, other: Definition) -> bool:
    if one.form != "doing" and reading.kinship.kin(one.term, other.term):
        return False
    if one.form != "doing" and share_root(one.term, other.term):
        return False
    mine, theirs = roots_of(one.meaning), roots_of(other.meaning)
    if roots_of(other.term) <= mine or roots_of(one.term) <= theirs:
        return False
    return len(mine & theirs) <= max(1, min(len(mine), len(theirs)) // 2)


def _candidate(reading: Reading, run: list[Definition], group: Sequence[Definition]) -> Candidate:
    first, last = run[0].sentence, run[-1].sentence
    extra = [
        other.term
        for other in (*group, *reading.definitions)
        if other not in run
        and other.form == run[0].form
        and is_plural(other.term) == is_plural(run[0].term)
        and ("`" in other.term) == ("`" in run[0].term)
        and other.term[:1].isupper() == run[0].term[:1].isupper()
        and all(other.key != held.key and _apart(reading, other, held) for held in run)
    ]
    known = [taught(reading, definition.sentence, definition.term) for definition in run]
    return Candidate(
        kind=Kind.MATCHING,
        module=first.module,
        stem="Match each description with the term it describes.",
        lefts=tuple(definition.meaning for definition in run),
        right=tuple(definition.term for definition in run),
        wrong=tuple(extra[:1]),
        source_id=first.source_id,
        start=min(definition.sentence.start for definition in run),
        end=max(first.end, last.end),
        places=tuple(sorted({definition.sentence.place for definition in run})),
        keys=tuple(definition.key for definition in run),
        rank=5.5,
        taught=min(sum(known) / len(known), min(known) + 0.2),
    )
