"""The SQL of outlines and artifacts. No statement here names a table that holds items of quizzes."""

from collections.abc import Sequence

import asyncpg

from gateway.stores import Connection

_ORDER = "array_position(array['slides', 'notes', 'narration', 'quiz'], a.kind)"

_ARTIFACT = f"""
    select a.id, a.course_id, a.module_index, a.kind, a.version, a.status, a.assessment_id, a.lineage_id,
           a.created_at, a.updated_at,
           v.media_type, v.bytes, v.remark, {_ORDER} as kind_order,
           coalesce(u.settled + u.held, 0) as regenerations_used, l.regenerations_per_artifact as regenerations_cap
      from artifact a
      join artifact_version v on v.center_id = a.center_id and v.env = a.env and v.artifact_id = a.id
           and v.version = a.version
      join effective_limit l on l.center_id = a.center_id
      left join quota_lineage u on u.center_id = a.center_id and u.env = a.env and u.lineage_id = a.lineage_id
     where a.center_id = $1 and a.env = $2
"""  # ruff: ignore[hardcoded-sql-expression] - constants


async def outline(connection: Connection, center_id: str, env: str, course_id: str) -> asyncpg.Record | None:
    """Return a course's outline."""
    query = "select version, body, created_at from outline where center_id = $1 and env = $2 and course_id = $3"
    return await connection.fetchrow(query, center_id, env, course_id)


async def in_order(
    connection: Connection,
    center_id: str,
    env: str,
    course_id: str,
    *,
    module_index: int | None,
    kind: str | None,
    behind: tuple[int, int] | None,
    limit: int,
) -> Sequence[asyncpg.Record]:
    """Return at most `limit` of a course's artifacts, module by module, from behind (module, place of the kind)."""
    module, place = behind or (None, None)
    return await connection.fetch(
        f"""{_ARTIFACT} and a.course_id = $3
              and ($4::integer is null or a.module_index = $4) and ($5::text is null or a.kind = $5)
              and ($6::integer is null or (a.module_index, {_ORDER}) > ($6, $7))
            order by a.module_index, kind_order limit $8""",
        center_id,
        env,
        course_id,
        module_index,
        kind,
        module,
        place,
        limit,
    )


async def find(connection: Connection, center_id: str, env: str, artifact_id: str) -> asyncpg.Record | None:
    """Return an artifact without its content."""
    return await connection.fetchrow(f"{_ARTIFACT} and a.id = $3", center_id, env, artifact_id)


async def content(connection: Connection, center_id: str, env: str, artifact_id: str, version: int) -> str | None:
    """Return a version's content; None for a quiz."""
    query = """select content from artifact_version
                where center_id = $1 and env = $2 and artifact_id = $3 and version = $4"""
    found: str | None = await connection.fetchval(query, center_id, env, artifact_id, version)
    return found


async def versions(
    connection: Connection, center_id: str, env: str, artifact_id: str, *, below: int | None, limit: int
) -> Sequence[asyncpg.Record]:
    """Return at most `limit` versions of an artifact, newest first, without their content."""
    return await connection.fetch(
        """select artifact_id, version, media_type, bytes, remark, note_id, assessment_version, created_at
             from artifact_version
            where center_id = $1 and env = $2 and artifact_id = $3 and ($4::integer is null or version < $4)
            order by version desc limit $5""",
        center_id,
        env,
        artifact_id,
        below,
        limit,
    )
