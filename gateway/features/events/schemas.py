"""What happened while an attempt was taken, as its frontend tells it."""

from datetime import datetime
from typing import Annotated, Final, Literal

from msgspec import Meta, Raw, Struct, field

from gateway.http import Request

EventType = Literal["answer_change", "node_view", "paused", "resumed", "navigated", "flagged"]

EventId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}\Z", examples=["4f6e-17"])]
"""The frontend's own: an event that is sent again is kept once."""

Payload = Annotated[
    Raw,
    Meta(
        description="A JSON object of at most 2048 bytes.",
        examples=[{"seconds": 12}],
        extra_json_schema={"type": "object"},
    ),
]


NO_PAYLOAD: Final = Raw()


class NewEvent(Request, frozen=True, kw_only=True):
    """One event. `at` is the frontend's time, with its zone; `item_id` is needed where an answer changed."""

    id: EventId
    type: EventType
    item_id: Annotated[str, Meta(max_length=64, examples=["q1"])] | None = None
    at: Annotated[datetime, Meta(tz=True)]
    payload: Payload = field(default_factory=lambda: NO_PAYLOAD)


class NewEvents(Request, frozen=True):
    """Body of `POST /v1/submissions/{submission_id}/events`: a batch, which counts for as many requests as it has events."""

    events: Annotated[tuple[NewEvent, ...], Meta(min_length=1, max_length=100)]


class EventsTaken(Struct, frozen=True):
    """How many events came, and how many of them were not known yet."""

    submission_id: str
    received: int
    recorded: int
