"""Another quiz of a module: fewer, more or other questions, about terms that the note names."""

import math
import re
from collections.abc import Sequence
from typing import Literal

from msgspec.structs import replace

from gateway.generation.builtin.quiz.candidate import Candidate
from gateway.generation.builtin.quiz.items import Lots, id_of
from gateway.generation.builtin.quiz.plan import choose, in_source_order
from gateway.generation.builtin.quiz.reading import Reading
from gateway.generation.builtin.quiz.words import has_word
from gateway.generation.model import NothingElse
from grading.model import Item

Direction = Literal["fewer", "more", "other"]

MOST_QUESTIONS = 20
_FEWER = re.compile(r"\b(?:fewer|less|shorter|reduce|cut|trim|too many|too long)\b", re.IGNORECASE)
_MORE = re.compile(
    r"\b(?:more (?:questions?|items?|quiz|on|about)|longer|additional|extra|add|further questions?|too few|too short)\b"
    r"|^\W*more\W*$",
    re.IGNORECASE,
)
_SIMPLER = re.compile(r"\b(?:simpler|easier|simple|too hard|too difficult|plainer)\b", re.IGNORECASE)
_NAMED, _ASKED_BEFORE, _LENGTH = 6.0, 3.0, 60
_TRIES = 12


def direction_of(wish: str) -> Direction:
    """What a note asks for; anything that is neither fewer nor more asks for others."""
    fewer, more = _FEWER.search(wish), _MORE.search(wish)
    if fewer and (not more or fewer.start() < more.start()):
        return "fewer"
    return "more" if more else "other"


def remade(
    reading: Reading,
    pool: Sequence[Candidate],
    others: Sequence[Candidate],
    lots: Lots,
    wanted: int,
    earlier: Sequence[Sequence[Item]],
    wishes: Sequence[str],
) -> tuple[list[Candidate], int]:
    """The candidates of the next version and how many were wanted. Unlike every one of `earlier`; raises NothingElse."""
    wish = wishes[-1] if wishes else ""
    named = _named(reading, wish)
    used = {item.id for version in earlier for item in version}
    ranked = [_wished(each, wish, named, again=id_of(each, lots) in used) for each in pool]
    last = {item.id for item in earlier[-1]}
    latest = [each for each in ranked if id_of(each, lots) in last]
    fresh = [each for each in ranked if id_of(each, lots) not in used]
    versions = [{item.id for item in version} for version in earlier]
    left = ranked
    for _ in range(_TRIES):
        found, asked = _next_version(direction_of(wish), left, latest, fresh, others, wanted)
        if {id_of(each, lots) for each in found} not in versions:
            break
        spare = [each for each in found if direction_of(wish) == "fewer" or each not in latest]
        left = [each for each in left if each not in spare[-1:]]
    else:
        raise NothingElse
    if not found or (direction_of(wish) == "more" and len(found) <= len(latest)):
        raise NothingElse
    return in_source_order(found), asked


def _next_version(
    direction: Direction,
    ranked: Sequence[Candidate],
    latest: Sequence[Candidate],
    fresh: Sequence[Candidate],
    others: Sequence[Candidate],
    wanted: int,
) -> tuple[list[Candidate], int]:
    """What the best next version asks and how many it should."""
    match direction:
        case "fewer":
            asked = min(len(latest) - 1, max(1, round(len(latest) * 0.6)))
            return choose([each for each in ranked if each in latest], [], [], max(asked, 0)), asked
        case "more":
            asked = min(MOST_QUESTIONS, len(latest) + max(2, math.ceil(len(latest) / 2)))
            return choose([each for each in ranked if each not in latest], latest, others, asked), asked
        case "other":
            asked = len(latest) or wanted
            found = choose([each for each in ranked if each in fresh], [], others, asked)
            older = [each for each in ranked if each not in fresh and each not in latest]
            found = choose(older, found, others, asked)
            return found, asked


def _named(reading: Reading, wish: str) -> list[str]:
    """The source's terms that a note names, longest first."""
    found = [
        phrase.shown
        for phrase in reading.lexicon.phrases.values()
        if phrase.is_noun and has_word(wish, phrase.shown.strip("`"))
    ]
    return sorted(found, key=lambda text: (-len(text), text))


def _wished(candidate: Candidate, wish: str, named: Sequence[str], *, again: bool) -> Candidate:
    """The candidate with the rank that the note gives it; what an earlier version asked comes late."""
    text = f"{candidate.visible} {' '.join(candidate.right)}".replace("`", "")
    rank = candidate.rank - _ASKED_BEFORE * again
    if any(has_word(text, name.strip("`")) for name in named):
        rank += _NAMED
    if _SIMPLER.search(wish):
        rank -= len(candidate.stem) / _LENGTH
    return replace(candidate, rank=rank)
