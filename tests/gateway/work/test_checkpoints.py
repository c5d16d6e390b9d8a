"""Checkpoints: which heads are signed, where they stand, and what survives a worker's end."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.clock import as_datetime
from gateway.private_files import write_private
from gateway.records.checkpoint_file import CheckpointFile
from gateway.records.checkpoint_keys import public_keys
from gateway.records.export_file import verify
from gateway.records.exporting import lines_of
from gateway.records.notes import Checkpoint, Note, VerifierKey, origin_of
from gateway.records.trust import Trust, checkpoints_in
from gateway.stores import SqlStore
from gateway.tokens.key_file import TokenKey, written
from gateway.work.checkpoints import Notary
from tests.clock import FrozenClock
from tests.gateway.records.test_sealing import NOW, seal
from tests.running import add_center, settings_for

KEY = Ed25519PrivateKey.generate()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where checkpoints are kept outside of the database."""
    return tmp_path / "checkpoints"


@pytest.fixture
def notary(sql: SqlStore, clock: FrozenClock, database_url: str, tmp_path: Path, file: Path) -> Notary:
    """Signs after 3 records or 5 minutes."""
    keys = tmp_path / "keys.pem"
    later = clock.now_ms() + 3_600_000
    write_private(keys, written((TokenKey(2, later, Ed25519PrivateKey.generate()), TokenKey(1, 0, KEY))))
    settings = settings_for(
        database_url, "unix:///none", checkpoint_keys_file=keys, checkpoint_file=file, checkpoint_records=3
    )
    return Notary(sql, clock, settings)


async def add_chain(database: Any) -> str:
    """A center of whose chains the live one alone is to be signed; its id."""
    center_id = await add_center(database)
    await database.execute("update dpu_head set signed_seq = 1 where center_id = $1 and env = 'test'", center_id)
    return center_id


async def signed_heads(database: Any, center_id: str) -> list[int]:
    rows = await database.fetch("select seq from dpu_checkpoint where center_id = $1 order by seq", center_id)
    return [row["seq"] for row in rows]


def in_file(file: Path, center_id: str) -> list[tuple[Checkpoint, Note]]:
    with file.open(encoding="utf-8") as lines:
        return list(checkpoints_in(lines, origin_of(center_id, "live")))


async def test_a_chain_is_signed_after_so_many_records(
    database: Any, notary: Notary, clock: FrozenClock, file: Path
) -> None:
    """The head as it was committed, in the database and in the file, by the key that signs now."""
    center_id = await add_chain(database)
    await database.execute("update dpu_head set signed_at = $1", as_datetime(clock.now_ms()))
    await seal(database, center_id, at=NOW)
    assert await notary.sign_some() == 0
    await seal(database, center_id, at=NOW)
    assert await notary.sign_some() == 1
    assert await notary.sign_some() == 0
    assert await signed_heads(database, center_id) == [3]
    head = await database.fetchrow("select * from dpu_head where center_id = $1 and env = 'live'", center_id)
    ((checkpoint, note),) = in_file(file, center_id)
    assert (checkpoint.size, checkpoint.head) == (3, head["hash"])
    assert head["signed_seq"] == 3
    assert note.is_signed_by(VerifierKey.of(KEY))
    assert file.stat().st_mode & 0o777 == 0o600


async def test_a_quiet_chain_is_signed_after_a_while(database: Any, notary: Notary, clock: FrozenClock) -> None:
    """Minutes after the last decision, were it but the chain's first record; where nothing was decided since, nothing is."""
    center_id = await add_center(database)
    await seal(database, center_id, at=NOW)
    await database.execute("update dpu_head set signed_at = $1", as_datetime(clock.now_ms()) - timedelta(minutes=6))
    assert await notary.sign_some() == 2
    assert await signed_heads(database, center_id) == [1, 2]
    await database.execute("update dpu_head set signed_at = $1", as_datetime(clock.now_ms()) - timedelta(minutes=6))
    assert await notary.sign_some() == 0


async def test_what_can_t_be_kept_outside_is_not_told(database: Any, notary: Notary, file: Path) -> None:
    """Without the file no checkpoint; the next round makes it, and of a round that was broken off the file says it twice."""
    center_id = await add_chain(database)
    for _ in range(3):
        await seal(database, center_id)
    file.mkdir()
    with pytest.raises(IsADirectoryError):
        await notary.sign_some()
    assert await signed_heads(database, center_id) == []
    file.rmdir()
    assert await notary.sign_some() == 1
    await database.execute("update dpu_head set signed_seq = 0 where env = 'live'")
    assert await notary.sign_some() == 1
    assert [checkpoint.size for checkpoint, _ in in_file(file, center_id)] == [4, 4]


