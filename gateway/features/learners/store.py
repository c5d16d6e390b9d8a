"""The SQL of what is kept of a learner: read page by page, erased batch by batch, so that no statement takes long."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import asyncpg
import msgspec
from msgspec import Struct

from gateway.stores import Connection


class Learner(Struct, frozen=True):
    """Whose things are read or erased."""

    center_id: str
    env: str
    ref: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What every statement here begins with."""
        return self.center_id, self.env, self.ref


_HERS: Final = "s.center_id = $1 and s.env = $2 and s.learner_ref = $3"

ERASING: Final = (
    # Tokens first: from here on no attempt is begun by one.
    f"""delete from embed_token where ctid = any (array(
            select s.ctid from embed_token s where {_HERS} limit $4))""",  # ruff: ignore[hardcoded-sql-expression] - a literal of this module
    # An attempt under way has no total to keep. Its events go with it.
    f"""delete from submission where (center_id, env, id) in (
            select s.center_id, s.env, s.id from submission s
             where {_HERS} and s.status = 'in_progress' order by s.id limit $4 for update)""",  # ruff: ignore[hardcoded-sql-expression] - a literal of this module
    f"""update submission set saved = null, answers = null, results = null, events = 0, erased_at = $5
         where (center_id, env, id) in (
            select s.center_id, s.env, s.id from submission s
             where {_HERS} and s.status <> 'in_progress' and (s.saved is not null or s.answers is not null
                   or s.results is not null or s.events <> 0) order by s.id limit $4 for update)""",  # ruff: ignore[hardcoded-sql-expression] - as above
    f"""delete from submission_event where ctid = any (array(
            select e.ctid from submission s
              join submission_event e on e.center_id = s.center_id and e.env = s.env and e.submission_id = s.id
             where {_HERS} limit $4))""",  # ruff: ignore[hardcoded-sql-expression] - as above
    f"""delete from review where ctid = any (array(
            select r.ctid from submission s
              join review r on r.center_id = s.center_id and r.env = s.env and r.submission_id = s.id
             where {_HERS} limit $4))""",  # ruff: ignore[hardcoded-sql-expression] - as above
    f"""delete from learner_session where ctid = any (array(
            select s.ctid from learner_session s where {_HERS} limit $4))""",  # ruff: ignore[hardcoded-sql-expression] - as above
    # What webhooks were told, and are yet to be told; and what a receiver said to it, who may have repeated it.
    f"""with told as (
            select e.center_id, e.env, e.id
              from submission s
              join event e on e.center_id = s.center_id and e.env = s.env and e.resource = s.id
             where {_HERS} and e.type like 'submission.%' and e.body::jsonb #>> '{{data,learner_ref}}' is not null
             limit $4), answered as (
            update delivery_attempt a set answer = null
              from told t
              join delivery d on d.center_id = t.center_id and d.env = t.env and d.event_id = t.id
             where a.center_id = d.center_id and a.env = d.env and a.delivery_id = d.id)
        update event e set body = event_without_learner(e.body)
          from told t
         where e.center_id = t.center_id and e.env = t.env and e.id = t.id""",  # ruff: ignore[hardcoded-sql-expression] - as above
)
"""What is run until it finds nothing more. Attempts go before their events: none is noted in between."""


async def erase_some(connection: Connection, statement: str, learner: Learner, limit: int, now: datetime) -> int:
    """Run one of `ERASING` once; returns how much it found."""
    arguments = (*learner.key, limit, now) if "$5" in statement else (*learner.key, limit)
    return int((await connection.execute(statement, *arguments)).rsplit(" ", 1)[-1])


async def forget_tries(connection: Connection, learner: Learner) -> None:
    """Erase what tells which answer was tried last; how often stays, as it limits what is still allowed."""
    await connection.execute(
        """update check_count set answer_digest = null
            where center_id = $1 and env = $2 and learner_ref = $3 and answer_digest is not null""",
        *learner.key,
    )


