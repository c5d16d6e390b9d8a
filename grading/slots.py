"""Slots to fill, each with one option: stems that get a choice, gaps that get a word, items that go into a category.

One reading and one rubric for all kinds of items that are answered by a list of `{slot, option}`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

from grading.assignment import assigned
from grading.faults import Blank, Flaws, FormatCode, FormatError, Malformed, shown
from grading.parts import Choice
from grading.result import PartSignal, Scored, Share, Signs, ratio
from grading.weights import Weights

Filled: TypeAlias = tuple[str | None, ...]
"""What was put into each slot, in the order of the content; None where nothing was."""

Words: TypeAlias = tuple[str, str, str]
"""How an answer names its list, the slot and the option of an entry: `("pairs", "stem", "choice")`."""


class Slots(Struct, frozen=True):
    """The public side: which slots there are and what may go into each.

    Without `reuse` an option goes into one slot at most; with `require_all` every slot must be filled.
    """

    words: Words
    places: dict[str, int]
    options: tuple[frozenset[str], ...]
    reuse: bool
    require_all: bool

    def read(self, given: Sequence[tuple[str, str]]) -> Filled | Blank | Malformed:
        """Return what went into each slot. `given` are the entries as slot and option, in the answer's order."""
        if not given:
            return Blank(self.words[0])
        filled: list[str | None] = [None] * len(self.places)
        for slot, option in given:
            place = self.places.get(slot)
            if place is None or filled[place] is not None or option not in self.options[place]:
                return self._refused(given)
            filled[place] = option
        if self.require_all and len(given) < len(filled):
            return self._refused(given)
        if not self.reuse and len({option for _, option in given}) < len(given):
            return self._refused(given)
        return tuple(filled)

    def _refused(self, given: Sequence[tuple[str, str]]) -> Malformed:
        """Go through all entries once more for everything that is wrong with them."""
        entries, slot_word, option_word = self.words
        errors: list[FormatError] = []

        def add(code: FormatCode, param: str, message: str) -> None:
            errors.append(FormatError(code, param, message))

        seen: set[str] = set()
        used: set[str] = set()
        anywhere: frozenset[str] = frozenset().union(*self.options)
        for index, (slot, option) in enumerate(given):
            at_slot, at_option = f"{entries}[{index}].{slot_word}", f"{entries}[{index}].{option_word}"
            place = self.places.get(slot)
            if place is None:
                add("unknown_id", at_slot, f"no {slot_word} has the id {shown(slot)!r}")
            elif slot in seen:
                add("duplicate_id", at_slot, f"the {slot_word} {shown(slot)!r} is there twice")
            known = anywhere if place is None else self.options[place]
            if option not in known:
                add("unknown_id", at_option, f"no {option_word} has the id {shown(option)!r} here")
            elif option in used and not self.reuse:
                add("duplicate_id", at_option, f"the {option_word} {shown(option)!r} is used twice")
            seen.add(slot)
            used.add(option)
        if self.require_all:
            missing = tuple(slot for slot in self.places if slot not in seen)
            if missing:
                message = f"every {slot_word} must be answered; missing: {', '.join(missing)}"
                errors.append(FormatError("too_few", entries, message, limit=len(self.places), allowed=missing))
        return Malformed(tuple(errors))


class SlotsRubric(Struct, frozen=True):
    """The secret side: which options are right in each slot, and how right ones and wrong ones count.

    Each wrong slot takes `wrong_penalty` of its weight away; an empty one takes nothing.
    """

    right: tuple[frozenset[str], ...]
    signs: tuple[Signs, ...]
    weights: Weights
    wrong_penalty: Share
    all_or_nothing: bool

    def score(self, reading: Filled) -> Scored:
        """Return what the right slots weigh, less the penalty, over what all weigh."""
        earned = lost = missed = 0
        parts: list[PartSignal] = []
        for option, right, signs, weight in zip(reading, self.right, self.signs, self.weights.each, strict=True):
            if option is None:
                missed += 1
                parts.append(signs.unanswered)
            elif option in right:
                earned += weight
                parts.append(signs.right)
            else:
                missed += 1
                lost += weight
                parts.append(signs.wrong)
        if self.all_or_nothing:
            return Scored(0 if missed else 1, tuple(parts))
        return Scored(self._mean(earned, lost), tuple(parts))

    def _mean(self, earned: int, lost: int) -> Share:
        total = self.weights.total
        if lost and self.wrong_penalty:
            penalty, over = self.wrong_penalty.as_integer_ratio()
            return ratio(earned * over - lost * penalty, total * over)
        return ratio(earned, total)


MeanRule: TypeAlias = Literal["mean", "all_or_nothing"]
"""What the right slots weigh over what all weigh; or everything, but only if every slot is right."""


def equals_of(choices: Iterable[Choice]) -> dict[str, frozenset[str]]:
    """For each id the ids of all choices with the same text: a learner can't tell them apart, so they are equal."""
    by_text: dict[str, set[str]] = {}
    listed = list(choices)
    for choice in listed:
        by_text.setdefault(choice.text, set()).add(choice.id)
    return {choice.id: frozenset(by_text[choice.text]) for choice in listed}


def right_options(
    slots: Sequence[str],
    keyed: Mapping[str, str | tuple[str, ...]],
    equals: Sequence[Mapping[str, frozenset[str]]],
    param: str,
    flaws: Flaws,
) -> tuple[frozenset[str], ...]:
    """The right options of each slot: those that the key names and all that look the same.

    `equals` are the options of each slot with those that equal them. Every slot must have a key, and only slots.
    """
    for unknown in sorted(keyed.keys() - set(slots)):
        flaws.add(f"{param}.{shown(unknown)}", "the content has no such id")
    right: list[frozenset[str]] = []
    for slot, options in zip(slots, equals, strict=True):
        named = keyed.get(slot, ())
        named = (named,) if isinstance(named, str) else named
        if not named:
            flaws.add(f"{param}.{slot}", "the key says nothing about it")
        for option in named:
            if option not in options:
                flaws.add(f"{param}.{slot}", f"{shown(option)!r} is no option here")
        right.append(frozenset().union(*(options.get(option, frozenset()) for option in named)))
    return tuple(right)


def each_can_have_its_own(wanted: Sequence[frozenset[str]]) -> bool:
    """Whether every slot can have one of the options that it wants while no option serves two."""
    numbers = {option: number for number, option in enumerate(sorted(frozenset().union(*wanted)))}
    return None not in assigned([sum(1 << numbers[option] for option in options) for options in wanted])
