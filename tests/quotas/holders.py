"""A process of its own that holds units: what `serve` does many times over, seen from the ledger."""

import asyncio

import asyncpg

from quotas.model import Env, Granted
from tests.quotas.tenants import Tenant


def hold_from_a_process(database_url: str, center_id: str, env: Env, tries: int) -> int:
    """Try to hold 1 unit `tries` times at once, each on its own connection; returns how many were granted."""
    return asyncio.run(_hold(database_url, Tenant(id=center_id, env=env), tries))


async def _hold(database_url: str, tenant: Tenant, tries: int) -> int:
    async with asyncpg.create_pool(database_url, min_size=tries, max_size=tries) as pool:

        async def one() -> bool:
            async with pool.acquire() as connection:
                return isinstance(await tenant.hold(connection), Granted)

        return sum(await asyncio.gather(*(one() for _ in range(tries))))
