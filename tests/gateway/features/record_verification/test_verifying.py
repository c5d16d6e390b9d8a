"""`GET /v1/dpus/verify`: a chain that holds says how far it was looked at; a broken one names its first bad record."""

from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.ids import new_id
from gateway.records.notes import Checkpoint, VerifierKey, origin_of, signed
from gateway.settings import Settings
from tests.gateway.records.test_sealing import NOW, seal
from tests.running import NOW_MS, Customer


async def verify(client: httpx.AsyncClient, customer: Customer) -> httpx.Response:
    return await client.get("/v1/dpus/verify", headers=customer.headers)


def broken(response: httpx.Response) -> tuple[int, str]:
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (422, "chain_broken")
    return error["details"]["first_broken_seq"], error["details"]["reason"]


async def tamper(owner_url: str, *statements: str) -> None:
    """As somebody who owns the database and switches the triggers off."""
    owner = await asyncpg.connect(owner_url)
    for table in ("dpu", "dpu_body", "dpu_head"):
        await owner.execute(f"alter table {table} disable trigger all")
    for statement in statements:
        await owner.execute(statement)
    await owner.close()


async def decide(connection: Any, customer: Customer, count: int = 5) -> None:
    for nth in range(count):
        await seal(connection, customer.center_id, body='{"learner_ref":"x"}', person=f"p{nth % 2}")


async def checkpoint(connection: Any, customer: Customer, key: Ed25519PrivateKey) -> str:
    head = await connection.fetchrow("select * from dpu_head where center_id = $1 and env = 'live'", customer.center_id)
    note = signed(Checkpoint(origin_of(customer.center_id, "live"), head["seq"], head["hash"]), key)
    await connection.execute(
        "insert into dpu_checkpoint (center_id, env, seq, note, made_at) values ($1, 'live', $2, $3, $4)",
        customer.center_id,
        head["seq"],
        note,
        NOW,
    )
    return note


async def test_a_sound_chain_says_what_was_checked(
    client: httpx.AsyncClient,
    customer: Customer,
    connection: Any,
    settings: Settings,
    signing_key: Ed25519PrivateKey,
) -> None:
    """Records, bodies, redactions, checkpoints inside and outside; and what that does not prove."""
    await decide(connection, customer)
    await connection.execute("select redact($1, 'live', 'p1', 'key_a', null, $2)", customer.center_id, NOW)
    note = await checkpoint(connection, customer, signing_key)
    assert settings.checkpoint_file is not None
    settings.checkpoint_file.write_text(f"{note}\n{note}\n")
    await decide(connection, customer, 1)
    answer = await verify(client, customer)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    coverage = found["coverage"]
    assert found["sound"] is True
    assert coverage["bodies_redacted"] == 2
    assert (coverage["checkpoints"], coverage["outside_checkpoints"]) == (1, 1)
    assert coverage["records"] == coverage["checkpointed_seq"] + 1
    assert any("behind the newest checkpoint" in limit for limit in found["limits"])
    assert "checkpoints kept outside of the database" in found["checks"]


async def test_an_edited_record_is_named(
    client: httpx.AsyncClient, customer: Customer, connection: Any, migrate_database_url: str
) -> None:
    """By its number, whatever was edited: text, column, body."""
    await decide(connection, customer)
    for statement, seq, reason in (
        ("update dpu_body set body = '{}' where seq = 6", 6, "body_differs"),
        ("update dpu set actor = 'key_b' where seq = 5", 5, "columns_differ"),
        ("update dpu set record = replace(record, 'key_a', 'key_b') where seq = 4", 4, "hash_differs"),
    ):
        await tamper(migrate_database_url, statement)
        assert broken(await verify(client, customer)) == (seq, reason)


async def test_a_record_that_is_none_is_named_though_evidence_stands_behind_it(
    client: httpx.AsyncClient, customer: Customer, connection: Any, migrate_database_url: str
) -> None:
    """What evidence is about is read before its own turn comes: that it can't be read breaks the chain, not the request.
    Reading it alone, or in a list, says the same.
    """
    dpu_id = await seal(connection, customer.center_id)
    body = {"name": "Minutes", "text": "Agreed."}
    assert (await client.post(f"/v1/dpus/{dpu_id}/evidence", json=body, headers=customer.headers)).status_code == 201
    place = f"where id = '{dpu_id}'"
    seq = await connection.fetchval(f"select seq from dpu {place}")
    for text in ("'{}'", "'no JSON'", "record || ' '"):
        await tamper(migrate_database_url, f"update dpu set record = {text} {place}")
        for path in ("/v1/dpus/verify", "/v1/dpus?limit=100", f"/v1/dpus/{dpu_id}"):
            assert broken(await client.get(path, headers=customer.headers)) == (seq, "unreadable")


