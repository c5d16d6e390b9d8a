"""What the benchmark stands on: durable stores, centers with keys, courses ready to be launched."""

import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

import asyncpg
from msgspec import Struct

from gateway.embedded.stores import EmbeddedStores
from gateway.ids import new_id
from gateway.key_format import make_key
from gateway.keyring import Keyring
from gateway.migrations import migrate
from quotas.plans import BUILT_IN
from tests.running import ENCRYPTION_KEYS, NOW, PEPPERS
from tests.stores import RUNTIME, fresh_folder

_BATCH: Final = 5_000
_BRIEF: Final = '{"topic": "Tides", "modules": 5}'


class Stage(Struct, frozen=True):
    """The stores; fsync is on, as in production."""

    stores: EmbeddedStores
    database_url: str
    owner_url: str
    redis_url: str


@asynccontextmanager
async def stage() -> AsyncGenerator[Stage, None]:
    """Durable embedded stores with a migrated database."""
    async with EmbeddedStores(fresh_folder(), durable=True, may_flush=True) as stores:
        await migrate(stores.migrate_database_url, runtime_role=RUNTIME, plans=BUILT_IN)
        owner = await asyncpg.connect(stores.migrate_database_url)
        await owner.execute(
            "create table bench_commit (id bigint generated always as identity primary key, body bytea)"
        )
        await owner.execute("grant select, insert on bench_commit to public")
        await owner.close()
        yield Stage(stores, stores.database_url, stores.migrate_database_url, stores.redis_url)


async def add_centers(stage: Stage, count: int) -> tuple[list[str], list[str]]:
    """Add `count` centers without limits that bind, one key each; their ids and keys."""
    keyring = Keyring(PEPPERS.by_version, ENCRYPTION_KEYS.by_version)
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    ids = [new_id("ctr", now_ms) for _ in range(count)]
    keys = [make_key("live") for _ in range(count)]
    scopes = ["read:courses", "write:courses", "read:usage", "write:submissions"]
    connection = await asyncpg.connect(stage.owner_url)
    for at in range(0, count, _BATCH):
        part = range(at, min(count, at + _BATCH))
        await connection.copy_records_to_table(
            "center",
            columns=["id", "name", "subdomain", "plan_id", "status", "created_at", "updated_at"],
            records=[(ids[n], "Bench", f"b{secrets.token_hex(8)}", "partner", "active", NOW, NOW) for n in part],
        )
        await connection.copy_records_to_table(
            "center_limit",
            columns=["center_id", "requests_per_minute", "generation_units_per_month", "concurrent_generations"],
            records=[(ids[n], 1_000_000_000, -1, -1) for n in part],
        )
        hashes = {n: keyring.hash_key(keys[n].text) for n in part}
        await connection.copy_records_to_table(
            "api_key",
            columns=[
                *("id", "public_id", "center_id", "env", "name", "secret_hash", "pepper_version", "scopes"),
                "created_at",
            ],
            records=[
                (
                    new_id("key", now_ms),
                    keys[n].public_id,
                    ids[n],
                    "live",
                    "bench",
                    hashes[n].digest,
                    hashes[n].pepper_version,
                    scopes,
                    NOW,
                )
                for n in part
            ],
        )
    await connection.execute("analyze")
    await connection.close()
    return ids, [key.text for key in keys]


async def add_courses(stage: Stage, center_ids: list[str], count: int) -> list[tuple[int, str]]:
    """Add courses that can be launched, spread over the centers: (index of the center, course id)."""
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    courses = [(n % len(center_ids), new_id("crs", now_ms)) for n in range(count)]
    connection = await asyncpg.connect(stage.owner_url)
    for at in range(0, count, _BATCH):
        part = courses[at : at + _BATCH]
        await connection.copy_records_to_table(
            "course",
            columns=["center_id", "env", "id", "status", "brief", "version", "created_at", "updated_at"],
            records=[(center_ids[c], "live", course, "awaiting_launch", _BRIEF, 1, NOW, NOW) for c, course in part],
        )
        await connection.copy_records_to_table(
            "source",
            columns=[
                *("center_id", "env", "course_id", "id", "name", "media_type", "bytes", "sha256", "content"),
                "created_at",
            ],
            records=[
                (center_ids[c], "live", course, new_id("src", now_ms), "a", "text/plain", 4, "00", "Text", NOW)
                for c, course in part
            ],
        )
    await connection.execute("analyze")
    await connection.close()
    return courses
