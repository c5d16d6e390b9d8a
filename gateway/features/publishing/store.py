"""The SQL that ends the editing of an assessment: frozen as a version, or archived."""

from datetime import datetime

from gateway.stores import Connection


async def publish(
    connection: Connection, center_id: str, env: str, assessment_id: str, request_id: str, now: datetime
) -> str | None:
    """Freeze the working copy; returns `published`, `unchanged`, `archived` or `empty`, None where there is none."""
    query = "select outcome from assessment_publish($1, $2, $3, $4, $5)"
    outcome: str | None = await connection.fetchval(query, center_id, env, assessment_id, now, request_id)
    return outcome


async def archive(connection: Connection, center_id: str, env: str, assessment_id: str, now: datetime) -> bool:
    """End the assessment; False where it had ended: it stays as it is."""
    tag = await connection.execute(
        """update assessment set status = 'archived', archived_at = $4, updated_at = $4
            where center_id = $1 and env = $2 and id = $3 and status <> 'archived'""",
        center_id,
        env,
        assessment_id,
        now,
    )
    return tag == "UPDATE 1"
