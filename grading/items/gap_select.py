"""gap_select: gaps in a sentence are filled from options: each gap's own list, or one word bank for all."""

from typing import Annotated

import msgspec
from msgspec import Struct

from grading.faults import Blank, Flaws, Malformed
from grading.items.asked import Answered, Asked
from grading.kinds import Loaded, loaded
from grading.parts import Choice, Id, OptionGap, Stem, ids_once
from grading.result import signs
from grading.slots import Filled, MeanRule, Slots, SlotsRubric, each_can_have_its_own, equals_of, right_options
from grading.weights import Weight, weights_of


class GapSelectContent(Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence with gaps, each with its options; or a word `bank` that serves all gaps, which then have none of their
    own. A word of the bank goes into one gap, with `reuse` into any number. With `require_all` no gap may stay empty.
    """

    stem: Stem
    gaps: Annotated[tuple[OptionGap, ...], msgspec.Meta(min_length=1, max_length=40)]
    bank: Annotated[tuple[Choice, ...], msgspec.Meta(max_length=60)] = ()
    reuse: bool = False
    require_all: bool = False


class GapSelectKey(Struct, frozen=True, forbid_unknown_fields=True):
    """The right option of every gap, or all that are right there, by ids. Options with equal texts are equal."""

    gaps: dict[str, str | tuple[str, ...]]


class GapSelectScoring(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the right gaps weigh over what all weigh (each 1, but for `weights`); or nothing unless all are right."""

    rule: MeanRule = "mean"
    weights: dict[str, Weight] | None = None


class GapSelect(Asked, frozen=True, tag="gap_select", kw_only=True):
    """Gaps with options."""

    content: GapSelectContent
    key: GapSelectKey
    scoring: GapSelectScoring = GapSelectScoring()


class FilledGap(Struct, frozen=True, forbid_unknown_fields=True):
    """The option that was put into a gap."""

    gap: Id
    option: Id


class GapSelectAnswer(Answered, frozen=True, tag="gap_select"):
    """The gaps that were filled, in any order; gaps may be left out."""

    gaps: Annotated[tuple[FilledGap, ...], msgspec.Meta(max_length=200)]


class GapSelectForm(Struct, frozen=True):
    """Knows gaps and options."""

    slots: Slots

    def read(self, answer: GapSelectAnswer) -> Filled | Blank | Malformed:
        """Return the option in each gap."""
        return self.slots.read([(filled.gap, filled.option) for filled in answer.gaps])


def load(item: GapSelect, flaws: Flaws) -> Loaded:
    """Prepare the item; what makes it ungradable is added to `flaws`."""
    content, scoring = item.content, item.scoring
    ids_once(content.gaps, "content.gaps", flaws)
    gaps = [gap.id for gap in content.gaps]
    lists = _lists(content, flaws)
    right = right_options(gaps, item.key.gaps, [equals_of(options) for options in lists], "key.gaps", flaws)
    if content.bank and not content.reuse and all(right) and not each_can_have_its_own(right):
        flaws.add("key.gaps", "the gaps need a word of the bank twice, but the content does not allow its reuse")
    slots = Slots(
        ("gaps", "gap", "option"),
        {gap: place for place, gap in enumerate(gaps)},
        tuple(frozenset(option.id for option in options) for options in lists),
        content.reuse or not content.bank,
        content.require_all,
    )
    rubric = SlotsRubric(
        right,
        tuple(signs(gap) for gap in gaps),
        weights_of(gaps, scoring.weights, "scoring.weights", flaws),
        0,
        scoring.rule == "all_or_nothing",
    )
    return loaded(GapSelectAnswer, GapSelectForm(slots), rubric)


def _lists(content: GapSelectContent, flaws: Flaws) -> list[tuple[Choice, ...]]:
    """The options of each gap: its own, or the bank's."""
    if content.bank:
        ids_once(content.bank, "content.bank", flaws)
        for place, gap in enumerate(content.gaps):
            if gap.options:
                flaws.add(f"content.gaps[{place}].options", "with a word bank no gap has options of its own")
        return [content.bank] * len(content.gaps)
    for place, gap in enumerate(content.gaps):
        ids_once(gap.options, f"content.gaps[{place}].options", flaws)
        if len(gap.options) < 2:
            flaws.add(f"content.gaps[{place}].options", "a gap needs 2 options at least, or the content a word bank")
    return [gap.options for gap in content.gaps]
