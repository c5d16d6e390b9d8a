"""Maximum bipartite matching: as many as possible get one of the things that suit them, and no thing serves two."""

from collections.abc import Sequence


def assigned(suits: Sequence[int]) -> list[int | None]:
    """Return what each one gets, or None, so that as many as possible get something.

    `suits[one]` is a set of bits: bit t is set where thing t suits. Augmenting paths, each thing tried once a search:
    O(ones x things) steps on sets of bits. The search goes as deep as there are things, 40 at most for all callers.
    """
    got: list[int | None] = [None] * len(suits)
    holder: dict[int, int] = {}
    for one in range(len(suits)):
        _seat(one, suits, got, holder, 0)
    return got


def _seat(
    one: int, suits: Sequence[int], got: list[int | None], holder: dict[int, int], tried: int
) -> tuple[bool, int]:
    """Find a thing for `one`, moving others to other things if need be; say whether, and what was tried by now."""
    while left := suits[one] & ~tried:
        bit = left & -left
        tried |= bit
        thing = bit.bit_length() - 1
        other = holder.get(thing)
        moved = True
        if other is not None:
            moved, tried = _seat(other, suits, got, holder, tried)
        if moved:
            holder[thing] = one
            got[one] = thing
            return True, tried
    return False, tried
