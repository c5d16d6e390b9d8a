"""The SQL of a verification, beside the pages of the chain."""

from collections.abc import Sequence

from gateway.stores import Connection, Record


async def records_at(connection: Connection, center_id: str, env: str, seqs: Sequence[int]) -> Sequence[Record]:
    """Return the records of these numbers."""
    query = "select seq, record, hash from dpu where center_id = $1 and env = $2 and seq = any($3)"
    return await connection.fetch(query, center_id, env, list(seqs))


async def is_checkpointed(connection: Connection, center_id: str, env: str) -> bool:
    """Whether a head of the chain was ever signed."""
    query = "select exists (select from dpu_checkpoint where center_id = $1 and env = $2)"
    return await connection.fetchval(query, center_id, env) is True
