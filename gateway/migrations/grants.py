"""What the runtime role may do: rows, never the schema, and history is only ever added to."""

import asyncpg

from gateway.stores import Connection

APPEND_ONLY = ("quota_ledger", "assessment_version", "dpu", "dpu_body", "dpu_checkpoint", "dpu_key")
"""Tables whose rows are evidence: SELECT and INSERT, nothing else."""

READ_ONLY = ("schema_migration", "dpu_redaction")
"""Tables that only the owner writes, or a function that runs as the owner."""

NEVER_DELETED = ("dpu_head", "plan_change")
"""Tables whose rows move on and never go."""

OWNERS_FUNCTIONS = ("redact(text, text, text, text, text, timestamptz)",)
"""Functions that run as the owner: the runtime role may call them, and nobody else."""


async def grant_runtime_role(connection: Connection, role: str) -> None:
    """Give `role` exactly its rights on everything in the schema; asked within a transaction of the owner."""
    known = await connection.fetchval("select quote_ident(rolname) from pg_roles where rolname = $1", role)
    if known is None:
        raise asyncpg.UndefinedObjectError(f'the runtime role "{role}" does not exist')
    if await connection.fetchval("select current_user = $1", role):
        return  # one role for everything: `check` says what is wrong with it
    tables = [
        row["name"]
        for row in await connection.fetch(
            "select quote_ident(c.relname) as name from pg_class c"
            " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v') order by 1"
        )
    ]
    await connection.execute(f"grant usage on schema public to {known}")
    for table in tables:
        if table in APPEND_ONLY:
            rights = "select, insert"
        elif table in READ_ONLY:
            rights = "select"
        elif table in NEVER_DELETED:
            rights = "select, insert, update"
        else:
            rights = "select, insert, update, delete"
        await connection.execute(f"revoke all on {table} from {known}; grant {rights} on {table} to {known}")
    await connection.execute(f"grant usage, select on all sequences in schema public to {known}")
    for function in OWNERS_FUNCTIONS:
        if await connection.fetchval("select to_regprocedure($1) is null", function):
            continue  # a schema from before it
        await connection.execute(
            f"revoke all on function {function} from public; grant execute on function {function} to {known}"
        )
