"""Tampering in the database by its owner, with every trigger off: the export shows it, and names the record."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Struct
from pytest import param  # ruff: ignore[pytest-incorrect-pytest-import] - reads better many times

from gateway.records.export_file import verify
from gateway.records.exporting import lines_of
from gateway.records.findings import Findings
from gateway.records.notes import KEY_NAME, VerifierKey
from gateway.records.trust import Trust
from gateway.stores import SqlStore
from tests.gateway.records.story import FOREIGN_KEY, KEY, fingerprint, note
from tests.gateway.records.test_sealing import seal
from tests.running import add_center

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
TABLES = ("dpu", "dpu_head", "dpu_body", "dpu_redaction", "dpu_checkpoint")


class World(Struct):
    """A center with a chain of twelve records, signed at 6 and 12, in a database that its owner may do anything to."""

    center_id: str
    sql: SqlStore
    owner: Any
    folder: Path

    async def tamper(self, statement: str) -> None:
        for table in TABLES:
            await self.owner.execute(f"alter table {table} disable trigger all")
        await self.owner.execute(statement.replace("$here", f"center_id = '{self.center_id}' and env = 'live'"))

    async def found(self) -> Findings:
        public = VerifierKey(KEY_NAME, KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
        path = self.folder / "chain.ndjson"
        with path.open("wb") as file:
            async for part in lines_of(self.sql, self.center_id, "live", [public]):
                file.write(part)
        return verify(path, Trust((fingerprint(KEY),)))


async def sign(connection: Any, center_id: str) -> None:
    """A checkpoint of the head as it is now."""
    head = await connection.fetchrow("select seq, hash from dpu_head where center_id = $1 and env = 'live'", center_id)
    text = note(head["seq"], head["hash"].hex(), center=center_id)
    await connection.execute(
        "insert into dpu_checkpoint (center_id, env, seq, note, made_at) values ($1, 'live', $2, $3, $4)",
        center_id,
        head["seq"],
        text,
        NOW,
    )


@pytest.fixture
async def world(
    database: "asyncpg.Pool[asyncpg.Record]", sql: SqlStore, migrate_database_url: str, tmp_path: Path
) -> AsyncIterator[World]:
    center_id = await add_center(database)
    await seal(database, center_id, type="launch.admitted", outcome='{"units":3}', body='{"status":"queued"}')
    granted = await seal(database, center_id, type="quota.granted", outcome='{"units":20}')
    await seal(database, center_id, type="submission.graded", body='{"learner_ref":"anna"}', person="anna")
    await seal(database, center_id, type="submission.graded", body='{"learner_ref":"ben"}', person="ben")
    await database.execute(
        "select dpu_attach($1, 'live', $2, 'key_a', '{\"name\":\"a.pdf\"}', 'of a', null, $3)", center_id, granted, NOW
    )
    await sign(database, center_id)
    for person in ("usr_b", "usr_c"):
        await database.execute(
            "select dpu_approve($1, 'live', $2, $3, null, null, $4)", center_id, granted, person, NOW
        )
    await database.fetchval("select redact($1, 'live', 'anna', 'key_a', null, $2)", center_id, NOW)
    for subject in ("crs_a", "crs_b", "crs_c"):
        await seal(database, center_id, type="course.decided", subject=subject)
    await sign(database, center_id)
    owner = await asyncpg.connect(migrate_database_url)
    yield World(center_id, sql, owner, tmp_path)
    await owner.close()


async def test_a_chain_that_the_gateway_sealed_passes(world: World) -> None:
    """As it comes from the database: grant, grade, evidence to AUDIT_READY, redaction, checkpoints."""
    found = await world.found()
    assert found.fault is None
    assert (found.coverage.records, found.signed_to, found.coverage.bodies_redacted) == (12, 12, 1)
    assert (found.documents, found.approvals) == (1, 2)


_AGAIN = """
do $body$ declare r record; v_prev text; v_text text; begin
    for r in select * from dpu where $here and seq >= %d order by seq loop
        select encode(hash, 'hex') into v_prev from dpu where center_id = r.center_id and env = r.env and seq = r.seq - 1;
        v_text := regexp_replace(r.record, '"prev_hash":"[0-9a-f]{64}"', '"prev_hash":"' || v_prev || '"');
        update dpu set record = v_text, hash = sha256(convert_to(v_text, 'UTF8'))
         where center_id = r.center_id and env = r.env and seq = r.seq;
    end loop;
    update dpu_head h set hash = d.hash from dpu d where d.center_id = h.center_id and d.env = h.env and d.seq = h.seq;
