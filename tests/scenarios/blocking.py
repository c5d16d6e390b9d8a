"""Making launches slow: somebody else has their courses' rows."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg

from gateway.stores import SqlStore
from tests.scenarios.customers import count


@asynccontextmanager
async def held(database_url: str, courses: list[str]) -> AsyncGenerator[None, None]:
    """Somebody has locked these courses' rows: whoever launches one waits in PostgreSQL."""
    blocker = await asyncpg.connect(database_url)
    try:
        async with blocker.transaction():
            await blocker.execute("select 1 from course where id = any($1) for update", courses)
            yield
    finally:
        await blocker.close()


async def until_waiting(sql: SqlStore, launches: int) -> None:
    query = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%launch_course%'"
    async with asyncio.timeout(10):
        while await count(sql, query) < launches:
            await asyncio.sleep(0.01)
