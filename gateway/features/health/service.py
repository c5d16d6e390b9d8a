"""When requests can be served."""

from typing import Final
from weakref import WeakSet

from gateway.migrations.runner import migrations_current
from gateway.services import Services
from gateway.stores import Overloaded, SqlStore, StoreDown

_current: Final[WeakSet[SqlStore]] = WeakSet()
"""Databases whose schema was found current. Migrations only go forward, so this is asked until it is true."""


async def is_ready(services: Services) -> bool:
    """PostgreSQL answered its watcher's latest question, and the schema is current."""
    sql = services.sql
    if sql in _current:
        return sql.up
    try:
        async with sql.session() as connection:
            current = await migrations_current(connection)
    except (StoreDown, Overloaded):
        return False
    if current:
        _current.add(sql)
    return current
