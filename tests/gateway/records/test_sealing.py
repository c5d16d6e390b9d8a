"""Sealing: the chain in the database, as the gateway's own role meets it."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, TypeAlias

import asyncpg
import pytest
import rfc8785

from gateway.stores import Connection
from tests.running import add_center

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)


async def seal(
    connection: "Connection | Pool", center_id: str, *, env: str = "live", at: datetime = NOW, **given: Any
) -> str:
    facts = {
        "type": "test.decided",
        "actor": "key_a",
        "subject": "crs_a",
        "policy": "{}",
        "outcome": "{}",
        "body": None,
        "request_id": None,
        "person": None,
    } | given
    made: str = await connection.fetchval(
        "select seal($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        center_id,
        env,
        facts["type"],
        facts["actor"],
        facts["subject"],
        facts["policy"],
        facts["outcome"],
        facts["body"],
        facts["request_id"],
        at,
        facts["person"],
    )
    return made


async def chain_of(connection: "Connection | Pool", center_id: str, env: str = "live") -> list[asyncpg.Record]:
    return await connection.fetch("select * from dpu where center_id = $1 and env = $2 order by seq", center_id, env)


def assert_sound(chain: list[asyncpg.Record]) -> None:
    """Written against the contract, not with the product's own checker."""
    center_id, env = chain[0]["center_id"], chain[0]["env"]
    previous = sha256(f"coursegate decision records\n{center_id}\n{env}\n".encode()).hexdigest()
    for seq, row in enumerate(chain, 1):
        record = json.loads(row["record"])
        assert rfc8785.dumps(record).decode() == row["record"]
        assert (record["seq"], row["seq"], record["prev_hash"]) == (seq, seq, previous)
        assert (record["center"], record["env"]) == (center_id, env)
        assert (record["id"], record["type"], record["subject"], record["actor"]) == (
            row["id"],
            row["type"],
            row["subject"],
            row["actor"],
        )
        assert sha256(row["record"].encode()).digest() == row["hash"]
        previous = row["hash"].hex()


async def test_a_center_is_born_with_its_chains(database: Pool) -> None:
    """Both envs have a first record, bound to the center; no chain can stand in for another's."""
    one, other = [await add_center(database) for _ in range(2)]
    firsts = {
        json.loads(row["record"])["prev_hash"]
        for center_id in (one, other)
        for env in ("live", "test")
        for row in await chain_of(database, center_id, env)
    }
    assert len(firsts) == 4
    assert_sound(await chain_of(database, one))


async def test_a_record_is_canonical_json_that_holds_the_one_before(database: Pool) -> None:
    """Whatever stands in it, the text is RFC 8785, its hash is in the head, and the id has the shape of ids."""
    center_id = await add_center(database)
    made = await seal(
        database,
        center_id,
        actor='cli:"ü\\\n\x01',
        subject="crs_\u2028",
        outcome='{"units":3}',
        policy='{"plan":"pro"}',
        request_id="req_x",
    )
    chain = await chain_of(database, center_id)
    assert_sound(chain)
    assert chain[-1]["id"] == made
    assert len(made) == 30
    assert json.loads(chain[-1]["record"])["at"] == "2026-03-15T12:00:00.000000Z"
    head = await database.fetchrow("select * from dpu_head where center_id = $1 and env = 'live'", center_id)
    assert head is not None
    assert (head["seq"], head["hash"]) == (2, chain[-1]["hash"])


async def test_a_record_commits_to_its_body_without_showing_it(database: Pool) -> None:
    """The commitment is SHA-256 of a salt of 16 bytes and the body; the record holds nothing of it."""
    center_id = await add_center(database)
    bodies = '{"learner_ref":"anna"}'
    first = await seal(database, center_id, body=bodies, person="anna")
    second = await seal(database, center_id, body=bodies, person="anna")
    rows = await database.fetch(
        "select d.id, d.record, b.* from dpu d join dpu_body b using (center_id, env, seq) where center_id = $1",
        center_id,
    )
    assert {row["id"] for row in rows} == {first, second}
    commitments = set()
    for row in rows:
        assert "anna" not in row["record"]
        assert len(row["salt"]) == 16
        commitments.add(json.loads(row["record"])["commitment"])
        assert json.loads(row["record"])["commitment"] == sha256(row["salt"] + bodies.encode()).hexdigest()
    assert len(commitments) == 2


