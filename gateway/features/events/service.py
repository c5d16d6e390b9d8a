"""What happened on the way: kept once an event, however often a frontend sends it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from asyncpg import Record
from litestar import Response
from msgspec import Raw

from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.errors import (
    InvalidField,
    LimitReached,
    MalformedJson,
    MissingRequiredField,
    SubmissionClosed,
    SubmissionNotFound,
)
from gateway.features.events import store
from gateway.features.events.schemas import NO_PAYLOAD, EventsTaken, NewEvent, NewEvents
from gateway.ids import is_id
from gateway.learners import acts_for
from gateway.once import Once
from gateway.services import Services
from gateway.spending import Spending
from gateway.stores import Connection

PAYLOAD_BYTES_MAX: Final = 2_048

_payload: Final = msgspec.json.Decoder(dict[str, Any])


async def note(
    services: Services, caller: Caller, once: Once, spending: Spending, submission_id: str, data: NewEvents
) -> Response[EventsTaken]:
    """Keep the events of a submission, also of one that was submitted meanwhile: what was under way still arrives.

    Raises RateLimited, SubmissionNotFound, MissingRequiredField, InvalidField, MalformedJson, LimitReached, and
    SubmissionClosed for one whose learner was erased.
    """
    await spending.batch(len(data.events))
    if not is_id("sub", submission_id):
        raise SubmissionNotFound
    center_id, env = caller.center.id, caller.env

    async def find(connection: Connection) -> Record:
        row = await store.version_of(connection, center_id, env, submission_id)
        if row is None or not acts_for(caller, row["learner_ref"], submission_id):
            raise SubmissionNotFound
        return row

    async def effect(connection: Connection, row: Record) -> EventsTaken:
        published = await services.published.version(
            connection, center_id, env, row["assessment_id"], row["assessment_version"]
        )
        _hold_to_rules(data.events, published.exam.places)
        now = as_datetime(services.clock.now_ms())
        noted = await store.note(connection, center_id, env, submission_id, data.events, now)
        if noted is None:
            raise SubmissionNotFound
        if noted["outcome"] == "erased":
            raise SubmissionClosed
        if noted["outcome"] == "full":
            raise LimitReached("events", store.EVENTS_MAX)
        caller.facts.update(submission_id=submission_id, events=noted["fresh"])
        return EventsTaken(submission_id, len(data.events), noted["fresh"])

    return await once.run(effect, find=find, body=data, status=200)


def _hold_to_rules(events: Sequence[NewEvent], items: Mapping[str, int]) -> None:
    for place, event in enumerate(events):
        if event.item_id is None:
            if event.type == "answer_change":
                raise MissingRequiredField(f"events[{place}].item_id", "it is required where an answer changed")
        elif event.item_id not in items:
            raise InvalidField(f"events[{place}].item_id", "the id of an item of this submission's version")
        if not _is_storable(event.at):
            raise InvalidField(f"events[{place}].at", "a time between the years 1 and 9999")
        if event.payload is not NO_PAYLOAD and not _is_object(event.payload):
            raise InvalidField(f"events[{place}].payload", f"an object of at most {PAYLOAD_BYTES_MAX} bytes")


def _is_storable(at: datetime) -> bool:
    """Whether the time is one in UTC too: the first and last hours of the calendar may not be."""
    try:
        at.astimezone(UTC)
    except OverflowError:
        return False
    return True


def _is_object(payload: Raw) -> bool:
    """Whether a payload is what an export can hand out again. Raises MalformedJson: nobody has read it so far."""
    if len(payload) > PAYLOAD_BYTES_MAX:
        return False
    try:
        _payload.decode(payload)
    except msgspec.ValidationError:
        return False
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MalformedJson from None
    return True
