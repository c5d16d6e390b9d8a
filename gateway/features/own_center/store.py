"""The SQL of a center as its own."""

from datetime import datetime

from gateway.stores import Connection, Record


async def find(connection: Connection, center_id: str) -> Record:
    """Return the center."""
    row = await connection.fetchrow("select * from center where id = $1", center_id)
    assert row is not None  # ruff: ignore[assert] - its key or member was let in
    return row


async def lock(connection: Connection, center_id: str) -> Record:
    """Return the center, its row held still until the transaction ends."""
    row = await connection.fetchrow("select * from center where id = $1 for no key update", center_id)
    assert row is not None  # ruff: ignore[assert] - its key or member was let in
    return row


async def update(connection: Connection, center_id: str, *, name: str, locale: str, theme: str, now: datetime) -> None:
    """Write what a center may say of itself; `theme` is JSON."""
    await connection.execute(
        "update center set name = $2, locale = $3, theme = $4, updated_at = $5 where id = $1",
        center_id,
        name,
        locale,
        theme,
        now,
    )


async def find_public(connection: Connection, subdomain: str) -> Record | None:
    """Return name and locale of the active center that has this subdomain."""
    query = "select name, locale from center where subdomain = $1 and status = 'active'"
    return await connection.fetchrow(query, subdomain)
