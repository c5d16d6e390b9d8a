"""What is tidied up now and then, by one worker among all: PgQueuer's schedule says by which."""

from typing import Final

from gateway.log import log
from gateway.work.bench import Bench

EXPRESSION: Final = "*/10 * * * *"
BATCH_ROWS: Final = 5_000
FEWER_ROWS: Final = 500
"""Of what takes other rows along."""
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
    "embed_tokens": """
        delete from embed_token
         where ctid = any (array(
               select ctid from embed_token where expires_at < $1::timestamptz - interval '1 day' limit $2))""",
    "learner_sessions": """
        delete from learner_session
         where ctid = any (array(
               select ctid from learner_session
                where expires_at < $1::timestamptz - interval '30 days' and ended_at is not null limit $2))""",
    "webhook_secrets": """
        delete from webhook_secret
         where ctid = any (array(select ctid from webhook_secret where expires_at < $1 limit $2))""",
    "deliveries": """
        delete from delivery
         where ctid = any (array(
               select ctid from delivery
                where created_at < $1::timestamptz - interval '30 days' and status <> 'pending' limit $2))""",
    "deliveries_of_deleted_webhooks": """
        delete from delivery
         where ctid = any (array(
               select d.ctid
                 from webhook w
                 join delivery d on d.center_id = w.center_id and d.env = w.env and d.webhook_id = w.id
                where w.deleted_at < $1::timestamptz - interval '1 hour' and d.status <> 'pending' limit $2))""",
    "deleted_webhooks": """
        delete from webhook
         where ctid = any (array(
               select w.ctid from webhook w
                where w.deleted_at < $1::timestamptz - interval '1 hour'
                  and not exists (select from delivery d
                                   where d.center_id = w.center_id and d.env = w.env and d.webhook_id = w.id)
                limit $2))""",
    "events": """
        delete from event
         where ctid = any (array(
               select e.ctid from event e
                where e.created_at < $1::timestamptz - interval '30 days'
                  and not exists (select from delivery d
                                   where d.center_id = e.center_id and d.env = e.env and d.event_id = e.id)
                limit $2))""",
    "queue_log": """
        delete from pgqueuer_log
         where id = any (array(select id from pgqueuer_log where created < $1::timestamptz - interval '1 day' limit $2))""",
    "queue_statistics": """
        delete from pgqueuer_statistics
         where id = any (array(select id from pgqueuer_statistics where created < $1::timestamptz - interval '7 days' limit $2))""",
}


_FEWER: Final = {"deliveries", "deliveries_of_deleted_webhooks"}


async def clean(bench: Bench) -> None:
    """Delete what is over, in small batches: claims, sign-ins, deliveries, what PgQueuer remembers of wake-ups long done."""
    for name, statement in _CLEANINGS.items():
        most = FEWER_ROWS if name in _FEWER else BATCH_ROWS
        deleted, batch = 0, most
        while batch == most and deleted < most * BATCHES_MAX:
            async with bench.sql.session() as connection:
                tag = await connection.execute(statement, bench.now(), most)
            batch = int(tag.rsplit(" ", 1)[-1])
            deleted += batch
        log.info("chore.cleaned", table=name, rows=deleted)
