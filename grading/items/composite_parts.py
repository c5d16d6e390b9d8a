"""The parts of a composite: for each kind that may be one, its public half and its secret half."""

from typing import Generic, TypeVar

from msgspec import Struct

from grading.items.categorize import CategorizeContent, CategorizeKey, CategorizeScoring
from grading.items.choice_matrix import ChoiceMatrixContent, ChoiceMatrixKey, ChoiceMatrixScoring
from grading.items.essay import EssayContent, EssayKey, EssayScoring
from grading.items.formula import FormulaContent, FormulaKey, FormulaScoring
from grading.items.gap_select import GapSelectContent, GapSelectKey, GapSelectScoring
from grading.items.gap_text import GapTextContent, GapTextKey, GapTextScoring
from grading.items.hotspot import HotspotContent, HotspotKey, HotspotScoring
from grading.items.marker_drop import MarkerDropContent, MarkerDropKey, MarkerDropScoring
from grading.items.matching import MatchingContent, MatchingKey, MatchingScoring
from grading.items.multiple_choice import MultipleChoiceContent, MultipleChoiceKey, MultipleChoiceScoring
from grading.items.numeric import NumericContent, NumericKey, NumericScoring
from grading.items.ordering import OrderingContent, OrderingKey, OrderingScoring
from grading.items.parsons import ParsonsContent, ParsonsKey, ParsonsScoring
from grading.items.quantity import QuantityContent, QuantityKey, QuantityScoring
from grading.items.short_text import ShortTextContent, ShortTextKey, ShortTextScoring
from grading.items.single_choice import SingleChoiceContent, SingleChoiceKey, SingleChoiceScoring
from grading.items.true_false import TrueFalseContent, TrueFalseKey, TrueFalseScoring
from grading.parts import Id

Content_co = TypeVar("Content_co", covariant=True)
Key_co = TypeVar("Key_co", covariant=True)


