"""composite: one item of several parts, each of a kind of its own; parts hold no parts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Final, Literal, TypeAlias, get_args

import msgspec
from msgspec import Struct

from grading.faults import ERRORS_MAX, Blank, Flaws, FormatError, Malformed, shown
from grading.items.asked import Answered, Asked
from grading.items.composite_parts import Part, PartKey
from grading.kinds import Loaded, Reader, Rubric, loaded, tag_of
from grading.parts import Id, Stem, exact, ids_once
from grading.result import Notice, PartSignal, Scored, Share, Signs, nearly_all, ratio, signs
from grading.simple import SimpleAnswer, SimpleItem
from grading.weights import Weight, Weights, weights_of

PARTS_MAX: Final = 20


class CompositeContent(Struct, frozen=True, forbid_unknown_fields=True):
    """What is common to the parts, and the parts; a part that is left out earns nothing, unless `require_all`."""

    stem: Stem
    parts: Annotated[tuple[Part, ...], msgspec.Meta(min_length=1, max_length=PARTS_MAX)]
    require_all: bool = False


class CompositeKey(Struct, frozen=True, forbid_unknown_fields=True):
    """Key and rule of every part, in any order."""

    parts: tuple[PartKey, ...]


CompositeRule: TypeAlias = Literal["weighted_mean", "all_or_nothing"]


class CompositeScoring(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The mean of the parts, each counting 1 but for `weights`; or nothing unless all parts are right.

    `gates` names for a part an earlier one: the part counts only if the earlier one is right.
    """

    rule: CompositeRule = "weighted_mean"
    weights: dict[str, Weight] | None = None
    gates: dict[str, str] | None = None


class Composite(Asked, frozen=True, tag="composite", kw_only=True):
    """Several parts. No part earns less than the `floor` of the whole."""

    content: CompositeContent
    key: CompositeKey
    scoring: CompositeScoring = CompositeScoring()


class PartAnswer(Struct, frozen=True, forbid_unknown_fields=True):
    """The answer to one part."""

    part: Id
    answer: SimpleAnswer


class CompositeAnswer(Answered, frozen=True, tag="composite"):
    """The parts that were answered, in any order."""

    parts: Annotated[tuple[PartAnswer, ...], msgspec.Meta(max_length=PARTS_MAX)]


Readings: TypeAlias = list[Any]
"""What each part's form made of its answer, in the order of the content; None for a part that was not answered."""


class CompositeForm(Struct, frozen=True):
    """Knows how to read each part."""

    places: dict[str, int]
    readers: tuple[Reader, ...]
    require_all: bool

    def read(self, answer: CompositeAnswer) -> Readings | Blank | Malformed:
        """Return what was answered in each part; a part in which nothing was answered counts as left out."""
        readings: Readings = [None] * len(self.places)
        seen: set[str] = set()
        answered: set[str] = set()
        errors: list[FormatError] = []
        for index, given in enumerate(answer.parts):
            if len(errors) >= ERRORS_MAX:
                break
            place = self.places.get(given.part)
            if place is None:
                message = f"no part has the id {shown(given.part)!r}"
                errors.append(FormatError("unknown_id", f"parts[{index}].part", message))
                continue
            if given.part in seen:
                message = f"the part {shown(given.part)!r} is there twice"
                errors.append(FormatError("duplicate_id", f"parts[{index}].part", message))
            seen.add(given.part)
            reading = self.readers[place].read(given.answer)
            if type(reading) is not Blank:
                answered.add(given.part)
            if type(reading) is Malformed:
                errors += [error.under(f"parts[{index}].answer") for error in reading.errors]
            elif type(reading) is not Blank:
                readings[place] = reading
        missing = tuple(part for part in self.places if part not in answered)
        if self.require_all and answered and missing:
            message = f"every part must be answered; missing: {', '.join(missing)}"
            errors.append(FormatError("too_few", "parts", message, limit=len(self.places), allowed=missing))
        if errors:
            return Malformed(tuple(errors))
        return readings if any(reading is not None for reading in readings) else Blank("parts")


