"""gap_text: gaps in a sentence are typed into; each takes a text or a number."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

import msgspec
from msgspec import Struct

from grading.accepted_number import AcceptedNumber, accepted_numbers
from grading.accepted_text import (
    ANSWERS_MAX,
    AcceptedText,
    AcceptedTexts,
    MatchRule,
    accepted_texts,
    cost_us_of,
    steps_flaw,
)
from grading.faults import Blank, Flaws, FormatError, Malformed, shown
from grading.gap_groups import Accepted, Typed, judge_gap, judge_group
from grading.items.asked import Answered, Asked
from grading.kinds import Loaded, loaded
from grading.numbers import NumberGrammar, NumberReader, grammar_flaws
from grading.parts import Id, Stem, ids_once
from grading.result import Notice, PartSignal, Scored, Signs, ratio, signs
from grading.result import Share as ExactShare
from grading.slots import MeanRule
from grading.text import TextOptions, read_text
from grading.weights import Weight, Weights, weights_of

CHARACTERS_MAX: Final = 6_000
"""What all gaps of an item may take together, so that no answer is long to read."""
GROUP_MAX: Final = 20


class Gap(Struct, frozen=True, forbid_unknown_fields=True):
    """A gap that is filled by typing a text of at most `max_length` code points, or a number in the grammar `number`."""

    id: Id
    max_length: Annotated[int, msgspec.Meta(ge=1, le=500)] = 100
    number: NumberGrammar | None = None


class GapTextContent(Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence with gaps to type into. With `require_all` no gap may stay empty."""

    stem: Stem
    gaps: Annotated[tuple[Gap, ...], msgspec.Meta(min_length=1, max_length=40)]
    require_all: bool = False


