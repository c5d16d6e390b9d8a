"""Workers that race, die, stop and wait: nothing is lost, and nobody waits for another's receiver."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from gateway.keyring import Keyring
from gateway.stores import SqlStore
from gateway.work.couriers import WINDOW
from gateway.work.leases import Halt
from tests.clock import FrozenClock
from tests.gateway.webhooks.couriers import delivered, open_courier
from tests.gateway.webhooks.endpoints import NOW, add_center, add_webhook, emit
from tests.gateway.webhooks.receivers import Receiver, receiving, until
from tests.running import PEPPERS


async def statuses(connection: Any) -> list[str]:
    return [row["status"] for row in await connection.fetch("select status from delivery order by seq, id")]


async def test_two_workers_send_each_event_once(
    database: Any, database_url: str, sql: SqlStore, clock: FrozenClock
) -> None:
    """Of two workers on one queue each delivery is claimed by one."""
    async with (
        receiving() as receiver,
        database.acquire() as connection,
        SqlStore(database_url) as other_sql,
        open_courier(sql, clock) as one,
        open_courier(other_sql, clock) as other,
    ):
        center = await add_center(connection)
        for number in range(5):
            await add_webhook(connection, center, f"{receiver.url}/{number}")
        for _ in range(30):
            await emit(connection, center)
        while "pending" in await statuses(connection):
            await asyncio.gather(delivered(one), delivered(other))
    assert len(receiver.received) == 150
    assert set(await _counts(database)) == {1}


async def _counts(database: Any) -> list[int]:
    return [row["attempts"] for row in await database.fetch("select attempts from delivery")]


async def test_a_worker_that_was_overtaken_changes_nothing(database: Any, sql: SqlStore, clock: FrozenClock) -> None:
    """What a frozen worker writes after another has taken its delivery is refused."""
    release = asyncio.Event()

    async def slowly(_request: Any, _body: bytes) -> Any:
        from aiohttp import web

        await release.wait()
        return web.Response(status=500)

    async with receiving(Receiver(answer=slowly)) as receiver, database.acquire() as connection:
        center = await add_center(connection)
        await add_webhook(connection, center, receiver.url)
        await emit(connection, center)
        async with open_courier(sql, clock) as frozen, open_courier(sql, clock) as courier:
            await frozen.deliver_some()
            await until(lambda: len(receiver.received) == 1)
            await connection.execute("update delivery set lease_until = clock_timestamp() - interval '1 second'")
            receiver.answer = None
            await delivered(courier)
            release.set()
            await frozen.settle()
        assert await statuses(connection) == ["succeeded"]
        assert await connection.fetchval("select count(*) from delivery_attempt") == 1
        assert await connection.fetchval("select failing_since from webhook") is None


async def test_a_dead_receiver_has_few_attempts_under_way(database: Any, sql: SqlStore, clock: FrozenClock) -> None:
    """At most eight at once of one webhook, over all workers; once it failed, one; the others' all go at once."""
    hang = Receiver(delay_seconds=60)
    async with receiving(hang) as dead, receiving() as alive, database.acquire() as connection:
        center = await add_center(connection)
        await add_webhook(connection, center, dead.url)
        webhook_id, _ = await add_webhook(connection, center, alive.url)
        for _ in range(40):
            await emit(connection, center)
        async with open_courier(sql, clock, seconds=0.5) as one, open_courier(sql, clock, seconds=0.5) as other:
            while await connection.fetchval(
                "select exists (select from delivery where webhook_id = $1 and status = 'pending')", webhook_id
            ):
                await one.deliver_some()
                await other.deliver_some()
                await asyncio.sleep(0.005)
            assert dead.most_under_way <= WINDOW
            await one.settle()
            await other.settle()
            dead.most_under_way = 0
            await asyncio.gather(delivered(one), delivered(other))
            assert dead.most_under_way == 1
    assert len(alive.received) == 40


async def test_a_410_disables_at_once(database: Any, sql: SqlStore, clock: FrozenClock) -> None:
    """The receiver wants no more: what waits is discarded, and the center's other webhooks hear of it."""
    async with (
        receiving(Receiver(statuses=[410])) as gone,
        receiving() as other,
        database.acquire() as connection,
        open_courier(sql, clock) as courier,
    ):
        center = await add_center(connection)
        webhook_id, _ = await add_webhook(connection, center, gone.url)
        await add_webhook(connection, center, other.url, ["webhook.disabled"])
        await add_webhook(connection, await add_center(connection), gone.url, ["webhook.disabled"])
        for _ in range(20):
            await emit(connection, center)
        await delivered(courier)
        hook = await connection.fetchrow("select * from webhook where id = $1", webhook_id)
        assert (hook["status"], hook["disabled_reason"], hook["disabled_at"]) == ("disabled", "gone", NOW)
        await delivered(courier)
        await courier.sweep()
        assert set(await statuses(connection)) == {"failed", "discarded", "succeeded"}
        [(_, body)] = other.received
        assert f'"id": "{webhook_id}"'.encode() in body
        assert b'"type" : "webhook.disabled"' in body
        assert b"whsec_" not in body
    assert len(gone.received) == WINDOW


