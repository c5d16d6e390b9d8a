"""A database that had decided things before there were chains: each chain begins with what the counters then said."""

import json
import shutil
from pathlib import Path

import asyncpg

from gateway.embedded.postgres import RUNTIME
from gateway.migrations import migrate
from gateway.migrations.runner import FOLDER
from quotas.plans import BUILT_IN
from tests.gateway.records.test_sealing import NOW, assert_sound, chain_of, seal


async def test_an_older_database_is_adopted_with_its_counters(
    empty_database_urls: tuple[str, str], tmp_path: Path
) -> None:
    """Both chains of each center are opened by a record `adopted`, which names counters and the ledger's last line; what is
    decided from there on follows it.
    """
    url, owner_url = empty_database_urls
    for file in FOLDER.glob("*.sql"):
        if file.name < "0014":
            shutil.copy(file, tmp_path)
    await migrate(owner_url, runtime_role=RUNTIME, folder=tmp_path)
    connection = await asyncpg.connect(url)
    await connection.execute(
        """insert into plan (id, requests_per_minute, alert_percents, courses_max, source_bytes_max, api_keys_max)
           values ('pro', 100, '{90}', 10, 10, 10);
           insert into center (id, name, plan_id, status, created_at, updated_at)
           values ('ctr_old', 'Old', 'pro', 'active', now(), now());
           insert into quota_period values ('ctr_old', '2026-03-01Z', '2026-04-01Z');
           insert into quota_counter (center_id, env, meter, period_start, period_end, settled, held)
           values ('ctr_old', 'live', 'generation', '2026-03-01Z', '2026-04-01Z', 12, 3);
           insert into quota_ledger (at, center_id, env, meter, period_start, kind, units, settled)
           values (now(), 'ctr_old', 'live', 'generation', '2026-03-01Z', 'settle', 12, 12);"""
    )
    await migrate(owner_url, runtime_role=RUNTIME, plans=BUILT_IN)
    (adopted,) = await chain_of(connection, "ctr_old")
    record = json.loads(adopted["record"])
    assert (record["type"], record["seq"], record["actor"]) == ("adopted", 1, "migrate")
    assert record["outcome"] == {
        "counters": [
            {
                "granted": 0,
                "held": 3,
                "meter": "generation",
                "period_start": "2026-03-01T00:00:00.000000Z",
                "settled": 12,
            }
        ],
        "ledger": {"last": 1, "lines": 1},
        "running": None,
    }
    await seal(connection, "ctr_old", at=NOW)
    assert_sound(await chain_of(connection, "ctr_old"))
    assert_sound(await chain_of(connection, "ctr_old", "test"))
    await connection.close()
