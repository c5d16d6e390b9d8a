"""The whole product as one customer drives it, and what its webhooks are told: rows of events, nothing sent."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from gateway.published import PublishedVersions
from gateway.work.bench import Bench
from gateway.work.generations import run_generation
from gateway.work.leases import Halt
from gateway.work.queue import generation_waits, regeneration_waits, regrade_waits
from gateway.work.regenerations import run_regenerations
from gateway.work.regrades import run_regrade
from tests.clock import FrozenClock
from tests.gateway.features.making import launch, make_course
from tests.gateway.webhooks.endpoints import add_webhook
from tests.gateway.work.benches import open_bench
from tests.generators import FakeGenerator
from tests.running import Customer

Json = dict[str, Any]


class World:
    """A customer with a worker at its back. `env` is that of its key."""

    def __init__(
        self, client: httpx.AsyncClient, customer: Customer, database: Any, database_url: str, env: str = "live"
    ) -> None:
        self.client = client
        self.customer = customer
        self.database = database
        self.env = env
        self.database_url = database_url

    async def listen(self, *types: str) -> str:
        """A webhook of these types; its id."""
        async with self.database.acquire() as connection:
            made, _ = await add_webhook(connection, self.customer.center_id, types=types, env=self.env)
        return made

    async def told(self, kind: str | None = None) -> list[Json]:
        """The bodies of all events of this center and env, or those of one type, in the order of their seq."""
        rows = await self.database.fetch(
            """select body from event where center_id = $1 and env = $2 and ($3::text is null or type = $3)
                order by seq""",
            self.customer.center_id,
            self.env,
            kind,
        )
        return [json.loads(row["body"]) for row in rows]

    async def ask(self, method: str, path: str, body: Json | None = None, key: str | None = None) -> httpx.Response:
        headers = self.customer.headers | ({} if key is None else {"Idempotency-Key": key})
        return await self.client.request(method, path, json=body, headers=headers)

    async def get(self, path: str) -> Json:
        answer = await self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def post(self, path: str, body: Json | None = None, key: str | None = None) -> Json:
        answer = await self.ask("POST", path, body, key)
        assert answer.is_success, answer.text
        made: Json = answer.json()
        return made

    async def launched(self, modules: int = 1, kinds: Sequence[str] = ("slides", "notes")) -> str:
        """A course that waits for its worker; its id."""
        brief = {"topic": "Tides", "modules": modules, "artifacts": list(kinds)}
        course_id = await make_course(self.client, self.customer, external_ref="ext-1", brief=brief)
        answer = await launch(self.client, self.customer, course_id, f"launch-{course_id}")
        assert answer.status_code == 202, answer.text
        return course_id

    @asynccontextmanager
    async def bench(self, generator: FakeGenerator) -> AsyncGenerator[Bench, None]:
        async with open_bench(self.database_url, generator) as bench:
            yield bench

    async def generate(self, course_id: str, generator: FakeGenerator | None = None) -> None:
        """Let a worker bring the course as far as it goes."""
        generation_id = await self.database.fetchval("select id from generation where course_id = $1", course_id)
        async with self.bench(generator or FakeGenerator()) as bench:
            await run_generation(bench, generation_waits(self.customer.center_id, self.env, generation_id), Halt())

    async def made(self, generator: FakeGenerator | None = None, **options: Any) -> str:
        """A finished course; its id."""
        course_id = await self.launched(**options)
        await self.generate(course_id, generator)
        return course_id

    async def artifact_of(self, course_id: str, kind: str = "notes") -> Json:
        found: Json = (await self.get(f"/v1/courses/{course_id}/artifacts?kind={kind}"))["data"][0]
        return found

    async def regenerate(self, artifact_id: str, generator: FakeGenerator | None = None) -> Json:
        """Ask for a regeneration and let a worker do it; the note as it is shown after."""
        await self.post(f"/v1/artifacts/{artifact_id}/notes", {"text": "Shorter, please: sentinel-of-a-note."})
        async with self.bench(generator or FakeGenerator()) as bench:
            wake = regeneration_waits(self.customer.center_id, self.env, artifact_id, "rgn_any")
            await run_regenerations(bench, wake, Halt())
        note: Json = (await self.get(f"/v1/artifacts/{artifact_id}/notes"))["data"][0]
        return note

    async def regrade(self, assessment_id: str, policy: str = "replace") -> None:
        """Ask for a regrade of version 1 and let a worker do it."""
        job = await self.post(f"/v1/assessments/{assessment_id}/regrade", {"from_version": 1, "policy": policy})
        async with self.bench(FakeGenerator()) as bench:
            wake = regrade_waits(self.customer.center_id, self.env, job["id"], 0)
            await run_regrade(bench, PublishedVersions(FrozenClock().monotonic_seconds), wake, Halt())

    async def limit(self, **limits: Any) -> None:
        """Override limits of the center's plan."""
        names = ", ".join(limits)
        values = ", ".join(f"${place}" for place in range(2, len(limits) + 2))
        await self.database.execute(
            f"""insert into center_limit (center_id, {names}) values ($1, {values})
                on conflict (center_id) do update set ({names}) = row({values})""",
            self.customer.center_id,
            *limits.values(),
        )


class Pausing(FakeGenerator):
    """Stops before its second module until told to go on."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.go_on: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        super().__init__(gate=self._stop)

    def _stop(self, _: str, index: int) -> "asyncio.Future[None] | None":
        if index == 0:
            return None
        self.reached.set()
        return self.go_on


def only(listed: Sequence[Json]) -> Json:
    """The one that there is."""
    [one] = listed
    return one