async def test_five_days_without_a_success_disable(database: Any, sql: SqlStore, clock: FrozenClock) -> None:
    """Counted from the first failure since the last success; one success in between begins anew."""
    receiver = Receiver(statuses=[500])
    async with receiving(receiver), database.acquire() as connection, open_courier(sql, clock) as courier:
        center = await add_center(connection)
        await add_webhook(connection, center, receiver.url)

        async def one_event() -> str:
            await connection.execute("update delivery set status = 'failed' where status = 'pending'")
            await emit(connection, center, now=NOW)
            await delivered(courier)
            return str(await connection.fetchval("select status from webhook"))

        day_ms = 86_400_000
        assert await one_event() == "enabled"
        clock.advance(4 * day_ms)
        receiver.statuses = [200]
        assert await one_event() == "enabled"
        receiver.statuses = [500]
        assert await one_event() == "enabled"
        clock.advance(5 * day_ms - 1000)
        assert await one_event() == "enabled"
        clock.advance(1000)
        assert await one_event() == "disabled"
        assert await connection.fetchval("select disabled_reason from webhook") == "failing"


@pytest.mark.parametrize("tried_before", [False, True])
async def test_a_clock_that_was_set_back_delays_nothing(
    tried_before: bool, database: Any, sql: SqlStore, clock: FrozenClock
) -> None:
    """What an hour ahead was written for then is brought near by the sweep."""
    receiver = Receiver(statuses=[500, 200])
    async with receiving(receiver), database.acquire() as connection, open_courier(sql, clock) as courier:
        center = await add_center(connection)
        await add_webhook(connection, center, receiver.url)
        clock.advance(3_600_000)
        await emit(connection, center, now=NOW + timedelta(hours=1))
        if tried_before:
            await delivered(courier)
        else:
            receiver.statuses = [200]
        clock.advance(-3_600_000)
        assert await delivered(courier) == 0
        await courier.sweep()
        assert await delivered(courier) == 1
        assert await statuses(connection) == ["succeeded"]


async def test_a_failure_of_our_own_disables_nobody(database: Any, sql: SqlStore, clock: FrozenClock) -> None:
    """A secret that can't be read is tried again as planned; however long it lasts, its webhook is not said to fail."""
    lost = Keyring(PEPPERS.by_version, {9: bytes(range(32))})
    async with receiving() as receiver, database.acquire() as connection, open_courier(sql, clock) as courier:
        await add_webhook(connection, await add_center(connection), receiver.url, keyring=lost)
        center = await connection.fetchval("select center_id from webhook")
        for _ in range(2):
            await emit(connection, center)
            assert await delivered(courier) >= 1
            clock.advance(6 * 86_400_000)
        hook = await connection.fetchrow("select status, failing_since from webhook")
        errors = {row["error"] for row in await connection.fetch("select error from delivery_attempt")}
    assert (tuple(hook), errors) == (("enabled", None), {"secret"})
    assert receiver.received == []


async def test_a_deleted_webhook_gets_nothing_more(database: Any, sql: SqlStore, clock: FrozenClock) -> None:
    """What was due for it is discarded."""
    async with receiving() as receiver, database.acquire() as connection, open_courier(sql, clock) as courier:
        center = await add_center(connection)
        await add_webhook(connection, center, receiver.url)
        await emit(connection, center)
        await connection.execute("update webhook set deleted_at = $1", NOW)
        assert await delivered(courier) == 0
        await courier.sweep()
        assert await statuses(connection) == ["discarded"]


async def test_a_stopping_worker_hands_back_what_it_can_not_wait_for(
    database: Any, sql: SqlStore, clock: FrozenClock
) -> None:
    """Told to hurry, it leaves what is under way to others, without an attempt counted."""
    async with receiving(Receiver(delay_seconds=60)) as receiver, database.acquire() as connection:
        center = await add_center(connection)
        await add_webhook(connection, center, receiver.url)
        await emit(connection, center)
        async with open_courier(sql, clock, seconds=60) as courier:
            halt = Halt()
            life = asyncio.create_task(courier.keep_delivering(halt))
            await until(lambda: len(receiver.received) == 1)
            halt.asked.set()
            halt.now.set()
            await asyncio.wait_for(life, 5)
        row = await connection.fetchrow("select * from delivery")
        assert (row["status"], row["lease_until"], row["attempts"]) == ("pending", None, 0)


async def test_a_stopping_worker_ends_what_is_under_way(database: Any, sql: SqlStore, clock: FrozenClock) -> None:
    """An answer that comes in time is written down, and nothing new is begun."""
    async with receiving(Receiver(delay_seconds=0.2)) as receiver, database.acquire() as connection:
        center = await add_center(connection)
        await add_webhook(connection, center, receiver.url)
        await emit(connection, center)
        async with open_courier(sql, clock) as courier:
            halt = Halt()
            life = asyncio.create_task(courier.keep_delivering(halt))
            await until(lambda: receiver.under_way == 1)
            halt.asked.set()
            await asyncio.wait_for(life, 5)
        assert await statuses(connection) == ["succeeded"]
