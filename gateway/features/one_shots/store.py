"""The SQL that a one-shot submit looks by; what it writes is gateway/closing.py."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import asyncpg
from msgspec import Struct

from gateway.closing import CLAIM_COLUMNS, CLAIM_JOIN, claims_sought
from gateway.once import Turn
from gateway.stores import Connection


class Sought(Struct, frozen=True, kw_only=True):
    """An assessment that a learner wants to submit at once, and the request's key, if it has one."""

    center_id: str
    env: str
    assessment_id: str
    learner_ref: str
    now: datetime
    turn: Turn | None

    @property
    def place(self) -> tuple[str, str, str, str]:
        """Center, env, assessment and learner."""
        return self.center_id, self.env, self.assessment_id, self.learner_ref


_SEEK: Final = f"""
    select a.id, a.status, a.published_version, o.id as open_id, coalesce(o.expires_at <= w.now, false) as is_due,
           (select max(attempt) from submission
             where center_id = w.center_id and env = w.env and assessment_id = w.id and learner_ref = w.learner_ref
               and regrade_of is null) as attempts,
           {CLAIM_COLUMNS}
      from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::text[])
           with ordinality w (center_id, env, id, key, route, principal, now, learner_ref, nth)
      left join assessment a on a.center_id = w.center_id and a.env = w.env and a.id = w.id
      left join submission o on o.center_id = w.center_id and o.env = w.env and o.assessment_id = w.id
                            and o.learner_ref = w.learner_ref and o.status = 'in_progress'
      {CLAIM_JOIN}
     order by w.nth
"""  # ruff: ignore[hardcoded-sql-expression] - made of literals


async def seek(connection: Connection, sought: Sequence[Sought]) -> list[asyncpg.Record | None]:
    """Return each assessment, what its learner has done so far, and the key's claim if it is still kept."""
    rows = await connection.fetch(
        _SEEK,
        [one.center_id for one in sought],
        [one.env for one in sought],
        [one.assessment_id for one in sought],
        *claims_sought([one.turn for one in sought]),
        [one.now for one in sought],
        [one.learner_ref for one in sought],
    )
    return [None if row["id"] is None else row for row in rows]


async def lock_attempts(connection: Connection, sought: Sought) -> None:
    """Let nobody else take an attempt of this learner until the transaction ends. Raises LockNotAvailableError."""
    await connection.execute(
        "select lock_attempts($1, $2, $3, $4) from wait_briefly()",
        sought.center_id,
        sought.env,
        sought.assessment_id,
        sought.learner_ref,
    )
