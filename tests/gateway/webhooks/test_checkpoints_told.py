"""Checkpoints leave the gateway as events too. Rule source: centers, "Decision records"; webhooks."""

import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.private_files import write_private
from gateway.records.notes import Note, VerifierKey, origin_of
from gateway.stores import SqlStore
from gateway.tokens.key_file import TokenKey, written
from gateway.work.checkpoints import Notary
from tests.clock import FrozenClock
from tests.gateway.records.test_sealing import NOW, seal
from tests.gateway.webhooks.endpoints import add_center, add_webhook
from tests.running import settings_for


async def test_a_signed_checkpoint_is_told_to_who_asked_for_it(
    sql: SqlStore, clock: FrozenClock, database: Any, database_url: str, tmp_path: Path
) -> None:
    """The very note that is kept, which anybody can verify; named by its chain, so that of two the later is known."""
    key = Ed25519PrivateKey.generate()
    write_private(tmp_path / "keys.pem", written((TokenKey(1, 0, key),)))
    kept = {"checkpoint_keys_file": tmp_path / "keys.pem", "checkpoint_file": tmp_path / "notes"}
    notary = Notary(sql, clock, settings_for(database_url, "unix:///none", checkpoint_records=1, **kept))
    async with database.acquire() as connection:
        listening, deaf = await add_center(connection), await add_center(connection)
        await add_webhook(connection, listening, types=["checkpoint.signed"])
        for size in (2, 3):
            for center_id in (listening, deaf):
                await seal(connection, center_id, at=NOW)
            assert await notary.sign_some() >= 2
            head = await connection.fetchrow("select * from dpu_head where center_id = $1 and env = 'live'", listening)
            assert head["seq"] == size
        rows = await connection.fetch("select * from event order by seq")
        note = await connection.fetchval("select note from dpu_checkpoint where center_id = $1 and seq = 3", listening)
    assert {(row["center_id"], row["env"], row["type"]) for row in rows} == {(listening, "live", "checkpoint.signed")}
    earlier, later = [json.loads(row["body"]) for row in rows]
    origin = origin_of(listening, "live")
    assert later["data"] == {
        "object": "checkpoint",
        "id": origin,
        "origin": origin,
        "size": 3,
        "head": head["hash"].hex(),
        "note": note,
        "created_at": "2026-03-15T12:00:00Z",
    }
    assert Note.parse(later["data"]["note"]).is_signed_by(VerifierKey.of(key))
    assert (earlier["data"]["id"], earlier["data"]["size"]) == (origin, 2)
    assert earlier["seq"] < later["seq"]
