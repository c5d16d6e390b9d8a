"""Making launches slow: somebody else has their courses' rows."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg


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
