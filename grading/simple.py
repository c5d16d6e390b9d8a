"""The kinds of items that stand by themselves and may be parts of a composite: all but the composite.

A new kind is added to both unions here, and to the match of `grading/engine.py`, which the type check asks for; as a part
it is named in `grading/items/composite_parts.py`.
"""

from grading.items.categorize import Categorize, CategorizeAnswer
from grading.items.choice_matrix import ChoiceMatrix, ChoiceMatrixAnswer
from grading.items.essay import Essay, EssayAnswer
from grading.items.formula import Formula, FormulaAnswer
from grading.items.gap_select import GapSelect, GapSelectAnswer
from grading.items.gap_text import GapText, GapTextAnswer
from grading.items.hotspot import Hotspot, HotspotAnswer
from grading.items.marker_drop import MarkerDrop, MarkerDropAnswer
from grading.items.matching import Matching, MatchingAnswer
from grading.items.multiple_choice import MultipleChoice, MultipleChoiceAnswer
from grading.items.numeric import Numeric, NumericAnswer
from grading.items.ordering import Ordering, OrderingAnswer
from grading.items.parsons import Parsons, ParsonsAnswer
from grading.items.quantity import Quantity, QuantityAnswer
from grading.items.short_text import ShortText, ShortTextAnswer
from grading.items.single_choice import SingleChoice, SingleChoiceAnswer
from grading.items.true_false import TrueFalse, TrueFalseAnswer

SimpleItem = (
    SingleChoice
    | TrueFalse
    | MultipleChoice
    | ChoiceMatrix
    | ShortText
    | Numeric
    | Quantity
    | Matching
    | Categorize
    | Ordering
    | GapSelect
    | GapText
    | Essay
    | Formula
    | Hotspot
    | MarkerDrop
    | Parsons
)

SimpleAnswer = (
    SingleChoiceAnswer
    | TrueFalseAnswer
    | MultipleChoiceAnswer
    | ChoiceMatrixAnswer
    | ShortTextAnswer
    | NumericAnswer
    | QuantityAnswer
    | MatchingAnswer
    | CategorizeAnswer
    | OrderingAnswer
    | GapSelectAnswer
    | GapTextAnswer
    | EssayAnswer
    | FormulaAnswer
    | HotspotAnswer
    | MarkerDropAnswer
    | ParsonsAnswer
)
