"""What every route that takes authored items asks of them: that a learner's answers to them can be graded."""

import asyncio
from typing import Final, TypeAlias

import msgspec

from gateway.errors import InvalidField
from gateway.published import LARGE_BYTES
from grading.faults import Unloadable
from grading.model import Item
from grading.result import cents_of
from grading.submission import CompiledAssessment, load_all

Items: TypeAlias = tuple[Item, ...]

encode: Final = msgspec.json.Encoder().encode
"""JSON as items and settings are stored."""


async def ready(items: Items) -> CompiledAssessment:
    """Return the items ready to grade. Raises InvalidField: its `param` is the path of the first flaw, such as
    `items[3].key.answers[0].text`, its `details.flaws` are all of them.
    """
    exam = await asyncio.to_thread(load_all, items) if len(encode(items)) > LARGE_BYTES else load_all(items)
    if isinstance(exam, Unloadable):
        raise InvalidField.first_of([(flaw.param, flaw.message) for flaw in exam.flaws])
    return exam


def points_cents_of(items: Items) -> int:
    """Return what the items are worth together, in hundredths of a point."""
    return sum(cents_of(item.points) for item in items)