end $body$;
"""
"""Seals everything from a record on anew, so that all hashes fit."""


_EDITED = (
    "update dpu set record = replace(record, 'key_a', 'key_b'), actor = 'key_b' where $here and seq = 5;" + _AGAIN % 5
)


@pytest.mark.parametrize(
    ("statement", "seq", "word"),
    [
        param("update dpu set record = replace(record, '\"units\":20', '\"units\":99') where $here and seq = 3", 3, "hash_differs", id="edit an outcome"),
        param("update dpu set record = replace(record, 'key_a', 'key_b') where $here and seq = 4", 4, "hash_differs", id="edit an actor"),
        param("update dpu set actor = 'key_b' where $here and seq = 4", 4, "columns_differ", id="edit an actor in its column"),
        param("update dpu set type = 'x' where $here and seq = 4", 4, "columns_differ", id="edit a type in its column"),
        param("update dpu set at = at - interval '1 hour' where $here and seq = 5", 5, "columns_differ", id="move the clock of a column"),
        param("update dpu set subject = 'crs_x' where $here and seq = 10", 10, "columns_differ", id="hide a record from its subject"),
        param("update dpu_body set body = '{\"status\":\"ready\"}' where $here and seq = 2", 2, "body_differs", id="edit a body"),
        param("update dpu_body a set salt = b.salt from dpu_body b where a.center_id = b.center_id and a.seq in (2, 5) and b.seq in (2, 5) and a.seq <> b.seq", 2, "body_differs", id="swap salts"),
        param("delete from dpu where $here and seq = 5", 5, "gap", id="delete a middle record"),
        param("delete from dpu where $here and seq = 1", 1, "gap", id="delete the first record"),
        param("update dpu set seq = seq + 100 where $here and seq = 5", 5, "gap", id="renumber a record"),
        param("update dpu set seq = seq + 90 where $here and seq in (4, 5); update dpu set seq = 99 - seq where $here and seq > 90", 4, "gap", id="reorder two records"),
        param("delete from dpu where $here and seq = 12", 12, "tail_cut", id="cut the tail"),
        param("delete from dpu where $here and seq > 10; update dpu_head h set seq = 10, hash = d.hash from dpu d where d.center_id = h.center_id and d.env = h.env and d.seq = 10", 11, "tail_cut", id="cut the tail and move the head back"),
        param("update dpu_head set seq = 5 where $here", 6, "manifest_differs", id="move the head back"),
        param("update dpu_head set hash = '\\x00' where $here", 12, "manifest_differs", id="a head that is no hash"),
        param("update dpu_head set hash = sha256('x') where $here", 12, "head_differs", id="another head"),
        param("delete from dpu_head where $here", 1, "manifest_differs", id="no head"),
        param("delete from dpu_body where $here and seq = 5", 5, "body_missing", id="a body dropped without a redaction"),
        param("delete from dpu_redaction where $here; delete from dpu_body where $here and seq = 2", 2, "body_missing", id="one body more dropped than named"),
        param("insert into dpu_body select center_id, env, 4, sha256('x')::bytea, body, person from dpu_body where false; insert into dpu_body values ((select center_id from dpu_head where $here), 'live', 4, decode(repeat('00', 16), 'hex'), 'x', null)", 4, "body_differs", id="another body for one that was dropped"),
        param("insert into dpu_body values ((select center_id from dpu_head where $here), 'live', 3, decode(repeat('00', 16), 'hex'), 'x', null)", 3, "body_unasked", id="a body for what had none"),
        param("update dpu set record = replace(record, 'AUDIT_READY', 'DOCUMENTED') where $here and seq = 8;" + _AGAIN % 8, 8, "evidence_differs", id="downgrade a level and seal all again"),
        param("update dpu set record = replace(record, 'usr_c', 'usr_b'), actor = 'usr_b' where $here and seq = 8;" + _AGAIN % 8, 8, "evidence_differs", id="swap an approver and seal all again"),
        param("update dpu set record = replace(record, '\"units\":20', '\"units\":99') where $here and seq = 3;" + _AGAIN % 3, 6, "evidence_differs", id="edit an outcome that evidence is bound to and seal all again"),
        param(_EDITED, 6, "checkpoint_differs", id="edit an actor and seal all again"),
        param("update dpu set record = replace(record, 'crs_a', 'crs_b'), subject = 'crs_b' where $here and seq = 10;" + _AGAIN % 10, 12, "checkpoint_differs", id="edit a late record and seal all again"),
        param("update dpu_checkpoint set note = replace(note, e'\\n6\\n', e'\\n5\\n') where $here and seq = 6", 6, "signature_differs", id="edit a checkpoint's size"),
        param("update dpu_checkpoint set seq = 5 where $here and seq = 6", 6, "tail_cut", id="move a checkpoint"),
        param("delete from dpu_checkpoint where $here", 1, "not_trusted", id="delete all checkpoints"),
        param("alter table dpu drop constraint dpu_seq_check; update dpu set seq = 0 where $here and seq = 7", 1, "gap", id="move a record in front of the first"),
        param("alter table dpu_checkpoint drop constraint dpu_checkpoint_seq_check; insert into dpu_checkpoint (center_id, env, seq, note, made_at) select center_id, env, -1, 'x', made_at from dpu_checkpoint where $here and seq = 6", 1, "signature_differs", id="a checkpoint in front of the first"),
        param("update dpu_head set seq = -5 where $here", 1, "manifest_differs", id="a head of less than nothing"),
        param("update dpu set record = '{}' where $here and seq = 7", 7, "unreadable", id="empty a record"),
        param("update dpu set record = e'{\\n}' where $here and seq = 7", 7, "line_unreadable", id="break a record into lines"),
        param("update dpu set record = 'x' where $here and seq = 7", 7, "line_unreadable", id="a record that is no JSON"),
        param("update dpu set record = repeat('[', 9000000) where $here and seq = 7", 7, "line_unreadable", id="a record without end"),
    ],
)  # fmt: skip
async def test_tampering_by_the_owner_of_the_tables_is_found(world: World, statement: str, seq: int, word: str) -> None:
    """No trigger stops the owner; what was sealed and signed does."""
    await world.tamper(statement)
    fault = (await world.found()).fault
    assert fault is not None
    assert (fault.seq, word in f"{fault.code} {fault.message}") == (seq, True), fault


async def test_a_chain_of_another_center_is_found(world: World, database: "asyncpg.Pool[asyncpg.Record]") -> None:
    """Rows moved from one center to another, head and all: the first record was sealed for its own."""
    other = await add_center(database)
    mine = f"center_id = '{world.center_id}' and env = 'live'"
    for table in ("dpu", "dpu_body", "dpu_redaction", "dpu_checkpoint", "dpu_head"):
        await world.tamper(f"delete from {table} where {mine}")
        await world.tamper(
            f"update {table} set center_id = '{world.center_id}' where center_id = '{other}' and env = 'live'"
        )
    fault = (await world.found()).fault
    assert fault is not None
    assert (fault.seq, fault.code) == (1, "other_chain")


async def test_history_sealed_and_signed_anew_by_another_key_is_found(world: World) -> None:
    """With the database and a key of one's own, not the gateway's: its signatures are not known."""
    await world.tamper(_EDITED)
    for seq in (6, 12):
        head = await world.owner.fetchval(
            "select hash from dpu where center_id = $1 and env = 'live' and seq = $2", world.center_id, seq
        )
        await world.owner.execute(
            "update dpu_checkpoint set note = $3 where center_id = $1 and seq = $2",
            world.center_id,
            seq,
            note(seq, head.hex(), FOREIGN_KEY, center=world.center_id),
        )
    fault = (await world.found()).fault
    assert fault is not None
    assert (fault.seq, fault.code) == (6, "signature_differs")


async def test_a_chain_that_grows_while_it_is_exported_is_whole(
    world: World, database: "asyncpg.Pool[asyncpg.Record]"
) -> None:
    """Sealing and redacting go on between two pages: what was written is a sound chain up to some moment."""
    path, count = world.folder / "grown.ndjson", 0
    with path.open("wb") as file:
        async for part in lines_of(world.sql, world.center_id, "live", (), rows=3):
            file.write(part)
            count += 1
            if count == 2:
                await database.fetchval("select redact($1, 'live', 'ben', 'key_a', null, $2)", world.center_id, NOW)
                await seal(database, world.center_id, body='{"learner_ref":"cleo"}', person="cleo")
    lines = path.read_bytes().splitlines()
    assert json.loads(lines[-1])["size"] >= 14
    path.write_bytes(
        b"".join(line + b"\n" for line in lines if b'"kind":"checkpoint"' not in line).replace(
            b'"checkpoints":2', b'"checkpoints":0'
        )
    )
    found = verify(path)
    assert found.fault is None
    assert found.coverage.bodies_redacted == 2
