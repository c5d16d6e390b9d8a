"""`GET /v1/dpus/export`: a chain as its center takes it away."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.app import Gateway
from gateway.private_files import write_private
from gateway.records.checkpoint_keys import public_keys
from gateway.records.export_file import verify
from gateway.records.exporting import lines_of
from gateway.records.trust import Trust
from gateway.settings import Settings
from gateway.stores import SqlStore
from gateway.tokens.key_file import new_key, written
from gateway.work.checkpoints import Notary
from tests.clock import FrozenClock
from tests.gateway.records.test_sealing import seal
from tests.running import NOW, Customer, add_customer, add_key, settings_for

Pool = Any


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    """A gateway whose heads are signed behind every second record."""
    write_private(tmp_path / "keys.pem", written((new_key(1, 0),)))
    return settings_for(
        database_url,
        redis_url,
        checkpoint_keys_file=tmp_path / "keys.pem",
        checkpoint_file=tmp_path / "checkpoints",
        checkpoint_records=2,
    )


async def exported(client: httpx.AsyncClient, customer: Customer, path: Path) -> Path:
    answer = await client.get("/v1/dpus/export", headers=customer.headers)
    assert answer.status_code == 200
    path.write_bytes(answer.content)
    return path


async def test_an_export_is_sound_and_trusted(
    app: Gateway, client: httpx.AsyncClient, customer: Customer, database: Pool, clock: FrozenClock, settings: Settings,
    tmp_path: Path,
) -> None:  # fmt: skip
    """What the gateway sealed and the worker signed, verified from the file, with the current key and the file outside."""
    for person in ("anna", "ben"):
        await seal(database, customer.center_id, body=json.dumps({"learner_ref": person}), person=person)
    await database.fetchval("select redact($1, 'live', 'anna', 'key_a', null, now())", customer.center_id)
    assert await Notary(app.services.sql, clock, settings).sign_some() >= 1
    path = await exported(client, customer, tmp_path / "chain.ndjson")
    (key,) = public_keys(settings.checkpoint_keys_file)
    found = verify(path, Trust((key.fingerprint,)), settings.checkpoint_file)
    assert found.fault is None
    assert found.coverage.records == found.signed_to >= 5
    assert (found.coverage.bodies_redacted, found.trust) == (1, (key.fingerprint,))


async def test_an_export_is_a_file_of_lines(client: httpx.AsyncClient, customer: Customer) -> None:
    """One JSON document a line: opening, keys, records, manifest; named after the center and the env, kept nowhere."""
    answer = await client.get("/v1/dpus/export", headers=customer.headers)
    lines = [json.loads(line) for line in answer.content.splitlines()]
    assert [line["kind"] for line in lines][:3] == ["export", "key", "record"]
    assert lines[-1]["kind"] == "manifest"
    assert lines[-1]["ranges"] == [[1, lines[-1]["size"]]]
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert answer.headers["content-disposition"] == f'attachment; filename="{customer.center_id}-live.ndjson"'
    assert answer.headers["cache-control"] == "no-store"


async def test_a_key_exports_its_own_chain_alone(client: httpx.AsyncClient, customer: Customer, database: Pool) -> None:
    """Of its center and its env; another center's records are in no export but that one's."""
    other = await add_customer(database)
    test = await add_key(database, customer.center_id, env="test")
    await seal(database, other.center_id, subject="crs_foreign")
    await seal(database, customer.center_id, env="test", subject="crs_tested")
    live_text = (await client.get("/v1/dpus/export", headers=customer.headers)).text
    test_text = (await client.get("/v1/dpus/export", headers=test.headers)).text
    assert "crs_foreign" not in live_text + test_text
    assert ("crs_tested" in live_text, "crs_tested" in test_text) == (False, True)


async def test_an_export_needs_its_scope(client: httpx.AsyncClient, database: Pool) -> None:
    """Whoever may not read records may not take them away; an unknown query parameter is refused."""
    without = await add_customer(database, scopes=["read:courses"])
    refused = await client.get("/v1/dpus/export", headers=without.headers)
    assert (refused.status_code, refused.json()["error"]["details"]["required_scope"]) == (403, "read:dpus")
    customer = await add_customer(database, scopes=["read:dpus"])
    odd = await client.get("/v1/dpus/export?from=3", headers=customer.headers)
    assert (odd.status_code, odd.json()["error"]["code"]) == (400, "invalid_parameter")


async def test_a_long_chain_is_sent_page_by_page(
    client: httpx.AsyncClient, customer: Customer, database: Pool, tmp_path: Path
) -> None:
    """More records than a page holds, some with bodies that fill pages of their own: every one is there, once."""
    body = "x" * 2_000_000
    await database.execute(
        "select seal($1, 'live', 'test.decided', 'key_a', 'crs_' || n, '{}', '{}', case when n % 300 = 0 then $2 end, null, $3)"
        " from generate_series(1, 1201) n",
        customer.center_id,
        body,
        NOW,
    )
    found = verify(await exported(client, customer, tmp_path / "long.ndjson"))
    assert found.fault is None
    assert found.coverage.records >= 1202
    assert found.coverage.bodies >= 4


async def test_what_waits_for_a_slow_reader_is_small(sql: SqlStore, customer: Customer, database: Pool) -> None:
    """However long the bodies are: a piece is a fraction of a megabyte, unless one record alone is more."""
    await database.execute(
        "select seal($1, 'live', 'test.decided', 'key_a', 'crs_a', '{}', '{}', $2, null, $3) from generate_series(1, 200)",
        customer.center_id,
        "x" * 20_000,
        NOW,
    )
    pieces = [len(piece) async for piece in lines_of(sql, customer.center_id, "live", ())]
    assert sum(pieces) > 4_000_000
    assert max(pieces) < 600_000


async def test_checkpoints_of_a_key_that_is_gone_can_still_be_read(
    app: Gateway, client: httpx.AsyncClient, customer: Customer, database: Pool, clock: FrozenClock, settings: Settings,
    tmp_path: Path,
) -> None:  # fmt: skip
    """The key file holds the new key alone: the old one's public half is in the export, the new one is whom to trust."""
    keys_file = tmp_path / "keys.pem"
    notary = Notary(app.services.sql, clock, settings)
    (old,) = public_keys(keys_file)
    await seal(database, customer.center_id)
    assert await notary.sign_some() >= 1
    keys_file.unlink()
    write_private(keys_file, written((new_key(2, 0),)))
    (new,) = public_keys(keys_file)
    for _ in range(2):
        await seal(database, customer.center_id)
    assert await notary.sign_some() >= 1
    found = verify(
        await exported(client, customer, tmp_path / "rotated.ndjson"),
        Trust((new.fingerprint,)),
        settings.checkpoint_file,
    )
    assert (found.fault, found.keys) == (None, (new.fingerprint, old.fingerprint))
    assert (found.coverage.checkpoints >= 4, found.signed_to) == (True, found.coverage.records)
    verified = await client.get("/v1/dpus/verify", headers=customer.headers)
    assert verified.status_code == 200, verified.text
