"""Telling a center's webhooks what a request has made true, in its own transaction and under the lock of what it is about.

What functions of the database make true they tell themselves: gateway/migrations/0016_events.sql, rule source: webhooks.
"""

from datetime import datetime
from typing import Final, TypeAlias

import msgspec
from msgspec import UNSET, Struct, UnsetType

from gateway.stores import Connection
from gateway.webhooks.types import EventType

Place: TypeAlias = tuple[str, str]
"""Center and env whose webhooks are told: those of what it is about, whoever did it."""

_json: Final = msgspec.json.Encoder()


async def tell(
    connection: Connection,
    place: Place,
    kind: EventType,
    resource_id: str,
    shown: Struct,
    now: datetime,
    request_id: str,
    *,
    external_ref: str | UnsetType | None = UNSET,
) -> None:
    """Write an event whose `data` is `shown`, the object as the API shows it: without contents, keys and secrets; and the
    course's `external_ref`, where it belongs to one. `request_id`: of the request that made it true, for the log.
    """
    data = msgspec.to_builtins(shown)
    if external_ref is not UNSET:
        data |= {"external_ref": external_ref}
    query = "select emit($1, $2, $3, $4, $5::text::jsonb, $6, $7)"
    await connection.execute(query, *place, kind, resource_id, _json.encode(data).decode(), now, request_id)


async def tell_of_assessment(
    connection: Connection, place: Place, kind: EventType, assessment_id: str, now: datetime, request_id: str
) -> None:
    """Write an event of an assessment, as those see it who may read it: without its questions."""
    query = "select tell_assessment($1, $2, $3, $4, $5, $6)"
    await connection.execute(query, *place, kind, assessment_id, now, request_id)
