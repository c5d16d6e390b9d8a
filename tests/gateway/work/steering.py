"""How tests hold a generation still, wish its end and let its lease lapse."""

import asyncio

from gateway.work.queue import WakeUp, generation_waits
from tests.gateway.work.shop import Shop


def wake_for(shop: Shop, generation_id: str) -> WakeUp:
    return generation_waits(shop.center_id, "live", generation_id)


class Gate:
    """Holds one module of a FakeGenerator until opened."""

    def __init__(self, index: int) -> None:
        self._index = index
        self._future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.reached = asyncio.Event()

    def __call__(self, _: str, index: int) -> asyncio.Future[None] | None:
        if index != self._index:
            return None
        self.reached.set()
        return self._future

    def open(self) -> None:
        self._future.set_result(None)


async def cancel(shop: Shop, generation_id: str) -> str:
    async with shop.pool.acquire() as connection, connection.transaction():
        course_id = (await shop.generation(generation_id))["course_id"]
        await connection.execute("select 1 from course where id = $1 for update", course_id)
        outcome: str = await connection.fetchval(
            "select outcome from generation_cancel($1, 'live', $2, now())", shop.center_id, generation_id
        )
        return outcome


async def lapse(shop: Shop, generation_id: str) -> None:
    """As if the lease's time were over: its worker is frozen and renews nothing."""
    await shop.pool.execute(
        "update generation set lease_until = clock_timestamp() - interval '1 second' where id = $1", generation_id
    )
