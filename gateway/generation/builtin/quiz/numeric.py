"""Questions whose answer is a number that the source writes in digits; a unit stays in the question."""

import re
from collections.abc import Iterator

from gateway.generation.builtin.quiz.candidate import Candidate
from gateway.generation.builtin.quiz.counts import counts_of, is_given
from gateway.generation.builtin.quiz.reading import Reading
from gateway.generation.builtin.quiz.words import capitalised, roots_of
from gateway.generation.builtin.quiz.worth import taught, weight
from grading.model import Kind
from grading.parts import GAP
from grading.tolerances import AbsoluteTolerance, ExactTolerance, RelativeTolerance, Tolerance

_NUMBER = re.compile(
    r"(?<![\w.,/\-–−+$€£`:#(])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w`]|[.,:/\-–]\d)|(?<![\w.,/\-–−+$€£`:#(])\d+(?:\.\d+)?(?![\w`]|[.,:/\-–]\d)"
)
_SPOILED = re.compile(
    r"^\s?(?:to|and|or|–|-|×|x|%?\s?(?:to|or|and)) ?\d|^[/:–\-]|^ (?:BC|AD|CE|BCE|million|billion|trillion|thousand)\b"
)
_LEAST_DIGITS = 2
_DATES = re.compile(r"\b(?:in|since|by|until|around|about|of)\s$", re.IGNORECASE)
_ENDS = re.compile(r"$|[,;]| (?:in|at|by|and|when|while|because|as|with|to|for|after|from|the)\b")
_YEAR = re.compile(r"[6-9]\d\d|1\d{3}|20\d\d")
_ROUGH = re.compile(
    r"\b(?:about|around|approximately|roughly|nearly|almost|some|near|circa|an estimated)(?: once)?(?: every)?\s$",
    re.IGNORECASE,
)
_TENTH, _DECADE = RelativeTolerance("0.1"), AbsoluteTolerance("10")
_RANGED = re.compile(r"(?:\d\s?(?:to|and|or|–|-)\s?|\bbetween |\bfrom )$")


def propose(reading: Reading) -> Iterator[Candidate]:
    """`How many …` where it can be asked so, else the sentence with its number left out."""
    asked: set[int] = set()
    for count in counts_of(reading):
        if count.word[0].isdigit() and count.word != "1":
            asked.add(count.sentence.place)
            reach: Tolerance = _TENTH if count.rough else ExactTolerance()
            yield _made(reading, count.sentence.place, capitalised(count.question), count.word, count.noun, 4.4, reach)
    for statement in reading.statements:
        found = list(_NUMBER.finditer(statement.text))
        if statement.sentence.place in asked or not 1 <= len(found) <= 3:
            continue
        match = min(found, key=lambda number: _YEAR.fullmatch(number[0]) is not None)
        before, after = statement.text[: match.start()], statement.text[match.end() :]
        if len(match[0]) < _LEAST_DIGITS:  # a guess away, and `1 minute` says its own number
            continue
        if re.search(rf"(?<![\d.,]){re.escape(match[0])}(?![\d.,]*\d)", before + after):  # the rest says it once more
            continue
        if not before or _SPOILED.match(after) or _RANGED.search(before) or len(roots_of(before + after)) < 4:
            continue
        if is_given(before):
            continue
        dated = before == "In " or (_DATES.search(before) and _ENDS.match(after))
        what = "year" if dated and _YEAR.fullmatch(match[0]) else "number"
        rough = _ROUGH.search(before) is not None
        reach = ExactTolerance() if not rough else _DECADE if what == "year" else _TENTH
        stem = f"Which {what} completes the sentence? {before}{GAP}{after}."
        yield _made(reading, statement.sentence.place, stem, match[0], "", 3.0 + weight(reading, statement) / 2, reach)


def _made(
    reading: Reading, place: int, stem: str, number: str, noun: str, rank: float, tolerance: Tolerance
) -> Candidate:
    """One question; a number that the source calls about right need be about right only."""
    sentence = reading.material.sentences[place]
    return Candidate(
        kind=Kind.NUMERIC,
        module=sentence.module,
        stem=stem,
        right=(number,),
        source_id=sentence.source_id,
        start=sentence.start,
        end=sentence.end,
        places=(place,),
        keys=(f"{number} {noun}".strip(),),
        rank=rank,
        taught=taught(reading, sentence, noun),
        group_mark="," in number,
        tolerance=tolerance,
    )