class PublicPart(Struct, Generic[Content_co], frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """What a part asks; `type` is the kind of item that it would be by itself."""

    id: Id
    content: Content_co


class SecretPart(Struct, Generic[Key_co], frozen=True, forbid_unknown_fields=True, tag_field="type", kw_only=True):
    """What is right in the part with the id `part`, and how it counts."""

    part: Id
    key: Key_co


class SingleChoicePart(PublicPart[SingleChoiceContent], frozen=True, tag="single_choice"):
    """One of several choices, as a part."""


class SingleChoicePartKey(SecretPart[SingleChoiceKey], frozen=True, tag="single_choice", kw_only=True):
    """Its key and rule."""

    scoring: SingleChoiceScoring = SingleChoiceScoring()


class TrueFalsePart(PublicPart[TrueFalseContent], frozen=True, tag="true_false"):
    """A statement to judge, as a part."""


class TrueFalsePartKey(SecretPart[TrueFalseKey], frozen=True, tag="true_false", kw_only=True):
    """Its key and rule."""

    scoring: TrueFalseScoring = TrueFalseScoring()


class MultipleChoicePart(PublicPart[MultipleChoiceContent], frozen=True, tag="multiple_choice"):
    """Some of several choices, as a part."""


class MultipleChoicePartKey(SecretPart[MultipleChoiceKey], frozen=True, tag="multiple_choice", kw_only=True):
    """Its key and rule."""

    scoring: MultipleChoiceScoring = MultipleChoiceScoring()


class ChoiceMatrixPart(PublicPart[ChoiceMatrixContent], frozen=True, tag="choice_matrix"):
    """A table to tick, as a part."""


class ChoiceMatrixPartKey(SecretPart[ChoiceMatrixKey], frozen=True, tag="choice_matrix", kw_only=True):
    """Its key and rule."""

    scoring: ChoiceMatrixScoring = ChoiceMatrixScoring()


class FormulaPart(PublicPart[FormulaContent], frozen=True, tag="formula"):
    """A formula, as a part."""


class FormulaPartKey(SecretPart[FormulaKey], frozen=True, tag="formula", kw_only=True):
    """Its key and rule."""

    scoring: FormulaScoring = FormulaScoring()


class MatchingPart(PublicPart[MatchingContent], frozen=True, tag="matching"):
    """Pairs, as a part."""


class MatchingPartKey(SecretPart[MatchingKey], frozen=True, tag="matching", kw_only=True):
    """Its key and rule."""

    scoring: MatchingScoring = MatchingScoring()


class CategorizePart(PublicPart[CategorizeContent], frozen=True, tag="categorize"):
    """Items in categories, as a part."""


class CategorizePartKey(SecretPart[CategorizeKey], frozen=True, tag="categorize", kw_only=True):
    """Its key and rule."""

    scoring: CategorizeScoring = CategorizeScoring()


class OrderingPart(PublicPart[OrderingContent], frozen=True, tag="ordering"):
    """A sequence, as a part."""


class OrderingPartKey(SecretPart[OrderingKey], frozen=True, tag="ordering", kw_only=True):
    """Its key and rule."""

    scoring: OrderingScoring = OrderingScoring()


class ParsonsPart(PublicPart[ParsonsContent], frozen=True, tag="parsons"):
    """Lines of a program, as a part."""


class ParsonsPartKey(SecretPart[ParsonsKey], frozen=True, tag="parsons", kw_only=True):
    """Its key and rule."""

    scoring: ParsonsScoring = ParsonsScoring()


class GapSelectPart(PublicPart[GapSelectContent], frozen=True, tag="gap_select"):
    """Gaps with options, as a part."""


class GapSelectPartKey(SecretPart[GapSelectKey], frozen=True, tag="gap_select", kw_only=True):
    """Its key and rule."""

    scoring: GapSelectScoring = GapSelectScoring()


class HotspotPart(PublicPart[HotspotContent], frozen=True, tag="hotspot"):
    """A place in an image, as a part."""


class HotspotPartKey(SecretPart[HotspotKey], frozen=True, tag="hotspot", kw_only=True):
    """Its key and rule."""

    scoring: HotspotScoring = HotspotScoring()


class MarkerDropPart(PublicPart[MarkerDropContent], frozen=True, tag="marker_drop"):
    """Markers on an image, as a part."""


class MarkerDropPartKey(SecretPart[MarkerDropKey], frozen=True, tag="marker_drop", kw_only=True):
    """Its key and rule."""

    scoring: MarkerDropScoring = MarkerDropScoring()


class EssayPart(PublicPart[EssayContent], frozen=True, tag="essay"):
    """A longer text, as a part."""


class EssayPartKey(SecretPart[EssayKey], frozen=True, tag="essay", kw_only=True):
    """Its key and rule."""

    scoring: EssayScoring = EssayScoring()


class GapTextPart(PublicPart[GapTextContent], frozen=True, tag="gap_text"):
    """Gaps to type into, as a part."""


class GapTextPartKey(SecretPart[GapTextKey], frozen=True, tag="gap_text", kw_only=True):
    """Its key and rule."""

    scoring: GapTextScoring = GapTextScoring()


class NumericPart(PublicPart[NumericContent], frozen=True, tag="numeric"):
    """A bare number, as a part."""


class NumericPartKey(SecretPart[NumericKey], frozen=True, tag="numeric", kw_only=True):
    """Its key and rule."""

    scoring: NumericScoring = NumericScoring()


class QuantityPart(PublicPart[QuantityContent], frozen=True, tag="quantity"):
    """A number with a unit, as a part."""


class QuantityPartKey(SecretPart[QuantityKey], frozen=True, tag="quantity", kw_only=True):
    """Its key and rule."""

    scoring: QuantityScoring = QuantityScoring()


class ShortTextPart(PublicPart[ShortTextContent], frozen=True, tag="short_text"):
    """A few words, as a part."""


class ShortTextPartKey(SecretPart[ShortTextKey], frozen=True, tag="short_text", kw_only=True):
    """Its key and rule."""

    scoring: ShortTextScoring = ShortTextScoring()


Part = (
    SingleChoicePart
    | TrueFalsePart
    | MultipleChoicePart
    | ChoiceMatrixPart
    | ShortTextPart
    | QuantityPart
    | NumericPart
    | FormulaPart
    | MatchingPart
    | CategorizePart
    | OrderingPart
    | ParsonsPart
    | GapSelectPart
    | GapTextPart
    | HotspotPart
    | MarkerDropPart
    | EssayPart
)

PartKey = (
    SingleChoicePartKey
    | TrueFalsePartKey
    | MultipleChoicePartKey
    | ChoiceMatrixPartKey
    | ShortTextPartKey
    | QuantityPartKey
    | NumericPartKey
    | FormulaPartKey
    | MatchingPartKey
    | CategorizePartKey
    | OrderingPartKey
    | ParsonsPartKey
    | GapSelectPartKey
    | GapTextPartKey
    | HotspotPartKey
    | MarkerDropPartKey
    | EssayPartKey
)
