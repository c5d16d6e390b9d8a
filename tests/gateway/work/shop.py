"""Courses as a launch leaves them, and what became of them: rows, without the HTTP in front."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import msgspec

from gateway.generation.model import Brief
from gateway.ids import new_id
from quotas.plan_store import store_plans
from quotas.plans import BUILT_IN

Pool = "asyncpg.Pool[asyncpg.Record]"
NOW_MS = 1_773_576_000_000
NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
PERIOD = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
SOURCE = "Bees live in hives. A hive holds one queen. Workers gather nectar from flowers."


class Shop:
    """One center with courses, on a database of its own."""

    def __init__(self, pool: Any, center_id: str, env: str = "live") -> None:
        self.pool = pool
        self.center_id = center_id
        self.env = env

    @classmethod
    async def open(cls, pool: Any, *, env: str = "live", plan: str = "partner") -> "Shop":
        center_id = new_id("ctr", NOW_MS)
        async with pool.acquire() as connection:
            await store_plans(connection, BUILT_IN)
            await connection.execute(
                "insert into center (id, name, status, plan_id, created_at, updated_at) values ($1, $1, 'active', $2, $3, $3)",
                center_id,
                plan,
                NOW,
            )
        return cls(pool, center_id, env)

    async def launch(self, *, modules: int = 3, topic: str = "Bees", kinds: list[str] | None = None) -> str:
        """A course with one source, launched; returns its generation's id."""
        course_id, generation_id = new_id("crs", NOW_MS), new_id("gen", NOW_MS)
        brief = Brief(topic=topic, modules=modules, artifacts=kinds or ["slides", "notes"])  # type: ignore[arg-type]
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(
                """insert into course (center_id, env, id, status, brief, created_at, updated_at)
                   values ($1, $2, $3, 'awaiting_launch', $4, $5, $5)""",
                self.center_id,
                self.env,
                course_id,
                msgspec.json.encode(brief).decode(),
                NOW,
            )
            await connection.execute(
                """insert into source (center_id, env, course_id, id, name, media_type, bytes, sha256, content, created_at)
                   values ($1, $2, $3, $4, 'bees.md', 'text/markdown', $5, '', $6, $7)""",
                self.center_id,
                self.env,
                course_id,
                new_id("src", NOW_MS),
                len(SOURCE),
                SOURCE,
                NOW,
            )
            launched = await connection.fetchrow(
                """select * from launch_course(row($1, $2, $3, 1, $4, $5, $6, $7, $8, 'r', 'p', $5, array['f'::bytea], 'l', 'b',
                                                   $9, 'key_x', $10, $11, '{}')::launch_wish, 1000)""",
                self.center_id,
                self.env,
                course_id,
                modules,
                generation_id,
                new_id("hold", NOW_MS),
                *PERIOD,
                f"req_of_{generation_id}",
                NOW,
                NOW + timedelta(days=3),
            )
        assert launched["outcome"] == "launched"
        return generation_id

    async def generation(self, generation_id: str) -> asyncpg.Record:
        row: asyncpg.Record = await self.pool.fetchrow("select * from generation where id = $1", generation_id)
        return row

    async def course_status(self, generation_id: str) -> str:
        status: str = await self.pool.fetchval(
            "select c.status from course c join generation g on g.course_id = c.id where g.id = $1", generation_id
        )
        return status

    async def hold_of(self, owner_id: str) -> asyncpg.Record:
        row: asyncpg.Record = await self.pool.fetchrow("select * from quota_hold where owner_id = $1", owner_id)
        return row

    async def counter(self, meter: str = "generation") -> tuple[int, int]:
        """Settled and held units."""
        row = await self.pool.fetchrow(
            "select settled, held from quota_counter where center_id = $1 and env = $2 and meter = $3",
            self.center_id,
            self.env,
            meter,
        )
        return (0, 0) if row is None else (row["settled"], row["held"])

    async def running(self) -> int:
        count: int = await self.pool.fetchval(
            "select running from center_counter where center_id = $1 and env = $2", self.center_id, self.env
        )
        return count

    async def modules_made(self, generation_id: str) -> list[int]:
        """The module of every artifact, in order."""
        rows = await self.pool.fetch(
            """select a.module_index from artifact a join generation g on g.course_id = a.course_id
                where g.id = $1 order by 1""",
            generation_id,
        )
        return [row["module_index"] for row in rows]

    async def artifact_ids(self, generation_id: str) -> list[str]:
        rows = await self.pool.fetch(
            """select a.id from artifact a join generation g on g.course_id = a.course_id
                where g.id = $1 order by a.module_index, a.kind""",
            generation_id,
        )
        return [row["id"] for row in rows]

    async def ask(self, artifact_id: str, text: str = "shorter", at_ms: int = NOW_MS) -> str:
        """A note with its regeneration, held and queued; returns the regeneration's id."""
        note_id, regeneration_id, hold_id = new_id("note", at_ms), new_id("rgn", at_ms), new_id("hold", at_ms)
        at = NOW + timedelta(milliseconds=at_ms - NOW_MS)
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "insert into note (center_id, env, id, artifact_id, text, created_at) values ($1, $2, $3, $4, $5, $6)",
                self.center_id, self.env, note_id, artifact_id, text, at,
            )  # fmt: skip
            held = await connection.fetchrow(
                "select * from quota_hold($1, $2, 'regenerations', $3, $4, $5, $6, 'crs', 1, $7, 'req_rgn', 'key_x', $8)",
                self.center_id, self.env, *PERIOD, hold_id, regeneration_id, artifact_id, at,
            )  # fmt: skip
            assert held["outcome"] == "held"
            await connection.execute(
                """insert into regeneration (center_id, env, id, note_id, artifact_id, status, hold_id, request_id, created_at)
                   values ($1, $2, $3, $4, $5, 'queued', $6, 'req_rgn', $7)""",
                self.center_id, self.env, regeneration_id, note_id, artifact_id, hold_id, at,
            )  # fmt: skip
            await connection.execute("update artifact set status = 'regenerating' where id = $1", artifact_id)
        return regeneration_id

    async def regeneration(self, regeneration_id: str) -> asyncpg.Record:
        row: asyncpg.Record = await self.pool.fetchrow("select * from regeneration where id = $1", regeneration_id)
        return row

    async def artifact(self, artifact_id: str) -> asyncpg.Record:
        row: asyncpg.Record = await self.pool.fetchrow("select * from artifact where id = $1", artifact_id)
        return row

    async def books_balance(self) -> bool:
        """Counters equal the sums of the ledger, and nothing is held for what has ended."""
        difference = await self.pool.fetchval(
            """select count(*)
                 from quota_counter c
                 left join (select center_id, env, meter, period_start, sum(settled) as settled, sum(held) as held
                              from quota_ledger group by 1, 2, 3, 4) l using (center_id, env, meter, period_start)
                where (c.settled, c.held) is distinct from (l.settled, l.held)"""
        )
        unfinished = await self.pool.fetchval(
            """select count(*) from quota_hold h
                where h.state = 'HELD'
                  and not exists (select 1 from generation g where g.id = h.owner_id and g.status in ('queued', 'running'))
                  and not exists (select 1 from regeneration r where r.id = h.owner_id and r.status in ('queued', 'running'))"""
        )
        return bool(difference == 0 and unfinished == 0)


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 20.0) -> None:
    """Wait for a condition, however long the machine takes, within reason."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)
