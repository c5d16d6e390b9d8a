"""The SQL of spending tokens, and of the sessions they are spent for."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from gateway.stores import Connection, Record


class Look(Struct, frozen=True):
    """A token that somebody wants to spend."""

    digest: bytes
    now: datetime


async def look(connection: Connection, wanted: Sequence[Look]) -> Sequence[Record]:
    """Return of each token what stands against it, as `embed_token_outcome` says it, and whose it is."""
    return await connection.fetch(
        """select embed_token_outcome(t, w.now) as outcome, t.center_id, t.env, t.id
             from unnest($1::bytea[], $2::timestamptz[]) with ordinality w (digest, now, nth)
             left join embed_token t on t.token_hash = w.digest order by w.nth""",
        [one.digest for one in wanted],
        [one.now for one in wanted],
    )


async def place_of(connection: Connection, digest: bytes) -> tuple[str, str, str, str] | None:
    """Return center, env, assessment and learner of a token."""
    query = "select center_id, env, assessment_id, learner_ref from embed_token where token_hash = $1"
    row = await connection.fetchrow(query, digest)
    return None if row is None else (row["center_id"], row["env"], row["assessment_id"], row["learner_ref"])


async def spend(connection: Connection, digest: bytes, now: datetime) -> Record:
    """Spend a token: the row has `outcome`, and the token where that is `good`."""
    row = await connection.fetchrow("select outcome, (token).* from embed_token_spend($1, $2)", digest, now)
    assert row is not None  # ruff: ignore[assert] - a function with out parameters returns one row
    return row


class Opening(Struct, frozen=True, kw_only=True):
    """A session that shall be opened for an attempt."""

    session_id: str
    digest: bytes
    submission: Record
    token: Record
    now: datetime
    expires_at: datetime


async def open_session(connection: Connection, wish: Opening) -> Record | None:
    """Open a session and end the learner's older one; None where the attempt is gone."""
    row = await connection.fetchrow(
        "select (s).* from learner_session_open($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) s",
        wish.submission["center_id"],
        wish.submission["env"],
        wish.session_id,
        wish.digest,
        wish.submission["id"],
        wish.submission["assessment_id"],
        wish.submission["learner_ref"],
        wish.token["origin"],
        wish.token["created_by"],
        wish.token["closings"],
        wish.now,
        wish.expires_at,
    )
    return None if row is None or row["id"] is None else row


async def find(connection: Connection, center_id: str, env: str, session_id: str) -> Record | None:
    """Return a session, and whether all that it rests on `stands`."""
    query = """select s.*, a.status <> 'archived'
                           and maker_stands(s.center_id, s.created_by, s.learner_ref, s.closings) as stands
                 from learner_session s join assessment a on (a.center_id, a.env, a.id) = (s.center_id, s.env, s.assessment_id)
                where s.center_id = $1 and s.env = $2 and s.id = $3"""
    return await connection.fetchrow(query, center_id, env, session_id)


async def end(connection: Connection, center_id: str, env: str, session_id: str, now: datetime) -> None:
    """End a session that is open."""
    await connection.execute(
        """update learner_session set ended_at = $4, end_reason = 'ended'
            where center_id = $1 and env = $2 and id = $3 and ended_at is null and expires_at > $4""",
        center_id,
        env,
        session_id,
        now,
    )
