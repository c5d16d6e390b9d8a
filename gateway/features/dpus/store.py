"""The SQL of decision records: reading them, and the two statements by which evidence rises."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeAlias

from gateway.records.canonical import canonical
from gateway.stores import Connection, Record

Attached: TypeAlias = Literal["attached", "sealed", "late"] | None
Approved: TypeAlias = Literal["approved", "sealed", "undocumented", "own", "twice"] | None

_WITH_STANDING = """
    select d.seq, d.id, d.record, d.hash, s.level, s.critical, s.documents, s.approvers
"""


async def in_order(
    connection: Connection,
    center_id: str,
    env: str,
    *,
    subject: str | None,
    kind: str | None,
    behind: int,
    limit: int,
) -> Sequence[Record]:
    """Return at most `limit` records behind the number `behind`, in their order."""
    filters = {column: value for column, value in (("subject", subject), ("type", kind)) if value is not None}
    wanted = "".join(f" and {column} = ${place}" for place, column in enumerate(filters, 5))
    query = f"""{_WITH_STANDING}
          from (select * from dpu where center_id = $1 and env = $2 and seq > $3{wanted} order by seq limit $4) d
         cross join lateral dpu_stands(d.center_id, d.env, d.id) s
         order by d.seq"""  # ruff: ignore[hardcoded-sql-expression] - literals of this module
    return await connection.fetch(query, center_id, env, behind, limit, *filters.values())


async def find(connection: Connection, center_id: str, env: str, dpu_id: str) -> Record | None:
    """Return a record with its body, or with the number of the record that dropped it."""
    query = f"""{_WITH_STANDING}, b.salt, b.body, r.by_seq
          from dpu d
         cross join lateral dpu_stands(d.center_id, d.env, d.id) s
          left join dpu_body b on b.center_id = d.center_id and b.env = d.env and b.seq = d.seq
          left join dpu_redaction r on r.center_id = d.center_id and r.env = d.env and r.seq = d.seq
         where d.center_id = $1 and d.env = $2 and d.id = $3"""
    return await connection.fetchrow(query, center_id, env, dpu_id)


async def attach(
    connection: Connection,
    center_id: str,
    env: str,
    dpu_id: str,
    *,
    actor: str,
    facts: dict[str, object],
    body: dict[str, object],
    request_id: str,
    now: datetime,
) -> Attached:
    """Attach a document, where the level admits one."""
    query = "select dpu_attach($1, $2, $3, $4, $5::text::jsonb, $6, $7, $8)"
    shown, kept = canonical(facts).decode(), canonical(body).decode()
    outcome: Attached = await connection.fetchval(query, center_id, env, dpu_id, actor, shown, kept, request_id, now)
    return outcome


async def approve(
    connection: Connection,
    center_id: str,
    env: str,
    dpu_id: str,
    *,
    person_id: str,
    body: dict[str, object],
    request_id: str,
    now: datetime,
) -> Approved:
    """Approve what is documented, where this person may."""
    query = "select dpu_approve($1, $2, $3, $4, $5, $6, $7)"
    kept = canonical(body).decode()
    outcome: Approved = await connection.fetchval(query, center_id, env, dpu_id, person_id, kept, request_id, now)
    return outcome