async def forget_replies(connection: Connection, learner: Learner) -> None:
    """Erase what retries would be answered that tells of the learner. Their keys stay spent, so that a retry that comes
    late writes nothing anew: it finds nothing, see `Once.replay`.
    """
    await connection.execute(
        """update idempotency_claim set status = 404, location = null, body = ''
            where center_id = $1 and env = $2 and (route like '%submi%' or route = '/v1/embed/token')
              and learner_told(body) = $3""",
        learner.center_id,
        learner.env,
        msgspec.json.encode(learner.ref).decode(),
    )


async def writing(connection: Connection) -> frozenset[tuple[int, str]]:
    """Name the transactions of the gateway that have written something and have not ended."""
    rows = await connection.fetch(
        """select pid, backend_xid::text as xid from pg_stat_activity
            where datname = current_database() and backend_xid is not null and pid <> pg_backend_pid()"""
    )
    return frozenset((row["pid"], row["xid"]) for row in rows)


async def redact_some(connection: Connection, learner: Learner, actor: str, request_id: str, now: datetime) -> int:
    """Drop what some decision records tell of the learner, and seal which; returns how many."""
    dropped: int = await connection.fetchval(
        "select redact($1, $2, $3, $4, $5, $6)", *learner.key, actor, request_id, now
    )
    return dropped


async def seal(
    connection: Connection, learner: Learner, rows: int, bodies: int, actor: str, request_id: str, now: datetime
) -> None:
    """Seal that the learner was erased, and how much of him was there."""
    query = "select learner_erased($1, $2, $3, $4, $5, $6, $7)"
    await connection.execute(query, learner.center_id, learner.env, rows, bodies, actor, request_id, now)


async def submissions(connection: Connection, learner: Learner, behind: str, limit: int) -> Sequence[asyncpg.Record]:
    """Return the next submissions in the order they were begun, whole."""
    query = f"select s.* from submission s where {_HERS} and s.id > $4 order by s.id limit $5"  # ruff: ignore[hardcoded-sql-expression] - a literal of this module
    return await connection.fetch(query, *learner.key, behind, limit)


async def reviews(connection: Connection, learner: Learner, submission_id: str) -> Sequence[asyncpg.Record]:
    """Return what people said of a submission, the first said first."""
    return await connection.fetch(
        "select * from review where center_id = $1 and env = $2 and submission_id = $3 order by created_at, id",
        learner.center_id,
        learner.env,
        submission_id,
    )


async def events(
    connection: Connection, learner: Learner, submission_id: str, behind: str, limit: int
) -> Sequence[asyncpg.Record]:
    """Return the next events of a submission, in the order of their ids."""
    return await connection.fetch(
        """select id, type, item_id, at, payload, received_at from submission_event
            where center_id = $1 and env = $2 and submission_id = $3 and id > $4 order by id limit $5""",
        learner.center_id,
        learner.env,
        submission_id,
        behind,
        limit,
    )


async def sessions(connection: Connection, learner: Learner, behind: str, limit: int) -> Sequence[asyncpg.Record]:
    """Return the next sessions in the order they were opened."""
    return await connection.fetch(
        """select id, assessment_id, submission_id, origin, created_at, expires_at, ended_at from learner_session
            where center_id = $1 and env = $2 and learner_ref = $3 and id > $4 order by id limit $5""",
        *learner.key,
        behind,
        limit,
    )


async def checks(
    connection: Connection, learner: Learner, behind: tuple[str, str], limit: int
) -> Sequence[asyncpg.Record]:
    """Return the next counts of checks, by assessment and item."""
    return await connection.fetch(
        """select assessment_id, item_id, used, tries from check_count
            where center_id = $1 and env = $2 and learner_ref = $3 and (assessment_id, item_id) > ($4, $5)
            order by assessment_id, item_id limit $6""",
        *learner.key,
        *behind,
        limit,
    )
