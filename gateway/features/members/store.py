"""The SQL of members. A member is found by its center: another's is not there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from gateway.stores import Connection, Record

_MEMBER: Final = """
    select m.*, p.email as account_email,
           array(select l.child_id from parent_child l
                  where l.center_id = m.center_id and l.parent_id = m.id order by l.child_id) as children
      from membership m left join person p on p.id = m.person_id
"""


async def find(connection: Connection, center_id: str, member_id: str) -> Record | None:
    """Return the member."""
    return await connection.fetchrow(f"{_MEMBER} where m.center_id = $1 and m.id = $2", center_id, member_id)


async def lock_center(connection: Connection, center_id: str) -> None:
    """Hold the members of a center still until the transaction ends: one change of them a center at a time."""
    await connection.execute("select 1 from center where id = $1 for no key update", center_id)


async def lock(connection: Connection, center_id: str, member_id: str) -> bool:
    """Hold the member's row still until the transaction ends; False where there is none."""
    query = "select 1 from membership where center_id = $1 and id = $2 for update"
    return await connection.fetchval(query, center_id, member_id) is not None


async def newest(
    connection: Connection,
    center_id: str,
    *,
    role: str | None,
    status: str | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[Record]:
    """Return at most `limit` members, newest first, from behind the one `before` names."""
    at, member_id = before or (None, None)
    return await connection.fetch(
        f"""{_MEMBER}
             where m.center_id = $1 and ($2::text is null or m.role = $2) and ($3::text is null or m.status = $3)
               and ($4::timestamptz is null or (m.created_at, m.id) < ($4, $5))
             order by m.created_at desc, m.id desc limit $6""",
        center_id,
        role,
        status,
        at,
        member_id,
        limit,
    )


async def insert(
    connection: Connection,
    member_id: str,
    *,
    center_id: str,
    email: str,
    name: str | None,
    role: str,
    created_by: str,
    now: datetime,
) -> bool:
    """Add an invited member; False where the address has a membership already, or its account has."""
    row = await connection.fetchrow(
        """insert into membership (center_id, id, email, name, role, status, created_by, created_at, updated_at)
           select $1, $2, $3::text, $4, $5, 'invited', $6, $7::timestamptz, $7
            where not exists (select from membership m join person p on p.id = m.person_id
                               where m.center_id = $1 and m.status not in ('rejected', 'ended')
                                 and p.email_folded = lower($3::text collate "C"))
           on conflict (center_id, email_folded) where status not in ('rejected', 'ended') do nothing
           returning id""",
        center_id,
        member_id,
        email,
        name,
        role,
        created_by,
        now,
    )
    return row is not None


async def update(
    connection: Connection,
    center_id: str,
    member_id: str,
    *,
    role: str,
    status: str,
    name: str | None,
    now: datetime,
) -> None:
    """Write what an edit or an end changed; each state's instant is when it was last entered."""
    await connection.execute(
        """update membership
              set role = $3, name = $5, updated_at = $6::timestamptz, status = $4::text,
                  activated_at = case when $4 = 'active' and status = 'pending' then $6 else activated_at end,
                  suspended_at = case when $4 <> 'suspended' then null when status = 'suspended' then suspended_at else $6 end,
                  ended_at = case when $4 in ('rejected', 'ended') then coalesce(ended_at, $6) end
            where center_id = $1 and id = $2""",
        center_id,
        member_id,
        role,
        status,
        name,
        now,
    )


async def other_admins(connection: Connection, center_id: str, member_id: str) -> int:
    """Count the ADMINs that are active beside this one."""
    query = """select count(*) from membership
                where center_id = $1 and id <> $2 and role = 'ADMIN' and status = 'active'"""
    count: int = await connection.fetchval(query, center_id, member_id)
    return count


async def link(
    connection: Connection, center_id: str, parent_id: str, child_id: str, created_by: str, now: datetime
) -> None:
    """Let the parent read the child's results."""
    await connection.execute(
        """insert into parent_child (center_id, parent_id, child_id, created_by, created_at)
           values ($1, $2, $3, $4, $5) on conflict do nothing""",
        center_id,
        parent_id,
        child_id,
        created_by,
        now,
    )


async def unlink(connection: Connection, center_id: str, parent_id: str, child_id: str) -> bool:
    """Take a link back; False where there was none."""
    query = "delete from parent_child where center_id = $1 and parent_id = $2 and child_id = $3 returning child_id"
    return await connection.fetchval(query, center_id, parent_id, child_id) is not None


async def unlink_all(connection: Connection, center_id: str, member_id: str) -> None:
    """Take back all links of a member, as parent and as child."""
    query = "delete from parent_child where center_id = $1 and (parent_id = $2 or child_id = $2)"
    await connection.execute(query, center_id, member_id)


async def made_by(connection: Connection, center_id: str, makers: Sequence[str]) -> list[str]:
    """Return the members, in order of id, that these invited and nobody has confirmed yet."""
    rows = await connection.fetch(
        """select id from membership
            where center_id = $1 and created_by = any($2) and status in ('invited', 'pending') order by id""",
        center_id,
        list(makers),
    )
    return [row["id"] for row in rows]


async def emit(
    connection: Connection, center_id: str, member_id: str, shown: object, request_id: str | None, now: datetime
) -> None:
    """Tell the center's webhooks that somebody was invited; `shown` holds no token."""
    await connection.execute(
        "select emit($1, 'live', 'member.invited', $2, $3, $4, $5)",
        center_id,
        member_id,
        msgspec.json.encode(shown).decode(),
        now,
        request_id,
    )
