"""Which learner calls from a browser: every request asks the database whether the session, and all that it rests on, holds.

One statement for all requests that wait for it together, and nothing of it is remembered: a session that was ended or
replaced is over with the next request, and so is one whose key was revoked, whose assessment was archived, whose learner was
erased or whose center was suspended; it stays over should the center be reinstated. Rule source: security, "Learners and
answer keys".
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from gateway import learner_tokens
from gateway.caller import LearnerSession
from gateway.clock import as_datetime
from gateway.pipeline.authentication import Known
from gateway.pipeline.key_store import center_of
from gateway.scopes import Scope
from gateway.stores import Connection, Record
from gateway.visit import session_policies

if TYPE_CHECKING:
    from gateway.clock import Clock
    from gateway.keyring import Keyring
    from gateway.sql_batches import Batches

_SCOPES: Final[frozenset[Scope]] = frozenset({"write:submissions", "read:results"})

# The look-up by the credential comes first whatever the planner knows: on a table that has just filled it would rather go
# through all sessions that are open, and ask of each whether its maker stands.
_READ: Final = """
select s.id as session_id, s.env, s.submission_id, s.assessment_id, s.learner_ref, u.status as submission_status,
       c.id as center_id, c.name, c.status, c.time_zone, c.period_anchor_day,
       l.*, q.start_at as period_start, q.end_at as period_end
  from unnest($1::bytea[], $2::timestamptz[]) with ordinality as w (credential_hash, now, place)
  left join lateral (select * from (select * from learner_session where credential_hash = w.credential_hash offset 0) known
                      where known.ended_at is null and known.expires_at > w.now
                        and maker_stands(known.center_id, known.created_by, known.learner_ref, known.closings)) s on true
  left join submission u on u.center_id = s.center_id and u.env = s.env and u.id = s.submission_id
  left join assessment a on a.center_id = s.center_id and a.env = s.env and a.id = s.assessment_id and a.status <> 'archived'
  left join center c on c.id = a.center_id and c.status = 'active'
  left join effective_limit l on l.center_id = c.id
  left join lateral (select start_at, end_at from quota_period
                      where center_id = c.id order by start_at desc limit 1) q on true
 order by w.place"""

_BEGINNING: Final = f"{learner_tokens.SESSION}_".encode()


class Wish(Struct, frozen=True):
    """Whose session, and at which time."""

    credential_hash: bytes
    now: datetime


def is_session(sent: bytes, authorization: bytes | None) -> bool:
    """Whether this is a session's credential, by its shape alone: `Authorization: Bearer cgs_…`."""
    return sent.startswith(_BEGINNING) and authorization is not None and authorization[:7].lower() == b"bearer "


class LearnersIn:
    """Learners of one process' requests."""

    def __init__(self, keyring: "Keyring", batches: "Batches", clock: "Clock") -> None:
        self._keyring = keyring
        self._batches = batches
        self._clock = clock

    async def judge(self, sent: bytes) -> Known | None:
        """The session, None where there is none that holds. Raises StoreDown and Overloaded where SQL can't say."""
        digest = learner_tokens.read(self._keyring, learner_tokens.SESSION, sent.decode("latin-1"))
        if digest is None:
            return None
        row = await self._batches.run(read_sessions, Wish(digest, as_datetime(self._clock.now_ms())))
        return None if row is None else _known(row)


async def read_sessions(connection: Connection, wishes: Sequence[Wish]) -> Sequence[Record | None]:
    """Each session that holds, with its center, in their order: one statement, whoever is there."""
    hashes, times = [wish.credential_hash for wish in wishes], [wish.now for wish in wishes]
    rows = await connection.fetch(_READ, hashes, times)
    return [None if row["name"] is None else row for row in rows]


def _known(row: Any) -> Known:
    center = center_of(row)
    return Known(
        center=center,
        env=row["env"],
        key_id=None,
        scopes=_SCOPES,
        requests_per_minute=None,
        policies=session_policies(row["env"], center.id, row["session_id"]),
        fresh_until=0.0,
        stale_until=0.0,
        session=LearnerSession(
            id=row["session_id"],
            submission_id=row["submission_id"],
            assessment_id=row["assessment_id"],
            learner_ref=row["learner_ref"],
            is_closed=row["submission_status"] != "in_progress",
        ),
    )
