"""Items as a learner sees them: what every kind asks, and no type in it that could hold a key.

Scoring and source are left out too: a source names the very span that bears the key out.
"""

from typing import Generic, TypeVar

from msgspec import Struct

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

Content_co = TypeVar("Content_co", covariant=True)


class PresentedItem(Struct, Generic[Content_co], frozen=True, tag_field="type", kw_only=True):
    """One question. `points` is decimal text with two places, `floor` the least share of them that an answer earns."""

    id: str
    points: str
    floor: float
    allow_blank: bool
    content: Content_co


class PresentedSingleChoice(PresentedItem[SingleChoiceContent], frozen=True, tag="single_choice"):
    """One of several choices is picked."""


class PresentedTrueFalse(PresentedItem[TrueFalseContent], frozen=True, tag="true_false"):
    """A statement is judged."""


class PresentedMultipleChoice(PresentedItem[MultipleChoiceContent], frozen=True, tag="multiple_choice"):
    """Some of several choices are picked."""


class PresentedChoiceMatrix(PresentedItem[ChoiceMatrixContent], frozen=True, tag="choice_matrix"):
    """Rows are judged by the same columns."""


class PresentedShortText(PresentedItem[ShortTextContent], frozen=True, tag="short_text"):
    """A word or a phrase is typed."""


class PresentedNumeric(PresentedItem[NumericContent], frozen=True, tag="numeric"):
    """A number is typed."""


class PresentedQuantity(PresentedItem[QuantityContent], frozen=True, tag="quantity"):
    """A number with its unit is given."""


class PresentedFormula(PresentedItem[FormulaContent], frozen=True, tag="formula"):
    """An expression is typed."""


class PresentedMatching(PresentedItem[MatchingContent], frozen=True, tag="matching"):
    """Stems get a choice each."""


class PresentedCategorize(PresentedItem[CategorizeContent], frozen=True, tag="categorize"):
    """Items are put into categories."""


class PresentedOrdering(PresentedItem[OrderingContent], frozen=True, tag="ordering"):
    """Items are put in order."""


class PresentedParsons(PresentedItem[ParsonsContent], frozen=True, tag="parsons"):
    """Blocks are put in order, some are left out."""


class PresentedGapSelect(PresentedItem[GapSelectContent], frozen=True, tag="gap_select"):
    """Gaps get an option each."""


class PresentedGapText(PresentedItem[GapTextContent], frozen=True, tag="gap_text"):
    """Gaps are typed into."""


class PresentedHotspot(PresentedItem[HotspotContent], frozen=True, tag="hotspot"):
    """Points are set on an image."""


class PresentedMarkerDrop(PresentedItem[MarkerDropContent], frozen=True, tag="marker_drop"):
    """Markers are dropped on an image."""


class PresentedEssay(PresentedItem[EssayContent], frozen=True, tag="essay"):
    """A longer text is written."""


class PresentedComposite(PresentedItem[CompositeContent], frozen=True, tag="composite"):
    """Several parts are answered."""


Presented = (
    PresentedSingleChoice
    | PresentedTrueFalse
    | PresentedMultipleChoice
    | PresentedChoiceMatrix
    | PresentedShortText
    | PresentedNumeric
    | PresentedQuantity
    | PresentedFormula
    | PresentedMatching
    | PresentedCategorize
    | PresentedOrdering
    | PresentedParsons
    | PresentedGapSelect
    | PresentedGapText
    | PresentedHotspot
    | PresentedMarkerDrop
    | PresentedEssay
    | PresentedComposite
)
