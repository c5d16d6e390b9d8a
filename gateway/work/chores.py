"""What is tidied up now and then, by one worker among all: PgQueuer's schedule says by which."""

from typing import Final

from gateway.log import log
from gateway.work.bench import Bench

EXPRESSION: Final = "*/10 * * * *"
_ROWS_MAX: Final = 10_000

_CLEANINGS: Final = {
    "idempotency_claims": """
        delete from idempotency_claim
         where ctid = any (array(select ctid from idempotency_claim where expires_at < $1 limit $2))""",
    "queue_log": """
        delete from pgqueuer_log
         where id = any (array(select id from pgqueuer_log where created < $1 - interval '1 day' limit $2))""",
    "queue_statistics": """
        delete from pgqueuer_statistics
         where id = any (array(select id from pgqueuer_statistics where created < $1 - interval '7 days' limit $2))""",
}


async def clean(bench: Bench) -> None:
    """Delete expired idempotency claims and what PgQueuer remembers of wake-ups long done, a batch of each."""
    async with bench.sql.session(deadline_seconds=30) as connection:
        for name, statement in _CLEANINGS.items():
            tag = await connection.execute(statement, bench.now(), _ROWS_MAX)
            log.info("chore.cleaned", table=name, rows=int(tag.rsplit(" ", 1)[-1]))
