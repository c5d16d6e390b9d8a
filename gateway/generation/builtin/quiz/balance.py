"""Where right options stand and which statements are true: even over the course, and no pattern to guess by."""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

from msgspec.structs import replace

from gateway.generation.builtin.quiz.candidate import Candidate
from gateway.generation.builtin.quiz.distractors import WANTED
from gateway.generation.builtin.quiz.items import Lots, digest, item_of
from gateway.generation.builtin.quiz.options import fair
from grading.model import Item, Kind


def items_of(plan: Sequence[Sequence[Candidate]], lots: Lots, version: int = 1) -> list[list[Item]]:
    """The items of every module. Right options take each place equally often and are of no telling length;
    statements are true half the time.
    """
    places: Counter[tuple[Kind, int]] = Counter()
    lengths: Counter[int] = Counter()
    statements = [each for held in plan for each in held if each.kind is Kind.TRUE_FALSE]
    holding = _holding(statements, lots.drawn, version)
    made: list[list[Item]] = []
    for held in plan:
        made.append([])
        for candidate in held:
            position, settled = 0, candidate
            if candidate.kind in {Kind.SINGLE_CHOICE, Kind.GAP_SELECT}:
                settled = _shortlisted(candidate, lots.drawn, lengths)
                position = _position(settled, lots.drawn, places)
            made[-1].append(item_of(settled, lots, position, holds=candidate.stem in holding))
    return made


def _holding(statements: Sequence[Candidate], seed: str, version: int) -> set[str]:
    """The stems of those that are asked as they are: all without a false form, and of the others so many by lot that
    half of all hold.
    """
    plain = {each.stem for each in statements if not each.twin}
    others = sorted((each.stem for each in statements if each.twin), key=lambda stem: digest(seed, version, stem))
    uneven = len(statements) % 2 * (digest(seed, version, len(statements)) % 2)
    return plain | set(others[: max(0, len(statements) // 2 + uneven - len(plain))])


def _shortlisted(candidate: Candidate, seed: str, lengths: Counter[int]) -> Candidate:
    """The candidate with two of its wrong options: the best pair that keeps the right ones from being the longest or the
    shortest more often than chance.
    """
    right = candidate.right[0]
    pairs = [pair for pair in combinations(candidate.wrong, WANTED) if fair(candidate.stem, right, pair)]
    pairs = pairs or [candidate.wrong[:WANTED]]
    ranks = [sum(len(text) < len(right) for text in pair) for pair in pairs]
    wanted = min(set(ranks), key=lambda rank: (lengths[rank], digest(seed, candidate.stem, "length", rank)))
    lengths[wanted] += 1
    return replace(candidate, wrong=tuple(pairs[ranks.index(wanted)]))


def _position(candidate: Candidate, seed: str, places: Counter[tuple[Kind, int]]) -> int:
    size = 1 + len(candidate.wrong)
    if candidate.ascending:
        position = candidate.ordered.index(candidate.right[0])
    else:
        position = min(
            range(size), key=lambda place: (places[candidate.kind, place], digest(seed, candidate.stem, place))
        )
    places[candidate.kind, position] += 1
    return position