class CompositeRubric(Struct, frozen=True):
    """Knows how to score each part. `gates` are, for each part, the place of the part that must be right before."""

    rubrics: tuple[Rubric[Any], ...]
    signs: tuple[Signs, ...]
    weights: Weights
    gates: tuple[int | None, ...]
    floor: Share
    all_or_nothing: bool

    def score(self, reading: Readings) -> Scored:
        """Add up the parts. A part that a person must judge leaves the whole to that person, if it would count.

        The signal of a part behind a gate says how it was answered, also where it does not count.
        """
        shares: list[Share | None] = []
        signals: list[PartSignal] = []
        notices: list[Notice] = []
        for place, mine in enumerate(reading):
            if mine is None:
                shares.append(0)
                signals.append(self.signs[place].unanswered)
                continue
            scored = self.rubrics[place].score(mine)
            notices += [notice for notice in scored.notices if notice not in notices]
            if scored.share is None:
                shares.append(None)
                continue
            share = self._bounded(scored.share)
            shares.append(share)
            signals.append(self.signs[place].of(share))
        return Scored(self._total(shares), tuple(signals), tuple(notices))

    def _bounded(self, share: Share) -> Share:
        if nearly_all(share):
            return 1
        return self.floor if share.numerator < 0 and share < self.floor else share

    def _total(self, shares: Sequence[Share | None]) -> Share | None:
        """The share of the whole; None where it depends on a part, or on a gate, that a person must judge."""
        if self.all_or_nothing:
            if any(share is not None and share != 1 for share in shares):
                return 0
            return None if None in shares else 1
        numerator, denominator = 0, self.weights.total
        for share, weight, gate in zip(shares, self.weights.each, self.gates, strict=True):
            opened = 1 if gate is None else shares[gate]
            if not weight or share == 0 or (opened is not None and opened != 1):
                continue
            if share is None or opened is None:
                return None
            earned = share.numerator * weight * (denominator // self.weights.total)
            numerator = numerator * share.denominator + earned
            denominator *= share.denominator
        return ratio(numerator, denominator)


ITEMS: Final[Mapping[str, Any]] = {tag_of(kind): kind for kind in get_args(SimpleItem)}
"""From the `type` of a part to the class of item that it would be by itself."""

Prepare: TypeAlias = Callable[[SimpleItem, Flaws], Loaded | None]


def load(item: Composite, flaws: Flaws, prepare: Prepare) -> Loaded | None:
    """Prepare the item and its parts, the latter by `prepare`; what makes it ungradable is added to `flaws`."""
    parts = item.content.parts
    ids_once(parts, "content.parts", flaws)
    ids = [part.id for part in parts]
    places = {part: place for place, part in enumerate(ids)}
    prepared = _parts(item, places, flaws, prepare)
    gates = _gates(item.scoring.gates or {}, places, flaws)
    weights = weights_of(ids, item.scoring.weights, "scoring.weights", flaws)
    if flaws or None in prepared:
        return None
    ready = [part for part in prepared if part is not None]
    form = CompositeForm(places, tuple(part.reader for part in ready), item.content.require_all)
    rubric = CompositeRubric(
        tuple(part.rubric for part in ready),
        tuple(signs(part) for part in ids),
        weights,
        tuple(gates.get(place) for place in range(len(parts))),
        exact(item.floor),
        item.scoring.rule == "all_or_nothing",
    )
    return loaded(CompositeAnswer, form, rubric, cost_us=sum(part.cost_us for part in ready))


def _parts(item: Composite, places: Mapping[str, int], flaws: Flaws, prepare: Prepare) -> list[Loaded | None]:
    """Prepare each part with its key; a part's flaws are named by their paths in the whole item."""
    prepared: list[Loaded | None] = [None] * len(item.content.parts)
    keyed: set[str] = set()
    for index, key in enumerate(item.key.parts):
        place = places.get(key.part)
        if place is None:
            flaws.add(f"key.parts[{index}].part", f"no part has the id {shown(key.part)!r}")
            continue
        if key.part in keyed:
            flaws.add(f"key.parts[{index}].part", f"the part {shown(key.part)!r} has a key already")
        keyed.add(key.part)
        part = item.content.parts[place]
        kind = tag_of(type(part))
        if tag_of(type(key)) != kind:
            flaws.add(f"key.parts[{index}].type", f"the part is a {kind}")
            continue
        mine = Flaws()
        alone = ITEMS[kind](id=part.id, content=part.content, key=key.key, scoring=key.scoring)
        prepared[place] = prepare(alone, mine)
        for flaw in mine.all():
            half = f"content.parts[{place}]" if flaw.param.startswith("content") else f"key.parts[{index}]"
            flaws.add(f"{half}.{flaw.param}", flaw.message)
    for unkeyed in sorted(places.keys() - keyed, key=places.__getitem__):
        flaws.add(f"content.parts[{places[unkeyed]}].id", "the key says nothing about this part")
    return prepared


def _gates(gates: Mapping[str, str], places: Mapping[str, int], flaws: Flaws) -> dict[int, int]:
    found: dict[int, int] = {}
    for part, needed in gates.items():
        if part not in places:
            flaws.add(f"scoring.gates.{shown(part)}", "no part has this id")
        elif needed not in places or places[needed] >= places[part]:
            flaws.add(f"scoring.gates.{shown(part)}", f"no earlier part has the id {shown(needed)!r}")
        else:
            found[places[part]] = places[needed]
    return found
