"""Waiting for what PostgreSQL shows of others, in this test's own database alone: all tests share one server."""

import asyncio

from gateway.stores import SqlStore

_PATIENCE_SECONDS = 10


async def until_waiting_for_locks(sql: SqlStore, sessions: int = 1, *, running: str = "") -> None:
    """Until at least so many sessions wait for a lock in a statement that contains `running`."""
    query = """select count(*) from pg_stat_activity
                where datname = current_database() and wait_event_type = 'Lock' and strpos(query, $1) > 0"""
    async with asyncio.timeout(_PATIENCE_SECONDS), sql.session() as connection:
        while await connection.fetchval(query, running) < sessions:
            await asyncio.sleep(0.005)
