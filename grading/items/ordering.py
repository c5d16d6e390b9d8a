"""ordering: items are put in order."""

from collections.abc import Callable
from typing import Annotated

import msgspec
from msgspec import Struct

from grading.alike import twins
from grading.faults import Blank, Flaws, FormatError, Malformed, shown
from grading.items.asked import Answered, Asked
from grading.kinds import Loaded, loaded
from grading.orders import RULES, Judged, OrderRule, Ranks
from grading.parts import Choice, Id, Stem, ids_once
from grading.result import Scored, Signs, signs


class OrderingContent(Struct, frozen=True, forbid_unknown_fields=True):
    """2 to 40 items to be put in order; they are listed in no telling order, and no two look the same."""

    stem: Stem
    items: Annotated[tuple[Choice, ...], msgspec.Meta(min_length=2, max_length=40)]


class OrderingKey(Struct, frozen=True, forbid_unknown_fields=True):
    """All ids in the right order."""

    order: tuple[Id, ...]


class OrderingScoring(Struct, frozen=True, forbid_unknown_fields=True):
    """What a nearly right order earns."""

    rule: OrderRule = "adjacent"


class Ordering(Asked, frozen=True, tag="ordering", kw_only=True):
    """A sequence."""

    content: OrderingContent
    key: OrderingKey
    scoring: OrderingScoring = OrderingScoring()


class OrderingAnswer(Answered, frozen=True, tag="ordering"):
    """All ids in the order that the learner gave them."""

    order: Annotated[tuple[Id, ...], msgspec.Meta(max_length=200)]


class OrderingForm(Struct, frozen=True):
    """Knows the ids of the items."""

    items: frozenset[str]

    def read(self, answer: OrderingAnswer) -> tuple[str, ...] | Blank | Malformed:
        """Return the order, which holds every item once."""
        order = answer.order
        if len(order) == len(self.items) and self.items.issuperset(order) and len(set(order)) == len(order):
            return order
        if not order:
            return Blank("order")
        errors: list[FormatError] = []
        seen: set[str] = set()
        for index, item in enumerate(order):
            if item not in self.items:
                errors.append(FormatError("unknown_id", f"order[{index}]", f"no item has the id {shown(item)!r}"))
            elif item in seen:
                errors.append(FormatError("duplicate_id", f"order[{index}]", f"{shown(item)!r} is there twice"))
            seen.add(item)
        missing = tuple(sorted(self.items - seen))
        if missing:
            message = f"an order holds every item; missing: {', '.join(missing)}"
            errors.append(FormatError("incomplete_order", "order", message, limit=len(self.items), allowed=missing))
        return Malformed(tuple(errors))


class OrderingRubric(Struct, frozen=True):
    """Knows the right place of each item and what a nearly right order earns."""

    ranks: dict[str, int]
    signs: dict[str, Signs]
    judge: Callable[[Ranks], Judged]

    def score(self, reading: tuple[str, ...]) -> Scored:
        """Judge the order by the rule."""
        ranks, known = self.ranks, self.signs
        share, states = self.judge([ranks[item] for item in reading])
        parts = [known[item].in_state(state) for item, state in zip(reading, states, strict=True)]
        return Scored(share, tuple(parts))


def load(item: Ordering, flaws: Flaws) -> Loaded:
    """Prepare the item; what makes it ungradable is added to `flaws`."""
    items = ids_once(item.content.items, "content.items", flaws)
    for place, _, other in twins(item.content.items):
        message = f"the item {shown(other.id)!r} has this text too; nobody could tell which comes first"
        flaws.add(f"content.items[{place}].text", message)
    order = item.key.order
    for place, each in enumerate(order):
        if each not in items:
            flaws.add(f"key.order[{place}]", f"no item has the id {shown(each)!r}")
        elif each in order[:place]:
            flaws.add(f"key.order[{place}]", f"the id {shown(each)!r} is there twice")
    if items - set(order):
        flaws.add("key.order", f"must hold every item; missing: {', '.join(sorted(items - set(order)))}")
    ranks = {each: place for place, each in enumerate(order)}
    rubric = OrderingRubric(ranks, {each: signs(each) for each in items}, RULES[item.scoring.rule])
    return loaded(OrderingAnswer, OrderingForm(items), rubric)
