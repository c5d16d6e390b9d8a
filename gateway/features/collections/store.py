"""The SQL of collections. Every statement finds one by (center, env, id): a foreign one is not there."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from gateway.stores import Connection

_COUNTED = """
select c.*, (select count(*) from collection_item i
              where i.center_id = c.center_id and i.env = c.env and i.collection_id = c.id) as item_count
  from collection c where c.center_id = $1 and c.env = $2"""


async def find(connection: Connection, center_id: str, env: str, collection_id: str) -> asyncpg.Record | None:
    """Return the collection."""
    return await connection.fetchrow(f"{_COUNTED} and c.id = $3", center_id, env, collection_id)


async def lock(connection: Connection, center_id: str, env: str, collection_id: str) -> asyncpg.Record | None:
    """Return the collection, its row locked until the transaction ends: nobody else moves its items."""
    query = "select * from collection where center_id = $1 and env = $2 and id = $3 for update"
    return await connection.fetchrow(query, center_id, env, collection_id)


async def lock_those_with(
    connection: Connection, center_id: str, env: str, assessment_id: str
) -> Sequence[asyncpg.Record]:
    """Return the collections that hold the assessment, their rows locked until the transaction ends."""
    return await connection.fetch(
        """select c.id from collection c
             join collection_item i on i.center_id = c.center_id and i.env = c.env and i.collection_id = c.id
            where i.center_id = $1 and i.env = $2 and i.assessment_id = $3
            order by c.id for update of c""",
        center_id,
        env,
        assessment_id,
    )


async def touch(connection: Connection, center_id: str, env: str, collection_id: str, now: datetime) -> None:
    """Say that the collection has changed."""
    await connection.execute(
        "update collection set updated_at = $4 where center_id = $1 and env = $2 and id = $3",
        center_id,
        env,
        collection_id,
        now,
    )


async def in_order(
    connection: Connection, center_id: str, env: str, *, after: tuple[datetime, str] | None, limit: int
) -> Sequence[asyncpg.Record]:
    """Return at most `limit` collections in the order they were made, from behind the one `after` names."""
    at, collection_id = after or (None, None)
    return await connection.fetch(
        f"""{_COUNTED} and ($3::timestamptz is null or (c.created_at, c.id) > ($3, $4))
            order by c.created_at, c.id limit $5""",
        center_id,
        env,
        at,
        collection_id,
        limit,
    )


async def items(connection: Connection, center_id: str, env: str, collection_id: str) -> Sequence[asyncpg.Record]:
    """Return the collection's assessments in their order, with the title that learners see."""
    return await connection.fetch(
        """select i.assessment_id, i.position, a.status, coalesce(v.title, a.title) as title
             from collection_item i
             join assessment a on a.center_id = i.center_id and a.env = i.env and a.id = i.assessment_id
             left join assessment_version v on v.center_id = a.center_id and v.env = a.env and v.assessment_id = a.id
                                           and v.version = a.published_version
            where i.center_id = $1 and i.env = $2 and i.collection_id = $3
            order by i.position, i.assessment_id""",
        center_id,
        env,
        collection_id,
    )


async def known_assessments(connection: Connection, center_id: str, env: str, ids: Sequence[str]) -> set[str]:
    """Return those of `ids` that are assessments of this center and env."""
    query = "select id from assessment where center_id = $1 and env = $2 and id = any($3)"
    return {row["id"] for row in await connection.fetch(query, center_id, env, ids)}


async def insert(
    connection: Connection,
    center_id: str,
    env: str,
    collection_id: str,
    *,
    title: str,
    description: str,
    now: datetime,
) -> None:
    """Add an empty collection."""
    await connection.execute(
        """insert into collection (center_id, env, id, title, description, created_at, updated_at)
           values ($1, $2::text, $3, $4, $5, $6, $6)""",
        center_id,
        env,
        collection_id,
        title,
        description,
        now,
    )


async def update(
    connection: Connection,
    center_id: str,
    env: str,
    collection_id: str,
    *,
    title: str,
    description: str,
    now: datetime,
) -> None:
    """Write the collection's texts."""
    await connection.execute(
        """update collection set title = $4, description = $5, updated_at = $6
            where center_id = $1 and env = $2 and id = $3""",
        center_id,
        env,
        collection_id,
        title,
        description,
        now,
    )


async def set_items(
    connection: Connection, center_id: str, env: str, collection_id: str, ids: Sequence[str], now: datetime
) -> None:
    """Make `ids`, each there once, the collection's assessments in this order; its row is locked by the caller.

    Raises ForeignKeyViolationError where one of them has been deleted meanwhile.
    """
    await connection.execute(
        """delete from collection_item
            where center_id = $1 and env = $2 and collection_id = $3 and assessment_id <> all($4)""",
        center_id,
        env,
        collection_id,
        ids,
    )
    await connection.execute(
        """insert into collection_item as i (center_id, env, collection_id, assessment_id, position)
           select $1, $2::text, $3, given.id, given.place - 1 from unnest($4::text[]) with ordinality given (id, place)
           on conflict (center_id, env, collection_id, assessment_id) do update set position = excluded.position
            where i.position <> excluded.position""",
        center_id,
        env,
        collection_id,
        ids,
    )
    await touch(connection, center_id, env, collection_id, now)


async def delete(connection: Connection, center_id: str, env: str, collection_id: str) -> None:
    """Remove the collection, not its assessments."""
    await connection.execute(
        "delete from collection where center_id = $1 and env = $2 and id = $3", center_id, env, collection_id
    )
