"""The SQL that a submit looks by; what it writes is gateway/closing.py."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import asyncpg
from msgspec import Struct

from gateway.once import Turn
from gateway.stores import Connection


class Wanted(Struct, frozen=True, kw_only=True):
    """A submission that somebody wants to submit, and the request's key, if it has one."""

    center_id: str
    env: str
    submission_id: str
    now: datetime
    turn: Turn | None


class Sought(Struct, frozen=True, kw_only=True):
    """An assessment that a learner wants to submit at once, and the request's key, if it has one."""

    center_id: str
    env: str
    assessment_id: str
    learner_ref: str
    now: datetime
    turn: Turn | None


_CLAIM: Final = """
    left join lateral (
         select * from idempotency_claim
          where center_id = w.center_id and env = w.env and key = w.key and route = w.route
            and method = 'POST' and principal = w.principal and expires_at > w.now limit 1) k on true
"""

_LOOK: Final = f"""
    select s.*, k.fingerprint as claim_fingerprint, k.status as claim_status, k.location as claim_location,
           k.body as claim_body
      from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
           with ordinality w (center_id, env, id, key, route, principal, now, nth)
      left join submission s on s.center_id = w.center_id and s.env = w.env and s.id = w.id
      {_CLAIM}
     order by w.nth
"""  # ruff: ignore[hardcoded-sql-expression] - made of literals

_SEEK: Final = f"""
    select a.id, a.status, a.published_version, o.id as open_id,
           (select max(attempt) from submission
             where center_id = w.center_id and env = w.env and assessment_id = w.id and learner_ref = w.learner_ref
               and regrade_of is null) as attempts,
           k.fingerprint as claim_fingerprint, k.status as claim_status, k.location as claim_location,
           k.body as claim_body
      from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::text[])
           with ordinality w (center_id, env, id, key, route, principal, now, learner_ref, nth)
      left join assessment a on a.center_id = w.center_id and a.env = w.env and a.id = w.id
      left join submission o on o.center_id = w.center_id and o.env = w.env and o.assessment_id = w.id
                            and o.learner_ref = w.learner_ref and o.status = 'in_progress'
      {_CLAIM}
     order by w.nth
"""  # ruff: ignore[hardcoded-sql-expression] - made of literals


async def look(connection: Connection, wanted: Sequence[Wanted]) -> list[asyncpg.Record | None]:
    """Return each submission, and the key's claim if it is still kept."""
    rows = await connection.fetch(_LOOK, *_places(wanted, [one.submission_id for one in wanted]))
    return [None if row["id"] is None else row for row in rows]


async def seek(connection: Connection, sought: Sequence[Sought]) -> list[asyncpg.Record | None]:
    """Return each assessment, what its learner has done so far, and the key's claim if it is still kept."""
    places = _places(sought, [one.assessment_id for one in sought])
    rows = await connection.fetch(_SEEK, *places, [one.learner_ref for one in sought])
    return [None if row["id"] is None else row for row in rows]


async def lock_attempts(connection: Connection, sought: Sought) -> None:
    """Let nobody else take an attempt of this learner until the transaction ends."""
    await connection.execute(
        "select lock_attempts($1, $2, $3, $4)", sought.center_id, sought.env, sought.assessment_id, sought.learner_ref
    )


def _places(several: Sequence[Wanted] | Sequence[Sought], ids: list[str]) -> tuple[list[object], ...]:
    scopes = [None if one.turn is None else one.turn.scope for one in several]
    return (
        [one.center_id for one in several],
        [one.env for one in several],
        list(ids),
        [None if scope is None else scope.key for scope in scopes],
        [None if scope is None else scope.route for scope in scopes],
        [None if scope is None else scope.principal for scope in scopes],
        [one.now for one in several],
    )
