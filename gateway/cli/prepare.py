"""What `serve` and `work` need of their stores before they start."""

import asyncio
from typing import Final

from gateway.cli.failure import CommandFailed
from gateway.setting_values import without_credentials
from gateway.settings import Settings

REDIS_SECONDS: Final = 1.0
"""How long a start waits for Redis, which it can do without."""


async def prepare_database(settings: Settings) -> None:
    """PostgreSQL must answer and be migrated; then the plans are written. Redis may be away: limits are local then.

    Raises StoreUnreachable, CommandFailed and PlansFileError, each in one line.
    """
    from gateway.cli.administration import user_name
    from gateway.migrations import missing_migrations, write_plans
    from gateway.stores import SqlStore
    from quotas.plans import load_plans

    plans = load_plans(settings.plans_file)
    async with SqlStore(settings.database_url, size=1) as sql, sql.session() as connection:
        missing = await missing_migrations(connection)
        if missing:
            raise CommandFailed(f"the database lacks {missing[0]}; run `coursegate migrate` first")
        await write_plans(connection, plans, f"cli:{user_name()}")


async def warn_without_redis(settings: Settings) -> None:
    """Ask Redis once; where it can't be used, one warning names it. The start goes on: see docs/decisions/0013."""
    from gateway.cli import check_stores
    from gateway.log import describe, log

    try:
        async with asyncio.timeout(REDIS_SECONDS):
            await check_stores.redis(settings)
    except check_stores.FAILURES as error:
        log.warning("redis.degraded", node=without_credentials(settings.redis_url), error=describe(error), at="start")