async def test_what_was_edited_is_not_shown(
    client: httpx.AsyncClient, customer: Customer, connection: Any, migrate_database_url: str
) -> None:
    """A record that is not what was hashed, and a body that is not what was committed to; a column is not even read."""
    dpu_id = await seal(connection, customer.center_id, body='{"reason":"asked for"}')
    shown = f"/v1/dpus/{dpu_id}"
    place = f"where center_id = '{customer.center_id}' and seq = 3 and env = 'live'"
    await tamper(migrate_database_url, f"update dpu set at = '4000-01-01 BC' {place}")
    assert (await client.get(shown, headers=customer.headers)).json()["created_at"] == "2026-03-15T12:00:00Z"
    await tamper(migrate_database_url, f'update dpu_body set body = \'{{"reason":"a gift"}}\' {place}')
    assert broken(await client.get(shown, headers=customer.headers)) == (3, "body_differs")
    await tamper(migrate_database_url, f"update dpu set record = replace(record, 'key_a', 'key_b') {place}")
    assert broken(await client.get(shown, headers=customer.headers)) == (3, "hash_differs")


async def test_a_record_in_front_of_the_first_is_found(
    client: httpx.AsyncClient, customer: Customer, connection: Any, migrate_database_url: str
) -> None:
    """A row with a number that no record has is refused; let in by the owner, it approves nothing, and breaks the chain."""
    dpu_id = await seal(connection, customer.center_id, type="quota.granted")
    forged = f"""insert into dpu select center_id, env, -1, '{new_id("dpu", NOW_MS)}', 'evidence.approved', '{dpu_id}', 'usr_x', at,
                 record, hash from dpu where id = '{dpu_id}'"""
    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute(forged)
    await tamper(migrate_database_url, "alter table dpu drop constraint dpu_seq_check", forged)
    shown = (await client.get(f"/v1/dpus/{dpu_id}", headers=customer.headers)).json()
    assert (shown["level"], shown["approvers"]) == ("DRAFT", [])
    assert broken(await verify(client, customer)) == (1, "gap")


async def test_a_cut_tail_is_found_though_the_head_was_set_back(
    client: httpx.AsyncClient,
    customer: Customer,
    connection: Any,
    migrate_database_url: str,
    settings: Settings,
    signing_key: Ed25519PrivateKey,
) -> None:
    """The checkpoint in the database shows it; where that was deleted too, the one in the file does."""
    await decide(connection, customer)
    note = await checkpoint(connection, customer, signing_key)
    place = f"center_id = '{customer.center_id}' and env = 'live'"
    await tamper(
        migrate_database_url,
        f"delete from dpu_body where {place} and seq > 4",
        f"delete from dpu where {place} and seq > 4",
        f"update dpu_head set seq = 4, hash = (select hash from dpu where {place} and seq = 4) where {place}",
    )
    assert broken(await verify(client, customer))[0] in {4, 5}
    await tamper(
        migrate_database_url,
        "alter table dpu_checkpoint disable trigger all",
        f"delete from dpu_checkpoint where {place}",
    )
    assert (await verify(client, customer)).status_code == 200
    assert settings.checkpoint_file is not None
    settings.checkpoint_file.write_text(note)
    assert broken(await verify(client, customer)) == (5, "tail_cut")


async def test_a_stranger_signs_nothing(
    client: httpx.AsyncClient, customer: Customer, connection: Any, settings: Settings
) -> None:
    """A checkpoint by another key, in the database or in the file, is a fault."""
    await decide(connection, customer)
    stranger = Ed25519PrivateKey.generate()
    head = await connection.fetchrow("select * from dpu_head where center_id = $1 and env = 'live'", customer.center_id)
    assert settings.checkpoint_file is not None
    file: Path = settings.checkpoint_file
    file.write_text(signed(Checkpoint(origin_of(customer.center_id, "live"), head["seq"], head["hash"]), stranger))
    assert broken(await verify(client, customer))[1] == "signature_differs"
    file.unlink()
    await checkpoint(connection, customer, stranger)
    assert broken(await verify(client, customer))[1] == "signature_differs"


async def test_a_key_that_the_database_alone_knows_proves_nothing(
    client: httpx.AsyncClient, customer: Customer, connection: Any
) -> None:
    """Whoever writes a chain anew can sign it, and put his key beside it: that is read, not believed, and said."""
    stranger = Ed25519PrivateKey.generate()
    await decide(connection, customer)
    await checkpoint(connection, customer, stranger)
    await connection.execute("insert into dpu_key (key, since) values ($1, $2)", str(VerifierKey.of(stranger)), NOW)
    found = (await verify(client, customer)).json()
    assert (found["coverage"]["checkpoints"], found["coverage"]["checkpointed_seq"]) == (1, 0)
    assert "no checkpoint is signed by a trusted key: all may have been written anew" in found["limits"]


async def test_a_file_that_is_being_written_alarms_nobody(
    client: httpx.AsyncClient,
    customer: Customer,
    connection: Any,
    settings: Settings,
    signing_key: Ed25519PrivateKey,
) -> None:
    """Half a note at its end is not signed yet; two workers may have changed places."""
    await decide(connection, customer)
    older = await checkpoint(connection, customer, signing_key)
    await decide(connection, customer, 1)
    newer = await checkpoint(connection, customer, signing_key)
    assert settings.checkpoint_file is not None
    settings.checkpoint_file.write_text(f"{newer}\n{older}\n{newer[:150]}", encoding="utf-8")
    answer = await verify(client, customer)
    assert answer.status_code == 200, answer.text
    assert answer.json()["coverage"]["outside_checkpoints"] == 2
