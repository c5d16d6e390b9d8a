"""The SQL of invitations. A token is found by its digest alone; which membership it opens is the row's to say."""

from collections.abc import Sequence
from datetime import datetime

from gateway.stores import Connection, Record


async def insert(
    connection: Connection,
    invitation_id: str,
    *,
    center_id: str,
    member_id: str,
    digest: bytes,
    created_by: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Add an invitation to a membership that has no open one."""
    await connection.execute(
        """insert into invitation (id, center_id, membership_id, token_hash, created_by, created_at, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7)""",
        invitation_id,
        center_id,
        member_id,
        digest,
        created_by,
        now,
        expires_at,
    )


async def revoke(connection: Connection, center_id: str, member_id: str, now: datetime) -> None:
    """Take back the membership's open invitation."""
    await connection.execute(
        """update invitation set revoked_at = $3
            where center_id = $1 and membership_id = $2 and accepted_at is null and revoked_at is null""",
        center_id,
        member_id,
        now,
    )


async def revoke_made_by(connection: Connection, center_id: str, makers: Sequence[str], now: datetime) -> None:
    """Take back the open invitations that these made."""
    await connection.execute(
        """update invitation set revoked_at = $3
            where center_id = $1 and created_by = any($2) and accepted_at is null and revoked_at is null""",
        center_id,
        list(makers),
        now,
    )


async def look(connection: Connection, digest: bytes, now: datetime) -> Record | None:
    """Say what accepting needs; None where there is no such open invitation."""
    return await connection.fetchrow("select * from invitation_look($1, $2)", digest, now)


async def account(connection: Connection, email_folded: str) -> Record | None:
    """Return whose account the address is, and the hash of its password."""
    return await connection.fetchrow("select id, password_hash from person where email_folded = $1", email_folded)


async def still_has(connection: Connection, person_id: str | None, password_hash: str) -> bool:
    """Whether the hash that was compared is still the person's, and stays it until the transaction ends."""
    query = "select 1 from person where id = $1 and password_hash = $2 for share"
    return await connection.fetchval(query, person_id, password_hash) is not None


async def accept(
    connection: Connection,
    digest: bytes,
    *,
    person_id: str | None,
    new_person_id: str,
    password_hash: str | None,
    name: str | None,
    now: datetime,
) -> Record:
    """Spend the invitation; `outcome` as `invitation_accept` says it."""
    row = await connection.fetchrow(
        "select * from invitation_accept($1, $2, $3, $4, $5, $6)",
        digest,
        person_id,
        new_person_id,
        password_hash,
        name,
        now,
    )
    assert row is not None  # ruff: ignore[assert] - a function with out parameters returns one row
    return row


async def membership(connection: Connection, center_id: str, member_id: str) -> Record:
    """Return a membership with the name of its center."""
    row = await connection.fetchrow(
        """select m.*, c.name as center_name from membership m join center c on c.id = m.center_id
            where m.center_id = $1 and m.id = $2""",
        center_id,
        member_id,
    )
    assert row is not None  # ruff: ignore[assert] - it was found in this transaction
    return row
