"""How many of something a plan lets a center keep in an env (members are a center's): asked of SQL where it is decided,
never of a cache.

Quizzes of generated courses count as the assessments that they are, but no module goes without its quiz for a ceiling:
that limits what is asked for, and the module is paid for.
"""

from typing import Final, Literal

from gateway.stores import Connection

_COUNTED: Final = {
    "courses": """select e.courses_max as ceiling,
                         (select count(*) from (select 1 from course c where c.center_id = $1 and c.env = $2
                                                 limit e.courses_max) counted) as count
                    from effective_limit e
                   where e.center_id = $1""",
    "assessments": """select e.assessments_max as ceiling,
                             (select count(*) from (select 1 from assessment a where a.center_id = $1 and a.env = $2
                                                     limit e.assessments_max) counted) as count
                        from effective_limit e
                       where e.center_id = $1""",
    "members": """select e.members_max as ceiling,
                         (select count(*) from (select 1 from membership m
                                                 where m.center_id = $1 and $2::text is not null
                                                   and m.status not in ('rejected', 'ended')
                                                 limit e.members_max) counted) as count
                    from effective_limit e
                   where e.center_id = $1""",
}


async def ceiling_and_count(
    connection: Connection, center_id: str, env: str, resource: Literal["courses", "assessments", "members"]
) -> tuple[int, int]:
    """Return how many the center's plan allows, and how many there are, counted no further than that.

    The count holds until the transaction ends: who else adds one waits.
    """
    await connection.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"{resource}:{center_id}:{env}")
    row = await connection.fetchrow(_COUNTED[resource], center_id, env)
    assert row is not None  # ruff: ignore[assert] - every center has a plan
    return row["ceiling"], row["count"]