async def test_many_seal_one_chain_at_once_without_a_gap(database_url: str) -> None:
    """Ten connections, two hundred decisions: seq is gapless and every record holds the one before."""
    connections = [await asyncpg.connect(database_url) for _ in range(10)]
    center_id = await add_center(connections[0])

    async def decide(connection: Connection) -> None:
        for _ in range(20):
            await seal(connection, center_id, body="{}")

    await asyncio.gather(*[decide(connection) for connection in connections])
    chain = await chain_of(connections[0], center_id)
    assert len(chain) == 201
    assert_sound(chain)
    for connection in connections:
        await connection.close()


async def test_what_is_rolled_back_leaves_no_gap(database: Pool) -> None:
    """A decision that did not happen has no record, and the next one takes its number."""
    center_id = await add_center(database)
    async with database.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await seal(connection, center_id)
        await transaction.rollback()
        await seal(connection, center_id)
    chain = await chain_of(database, center_id)
    assert len(chain) == 2
    assert_sound(chain)


async def test_a_clock_that_steps_back_changes_no_order(database: Pool) -> None:
    """An hour back: the record says the time it was told, and stands behind the one before all the same."""
    center_id = await add_center(database)
    await seal(database, center_id)
    await seal(database, center_id, at=NOW - timedelta(hours=1))
    chain = await chain_of(database, center_id)
    assert_sound(chain)
    assert chain[-1]["at"] < chain[-2]["at"]


@pytest.mark.parametrize(
    ("table", "change"),
    [
        (table, change)
        for table in ("dpu", "dpu_body", "dpu_redaction", "dpu_checkpoint", "dpu_head")
        for change in ("update {} set seq = seq + 7", "delete from {}", "truncate {}")
        if (table, change[:6]) != ("dpu_head", "update")
    ],
)
async def test_nobody_rewrites_a_chain(database: Pool, migrate_database_url: str, table: str, change: str) -> None:
    """Neither the runtime role nor, by accident, the schema's owner; a head alone moves, and what it says is checked."""
    center_id = await add_center(database)
    await seal(database, center_id, body="{}", person="anna")
    await seal(database, center_id, body="{}", person="bela")
    await database.fetchval("select redact($1, 'live', 'anna', 'key_a', null, $2)", center_id, NOW)
    await database.execute(
        "insert into dpu_checkpoint (center_id, env, seq, note, made_at) values ($1, 'live', 2, 'note', $2)",
        center_id,
        NOW,
    )
    before = await chain_of(database, center_id)
    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.RestrictViolationError)):
        await database.execute(change.format(table))
    owner = await asyncpg.connect(migrate_database_url)
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute(change.format(table))
    await owner.close()
    assert await chain_of(database, center_id) == before


async def test_redaction_drops_the_body_and_names_it_in_the_chain(database: Pool) -> None:
    """What told of a learner is gone; the record stays, a new one says which bodies went, others' stay."""
    center_id = await add_center(database)
    for person in ("anna", "bela", "anna"):
        await seal(database, center_id, body='{"learner_ref":"' + person + '"}', person=person)
    dropped = await database.fetchval("select redact($1, 'live', 'anna', 'key_a', 'req_x', $2)", center_id, NOW)
    chain = await chain_of(database, center_id)
    assert_sound(chain)
    assert dropped == 2
    last = json.loads(chain[-1]["record"])
    assert (last["type"], last["outcome"], last["actor"]) == ("redacted", {"seqs": [2, 4]}, "key_a")
    kept = await database.fetch("select seq, person from dpu_body where center_id = $1", center_id)
    assert [tuple(row) for row in kept] == [(3, "bela")]
    named = await database.fetch("select seq, by_seq from dpu_redaction where center_id = $1 order by seq", center_id)
    assert [tuple(row) for row in named] == [(2, 5), (4, 5)]
    assert await database.fetchval("select redact($1, 'live', 'anna', 'key_a', 'req_x', $2)", center_id, NOW) == 0
    assert len(await chain_of(database, center_id)) == 5


async def test_a_chain_that_was_never_opened_takes_nothing(database: Pool) -> None:
    """A missing head is no fresh start: somebody took it away."""
    with pytest.raises(asyncpg.NoDataFoundError):
        await seal(database, "ctr_nowhere")


async def test_a_thousand_bodies_go_at_a_time(database: Pool) -> None:
    """However much is told of somebody, the head of the chain is never held for long."""
    center_id = await add_center(database)
    await database.execute(
        """select seal($1, 'live', 'test.decided', 'key_a', 'crs_a', '{}', '{}', '{}', null, $2, 'anna')
             from generate_series(1, 1001)""",
        center_id,
        NOW,
    )
    drop = "select redact($1, 'live', 'anna', 'key_a', null, $2)"
    assert [await database.fetchval(drop, center_id, NOW) for _ in range(3)] == [1000, 1, 0]
    assert_sound(await chain_of(database, center_id))
