"""What is asked, as one learner sees it: content alone, and in an order that says nothing about the key.

The order is a function of a server secret, the attempt and the item: the same attempt sees it again after a reload,
another attempt sees another one. It changes when a newer pepper is put in place, which no grade depends on.
Rule source: security, "Learners and answer keys".
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final, TypeAlias, TypeVar, assert_never, get_args

from msgspec.structs import replace

from gateway.keyring import PRESENTATION, Keyring
from gateway.presented import Presented, PresentedItem
from grading.items.categorize import CategorizeContent
from grading.items.choice_matrix import ChoiceMatrixContent
from grading.items.composite import CompositeContent
from grading.items.essay import EssayContent
from grading.items.formula import FormulaContent
from grading.items.gap_select import GapSelectContent
from grading.items.gap_text import GapTextContent
from grading.items.hotspot import HotspotContent
from grading.items.marker_drop import MarkerDropContent
from grading.items.matching import MatchingContent
from grading.items.multiple_choice import MultipleChoiceContent
from grading.items.numeric import NumericContent
from grading.items.ordering import OrderingContent
from grading.items.parsons import ParsonsContent
from grading.items.quantity import QuantityContent
from grading.items.short_text import ShortTextContent
from grading.items.single_choice import SingleChoiceContent
from grading.items.true_false import TrueFalseContent
from grading.kinds import tag_of
from grading.model import Item
from grading.parts import Named

Entry = TypeVar("Entry", bound=Named)

Plain: TypeAlias = (
    TrueFalseContent
    | ShortTextContent
    | NumericContent
    | QuantityContent
    | FormulaContent
    | GapTextContent
    | HotspotContent
    | EssayContent
)
"""What lists nothing to pick from."""

Listing: TypeAlias = (
    SingleChoiceContent
    | MultipleChoiceContent
    | ChoiceMatrixContent
    | MatchingContent
    | CategorizeContent
    | OrderingContent
    | ParsonsContent
    | GapSelectContent
    | MarkerDropContent
)
"""What lists something to pick from or to arrange."""

_KINDS: Final[Mapping[str, type[PresentedItem[Any]]]] = {tag_of(kind): kind for kind in get_args(Presented)}


def present(items: Sequence[Item], keyring: Keyring, *, seed: str, shuffle: bool) -> tuple[Presented, ...]:
    """Return the items without key, scoring and source. `seed` names who sees them: the submission's id for a taker,
    else assessment and version. With `shuffle` questions and choices change places too.
    """
    orders = _Orders(keyring, seed, shuffle=shuffle)
    shown = tuple(_presented(item, orders) for item in items)
    return orders.permuted("", shown) if shuffle else shown


def seed_of_version(assessment_id: str, version: int) -> str:
    """Return the seed for whoever looks at a version without taking it."""
    return f"{assessment_id}.{version}"


class _Orders:
    """Permutes lists of things with ids, each place of a document in its own way."""

    def __init__(self, keyring: Keyring, seed: str, *, shuffle: bool) -> None:
        self._keyring = keyring
        self._seed = seed
        self.shuffle = shuffle

    def permuted(self, place: str, entries: Sequence[Entry]) -> tuple[Entry, ...]:
        """Order by a keyed hash of each id: nothing of the authored order is left."""
        secret = self._keyring.sign(PRESENTATION, f"{self._seed}\x1f{place}".encode())
        return tuple(sorted(entries, key=lambda entry: blake2b(entry.id.encode(), key=secret, digest_size=16).digest()))

    def shuffled(self, place: str, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        """Permute where the assessment says so, else leave the authored order."""
        return self.permuted(place, entries) if self.shuffle else entries


def _presented(item: Item, orders: _Orders) -> Any:
    return _KINDS[tag_of(type(item))](
        id=item.id,
        points=item.points,
        floor=item.floor,
        allow_blank=item.allow_blank,
        content=_content(item.content, item.id, orders),
    )


def _content(content: Plain | Listing | CompositeContent, place: str, orders: _Orders) -> Any:
    if isinstance(content, CompositeContent):
        parts = [
            replace(part, content=_content(part.content, f"{place}\x1f{part.id}", orders)) for part in content.parts
        ]
        return replace(content, parts=tuple(parts))
    return content if isinstance(content, Plain) else _arranged(content, place, orders)


def _arranged(content: Listing, place: str, orders: _Orders) -> Listing:
    """Permute what would tell the key by its order, and, if the assessment is shuffled, what learners could compare."""
    match content:
        case OrderingContent():
            return replace(content, items=orders.permuted(place, content.items))
        case ParsonsContent():
            return replace(content, blocks=orders.permuted(place, content.blocks))
        case MatchingContent():
            return replace(content, choices=orders.permuted(place, content.choices))
        case CategorizeContent():
            return replace(content, items=orders.permuted(place, content.items))
        case GapSelectContent():
            gaps = [replace(gap, options=orders.shuffled(f"{place}\x1f{gap.id}", gap.options)) for gap in content.gaps]
            return replace(content, bank=orders.permuted(place, content.bank), gaps=tuple(gaps))
        case SingleChoiceContent() | MultipleChoiceContent():
            return replace(content, choices=orders.shuffled(place, content.choices))
        case ChoiceMatrixContent():
            return replace(content, rows=orders.shuffled(place, content.rows))
        case MarkerDropContent():
            return replace(content, markers=orders.shuffled(place, content.markers))
        case _:
            assert_never(content)
