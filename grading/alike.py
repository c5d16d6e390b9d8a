"""What has the same text: a learner can't tell one from the other, so no grade may depend on which of them was taken."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from grading.faults import Flaws, shown
from grading.parts import Choice, Named


class Worded(Named, Protocol):
    """Anything that a learner knows by its text."""

    @property
    def text(self) -> str:
        """What is shown of it."""


Some = TypeVar("Some", bound=Worded)


def twins(choices: Sequence[Some]) -> Iterator[tuple[int, Some, Some]]:
    """Every choice whose text another had before it: its place, itself, and the first with that text."""
    first: dict[str, Some] = {}
    for place, choice in enumerate(choices):
        other = first.setdefault(choice.text, choice)
        if other is not choice:
            yield place, choice, other


def worth_alike(choices: Sequence[Worded], worth: Mapping[str, object], param: str, flaws: Flaws) -> None:
    """Add a flaw for every choice that is worth something else than another of the same text; not named is 0.

    What a stem, a row or an item is worth is what is right of it.
    """
    for place, choice, other in twins(choices):
        if worth.get(choice.id, 0) != worth.get(other.id, 0):
            message = f"{shown(other.id)!r} has this text too; nobody could tell which of them is meant"
            flaws.add(f"{param}[{place}].text", message)


def numbers_alike(choices: Sequence[Choice], needed: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """For each id the places in `needed` where a choice of the same text belongs, in order."""
    texts = {choice.id: choice.text for choice in choices}
    places: dict[str, list[int]] = {}
    for number, each in enumerate(needed):
        places.setdefault(texts[each], []).append(number)
    return {choice.id: tuple(places.get(choice.text, ())) for choice in choices}


def longest_in_common(fits: Sequence[int], count: int) -> list[bool]:
    """Return which of the pieces placed can stay as they are, as many as possible, where `count` places are in a row.

    `fits` are for each piece, as bits, the places it may take; those that stay take places in rising order. The longest
    common subsequence: len(fits) x count steps, 40 x 40 at most.
    """
    below = [0] * (count + 1)
    kept = [below]
    for mine in reversed(fits):
        row = [0] * (count + 1)
        for place in range(count - 1, -1, -1):
            row[place] = below[place + 1] + 1 if mine >> place & 1 else max(below[place], row[place + 1])
        below = row
        kept.append(row)
    kept.reverse()
    stays = [False] * len(fits)
    piece = place = 0
    while piece < len(fits) and place < count:
        if fits[piece] >> place & 1:
            stays[piece] = True
            piece, place = piece + 1, place + 1
        elif kept[piece + 1][place] >= kept[piece][place + 1]:
            piece += 1
        else:
            place += 1
    return stays
