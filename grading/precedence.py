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

    `before[piece]` are the bits of what must precede it. A maximum matching, then König: the pieces that are reached
    in no chain's alternation on either side. O(n^3) bit operations at worst for n pieces, 40 at most.
    """
    count = len(placed)
    suits = []
    for place, piece in enumerate(placed):
        earlier = before[piece]
        suits.append(
            sum(1 << later for later in range(place + 1, count) if earlier >> placed[later] & 1) if earlier else 0
        )
    if not any(suits):
        return [True] * count
    partners = assigned(suits)
    holder = {thing: one for one, thing in enumerate(partners) if thing is not None}
    reached = [partner is None for partner in partners]
    open_ends = [one for one in range(count) if reached[one]]
    seen = 0
    while open_ends:
        one = open_ends.pop()
        fresh = suits[one] & ~seen
        seen |= fresh
        while fresh:
            bit = fresh & -fresh
            fresh ^= bit
            other = holder[bit.bit_length() - 1]
            if not reached[other]:
                reached[other] = True
                open_ends.append(other)
    return [reached[place] and not seen >> place & 1 for place in range(count)]
