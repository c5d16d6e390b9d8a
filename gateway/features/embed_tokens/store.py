"""The SQL of embed tokens, but for spending one: that is features/sessions."""

from datetime import datetime

from gateway.features.embed_tokens.schemas import EmbedToken
from gateway.stores import Connection, Record


async def assessment_status(connection: Connection, center_id: str, env: str, assessment_id: str) -> str | None:
    """Return the assessment's status; None where there is none. It can't be deleted until the transaction ends."""
    query = "select status from assessment where center_id = $1 and env = $2 and id = $3 for key share"
    status: str | None = await connection.fetchval(query, center_id, env, assessment_id)
    return status


async def allows(connection: Connection, center_id: str, env: str, origin: str) -> bool:
    """Whether the origin is one of the center's."""
    query = "select exists (select from embed_origin where center_id = $1 and env = $2 and origin = $3)"
    found: bool = await connection.fetchval(query, center_id, env, origin)
    return found


async def insert(
    connection: Connection, center_id: str, env: str, made: EmbedToken, digest: bytes, created_by: str
) -> None:
    """Keep a token, by its digest."""
    await connection.execute(
        """insert into embed_token (center_id, env, id, token_hash, assessment_id, learner_ref, origin, created_by,
                                    closings, created_at, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, closings_of($1, $8), $9, $10)""",
        center_id,
        env,
        made.id,
        digest,
        made.assessment_id,
        made.learner_ref,
        made.origin,
        created_by,
        made.created_at,
        made.expires_at,
    )


async def find(connection: Connection, center_id: str, env: str, token_id: str) -> Record | None:
    """Return a token."""
    query = "select * from embed_token where center_id = $1 and env = $2 and id = $3"
    return await connection.fetchrow(query, center_id, env, token_id)


async def end(connection: Connection, center_id: str, env: str, token_id: str, now: datetime) -> None:
    """Take a token back, if it was not before."""
    await connection.execute(
        "update embed_token set ended_at = $4 where center_id = $1 and env = $2 and id = $3 and ended_at is null",
        center_id,
        env,
        token_id,
        now,
    )
