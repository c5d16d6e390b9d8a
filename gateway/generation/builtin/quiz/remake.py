"""Another quiz of a module: fewer, more or other questions, about terms that the note names."""

import math
import re
from collections.abc import Sequence
from typing import Literal

from msgspec.structs import replace

from gateway.generation.builtin.quiz.candidate import Candidate
from gateway.generation.builtin.quiz.conflicts import clash
from gateway.generation.builtin.quiz.items import item_of
from gateway.generation.builtin.quiz.plan import choose, in_source_order
from gateway.generation.builtin.quiz.reading import Reading
from gateway.generation.builtin.quiz.words import has_word
from gateway.generation.model import NothingElse
from grading.model import Item

Direction = Literal["fewer", "more", "other"]

MOST_QUESTIONS = 20
_FEWER = re.compile(r"\b(?:fewer|less|shorter|reduce|cut|trim|too many|too long)\b", re.IGNORECASE)
_MORE = re.compile(
    r"\b(?:more (?:questions?|items?|quiz|on|about)|longer|additional|extra|add|further questions?|too few|too short)\b",
    re.IGNORECASE,
)
_SIMPLER = re.compile(r"\b(?:simpler|easier|simple|too hard|too difficult|plainer)\b", re.IGNORECASE)
_NAMED, _LENGTH = 6.0, 60


def direction_of(wish: str) -> Direction:
    """What a note asks for; anything that is neither fewer nor more asks for others."""
    if _FEWER.search(wish):
        return "fewer"
    return "more" if _MORE.search(wish) else "other"


def remade(
    reading: Reading,
    pool: Sequence[Candidate],
    others: Sequence[Candidate],
    course_id: str,
    wanted: int,
    earlier: Sequence[Sequence[Item]],
    wishes: Sequence[str],
) -> tuple[list[Candidate], int]:
    """The candidates of the next version and how many were wanted. Unlike every one of `earlier`."""
    wish = wishes[-1] if wishes else ""
    ids = {item_of(candidate, course_id, 0, holds=True).id: candidate for candidate in pool}
    latest = [ids[item.id] for item in earlier[-1] if item.id in ids]
    named = _named(reading, wish)
    ranked = [_wished(candidate, wish, named) for candidate in pool]
    match direction_of(wish):
        case "fewer":
            asked = min(len(latest) - 1, max(1, round(len(latest) * 0.6)))
            kept = [candidate for candidate in ranked if _among(candidate, latest)]
            found = choose(kept, [], [], max(asked, 0))
        case "more":
            asked = min(MOST_QUESTIONS, len(latest) + max(2, math.ceil(len(latest) / 2)))
            kept = [candidate for candidate in ranked if _among(candidate, latest)]
            found = choose([candidate for candidate in ranked if not _among(candidate, latest)], kept, others, asked)
            if len(found) <= len(kept):
                raise NothingElse
        case "other":
            asked = max(len(latest), 1) if latest else wanted
            used = {item.id for version in earlier for item in version}
            fresh = [c for c in ranked if item_of(c, course_id, 0, holds=True).id not in used]
            found = choose(fresh, [], others, asked)
            if len(found) < max(1, asked // 2):
                older = [candidate for candidate in ranked if candidate not in fresh and not _among(candidate, latest)]
                found = choose(older, found, others, asked)
    versions = [{item.id for item in version} for version in earlier]
    made = {item_of(candidate, course_id, 0, holds=True).id for candidate in found}
    if not found or made in versions:
        raise NothingElse
    return in_source_order(found), asked


def _among(candidate: Candidate, held: Sequence[Candidate]) -> bool:
    """Whether `candidate` asks one of `held`, whatever its rank now."""
    return any((candidate.kind, candidate.stem, candidate.start) == (each.kind, each.stem, each.start) for each in held)


def _named(reading: Reading, wish: str) -> list[str]:
    """The source's terms that a note names, longest first."""
    found = [
        phrase.shown
        for phrase in reading.lexicon.phrases.values()
        if phrase.is_noun and has_word(wish, phrase.shown.strip("`"))
    ]
    return sorted(found, key=lambda text: (-len(text), text))


def _wished(candidate: Candidate, wish: str, named: Sequence[str]) -> Candidate:
    """The candidate with the rank that the note gives it."""
    text = f"{candidate.visible} {' '.join(candidate.right)}".replace("`", "")
    rank = candidate.rank
    if any(has_word(text, name.strip("`")) for name in named):
        rank += _NAMED
    if _SIMPLER.search(wish):
        rank -= len(candidate.stem) / _LENGTH
    return replace(candidate, rank=rank)


def spoils(candidate: Candidate, others: Sequence[Candidate]) -> bool:
    """Whether `candidate` may not stand beside one of `others`."""
    return any(clash(candidate, each) for each in others)
