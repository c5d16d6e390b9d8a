"""Which questions a course asks: over-generated, ranked, and chosen so that types and terms vary and none spoils another."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter

from gateway.generation.builtin.quiz import (
    gaps,
    matching,
    multiple_choice,
    numeric,
    ordering,
    reasons,
    short_text,
    single_choice,
    table_matching,
    true_false,
)
from gateway.generation.builtin.quiz.candidate import LONGEST_SPAN, Candidate
from gateway.generation.builtin.quiz.conflicts import clash
from gateway.generation.builtin.quiz.reading import Reading
from gateway.generation.builtin.quiz.twist import twist
from grading.model import Kind

CANDIDATES_PER_MODULE = 120
"""The best so many of a module are weighed against each other, which bounds the work of choosing."""
LARGEST_SHARE = 0.4
"""No type makes up more of a quiz."""
_SAME_KIND, _NEW_KIND, _SAME_KEY, _LEAST_RANK = 1.6, 1.4, 2.5, 1.0
_FEW_KINDS, _ANOTHER = 5, 1.2
"""Until a course has so many types, one more is worth so much more."""
LEAST_TAUGHT = 0.62
"""From here on a question counts as taught."""
_UNTAUGHT = 0.19


def candidates_of(reading: Reading, modules: int) -> list[list[Candidate]]:
    """Per module its candidates, best first; every one cites a span that is short enough to be evidence."""
    pools: list[list[Candidate]] = [[] for _ in range(modules)]
    for candidate in _proposed(reading):
        if candidate.end - candidate.start <= LONGEST_SPAN and candidate.rank >= _LEAST_RANK:
            pools[candidate.module].append(candidate)
    for pool in pools:
        pool.sort(key=lambda candidate: (-candidate.value, candidate.places, candidate.kind.value, candidate.stem))
        del pool[CANDIDATES_PER_MODULE:]
    return pools


def _proposed(reading: Reading) -> Iterator[Candidate]:
    twists = {statement.sentence.place: twist(reading, statement) for statement in reading.statements}
    yield from single_choice.propose(reading)
    yield from multiple_choice.propose(reading, twists)
    yield from true_false.propose(reading, twists)
    yield from short_text.propose(reading)
    yield from gaps.propose_typed(reading)
    yield from gaps.propose_picked(reading)
    yield from reasons.propose(reading)
    yield from matching.propose(reading)
    yield from table_matching.propose(reading.material.tables, len(reading.material.sentences))
    yield from ordering.propose(reading)
    yield from numeric.propose(reading)


def plan(
    pools: Sequence[Sequence[Candidate]], wanted: int, last: Callable[[int], Iterable[Candidate]] = lambda _: ()
) -> list[list[Candidate]]:
    """Up to `wanted` candidates per module, in the order of the source. First what the notes teach, then, where a module
    has too few, some that they only touch on. A round gives every module one question before any gets its next, the
    thinnest first, so that none goes without because another was greedy; one that still has
    none gets the best of `last`.
    """
    chosen: list[list[Candidate]] = [[] for _ in pools]
    left = [list(pool) for pool in pools]
    for known in (True, False):
        for _ in range(wanted):
            for module in sorted(range(len(pools)), key=lambda each: (len(pools[each]), each)):
                course = [candidate for held in chosen for candidate in held]
                if len(chosen[module]) >= wanted or (not known and not _room_for_untaught(course, chosen[module])):
                    continue
                fitting = [each for each in left[module] if (each.taught >= LEAST_TAUGHT) is known]
                if best := _next(fitting, chosen[module], course, wanted):
                    chosen[module].append(best)
                    left = [[each for each in pool if not clash(each, best)] for pool in left]
    for module, held in enumerate(chosen):
        if not held and wanted:
            course = [candidate for each in chosen for candidate in each]
            held.extend(choose(last(module), [], course, 1))
    _hold_share(chosen, left)
    return [in_source_order(held) for held in chosen]


def _room_for_untaught(course: Sequence[Candidate], module: Sequence[Candidate]) -> bool:
    """Whether one more question may ask what the notes do not hold: the first of a course, so that a short document is
    asked for the list or the table that has no room in its notes, and the first of a module always may.
    """
    untaught = sum(candidate.taught < LEAST_TAUGHT for candidate in course)
    return not module or untaught + 1 <= max(1.0, _UNTAUGHT * (len(course) + 1))


def choose(
    pool: Iterable[Candidate], held: Sequence[Candidate], others: Sequence[Candidate], wanted: int
) -> list[Candidate]:
    """`held` and as many more of `pool` as make `wanted`, none spoiling another or one of `others`."""
    chosen = list(held)
    left = [candidate for candidate in pool if not any(clash(candidate, each) for each in (*others, *held))]
    while len(chosen) < wanted and (best := _next(left, chosen, [*others, *chosen], wanted)):
        chosen.append(best)
        left = [candidate for candidate in left if not clash(candidate, best)]
    return chosen


def _next(
    pool: Sequence[Candidate], held: Sequence[Candidate], course: Sequence[Candidate], wanted: int
) -> Candidate | None:
    """The candidate that adds most: its rank, less for a type or a term asked before, more for a new type."""
    mine, all_kinds = Counter(each.kind for each in held), Counter(each.kind for each in course)
    keys = Counter(key for each in course for key in each.keys)
    most = max(1, int(LARGEST_SHARE * wanted))

    def gain(candidate: Candidate) -> float:
        share = all_kinds[candidate.kind] / max(len(course), 1)
        new = _NEW_KIND + _ANOTHER * (len(all_kinds) < _FEW_KINDS)
        value = candidate.rank - _SAME_KIND * mine[candidate.kind] - 4 * share + new * (not all_kinds[candidate.kind])
        return value - _SAME_KEY * sum(keys[key] > 0 for key in candidate.keys) / len(candidate.keys)

    settled = [each for each in course if each.kind is Kind.TRUE_FALSE]
    truths = sum(not each.twin for each in settled)  # statements that can only be asked as they are
    spare = 2 * truths < len(settled) + 1
    fitting = [
        each
        for each in pool
        if mine[each.kind] < most
        and max(keys[key] for key in each.keys) < 2
        and (each.twin or spare or each.kind is not Kind.TRUE_FALSE)
    ]
    return max(fitting, key=lambda each: (gain(each), -each.start, each.stem), default=None)


def _hold_share(chosen: list[list[Candidate]], left: Sequence[Sequence[Candidate]]) -> None:
    """Exchange the weakest of a type that makes up too much of the course for what is `left` of another type, or drop it
    while its module keeps something to ask.
    """
    while True:
        counts = Counter(candidate.kind for held in chosen for candidate in held)
        total = sum(counts.values())
        over: list[Kind] = [kind for kind, count in counts.items() if total >= 5 and count > LARGEST_SHARE * total]
        spare = [
            (candidate.value, candidate.start, module, candidate)
            for module, held in enumerate(chosen)
            if len(held) > 1
            for candidate in held
            if candidate.kind in over
        ]
        if not spare:
            return
        _, _, module, weakest = min(spare, key=itemgetter(slice(3)))
        chosen[module].remove(weakest)
        course = [candidate for held in chosen for candidate in held]
        others = [each for each in left[module] if each.kind not in over and each.taught >= LEAST_TAUGHT]
        chosen[module].extend(choose(others, [], course, 1))


def in_source_order(held: Iterable[Candidate]) -> list[Candidate]:
    """As a learner met it in the text."""
    return sorted(held, key=lambda candidate: (min(candidate.places), max(candidate.places), candidate.stem))
