"""What a worker tidies up now and then."""

from datetime import timedelta
from typing import Any

from gateway.work import chores
from tests.gateway.work.benches import open_bench
from tests.gateway.work.shop import NOW
from tests.generators import FakeGenerator


async def test_only_what_is_over_is_deleted(database: Any, database_url: str) -> None:
    """Expired claims, sign-ins and refresh tokens go, and old notes of PgQueuer, more than one batch of them; what is
    still in force stays.
    """
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
    await database.execute(
        "insert into center (id, name, plan_id, status, created_at, updated_at) values ('ctr', 'A', 'pro', 'active', $1, $1)",
        NOW,
    )
    await database.execute(
        "insert into person (id, email, created_at, updated_at) values ('usr', 'jo@school.example', $1, $1)", NOW
    )
    for sign_in, ends in (("over", NOW - timedelta(seconds=1)), ("lasts", NOW + timedelta(seconds=1))):
        await database.execute(
            "insert into login_session (id, person_id, center_id, been_in, created_at, expires_at)"
            " values ($1, 'usr', 'ctr', '{ctr}', $2, $3)",
            sign_in,
            NOW - timedelta(days=31),
            ends,
        )
        for tag, expires in ((b"a", NOW - timedelta(days=1)), (b"b", ends)):
            await database.execute(
                "insert into refresh_token (token_hash, session_id, issued_at, expires_at) values (sha256($1), $2, $3, $4)",
                sign_in.encode() + tag,
                sign_in,
                NOW - timedelta(days=31),
                expires,
            )
    async with open_bench(database_url, FakeGenerator()) as bench:
        await chores.clean(bench)
    assert await database.fetchval("select array_agg(id) from login_session") == ["lasts"]
    assert await database.fetchval("select array_agg(token_hash = sha256('lastsb')) from refresh_token") == [True]
    assert await database.fetchval("select array_agg(key) from idempotency_claim") == ["0"]
    assert await database.fetchval("select count(*) from pgqueuer_log") == 1
    assert await database.fetchval("select count(*) from pgqueuer_statistics") == 1
