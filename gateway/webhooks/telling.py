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
    *,
    external_ref: str | UnsetType | None = UNSET,
) -> None:
    """Write an event whose `data` is `shown`, the object as the API shows it: without contents, keys and secrets; and the
    course's `external_ref`, where it belongs to one.
    """
    data = msgspec.to_builtins(shown)
    if external_ref is not UNSET:
        data |= {"external_ref": external_ref}
    query = "select emit($1, $2, $3, $4, $5::text::jsonb, $6)"
    await connection.execute(query, *place, kind, resource_id, _json.encode(data).decode(), now)


async def tell_of_assessment(
    connection: Connection, place: Place, kind: EventType, assessment_id: str, now: datetime
) -> None:
    """Write an event of an assessment, as those see it who may read it: without its questions."""
    await connection.execute("select tell_assessment($1, $2, $3, $4, $5)", *place, kind, assessment_id, now)
