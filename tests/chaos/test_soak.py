"""Scenario 30 for these routes: mixed traffic and random faults, and in the end every account agrees.

`CHAOS_SECONDS` (120) says how long, `CHAOS_SEED` repeats a run.
"""

import asyncio
import os
import random
import secrets
from collections import Counter
from pathlib import Path

import asyncpg
import pytest

from gateway.stores import SqlStore
from tests.chaos.fleet import Fleet, fleet_of
from tests.chaos.visitors import EXPECTED, Told, Visitor
from tests.processes import environment, run
from tests.scenarios.customers import UNBOUNDED, customer_of
from tests.stores import PrivatePostgres, PrivateValkey

pytestmark = pytest.mark.chaos

SECONDS = float(os.environ.get("CHAOS_SECONDS", "120"))

_UNFINISHED = """
select (select count(*) from generation where finished_at is null)
     + (select count(*) from regeneration where finished_at is null)
"""
_MADE_TWICE_OR_NOT = """
select g.id from generation g
  join lateral (select count(*) as made, count(distinct module_index) as modules from artifact a
                 where (a.center_id, a.env, a.course_id) = (g.center_id, g.env, g.course_id)) a on true
  join course c on (c.center_id, c.env, c.id) = (g.center_id, g.env, g.course_id)
 where (a.modules, a.made, g.units_settled)
       is distinct from (g.modules_done, g.modules_done * jsonb_array_length(c.brief->'artifacts'), g.modules_done)
    or (g.status = 'succeeded' and g.modules_done <> g.modules_total)
    or (c.status = 'ready') <> (g.status = 'succeeded')
"""
_VERSIONS_WITHOUT_CAUSE = """
select a.id from artifact a
 where a.version <> 1 + (select count(*) from regeneration r
                          where (r.center_id, r.env, r.artifact_id) = (a.center_id, a.env, a.id) and r.status = 'succeeded')
    or a.version <> (select count(*) from artifact_version v
                      where (v.center_id, v.env, v.artifact_id) = (a.center_id, a.env, a.id))
"""
_SEALED = "select count(*) from dpu where type = $1"
_FAILURES = "select distinct failure->>'code' from generation where status = 'failed'"


async def test_scenario_30_a_soak_with_random_faults(
    private_postgres: PrivatePostgres, private_valkey: PrivateValkey, tmp_path: Path
) -> None:
    """Gateways, workers and stores come and go; no answer is a 500, what customers were told is exactly what is, and
    each of it is sealed once in a chain that verifies.
    """
    seed = os.environ.get("CHAOS_SEED") or secrets.token_hex(4)
    print(f"CHAOS_SEED={seed}")  # ruff: ignore[print] - pytest shows it where the test fails
    chance, told = random.Random(seed), Told()
    async with SqlStore(private_postgres.database_url, size=2) as sql:
        customers = [
            await customer_of(
                sql,
                requests_per_minute=UNBOUNDED,
                generation_units_per_month=-1,
                regenerations_per_month=-1,
                regenerations_per_artifact=2,
                concurrent_generations=2,
            )
            for _ in range(2)
        ]
    ending = asyncio.Event()
    async with fleet_of(private_postgres, private_valkey, chance) as fleet:
        visits = [
            asyncio.create_task(Visitor(fleet, customers[number % 2], told, f"visitor {number}", seed).visit(ending))
            for number in range(6)
        ]
        happened = await _let_things_happen(fleet, chance, visits)
        ending.set()
        await asyncio.gather(*visits)
        connection = await asyncpg.connect(private_postgres.database_url)
        async with asyncio.timeout(60):
            while await connection.fetchval(_UNFINISHED) > 0:
                await asyncio.sleep(0.1)
    print(happened, told.answers, f"hang-ups {told.hang_ups}, courses {len(told.courses)}")  # ruff: ignore[print] - as above
    assert fleet.complaints() == []
    assert {code for _, code in told.answers} - {None} <= EXPECTED
    assert all(status < 500 or status == 503 for status, _ in told.answers)
    env = environment(private_postgres.database_url, private_valkey.url)
    reconciled = await run("quotas", "reconcile", env=env)
    assert reconciled.status == 0, reconciled.out
    assert [row["id"] for row in await connection.fetch("select id from course order by id")] == sorted(told.courses)
    launched = await connection.fetch("select course_id from generation order by 1")
    assert [row["course_id"] for row in launched] == sorted(told.launched)
    assert [row["id"] for row in await connection.fetch("select id from note order by id")] == sorted(told.notes)
    taken = await connection.fetch("select id from submission order by id")
    assert [row["id"] for row in taken] == sorted(told.graded)
    for customer in customers:
        file = tmp_path / f"{customer.center_id}.ndjson"
        assert (await run("dpus", "export", customer.center_id, "-o", str(file), env=env)).status == 0
        verified = await run("dpus", "verify", str(file), "--untrusted")
        assert verified.status == 0, verified.out + verified.err
    assert await connection.fetchval(_SEALED, "launch.admitted") == len(told.launched)
    assert await connection.fetchval(_SEALED, "submission.graded") == len(told.graded) > 0
    assert await connection.fetch(_MADE_TWICE_OR_NOT) == []
    assert await connection.fetch(_VERSIONS_WITHOUT_CAUSE) == []
    assert {row[0] for row in await connection.fetch(_FAILURES)} <= {"worker_lost"}
    assert await connection.fetchval("select count(*) from course where status = 'ready'") > 0
    await connection.close()


async def _let_things_happen(fleet: Fleet, chance: random.Random, visits: list[asyncio.Task[None]]) -> Counter[str]:
    """Faults, one after another with moments of peace between, each kind before any comes again."""
    happened: Counter[str] = Counter()
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + SECONDS
    deck: list[int] = []
    while loop.time() < ends_at and not any(visit.done() for visit in visits):
        deck = deck or chance.sample(range(len(fleet.faults)), k=len(fleet.faults))
        fault = fleet.faults[deck.pop()]
        await asyncio.sleep(chance.uniform(0.2, 3))
        await fault()
        happened[fault.__name__] += 1
    return happened
