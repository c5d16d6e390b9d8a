"""The SQL of orders: the center that one made, and the center that one makes."""

from datetime import datetime

from gateway.stores import Connection, Record


async def find(connection: Connection, partner_id: str, order_id: str) -> Record | None:
    """Return the id of the center that the partner's order made, and the order as it was given."""
    query = "select id, order_request from center where partner_id = $1 and order_id = $2"
    return await connection.fetchrow(query, partner_id, order_id)


async def insert(
    connection: Connection,
    center_id: str,
    *,
    name: str,
    subdomain: str,
    plan_id: str,
    time_zone: str,
    period_anchor_day: int | None,
    partner_id: str | None,
    order_id: str | None,
    order_request: str | None,
    created_by: str,
    now: datetime,
) -> bool:
    """Add an active center; False where its subdomain or its order is another's, once that one is committed."""
    row = await connection.fetchrow(
        """insert into center (id, name, subdomain, status, plan_id, time_zone, period_anchor_day,
                               partner_id, order_id, order_request, created_by, created_at, updated_at)
           values ($1, $2, $3, 'active', $4, $5, $6, $7, $8, $9, $10, $11, $11)
           on conflict do nothing returning id""",
        center_id,
        name,
        subdomain,
        plan_id,
        time_zone,
        period_anchor_day,
        partner_id,
        order_id,
        order_request,
        created_by,
        now,
    )
    return row is not None
