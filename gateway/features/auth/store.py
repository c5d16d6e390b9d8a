"""The SQL of signing in. People are found by their folded address or their id; their centers come in the same read."""

from datetime import datetime
from typing import Final

from gateway.stores import Connection, Record

_PERSON: Final = """
    select p.*, held.centers
      from person p
      left join lateral (
           select json_agg(json_build_object(
                      'id', c.id, 'name', c.name, 'subdomain', c.subdomain, 'status', c.status,
                      'membership_id', m.id, 'membership_status', m.status, 'role', m.role)
                      order by m.status in ('rejected', 'ended'), m.created_at, m.id) as centers
             from membership m join center c on c.id = m.center_id
            where m.person_id = p.id) held on true
"""


async def find_by_email(connection: Connection, email_folded: str) -> Record | None:
    """Return the person, the hash of the password, and all memberships, those that hold first, as JSON."""
    return await connection.fetchrow(f"{_PERSON} where p.email_folded = $1", email_folded)


async def find_person(connection: Connection, person_id: str) -> Record | None:
    """Return the same, by id."""
    return await connection.fetchrow(f"{_PERSON} where p.id = $1", person_id)


async def find_session(connection: Connection, digest: bytes) -> Record | None:
    """Return the sign-in of a refresh token; `is_over`: the token was exchanged, or the sign-in has ended.

    `closed_out`: it ended because a membership did, the token being unused. `asked_at` is the database's own time, by which
    it is told who came first.
    """
    return await connection.fetchrow(
        """select s.*, s.ended_at is not null or t.used_at is not null as is_over, statement_timestamp() as asked_at,
                  s.end_reason = 'membership_closed' and t.used_at is null as closed_out
             from refresh_token t join login_session s on s.id = t.session_id where t.token_hash = $1""",
        digest,
    )


async def open_session(
    connection: Connection,
    session_id: str,
    *,
    person_id: str,
    center_id: str,
    verified: str,
    rehashed: str | None,
    digest: bytes,
    expires_at: datetime,
    now: datetime,
) -> str:
    """Sign in, if the hash that was compared is still the person's; returns what came of it, as `session_open` says."""
    outcome: str = await connection.fetchval(
        "select session_open($1, $2, $3, $4, $5, $6, $7, $8)",
        session_id,
        person_id,
        center_id,
        verified,
        rehashed,
        digest,
        expires_at,
        now,
    )
    return outcome


async def rotate(
    connection: Connection, digest: bytes, following: bytes, *, came_at: datetime, expires_at: datetime, now: datetime
) -> str:
    """Exchange a refresh token for the next; returns what came of it, as `refresh_rotate` says."""
    outcome: str = await connection.fetchval(
        "select refresh_rotate($1, $2, $3, $4, $5)", digest, following, came_at, expires_at, now
    )
    return outcome


async def end_session(connection: Connection, session_id: str, now: datetime) -> None:
    """Sign out."""
    query = "update login_session set ended_at = $2, end_reason = 'logout' where id = $1 and ended_at is null"
    await connection.execute(query, session_id, now)


async def lead_to(connection: Connection, session_id: str, person_id: str, center_id: str) -> datetime | None:
    """Let a sign-in that lasts lead to another center from now on; None where it, or the membership there, has ended."""
    began: datetime | None = await connection.fetchval(
        "select session_lead($1, $2, $3)", session_id, person_id, center_id
    )
    return began


async def change_password(
    connection: Connection, person_id: str, session_id: str, *, verified: str, hashed: str, now: datetime
) -> bool:
    """Set a new password and end all other sign-ins, if the hash that was compared is still the person's."""
    changed: bool = await connection.fetchval(
        "select password_change($1, $2, $3, $4, $5)", person_id, session_id, verified, hashed, now
    )
    return changed
