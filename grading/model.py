"""All kinds of items and answers: two tagged unions, told apart by `type`. Each kind is a file of `grading/items`.

An item holds content (what is asked, public), key (what is right, never sent) and scoring (how it counts). Content and
key are two types for every kind, so a learner's payload that is built from `content` cannot hold a key.
"""

import enum
import typing

from grading.items.composite import Composite, CompositeAnswer
from grading.simple import SimpleAnswer, SimpleItem


class Kind(enum.StrEnum):
    """The item types; the value is the tag `type` of item and answer."""

    SINGLE_CHOICE = "single_choice"
    TRUE_FALSE = "true_false"
    MULTIPLE_CHOICE = "multiple_choice"
    CHOICE_MATRIX = "choice_matrix"
    SHORT_TEXT = "short_text"
    NUMERIC = "numeric"
    QUANTITY = "quantity"
    FORMULA = "formula"
    MATCHING = "matching"
    CATEGORIZE = "categorize"
    ORDERING = "ordering"
    PARSONS = "parsons"
    GAP_SELECT = "gap_select"
    GAP_TEXT = "gap_text"
    HOTSPOT = "hotspot"
    MARKER_DROP = "marker_drop"
    ESSAY = "essay"
    COMPOSITE = "composite"


Item = SimpleItem | Composite

Answer = SimpleAnswer | CompositeAnswer


def kind_of(item: Item) -> Kind:
    """The kind of `item`, as its tag says."""
    return Kind(typing.cast("str", type(item).__struct_config__.tag))
