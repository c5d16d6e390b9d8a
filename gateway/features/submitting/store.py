"""The SQL that a submit looks by; what it writes is gateway/closing.py."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import asyncpg
from msgspec import Struct

from gateway.closing import CLAIM_COLUMNS, CLAIM_JOIN, claims_sought
from gateway.once import Turn
from gateway.stores import Connection


class Wanted(Struct, frozen=True, kw_only=True):
    """A submission that somebody wants to submit, and the request's key, if it has one."""

    center_id: str
    env: str
    submission_id: str
    now: datetime
    turn: Turn | None


_LOOK: Final = f"""
    select s.*, {CLAIM_COLUMNS}
      from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
           with ordinality w (center_id, env, id, key, route, principal, now, nth)
      left join submission s on s.center_id = w.center_id and s.env = w.env and s.id = w.id
      {CLAIM_JOIN}
     order by w.nth
"""  # ruff: ignore[hardcoded-sql-expression] - made of literals


async def look(connection: Connection, wanted: Sequence[Wanted]) -> list[asyncpg.Record | None]:
    """Return each submission, and the key's claim if it is still kept."""
    rows = await connection.fetch(
        _LOOK,
        [one.center_id for one in wanted],
        [one.env for one in wanted],
        [one.submission_id for one in wanted],
        *claims_sought([one.turn for one in wanted]),
        [one.now for one in wanted],
    )
    return [None if row["id"] is None else row for row in rows]
