"""What `check` asks the stores. Each probe returns words for people, or raises one of FAILURES."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from gateway.migrations import missing_migrations
from gateway.settings import Settings, variable
from gateway.stores import Connection
from quotas.plans import PlansFileError, load_plans

TIMEOUT_SECONDS: Final = 5.0


class Unfit(Exception):
    """A store answers and is not as it must be; the text is one line."""


class Skipped(Exception):
    """There is nothing to probe."""


FAILURES: Final = (
    Unfit,
    PlansFileError,
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    RedisError,
)

_OVERSTEPS: Final = """
select case
         when r.rolsuper then 'is a superuser'
         when r.rolcreaterole or r.rolcreatedb or r.rolbypassrls then 'may create roles or databases, or pass row security'
         when pg_has_role(current_user, d.datdba, 'usage') then 'owns the database'
         when has_schema_privilege(current_user, 'public', 'create') then 'may create tables'
         when exists (select from pg_class c where c.relnamespace = 'public'::regnamespace
                         and pg_has_role(current_user, c.relowner, 'usage')) then 'owns the schema''s tables'
         when exists (select from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
                         and has_table_privilege(current_user, c.oid, 'truncate')) then 'may truncate tables'
         when exists (select from pg_class c where c.relnamespace = 'public'::regnamespace and c.relname = 'quota_ledger'
                         and has_table_privilege(current_user, c.oid, 'update, delete')) then 'may rewrite the ledger'
       end
  from pg_roles r, pg_database d
 where r.rolname = current_user and d.datname = current_database()
"""


async def plans(settings: Settings) -> str:
    """The plans that are in force."""
    found = await asyncio.to_thread(load_plans, settings.plans_file)
    names = ", ".join(plan.id for plan in found)
    return f"{names} ({settings.plans_file or 'built in'})"


async def postgresql(settings: Settings) -> str:
    """Whether PostgreSQL answers, and which it is."""
    async with _connected(settings.database_url) as connection:
        version = await connection.fetchval("show server_version")
        return f"PostgreSQL {version} answers"


async def migrations(settings: Settings) -> str:
    """Whether every migration has been applied."""
    async with _connected(settings.database_url) as connection:
        missing = await missing_migrations(connection)
    if missing:
        raise Unfit(f"{len(missing)} missing, the first is {missing[0]}; run `coursegate migrate`")
    return "all applied"


async def runtime_role(settings: Settings) -> str:
    """Whether the role of `serve` and `work` may touch rows and nothing else."""
    async with _connected(settings.database_url) as connection:
        role = await connection.fetchval("select current_user::text")
        overstep = await connection.fetchval(_OVERSTEPS)
    if overstep is not None:
        raise Unfit(f"{role} {overstep}; {variable('database_url')} must name a role that only reads and writes rows")
    return f"{role} reads and writes rows, and no more"


async def migration_role(settings: Settings) -> str:
    """Whether the owner of the schema can be reached, where it is set."""
    if settings.migrate_database_url is None:
        raise Skipped
    async with _connected(settings.migrate_database_url) as connection:
        role = await connection.fetchval("select current_user::text")
        may = await connection.fetchval("select has_schema_privilege(current_user, 'public', 'create')")
    if not may:
        raise Unfit(f"{role} may not create tables; {variable('migrate_database_url')} must name the schema's owner")
    return f"{role} may change the schema"


async def redis(settings: Settings) -> str:
    """Whether Redis answers, runs scripts and lets us at our keys."""
    retry = Retry(NoBackoff(), 0)
    url = settings.redis_url
    client: Redis | RedisCluster
    if "+cluster" in url:
        client = RedisCluster.from_url(url.replace("+cluster", "", 1), retry=retry, socket_timeout=TIMEOUT_SECONDS)
    else:
        client = Redis.from_url(
            url, retry=retry, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
        )
    try:
        await client.ping()
        script = "redis.call('EXISTS', KEYS[1]) return redis.call('TIME')"
        await client.eval(script, 1, "cg:check:{check}")
    finally:
        await client.aclose()
    return "answers, runs scripts, tells the time"


@asynccontextmanager
async def _connected(url: str) -> AsyncGenerator[Connection, None]:
    try:
        connection = await asyncpg.connect(url, timeout=TIMEOUT_SECONDS, command_timeout=TIMEOUT_SECONDS)
    except TimeoutError:
        raise Unfit(f"no answer in {TIMEOUT_SECONDS:g} seconds") from None
    try:
        yield connection
    finally:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await connection.close()
