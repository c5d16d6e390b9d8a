"""Workers that are killed in the middle of modules, until all work is done all the same."""

from tests.gateway.work.shop import Shop, until
from tests.gateway.work.workers import worker

MODULES = 3
_CLAIMS_LEFT = 3


async def kill_over_and_over(
    shop: Shop, database_url: str, redis_url: str, *, generations: int, kills: int, concurrency: int = 2
) -> None:
    """Kill `kills` workers, each in the middle of a module, then let one finish; checks that nothing was lost or doubled."""
    launched = [await shop.launch(modules=MODULES) for _ in range(generations)]
    for _ in range(kills):
        async with worker(
            database_url, redis_url, concurrency=concurrency, step_seconds=0.3, lease_seconds=2
        ) as victim:
            claimed = await shop.pool.fetchval("select sum(fence) from generation")
            await until(lambda claimed=claimed: in_the_middle_of_a_module(shop, claimed), 30)  # type: ignore[misc]
            await victim.kill()
    async with worker(database_url, redis_url, concurrency=concurrency, step_seconds=0.02, lease_seconds=2):
        await until(lambda: all_ended(shop), 60)
    for generation_id in launched:
        row = await shop.generation(generation_id)
        assert (row["status"], row["modules_done"], row["units_settled"]) == ("succeeded", MODULES, MODULES)
        assert await shop.modules_made(generation_id) == [0, 0, 1, 1, 2, 2]
        hold = await shop.hold_of(generation_id)
        assert (hold["state"], hold["settled_units"]) == ("SETTLED", MODULES)
    assert await shop.pool.fetchval("select sum(fence) from generation") >= generations + kills
    assert await shop.counter() == (generations * MODULES, 0)
    assert await shop.running() == 0
    assert await shop.books_balance()


async def in_the_middle_of_a_module(shop: Shop, claimed_before: int) -> bool:
    """A worker that claimed since then works on a module, and none that works now has often been killed: a sixth
    claim would be refused.
    """  # fmt: skip
    row = await shop.pool.fetchrow(
        """select (select sum(fence) from generation) as claimed, count(*) as working, max(claims) as claims
             from generation
            where status = 'running' and phase = 'modules' and lease_until > clock_timestamp()"""
    )
    return bool(row["claimed"] > claimed_before and row["working"] > 0 and row["claims"] <= _CLAIMS_LEFT)


async def all_ended(shop: Shop) -> bool:
    return bool(await shop.pool.fetchval("select count(*) = 0 from generation where finished_at is null"))
