"""What `serve` and `work` need of the database before they start."""

from gateway.cli.failure import CommandFailed
from gateway.settings import Settings


async def prepare_database(settings: Settings) -> None:
    """PostgreSQL must answer and be migrated; then the plans are written. Redis may be away: limits are local then.

    Raises StoreUnreachable, CommandFailed and PlansFileError, each in one line.
    """
    from gateway.migrations import missing_migrations, write_plans
    from gateway.stores import SqlStore
    from quotas.plans import load_plans

    plans = load_plans(settings.plans_file)
    async with SqlStore(settings.database_url, size=1) as sql, sql.session() as connection:
        missing = await missing_migrations(connection)
        if missing:
            raise CommandFailed(f"the database lacks {missing[0]}; run `coursegate migrate` first")
        await write_plans(connection, plans)
