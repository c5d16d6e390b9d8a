"""What is kept of events and secrets, and for how long."""

from datetime import timedelta
from typing import Any

from gateway.keyring import Keyring
from gateway.stores import SqlStore
from gateway.webhooks.secrets import seal_anew, unseal
from gateway.work import chores
from tests.gateway.webhooks.endpoints import KEYRING, NOW, add_center, add_webhook, emit
from tests.gateway.work.benches import open_bench
from tests.generators import FakeGenerator
from tests.running import ENCRYPTION_KEYS, PEPPERS


async def test_events_and_deliveries_are_kept_for_thirty_days(database: Any, database_url: str) -> None:
    """What ended longer ago goes, with its attempts; what is still pending stays, however old."""
    async with database.acquire() as connection:
        center = await add_center(connection)
        await add_webhook(connection, center)
        for age in (31, 31, 29):
            await emit(connection, center, now=NOW - timedelta(days=age))
        await connection.execute(
            "update delivery set status = 'succeeded' where seq <> (select min(seq) from delivery)"
        )
        await connection.execute(
            "insert into delivery_attempt select center_id, env, id, 1, created_at, 200, 1, null, '' from delivery"
        )
    async with open_bench(database_url, FakeGenerator()) as bench:
        await chores.clean(bench)
    ages = await database.fetch("select $1 - created_at as age from event order by 1 desc", NOW)
    assert [row["age"].days for row in ages] == [31, 29]
    assert await database.fetchval("select count(*) from delivery_attempt") == 2


async def test_a_deleted_webhook_goes_with_all_it_had(database: Any, database_url: str) -> None:
    """An hour after it was deleted; expired secrets of others go as well, what is in force stays."""
    async with database.acquire() as connection:
        center = await add_center(connection)
        gone, _ = await add_webhook(connection, center)
        kept, _ = await add_webhook(connection, center, "https://other.test/")
        await emit(connection, center)
        await connection.execute("update delivery set status = 'discarded'")
        await connection.execute("update webhook set deleted_at = $1 where id = $2", NOW - timedelta(hours=2), gone)
        await connection.execute(
            "insert into webhook_secret select center_id, env, webhook_id, 0, sealed, created_at, $1 from webhook_secret"
            " where webhook_id = $2",
            NOW - timedelta(seconds=1),
            kept,
        )
    async with open_bench(database_url, FakeGenerator()) as bench:
        await chores.clean(bench)
    assert [row["id"] for row in await database.fetch("select id from webhook")] == [kept]
    assert [row["webhook_id"] for row in await database.fetch("select webhook_id from delivery")] == [kept]
    assert [row["number"] for row in await database.fetch("select number from webhook_secret")] == [1]


async def test_secrets_move_to_the_newest_encryption_key(database: Any, sql: SqlStore) -> None:
    """The same secret under another seal; the older key is then needed by nothing."""
    newer = Keyring(PEPPERS.by_version, {2: bytes(range(32)), **ENCRYPTION_KEYS.by_version})
    async with database.acquire() as connection:
        center = await add_center(connection)
        webhook_id, secret = await add_webhook(connection, center)
    await seal_anew(sql, newer)
    sealed = await database.fetchval("select sealed from webhook_secret")
    assert sealed[:4] == (2).to_bytes(4, "big")
    assert unseal(newer, sealed, center_id=center, webhook_id=webhook_id, number=1) == secret
    await seal_anew(sql, KEYRING)
    assert await database.fetchval("select sealed from webhook_secret") == sealed, "unreadable: left as it is"
