"""Questions with two or three right choices: the parts of an enumeration, or the true ones among statements."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from msgspec import Struct

from gateway.generation.builtin.quiz.candidate import LONGEST_SPAN, Candidate
from gateway.generation.builtin.quiz.distractors import terms_like
from gateway.generation.builtin.quiz.options import of_a_length
from gateway.generation.builtin.quiz.phrases import canonical
from gateway.generation.builtin.quiz.reading import Reading
from gateway.generation.builtin.quiz.standing import Statement
from gateway.generation.builtin.quiz.twist import Twist
from gateway.generation.builtin.quiz.words import ABSOLUTE, DETERMINERS, STRUCTURE, is_plural, roots_of, words_of
from gateway.generation.builtin.quiz.worth import taught, weight
from grading.model import Kind

_RIGHT, _WRONG = 2, 2
_LIST = re.compile(
    r"^(?P<subject>.{3,70}?) (?P<verb>includes?|contains?|consists? of|comprises?|(?:is|are) made (?:up )?of|(?:is|are) composed of|(?:is|are|was|were) an? (?:alloy|mixture|combination|blend) of|"
    r"(?:is|are) divided into|uses?|stores?|produces?|provides?|supports?|requires?|needs?|has|have)(?P<count> [a-z]+ [a-z]+:)? "
    r"(?P<list>[^;:()]+?,? and [^,;:()]+)$"
)
_LONGEST_PART = 5


class _Judged(Struct, frozen=True):
    statement: Statement
    twist: Twist | None
    worth: float


def propose(reading: Reading, twists: Mapping[int, Twist | None]) -> Iterator[Candidate]:
    """Every question of this kind that the source supports."""
    for statement in reading.statements:
        if candidate := _enumeration(reading, statement):
            yield candidate
    yield from _statements(reading, twists)


def _enumeration(reading: Reading, statement: Statement) -> Candidate | None:
    """`Which of these does X include?` from a sentence that lists short parts."""
    match = _LIST.match(statement.text)
    if not match or statement.addresses or statement.vague:
        return None
    parts = [
        re.sub(r"^(?:the|an?|its|their|both|and) ", "", part.strip()) for part in re.split(r",? and |, ", match["list"])
    ]
    subject = match["subject"]
    if len(parts) < _RIGHT or any(not _is_part(part) for part in parts) or not _is_subject(reading, subject):
        return None
    stem = _question(subject, match["verb"])
    wrong: list[str] = []
    for part in parts:
        wrong.extend(text for text in terms_like(reading, part, "", statement.text) if text not in wrong)
    options = of_a_length(max(parts, key=len), wrong)[: max(_WRONG, min(len(parts), 3))]
    chosen = parts[:3]
    if (
        len(options) < _WRONG
        or roots_of(stem) & roots_of(" ".join(chosen))
        or len({*chosen, *options}) < len(chosen) + len(options)
    ):
        return None
    if (
        len({"`" in option for option in (*chosen, *options)}) > 1
        or len({option[:1].isupper() for option in (*chosen, *options)}) > 1
    ):
        return None
    sentence = statement.sentence
    return Candidate(
        kind=Kind.MULTIPLE_CHOICE,
        module=sentence.module,
        stem=stem,
        right=tuple(chosen),
        wrong=tuple(options),
        source_id=sentence.source_id,
        start=sentence.start,
        end=sentence.end,
        places=(sentence.place,),
        keys=(" ".join(sorted(roots_of(" ".join(chosen)))),),
        rank=2.8 + weight(reading, statement) / 3,
        taught=taught(reading, sentence, " ".join(chosen)),
    )


def _is_part(part: str) -> bool:
    words = words_of(part)
    return (
        0 < len(words) <= _LONGEST_PART
        and not any(word in STRUCTURE and word != "of" for word in words)
        and len(part) > 2
    )


def _is_subject(reading: Reading, subject: str) -> bool:
    words = words_of(subject)
    inner = words[1:] if words and words[0] in DETERMINERS else words
    if (
        not inner
        or len(inner) > 4
        or any(word in STRUCTURE and word != "of" for word in inner)
        or words[0] in {"this", "these", "it"}
    ):
        return False
    bare = re.sub(r"^(?:the|an?) ", "", subject, flags=re.IGNORECASE)
    return reading.is_concept(bare) or reading.salience(bare) > 1


def _question(subject: str, verb: str) -> str:
    name = subject[:1].lower() + subject[1:] if subject.split(" ", 1)[0].lower() in DETERMINERS else subject
    if name == subject and subject[:1].isupper() and is_plural(subject):
        name = subject[:1].lower() + subject[1:]
    if match := re.match(r"(is|are|was|were) (.+)", verb):
        return f"Which of these {match[1]} {name} {match[2]}?"
    plural = is_plural(subject)
    base = {"has": "have", "consists of": "consist of"}.get(verb, verb if plural else re.sub(r"s$", "", verb))
    return f"Which of these {'do' if plural else 'does'} {name} {base}?"


def _statements(reading: Reading, twists: Mapping[int, Twist | None]) -> Iterator[Candidate]:
    """`Which of these statements about X are true?`: two as the source has them, two with a fact changed."""
    judged: dict[tuple[int, str], list[_Judged]] = {}
    for statement in reading.statements:
        if statement.absolute or statement.vague or statement.addresses or len(statement.text) > 170:
            continue
        sentence = statement.sentence
        entry = _Judged(
            statement, twists[sentence.place], weight(reading, statement) + 2 * taught(reading, sentence, "")
        )
        if entry.twist is None or not ABSOLUTE.search(entry.twist.shown):
            judged.setdefault((sentence.module, sentence.source_id), []).append(entry)
    for entries in judged.values():
        for first in range(0, len(entries), 2):
            start = entries[first].statement.sentence.start
            window = [entry for entry in entries[first:] if entry.statement.sentence.end - start <= LONGEST_SPAN]
            if candidate := _best_of(reading, window[:12]):
                yield candidate


def _best_of(reading: Reading, window: Sequence[_Judged]) -> Candidate | None:
    for topic in _topics(reading, window):
        about = [
            entry
            for entry in window
            if any(canonical(spot.text) == topic for spot in reading.spots(entry.statement.sentence))
        ]
        twisted = sorted(
            (entry for entry in about if entry.twist and canonical(entry.twist.changed) != topic),
            key=lambda entry: (-(entry.twist.certainty if entry.twist else 0), -entry.worth),
        )[:_WRONG]
        plain = sorted((entry for entry in about if entry not in twisted), key=lambda entry: -entry.worth)[:_RIGHT]
        if len(twisted) < _WRONG or len(plain) < _RIGHT or not _even(plain, twisted):
            continue
        used = sorted((*twisted, *plain), key=lambda entry: entry.statement.sentence.place)
        phrase = reading.lexicon.phrases[topic]
        named = phrase.shown if phrase.bare >= phrase.determined or phrase.plural else f"the {phrase.shown}"
        first, last = used[0].statement.sentence, used[-1].statement.sentence
        return Candidate(
            kind=Kind.MULTIPLE_CHOICE,
            module=first.module,
            stem=f"Which of these statements about {named} are true?",
            right=tuple(entry.statement.shown for entry in plain),
            wrong=tuple(entry.twist.shown for entry in twisted if entry.twist),
            source_id=first.source_id,
            start=first.start,
            end=max(last.end, *(entry.statement.sentence.end for entry in used)),
            places=tuple(entry.statement.sentence.place for entry in used),
            keys=(f"statements {topic}",),
            rank=0.8
            + sum(entry.worth for entry in used) / 6
            + sum(entry.twist.certainty for entry in twisted if entry.twist),
            taught=sum(taught(reading, entry.statement.sentence, "") for entry in used) / len(used),
        )
    return None


def _topics(reading: Reading, window: Sequence[_Judged]) -> list[str]:
    """Concepts that at least four statements of the window speak of, the most spoken of first."""
    counts = Counter(
        topic
        for entry in window
        for topic in {canonical(spot.text) for spot in reading.spots(entry.statement.sentence)}
        if reading.is_concept(topic)
    )
    return [
        topic
        for topic, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        if count >= _RIGHT + _WRONG
    ]


def _even(plain: Sequence[_Judged], twisted: Sequence[_Judged]) -> bool:
    """Whether true and false statements are about as long, and no two say much the same."""
    lengths = [sum(len(entry.statement.text) for entry in side) for side in (plain, twisted)]
    if max(lengths) > 1.7 * min(lengths):
        return False
    said = [roots_of(entry.statement.text) for entry in (*plain, *twisted)]
    return all(len(one & other) <= 0.6 * min(len(one), len(other)) for one, other in combinations(said, 2))
