"""Where right options stand and which statements are true: even over the course, and no pattern to guess by."""

from collections import Counter
from collections.abc import Sequence

from gateway.generation.builtin.quiz.candidate import Candidate
from gateway.generation.builtin.quiz.items import digest, item_of
from grading.model import Item, Kind


def items_of(plan: Sequence[Sequence[Candidate]], course_id: str, version: int = 1) -> list[list[Item]]:
    """The items of every module. Right options take each place equally often, statements are true half the time."""
    places: Counter[tuple[Kind, int]] = Counter()
    statements = 0
    made: list[list[Item]] = []
    for held in plan:
        made.append([])
        for candidate in held:
            position, holds = 0, True
            if candidate.kind in {Kind.SINGLE_CHOICE, Kind.GAP_SELECT}:
                position = _position(candidate, course_id, places)
            elif candidate.kind is Kind.TRUE_FALSE:
                first = digest(course_id, version, statements // 2) % 2 == 0
                holds = first if statements % 2 == 0 else not first
                statements += 1
            made[-1].append(item_of(candidate, course_id, position, holds=holds))
    return made


def _position(candidate: Candidate, course_id: str, places: Counter[tuple[Kind, int]]) -> int:
    size = 1 + len(candidate.wrong)
    if candidate.ascending:
        position = candidate.ordered.index(candidate.right[0])
    else:
        position = min(
            range(size), key=lambda place: (places[candidate.kind, place], digest(course_id, candidate.stem, place))
        )
    places[candidate.kind, position] += 1
    return position
