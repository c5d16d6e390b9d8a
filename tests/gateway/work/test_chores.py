"""What a worker tidies up now and then."""

from datetime import timedelta
from typing import Any

from gateway.work import chores
from tests.gateway.work.benches import open_bench
from tests.gateway.work.shop import NOW
from tests.generators import FakeGenerator


async def test_only_what_is_over_is_deleted(database: Any, database_url: str) -> None:
    """Expired claims and old notes of PgQueuer go, more than one batch of them; what is still in force stays."""
    many = chores.BATCH_ROWS + 1
    await database.execute(
        """insert into idempotency_claim (center_id, env, method, route, principal, key, fingerprint, created_at, expires_at)
           select 'ctr', 'live', 'POST', '/', 'ctr', n::text, 'f', $1::timestamptz, case when n = 0 then $2::timestamptz else $1::timestamptz end
             from generate_series(0, $3) n""",
        NOW - timedelta(days=4),
        NOW + timedelta(seconds=1),
        many,
    )
    for created in (NOW - timedelta(days=2), NOW - timedelta(hours=1)):
        await database.execute(
            "insert into pgqueuer_log (created, job_id, status, priority, entrypoint) values ($1, 1, 'successful', 0, 'e')",
            created,
        )
    for created in (NOW - timedelta(days=8), NOW - timedelta(days=1)):
        await database.execute(
            "insert into pgqueuer_statistics (created, count, priority, status, entrypoint) values ($1, 1, 0, 'successful', 'e')",
            created,
        )
    async with open_bench(database_url, FakeGenerator()) as bench:
        await chores.clean(bench)
    assert await database.fetchval("select array_agg(key) from idempotency_claim") == ["0"]
    assert await database.fetchval("select count(*) from pgqueuer_log") == 1
    assert await database.fetchval("select count(*) from pgqueuer_statistics") == 1