async def test_of_two_workers_one_signs(database: Any, database_url: str, notary: Notary) -> None:
    """While one is at it, the other leaves it to him."""
    center_id = await add_chain(database)
    for _ in range(3):
        await seal(database, center_id)
    other = await asyncpg.connect(database_url)
    transaction = other.transaction()
    await transaction.start()
    await other.fetchval("select pg_advisory_xact_lock($1)", 0x64707573)
    assert await notary.sign_some() == 0
    await transaction.rollback()
    await other.close()
    assert await notary.sign_some() == 1


async def test_a_clock_that_was_set_back_stops_no_checkpoint(
    database: Any, notary: Notary, clock: FrozenClock, file: Path
) -> None:
    """An hour back, the chain is signed all the same; and so is one whose head claims to be signed beyond its end."""
    center_id = await add_chain(database)
    await database.execute("update dpu_head set signed_at = $1", as_datetime(clock.now_ms()))
    clock.advance(-3_600_000)
    await seal(database, center_id, at=NOW)
    assert await notary.sign_some() == 1
    assert await notary.sign_some() == 0
    await database.execute("update dpu_head set signed_seq = 1000000 where center_id = $1 and env = 'live'", center_id)
    await seal(database, center_id, at=NOW)
    assert await notary.sign_some() == 1
    assert await signed_heads(database, center_id) == [2, 3]
    assert [checkpoint.size for checkpoint, _ in in_file(file, center_id)] == [2, 3]


async def test_a_key_that_has_signed_goes_on_though_the_clock_was_set_back(
    database: Any, notary: Notary, clock: FrozenClock, file: Path
) -> None:
    """Its predecessor does not come back: what that one signed behind it would be taken for a forgery."""
    center_id = await add_chain(database)
    clock.advance(3_600_000)
    for step_ms in (0, -1_800_000):
        clock.advance(step_ms)
        for _ in range(3):
            await seal(database, center_id, at=NOW)
        assert await notary.sign_some() == 1
    first, second = (note for _, note in in_file(file, center_id))
    assert first.signatures[0].key_id == second.signatures[0].key_id != VerifierKey.of(KEY).id


async def test_a_new_key_signs_what_the_old_one_signed(
    database: Any, notary: Notary, sql: SqlStore, clock: FrozenClock, file: Path, tmp_path: Path
) -> None:
    """Once, though nothing is decided any more: whoever trusts the new key alone can trust a quiet chain. The export of it
    is sound, and so is the file.
    """
    center_id = await add_chain(database)
    await database.execute("update dpu_head set signed_at = $1", as_datetime(clock.now_ms()))
    for _ in range(3):
        await seal(database, center_id, at=NOW)
    assert await notary.sign_some() == 1
    clock.advance(3_600_000)
    await database.execute("update dpu_head set signed_at = $1", as_datetime(clock.now_ms()))
    assert [await notary.sign_some(), await notary.sign_some()] == [1, 0]
    assert await signed_heads(database, center_id) == [4, 4]
    ends = [note.signatures[0].key_id for _, note in in_file(file, center_id)]
    assert ends[0] != ends[1]
    new, old = public_keys(tmp_path / "keys.pem")
    path = tmp_path / "chain.ndjson"
    with path.open("wb") as lines:
        async for part in lines_of(sql, center_id, "live", (new, old)):
            lines.write(part)
    found = verify(path, Trust((new.fingerprint,)), file)
    assert (found.fault, found.signed_to) == (None, 4)
    assert [checkpoint.size for checkpoint, _ in CheckpointFile(file).checkpoints(origin_of(center_id, "live"))] == [
        4,
        4,
    ]


async def test_a_new_key_signs_what_a_key_signed_that_has_left_the_file(
    database: Any, notary: Notary, clock: FrozenClock, file: Path, tmp_path: Path
) -> None:
    """One that was put out at once, as a stolen key is: its chains are signed anew too, once. A worker that still has the
    old file takes nothing back.
    """
    center_id = await add_chain(database)
    await database.execute("update dpu_head set signed_at = $1", as_datetime(clock.now_ms()))
    for _ in range(3):
        await seal(database, center_id, at=NOW)
    assert await notary.sign_some() == 1
    keys, successor = tmp_path / "keys.pem", Ed25519PrivateKey.generate()
    before = keys.read_text()
    clock.advance(60_000)
    write_private(keys, written((TokenKey(2, 0, successor),)))
    assert [await notary.sign_some(), await notary.sign_some()] == [1, 0]
    write_private(keys, before)
    assert await notary.sign_some() == 0
    signers = [note.signatures[0].key_id for _, note in in_file(file, center_id)]
    assert signers == [VerifierKey.of(key).id for key in (KEY, successor)]
