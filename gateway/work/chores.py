"""What is tidied up now and then, by one worker among all: PgQueuer's schedule says by which."""

from typing import Final

from gateway.log import log
from gateway.work.bench import Bench

EXPRESSION: Final = "*/10 * * * *"
BATCH_ROWS: Final = 5_000
BATCHES_MAX: Final = 100
"""Half a million rows of each a run; what is left waits ten minutes."""

_CLEANINGS: Final = {
    "idempotency_claims": """
        delete from idempotency_claim
         where ctid = any (array(select ctid from idempotency_claim where expires_at < $1 limit $2))""",
    "sign_ins": """
        delete from login_session
         where ctid = any (array(select ctid from login_session where expires_at < $1 limit $2))""",
    "refresh_tokens": """
        delete from refresh_token
         where ctid = any (array(select ctid from refresh_token where expires_at < $1 limit $2))""",
    "queue_log": """
        delete from pgqueuer_log
         where id = any (array(select id from pgqueuer_log where created < $1::timestamptz - interval '1 day' limit $2))""",
    "queue_statistics": """
        delete from pgqueuer_statistics
         where id = any (array(select id from pgqueuer_statistics where created < $1::timestamptz - interval '7 days' limit $2))""",
}


async def clean(bench: Bench) -> None:
    """Delete expired claims and sign-ins, and what PgQueuer remembers of wake-ups long done, in small batches."""
    for name, statement in _CLEANINGS.items():
        deleted, batch = 0, BATCH_ROWS
        while batch == BATCH_ROWS and deleted < BATCH_ROWS * BATCHES_MAX:
            async with bench.sql.session() as connection:
                tag = await connection.execute(statement, bench.now(), BATCH_ROWS)
            batch = int(tag.rsplit(" ", 1)[-1])
            deleted += batch
        log.info("chore.cleaned", table=name, rows=deleted)
