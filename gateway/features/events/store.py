"""The SQL of events."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import asyncpg

from gateway.features.events.schemas import NO_PAYLOAD, NewEvent
from gateway.stores import Connection

EVENTS_MAX: Final = 10_000
"""Events a submission keeps."""


async def version_of(connection: Connection, center_id: str, env: str, submission_id: str) -> asyncpg.Record | None:
    """Return which version of which assessment a submission is of, and whose it is."""
    return await connection.fetchrow(
        "select assessment_id, assessment_version, learner_ref from submission where center_id = $1 and env = $2 and id = $3",
        center_id,
        env,
        submission_id,
    )


async def note(
    connection: Connection, center_id: str, env: str, submission_id: str, events: Sequence[NewEvent], now: datetime
) -> asyncpg.Record | None:
    """Keep the events that are not kept yet, all or none; `outcome` and `fresh` as `submission_note` says them."""
    return await connection.fetchrow(
        "select * from submission_note($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        center_id,
        env,
        submission_id,
        [event.id for event in events],
        [event.type for event in events],
        [event.item_id for event in events],
        [event.at for event in events],
        [None if event.payload is NO_PAYLOAD else bytes(event.payload) for event in events],
        EVENTS_MAX,
        now,
    )
