"""A suspended center's events wait for it, an ended center's stop. Rule source: centers, "Provisioning"; webhooks."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from gateway.stores import SqlStore
from gateway.work import deliveries
from tests.clock import FrozenClock
from tests.gateway.features.centers.asking import add_partner, provision
from tests.gateway.webhooks.couriers import delivered, open_courier
from tests.gateway.webhooks.endpoints import KEYRING, NOW, add_webhook, emit
from tests.gateway.webhooks.receivers import Receiver, receiving
from tests.gateway.webhooks.world import World
from tests.waiting import until_waiting_for_locks


async def step(client: httpx.AsyncClient, partner: Any, center_id: str, name: str) -> None:
    answer = await client.post(f"/v1/provisioning/centers/{center_id}/{name}", headers=partner.headers)
    assert answer.status_code == 200, answer.text


async def statuses(connection: Any) -> list[str]:
    return [row["status"] for row in await connection.fetch("select status from delivery order by seq, id")]


async def test_a_suspended_centers_events_wait_for_its_reinstatement(
    client: httpx.AsyncClient, sql: SqlStore, clock: FrozenClock, database: Any
) -> None:
    """What happens before and while it is suspended is not sent, not lost and not late for anybody's alarm; then it comes."""
    partner = await add_partner(sql)
    center, _ = await provision(client, partner)
    async with receiving() as receiver, database.acquire() as connection, open_courier(sql, clock) as courier:
        await add_webhook(connection, center["id"], receiver.url)
        await emit(connection, center["id"])
        await step(client, partner, center["id"], "suspend")
        await emit(connection, center["id"])
        assert await delivered(courier) == 0
        await courier.sweep()
        assert await statuses(connection) == ["pending"] * 2
        assert await deliveries.waiting(connection, NOW + timedelta(hours=1)) == (0, 0.0)
        await step(client, partner, center["id"], "reinstate")
        assert await deliveries.waiting(connection, NOW + timedelta(hours=1)) == (2, 3600.0)
        assert await delivered(courier) == 2
        assert await statuses(connection) == ["succeeded"] * 2
    assert len(set(receiver.ids)) == 2


async def test_a_reinstated_center_has_all_patience_with_its_webhooks(
    client: httpx.AsyncClient, sql: SqlStore, clock: FrozenClock, database: Any
) -> None:
    """Days in which nothing could arrive are no days without a success: the first failure after them disables nothing."""
    partner = await add_partner(sql)
    center, _ = await provision(client, partner)
    receiver = Receiver(statuses=[500])
    async with receiving(receiver), database.acquire() as connection, open_courier(sql, clock) as courier:
        await add_webhook(connection, center["id"], receiver.url)
        await emit(connection, center["id"])
        await delivered(courier)
        await step(client, partner, center["id"], "suspend")
        clock.advance(6 * 86_400_000)
        await step(client, partner, center["id"], "reinstate")
        assert await delivered(courier) == 1
        assert await connection.fetchval("select status from webhook") == "enabled"
        clock.advance(5 * 86_400_000)
        assert await delivered(courier) == 1
        row = await connection.fetchrow("select status, disabled_reason from webhook")
    assert tuple(row) == ("disabled", "failing")


async def test_an_ended_center_is_told_nothing_more(
    client: httpx.AsyncClient, sql: SqlStore, clock: FrozenClock, database: Any, database_url: str
) -> None:
    """What was on its way is discarded, its secrets are gone, and nothing is written for it any more."""
    partner = await add_partner(sql)
    center, own = await provision(client, partner)
    async with receiving() as receiver, database.acquire() as connection, open_courier(sql, clock) as courier:
        await add_webhook(connection, center["id"], receiver.url)
        await emit(connection, center["id"])
        await step(client, partner, center["id"], "end")
        assert await delivered(courier) == 0
        await courier.sweep()
        assert await statuses(connection) == ["discarded"]
        assert await connection.fetchval("select count(*) from webhook_secret") == 0
        await emit(connection, center["id"])
        assert len(await World(client, own, database, database_url).told()) == 1
    assert receiver.received == []


async def test_a_webhook_made_while_its_center_ended_is_sent_nothing(
    client: httpx.AsyncClient, sql: SqlStore, clock: FrozenClock, database: Any
) -> None:
    """A request that was let in a moment before the end may still make one: its events are discarded."""
    partner = await add_partner(sql)
    center, _ = await provision(client, partner)
    async with receiving() as receiver, database.acquire() as connection, open_courier(sql, clock) as courier:
        await step(client, partner, center["id"], "end")
        await add_webhook(connection, center["id"], receiver.url, keyring=KEYRING)
        await emit(connection, center["id"])
        assert await delivered(courier) == 0
        await courier.sweep()
        assert await statuses(connection) == ["discarded"]
    assert receiver.received == []


@pytest.mark.parametrize("name", ["end", "reinstate"])
async def test_a_step_waits_for_webhooks_in_the_order_of_their_ids(
    client: httpx.AsyncClient, sql: SqlStore, database: Any, name: str
) -> None:
    """While a worker writes down what came of both, the step holds none that the worker still wants: no deadlock."""
    partner = await add_partner(sql)
    center, _ = await provision(client, partner)
    await step(client, partner, center["id"], "suspend")
    async with database.acquire() as connection, database.acquire() as worker:
        low, _ = await add_webhook(connection, center["id"], env="test")
        high = ""
        while high < low:  # so that neither the table nor its key has them in the order of their ids
            high, _ = await add_webhook(connection, center["id"], env="live")
        for webhook_id in (high, low):
            await connection.execute(
                "update webhook set failing_since = $1 where id = $2", NOW - timedelta(hours=1), webhook_id
            )
        locks = "select id from webhook where id = $1 for no key update"
        async with worker.transaction():
            await worker.execute(locks, low)
            taking = asyncio.create_task(step(client, partner, center["id"], name))
            await until_waiting_for_locks(sql, running="update center")
            await worker.execute(f"{locks} nowait", high)
        await taking