class GapTextKey(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The accepted answers of every gap, by its id: texts in `gaps`, numbers in `numbers`."""

    gaps: dict[str, tuple[AcceptedText, ...]] = {}
    numbers: dict[str, tuple[AcceptedNumber, ...]] = {}


Group = Annotated[tuple[Id, ...], msgspec.Meta(min_length=2, max_length=GROUP_MAX)]


class GapTextScoring(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The mean of the gaps by their weights (1 each, but for `weights`), or everything, but only if all are right.

    The gaps of an `unordered` group may be filled in any order: their answers are given to them as it earns most, each
    once, so that the same answer typed twice is credited once. `match` and `text` are as the rule and text of
    short_text.
    """

    rule: MeanRule = "mean"
    match: MatchRule = "best_match"
    weights: dict[str, Weight] | None = None
    unordered: tuple[Group, ...] = ()
    text: TextOptions = TextOptions()


class GapText(Asked, frozen=True, tag="gap_text", kw_only=True):
    """Gaps to type into."""

    content: GapTextContent
    key: GapTextKey
    scoring: GapTextScoring = GapTextScoring()


class TypedGap(Struct, frozen=True, forbid_unknown_fields=True):
    """What was typed into a gap."""

    gap: Id
    text: Annotated[str, msgspec.Meta(max_length=500)]


class GapTextAnswer(Answered, frozen=True, tag="gap_text"):
    """The gaps that were filled, in any order; gaps may be left out."""

    gaps: Annotated[tuple[TypedGap, ...], msgspec.Meta(max_length=200)]


class GapTextForm(Struct, frozen=True):
    """Knows the gaps: the place of each, how long its text may be, or how its number is written."""

    places: dict[str, int]
    gaps: tuple[tuple[int, NumberReader | None], ...]
    require_all: bool

    def read(self, answer: GapTextAnswer) -> tuple[Typed, ...] | Blank | Malformed:
        """Return what stands in each gap, in the content's order; None where nothing does."""
        typed: list[Typed] = [None] * len(self.gaps)
        seen: set[str] = set()
        unreadable: set[str] = set()
        errors: list[FormatError] = []
        for index, given in enumerate(answer.gaps):
            place = self.places.get(given.gap)
            if place is None or given.gap in seen:
                errors.append(self._misplaced(index, given.gap, known=place is not None))
                continue
            seen.add(given.gap)
            max_length, reader = self.gaps[place]
            read = read_text(given.text, max_length, "text") if reader is None else reader.read(given.text, "text")
            if isinstance(read, FormatError):
                errors.append(read.under(f"gaps[{index}]"))
                unreadable.add(given.gap)
            else:
                typed[place] = read or None
        if errors or None in typed:
            return self._incomplete(typed, unreadable, errors)
        return tuple(typed)

    def _misplaced(self, index: int, gap: str, *, known: bool) -> FormatError:
        if known:
            return FormatError("duplicate_id", f"gaps[{index}].gap", f"the gap {shown(gap)!r} is there twice")
        return FormatError("unknown_id", f"gaps[{index}].gap", f"no gap has the id {shown(gap)!r}")

    def _incomplete(
        self, typed: list[Typed], unreadable: set[str], errors: list[FormatError]
    ) -> tuple[Typed, ...] | Blank | Malformed:
        """Return the errors, a gap that must not be empty among them; a blank, if that is all; or what there is."""
        missing = tuple(gap for gap, place in self.places.items() if typed[place] is None and gap not in unreadable)
        if len(missing) == len(typed) and not errors:
            return Blank("gaps")
        if self.require_all and missing:
            message = f"every gap must be filled; missing: {', '.join(missing)}"
            errors.append(FormatError("too_few", "gaps", message, limit=len(self.places), allowed=missing))
        return Malformed(tuple(errors)) if errors else tuple(typed)


class GapTextRubric(Struct, frozen=True):
    """Knows what is accepted in each gap, which gaps may change places, and what they weigh."""

    accepted: tuple[Accepted, ...]
    groups: tuple[tuple[int, ...], ...]
    weights: Weights
    signs: tuple[Signs, ...]
    all_or_nothing: bool

    def score(self, reading: tuple[Typed, ...]) -> Scored:
        """Return the mean of the gaps by their weights."""
        weights: Sequence[int] = self.weights.each
        judged = self._alone(reading)
        if self.groups:
            weights = list(weights)
            self._together(reading, judged, weights)
        earned: ExactShare = 0
        parts: list[PartSignal] = []
        notices: list[Notice] = []
        all_right = True
        for scored, sign, weight in zip(judged, self.signs, weights, strict=True):
            if scored is None:
                parts.append(sign.unanswered)
                all_right = False
                continue
            share = scored.share or 0
            earned += weight * share
            parts.append(sign.of(share))
            all_right = all_right and share == 1
            notices += scored.notices
        if self.all_or_nothing:
            return Scored(int(all_right), tuple(parts), tuple(dict.fromkeys(notices)))
        share = ratio(earned.numerator, earned.denominator * self.weights.total)
        return Scored(share, tuple(parts), tuple(dict.fromkeys(notices)))

    def _alone(self, reading: tuple[Typed, ...]) -> list[Scored | None]:
        """What was typed into each gap against the gap's own answers; those of a group are left to `_together`."""
        grouped = {place for group in self.groups for place in group} if self.groups else ()
        return [
            None if typed is None or place in grouped else judge_gap(accepted, typed)
            for place, (typed, accepted) in enumerate(zip(reading, self.accepted, strict=True))
        ]

    def _together(self, reading: tuple[Typed, ...], judged: list[Scored | None], weights: list[int]) -> None:
        """Judge the gaps of each group; a text weighs as much as the gap whose answers it was held against."""
        for group in self.groups:
            typed = [reading[place] for place in group]
            own = [self.weights.each[place] for place in group]
            found = judge_group([self.accepted[place] for place in group], typed, own)
            for place, text, (key, scored) in zip(group, typed, found, strict=True):
                judged[place] = None if text is None else scored
                weights[place] = own[key]


def load(item: GapText, flaws: Flaws) -> Loaded | None:
    """Prepare the item; what makes it ungradable is added to `flaws`."""
    content, key, scoring = item.content, item.key, item.scoring
    ids_once(content.gaps, "content.gaps", flaws)
    if sum(gap.max_length for gap in content.gaps) > CHARACTERS_MAX:
        flaws.add("content.gaps", f"all gaps together take at most {CHARACTERS_MAX} characters; lower max_length")
    if sum(map(len, (*key.gaps.values(), *key.numbers.values()))) > ANSWERS_MAX:
        flaws.add("key.gaps", f"at most {ANSWERS_MAX} answers in all gaps together")
        return None
    places = {gap.id: place for place, gap in enumerate(content.gaps)}
    for name, keyed in (("gaps", key.gaps), ("numbers", key.numbers)):
        for unknown in keyed.keys() - places.keys():
            flaws.add(f"key.{name}.{shown(unknown)}", "the content has no such gap")
    groups = _groups(content.gaps, places, scoring.unordered, flaws)
    readers = [None if gap.number is None else NumberReader(gap.number) for gap in content.gaps]
    accepted = [_accepted(item, place, reader, flaws) for place, reader in enumerate(readers)]
    sizes = {place: len(group) for group in groups for place in group}
    steps = [each.steps * sizes.get(place, 1) for place, each in enumerate(accepted) if isinstance(each, AcceptedTexts)]
    steps_flaw(sum(steps), "key.gaps", flaws)
    cost_us = cost_us_of(sum(steps)) + 5 * sum(size * size for size in map(len, groups))
    form = GapTextForm(
        places,
        tuple((gap.max_length, reader) for gap, reader in zip(content.gaps, readers, strict=True)),
        content.require_all,
    )
    rubric = GapTextRubric(
        tuple(accepted),
        groups,
        weights_of(list(places), scoring.weights, "scoring.weights", flaws),
        tuple(signs(gap.id) for gap in content.gaps),
        scoring.rule == "all_or_nothing",
    )
    return loaded(GapTextAnswer, form, rubric, cost_us=cost_us)


def _accepted(item: GapText, place: int, reader: NumberReader | None, flaws: Flaws) -> Accepted:
    """The accepted answers of one gap; it has those of its own sort alone."""
    gap, key, scoring = item.content.gaps[place], item.key, item.scoring
    texts, numbers = f"key.gaps.{gap.id}", f"key.numbers.{gap.id}"
    if reader is None or gap.number is None:
        if gap.id in key.numbers:
            flaws.add(numbers, "this gap takes a text")
        return accepted_texts(key.gaps.get(gap.id, ()), scoring.text, scoring.match, gap.max_length, texts, flaws)
    if gap.id in key.gaps:
        flaws.add(texts, "this gap takes a number")
    grammar_flaws(gap.number, f"content.gaps[{place}].number", flaws)
    return accepted_numbers(key.numbers.get(gap.id, ()), reader, scoring.match, None, numbers, flaws)


def _groups(
    gaps: Sequence[Gap], places: Mapping[str, int], authored: Sequence[tuple[str, ...]], flaws: Flaws
) -> tuple[tuple[int, ...], ...]:
    """The places of the gaps of each group: a gap is in one group at most, and what one takes all of its group take."""
    groups: list[tuple[int, ...]] = []
    grouped: set[str] = set()
    for index, group in enumerate(authored):
        path = f"scoring.unordered[{index}]"
        for at, gap in enumerate(group):
            if gap not in places:
                flaws.add(f"{path}[{at}]", f"no gap has the id {shown(gap)!r}")
            elif gap in grouped:
                flaws.add(f"{path}[{at}]", f"the gap {shown(gap)!r} is in a group already")
            grouped.add(gap)
        known = tuple(places[gap] for gap in group if gap in places)
        if len({(gaps[place].max_length, gaps[place].number) for place in known}) > 1:
            flaws.add(path, "gaps that may change places take the same: one max_length, one way to write numbers")
        groups.append(known)
    return tuple(groups)
