"""The SQL of what a player shows beside the attempt, and of whose page may hold it."""

from gateway.stores import Connection, Record


async def setting(connection: Connection, center_id: str, env: str, assessment_id: str, learner_ref: str) -> Record:
    """Return what the center says of itself and its plan of checks, and the learner's newest attempt's number."""
    row = await connection.fetchrow(
        """select c.name, c.locale, c.theme, l.checks_per_question,
                  (select max(s.attempt) from submission s
                    where s.center_id = c.id and s.env = $2 and s.assessment_id = $3 and s.learner_ref = $4
                      and s.regrade_of is null) as attempts
             from center c join effective_limit l on l.center_id = c.id where c.id = $1""",
        center_id,
        env,
        assessment_id,
        learner_ref,
    )
    assert row is not None  # ruff: ignore[assert] - the attempt is the center's
    return row


async def checks_used(
    connection: Connection, center_id: str, env: str, assessment_id: str, learner_ref: str
) -> dict[str, int]:
    """Return how many checks the learner has used, by item."""
    rows = await connection.fetch(
        """select item_id, used from check_count
            where center_id = $1 and env = $2 and assessment_id = $3 and learner_ref = $4""",
        center_id,
        env,
        assessment_id,
        learner_ref,
    )
    return {row["item_id"]: row["used"] for row in rows}


async def origin_of_token(connection: Connection, digest: bytes) -> str | None:
    """Return whose pages may hold the token's player, if the center still allows it: whatever became of the token, somebody
    is to read that there.
    """
    query = """select o.origin from embed_token t
                 join embed_origin o on o.center_id = t.center_id and o.env = t.env and o.origin = t.origin
                where t.token_hash = $1"""
    origin: str | None = await connection.fetchval(query, digest)
    return origin


async def origin_of_session(connection: Connection, session_id: str) -> str | None:
    """Return whose pages may hold the session's player, as for a token: also one that is over says so where it stands."""
    query = """select o.origin from learner_session s
                 join embed_origin o on o.center_id = s.center_id and o.env = s.env and o.origin = s.origin
                where s.id = $1"""
    origin: str | None = await connection.fetchval(query, session_id)
    return origin
