"""What every item and every answer have in common."""

from typing import Annotated

import msgspec

from grading.parts import Id, Points, SourceRef


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", kw_only=True):
    """What every item has. `source_ref` is null for items that no source backs; `floor` is the least score.

    With `allow_blank` an answer in which nothing was answered earns 0, unattempted; without it is a format error.
    """

    id: Id
    points: Points = "1.00"
    floor: Annotated[float, msgspec.Meta(ge=-1, le=0)] = 0.0
    allow_blank: bool = False
    source_ref: SourceRef | None = None


class Answered(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """What every answer has: the `type` of its item. Lists hold objects, so that an error can name the very place."""
