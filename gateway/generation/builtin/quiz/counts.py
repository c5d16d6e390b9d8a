# ruff: file-ignore[split-static-string] - a list of words reads as words
"""Facts with a number: how many of what, turned into a question in the words of the source."""

import re
from collections.abc import Iterator

from msgspec import Struct

from gateway.generation.builtin.quiz.material import Sentence
from gateway.generation.builtin.quiz.reading import Reading
from gateway.generation.builtin.quiz.standing import Statement, stands
from gateway.generation.builtin.quiz.words import (
    DETERMINERS,
    FINITE,
    NUMBERS,
    PREPOSITIONS,
    PRONOUNS,
    STRUCTURE,
    is_plural,
    root,
    words_of,
)

_NUMBER = r"(?P<number>\d[\d,]*(?:\.\d+)?|" + "|".join(word for word, value in NUMBERS.items() if value > 1) + ")"
_ABOUT = r"(?:(?P<about>about|around|approximately|roughly|nearly|some|almost) |exactly )?"
_NOUN = r"(?P<noun>[A-Za-z\-]+(?: [A-Za-z\-]+){0,2}?)"
_REST = r"(?P<rest>(?:,|:|;|—| \(| (?:in|on|at|of|for|with|that|which|called|named|from|and|each|per|to|by|as|where|during|every|a)\b).*)?$"
_HAS = re.compile(
    rf"^(?P<subject>.{{3,60}}?) (?P<verb>has|have|had|contains?|includes?|uses?|needs?|requires?|comprises?|produces?|supports?|holds?|covers?|weighs?|"
    rf"lasts?|takes?) {_ABOUT}{_NUMBER} {_NOUN}{_REST}"
)
_MADE = re.compile(
    rf"^(?P<subject>.{{3,60}}?) (?P<verb>is|are|was|were) (?P<made>made up of|made of|composed of|divided into|split into|built from) "
    rf"{_ABOUT}{_NUMBER} {_NOUN}{_REST}"
)
_CONSISTS = re.compile(rf"^(?P<subject>.{{3,60}}?) (?P<verb>consists?) of {_ABOUT}{_NUMBER} {_NOUN}{_REST}")
_THERE = re.compile(
    rf"^There (?P<verb>are|were) {_ABOUT}{_NUMBER} {_NOUN}(?P<where> (?:in|on|of|for) [^,;:.(]{{4,60}}){_REST}"
)
_ASIDE = re.compile(r"[,:;—]| \(")
_TAIL = re.compile(r" (?:in|on|at|for|with|from|per|each|every|during|a|an)\b.{2,60}")
_GIVEN = re.compile(r"(?:an?|each|every|one|suppose|if|when) (?:[\w'’-]+ )*$", re.IGNORECASE)
_BASE = {"has": "have", "had": "have"}
_RATIO = frozenset("times percent per hundred thousand million billion dozen hours degrees".split())


class Count(Struct, frozen=True, kw_only=True):
    """`question` asks how many; `word` is the number as the source writes it, `noun` what is counted, `rough` whether the
    source gives it as about right only.
    """

    question: str
    word: str
    noun: str
    subject: str
    sentence: Sentence
    rough: bool

    @property
    def key(self) -> str:
        """What is asked for, as it is compared with other keys."""
        return f"{self.word} {root(words_of(self.noun)[-1])}"


def counts_of(reading: Reading) -> Iterator[Count]:
    """Every number that can be asked for by `how many` without changing the words of the source."""
    for statement in reading.statements:
        for pattern in (_MADE, _CONSISTS, _HAS, _THERE):
            match = pattern.match(statement.text)
            if match and (count := _count(statement, match)):
                yield count
                break


def _count(statement: Statement, match: re.Match[str]) -> Count | None:
    noun, found = match["noun"], match.groupdict()
    words = words_of(noun)
    if not is_plural(noun) or words[-1] in _RATIO or any(word in STRUCTURE for word in words):
        return None
    subject, verb = found.get("subject") or "", match["verb"]
    if subject and not _names(subject):
        return None
    shown = _lowered(subject)
    plural = is_plural(subject)
    tail = _ASIDE.split(match["rest"] or "", maxsplit=1)[0].rstrip()
    if tail and not (_TAIL.fullmatch(tail) and stands(tail) and "subject" in found and not found.get("made")):
        return None  # without what it ends on, `a year` or `of the coast`, the number is another
    rough = found["about"] is not None
    many = "about how many" if rough else "how many"
    if made := found.get("made"):
        question = f"{many} {noun} {verb} {shown} {made}?"
    elif verb.startswith("consist"):
        question = f"{many} {noun} {'do' if plural else 'does'} {shown} consist of?"
    elif found.get("where"):
        question = f"{many} {noun} {verb} there{found['where']}?"
    else:
        base = _BASE.get(verb, verb if plural else verb.removesuffix("s"))
        question = f"{many} {noun} {'did' if verb == 'had' else 'do' if plural else 'does'} {shown} {base}{tail}?"
    return Count(
        question=question, word=match["number"], noun=noun, subject=subject, sentence=statement.sentence, rough=rough
    )


def _names(subject: str) -> bool:
    """Whether the subject is one plain noun phrase that says what it means."""
    words = words_of(subject)
    if words[0] in PRONOUNS or words[0] in DETERMINERS - {"the", "a", "an", "each", "every"} or len(words) > 7:
        return False
    inner = words[1:] if words[0] in DETERMINERS else words
    return (
        bool(inner) and not any(word in STRUCTURE and word not in PREPOSITIONS for word in inner) and "," not in subject
    )


def _lowered(subject: str) -> str:
    first = subject.split(" ", 1)[0]
    return subject[:1].lower() + subject[1:] if first.lower() in DETERMINERS or first.lower().endswith("s") else subject


def is_given(before: str) -> bool:
    """Whether the number belongs to the thing that the sentence supposes, `A bridge of 1,000 metres is …`, and is no fact
    about it.
    """
    return _GIVEN.fullmatch(before) is not None and not any(word in FINITE for word in words_of(before))
