"""What the attempts on one version say about its questions."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from grading.statistics import ItemStatistics


class Statistics(Struct, frozen=True, kw_only=True):
    """Item statistics of one version, over all of its attempts that are graded and whose grade stands.

    `items` is empty, and `computed_at` null, below 5 attempts. `discrimination` and `choice_counts` are null without
    `write:assessments`.
    """

    object: Literal["statistics"] = "statistics"
    assessment_id: str
    version: int
    attempts: int
    items: tuple[ItemStatistics, ...]
    computed_at: datetime | None
