"""Which pieces must come before which: a list or a directed acyclic graph, and how much of a sequence agrees with it.

Two pieces of a sequence are in conflict when the first placed must come after the other. Conflict is a strict partial
order: if u was placed before v and v before w, while v must precede u and w must precede v, then u was placed before
w and w must precede u. What can stay as it was placed is a set without conflicts, an antichain of that order; by
Dilworth's theorem the largest one has as many members as the fewest chains that cover all pieces, and those are all
pieces less a maximum matching of each piece with one that it is in conflict with. (Such a set also agrees with one of
the allowed orders of the whole: what was placed in turn never runs against what must precede, so the two together hold
no cycle.) For a list the chains are its decreasing runs and the antichain its longest increasing subsequence.
"""

from collections.abc import Mapping, Sequence

from grading.assignment import assigned


def closure(after: Mapping[int, Sequence[int]], count: int) -> list[int] | None:
    """Return for each piece the set of all that must precede it, as bits; None if a piece had to precede itself.

    `after` names the direct predecessors. O(count x edges).
    """
    before = [0] * count
    waiting = [len(set(after.get(piece, ()))) for piece in range(count)]
    followers: list[list[int]] = [[] for _ in range(count)]
    for piece in range(count):
        for earlier in set(after.get(piece, ())):
            followers[earlier].append(piece)
    ready = [piece for piece in range(count) if not waiting[piece]]
    sorted_out = 0
    while ready:
        piece = ready.pop()
        sorted_out += 1
        for later in followers[piece]:
            before[later] |= before[piece] | 1 << piece
            waiting[later] -= 1
            if not waiting[later]:
                ready.append(later)
    return before if sorted_out == count else None


def largest_part_in_order(placed: Sequence[int], before: Sequence[int]) -> list[bool]:
    """Return which of the distinct pieces can stay as they were placed, as many as possible.

    `before[piece]` are the bits of what must precede it. A maximum matching of pieces with later ones that they are in
    conflict with, then König: who is reached from the unmatched by alternation as the first of a pair, but not as the
    second, is in no pair that must be broken. At worst n^3 steps on bits for n pieces, 40 at most; one pass if all stay.
    """
    count = len(placed)
    conflicts = [0] * count
    later = 0
    for place in range(count - 1, -1, -1):
        piece = placed[place]
        conflicts[place] = before[piece] & later
        later |= 1 << piece
    if not any(conflicts):
        return [True] * count
    partners = assigned(conflicts)
    first_of = {piece: place for place, piece in enumerate(partners) if piece is not None}
    as_first = [partner is None for partner in partners]
    open_ends = [place for place in range(count) if as_first[place]]
    as_second = 0
    while open_ends:
        fresh = conflicts[open_ends.pop()] & ~as_second
        as_second |= fresh
        while fresh:
            bit = fresh & -fresh
            fresh ^= bit
            first = first_of[bit.bit_length() - 1]
            if not as_first[first]:
                as_first[first] = True
                open_ends.append(first)
    return [as_first[place] and not as_second >> piece & 1 for place, piece in enumerate(placed)]
