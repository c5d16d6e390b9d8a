"""Whether two questions may stand in one course: none asks what another asks, none answers another."""

from functools import lru_cache

from gateway.generation.builtin.quiz.candidate import Candidate
from gateway.generation.builtin.quiz.words import has_word, roots_of
from grading.model import Kind

_SAME = 0.6
_NEAR = 0.4
_ANSWERED = 0.5
_TOLD = 0.7
_LONG_OPTION = 3


def clash(one: Candidate, other: Candidate) -> bool:
    """Whether only one of the two may be asked."""
    if one.source_id == other.source_id and one.module == other.module and set(one.places) & set(other.places):
        return True
    if any(_alike(mine, theirs) for mine in one.forms for theirs in other.forms):
        return True
    mine, theirs = one.asked, other.asked
    if set(one.keys) & set(other.keys) and (
        one.module == other.module or len(mine & theirs) >= _NEAR * min(len(mine), len(theirs))
    ):
        return True
    return _share_long_options(one, other) or answers(one, other) or answers(other, one)


def _share_long_options(one: Candidate, other: Candidate) -> bool:
    """Whether both offer the same meanings, so that they read as one question asked twice."""
    if not one.kind == other.kind == Kind.SINGLE_CHOICE:
        return False
    shared = {*one.right, *one.wrong} & {*other.right, *other.wrong}
    return any(len(text.split(" ")) > _LONG_OPTION for text in shared)


def _alike(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    return bool(mine and theirs) and len(mine & theirs) >= _SAME * min(len(mine), len(theirs))


@lru_cache(maxsize=65_536)
def _roots(text: str) -> frozenset[str]:
    return roots_of(text)


def answers(one: Candidate, other: Candidate) -> bool:
    """Whether what a learner reads in `one` tells the key of `other`."""
    read = one.visible
    known = _roots(read)
    if other.kind in {Kind.TRUE_FALSE, Kind.MULTIPLE_CHOICE}:
        said = [_roots(other.stem)] if other.kind is Kind.TRUE_FALSE else [_roots(text) for text in other.right]
        return any(roots and len(roots & known) >= _TOLD * len(roots) for roots in said)
    if other.kind is Kind.MATCHING:
        return any(
            has_word(read, right) and _mostly(_roots(left), known)
            for left, right in zip(other.lefts, other.right, strict=True)
        )
    if other.kind is Kind.ORDERING:
        return sum(_mostly(_roots(step), known) for step in other.right) >= 2
    bare = read.replace("`", "")
    return any(has_word(bare, right.replace("`", "")) for right in other.right[:1]) and _mostly(
        _roots(other.stem) - _roots(other.right[0]) - _FRAME, known
    )


_FRAME = roots_of(
    "Which term means fits the description? What is the term for called? Which number year completes the sentence?"
)


def _mostly(wanted: frozenset[str], known: frozenset[str]) -> bool:
    return bool(wanted) and len(wanted & known) >= _ANSWERED * len(wanted)
