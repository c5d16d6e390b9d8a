"""categorize: items are put into categories; decoys belong into none."""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Struct

from grading.alike import worth_alike
from grading.faults import Blank, Flaws, Malformed, shown
from grading.items.asked import Answered, Asked
from grading.kinds import Loaded, loaded
from grading.parts import Choice, Id, Stem, ids_once
from grading.result import PartSignal, Scored, Signs, ratio, signs
from grading.slots import Filled, Slots, equals_of


class CategorizeContent(Struct, frozen=True, forbid_unknown_fields=True):
    """Items and the categories that they may be put into; an item may be left out, unless `require_all`."""

    stem: Stem
    items: Annotated[tuple[Choice, ...], msgspec.Meta(min_length=2, max_length=60)]
    categories: Annotated[tuple[Choice, ...], msgspec.Meta(min_length=2, max_length=20)]
    require_all: bool = False


class CategorizeKey(Struct, frozen=True, forbid_unknown_fields=True):
    """The category of each item, or all that are right for it, by ids. Categories with equal texts are equal.

    An item that is not named is a decoy.
    """

    items: dict[str, str | tuple[str, ...]]


CategorizeRule: TypeAlias = Literal["net_mean", "all_or_nothing", "decoys_count"]


class CategorizeScoring(Struct, frozen=True, forbid_unknown_fields=True):
    """`net_mean`: items in a right category, less decoys that were placed, over the items that have a category.

    `decoys_count`: decoys that were left out count as right, over all items. `all_or_nothing`: every item as the key says.
    """

    rule: CategorizeRule = "net_mean"


class Categorize(Asked, frozen=True, tag="categorize", kw_only=True):
    """Items in categories."""

    content: CategorizeContent
    key: CategorizeKey
    scoring: CategorizeScoring = CategorizeScoring()


class Placement(Struct, frozen=True, forbid_unknown_fields=True):
    """The category that an item was put into."""

    item: Id
    category: Id


class CategorizeAnswer(Answered, frozen=True, tag="categorize"):
    """The items that were placed, in any order."""

    placements: Annotated[tuple[Placement, ...], msgspec.Meta(max_length=200)]


class CategorizeForm(Struct, frozen=True):
    """Knows items and categories."""

    slots: Slots

    def read(self, answer: CategorizeAnswer) -> Filled | Blank | Malformed:
        """Return the category of each item."""
        return self.slots.read([(placed.item, placed.category) for placed in answer.placements])


class CategorizeRubric(Struct, frozen=True):
    """Knows the right categories of each item, none for a decoy."""

    right: tuple[frozenset[str], ...]
    signs: tuple[Signs, ...]
    rule: CategorizeRule
    decoys: int

    def score(self, reading: Filled) -> Scored:
        """Items that were left out get the same signal whether they are decoys or not."""
        hits = placed_decoys = 0
        parts: list[PartSignal] = []
        for category, right, sign in zip(reading, self.right, self.signs, strict=True):
            if category is None:
                parts.append(sign.unanswered)
            elif category in right:
                hits += 1
                parts.append(sign.right)
            else:
                placed_decoys += not right
                parts.append(sign.wrong)
        total = len(self.right)
        sorted_out = total - self.decoys
        match self.rule:
            case "net_mean":
                share = ratio(max(0, hits - placed_decoys), sorted_out)
            case "all_or_nothing":
                share = int(hits == sorted_out and not placed_decoys)
            case "decoys_count":
                share = ratio(hits + self.decoys - placed_decoys, total)
        return Scored(share, tuple(parts))


def load(item: Categorize, flaws: Flaws) -> Loaded:
    """Prepare the item; what makes it ungradable is added to `flaws`."""
    content = item.content
    items = ids_once(content.items, "content.items", flaws)
    categories = ids_once(content.categories, "content.categories", flaws)
    equals = equals_of(content.categories)
    right_of = {
        each: frozenset[str]().union(*(equals.get(category, frozenset()) for category in named))
        for each, named in _right_of(item.key.items, items, categories, flaws).items()
    }
    worth_alike(content.items, right_of, "content.items", flaws)
    ids = [each.id for each in content.items]
    right = tuple(right_of.get(each, frozenset()) for each in ids)
    decoys = sum(not categories for categories in right)
    if content.require_all and decoys:
        flaws.add("content.require_all", "an item that belongs into no category must be allowed to be left out")
    slots = Slots(
        ("placements", "item", "category"),
        {each: place for place, each in enumerate(ids)},
        (categories,) * len(ids),
        reuse=True,
        require_all=content.require_all,
    )
    rubric = CategorizeRubric(right, tuple(signs(each) for each in ids), item.scoring.rule, decoys)
    return loaded(CategorizeAnswer, CategorizeForm(slots), rubric)


def _right_of(
    keyed: Mapping[str, str | tuple[str, ...]], items: frozenset[str], categories: frozenset[str], flaws: Flaws
) -> dict[str, frozenset[str]]:
    """The right categories of each item that has some."""
    if not keyed:
        flaws.add("key.items", "one item must belong into a category")
    right_of: dict[str, frozenset[str]] = {}
    for item, named in keyed.items():
        right_of[item] = frozenset((named,) if isinstance(named, str) else named)
        if item not in items:
            flaws.add(f"key.items.{shown(item)}", "no item has this id")
        if not right_of[item]:
            flaws.add(f"key.items.{shown(item)}", "give a category, or leave the item out of the key if it has none")
        for unknown in sorted(right_of[item] - categories):
            flaws.add(f"key.items.{shown(item)}", f"no category has the id {shown(unknown)!r}")
    return right_of
