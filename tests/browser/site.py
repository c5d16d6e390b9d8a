"""The gateway as those see it who stand behind the learners: authors, and hosts that mint tokens on their servers."""

from typing import Any
from uuid import uuid4

import asyncpg
import httpx
from msgspec import Struct

from tests.running import Customer, add_center, add_key
from tests.serving import Served

Json = dict[str, Any]

UNBOUNDED = 1_000_000


class Token(Struct, frozen=True):
    """A token for one learner and one assessment, and the address of its page."""

    id: str
    token: str
    url: str
    learner_ref: str
    assessment_id: str


class Site:
    """One gateway, and one center on it that no limit binds. Its tests run in env test, in which loopback may embed."""

    def __init__(self, served: Served, client: httpx.AsyncClient, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self.served = served
        self.url = served.url
        self.pool = pool
        self._client = client
        self._live: Customer | None = None
        self._test: Customer | None = None

    async def begin(self) -> None:
        """Make the center and its keys; live keys alone set what may embed."""
        self._live, self._test = await self.center()

    async def center(self, **columns: str) -> tuple[Customer, Customer]:
        """A live and a test key of a center of its own."""
        async with self.pool.acquire() as connection:
            center_id = await add_center(connection)
            await connection.execute(
                "insert into center_limit (center_id, requests_per_minute) values ($1, $2)", center_id, UNBOUNDED
            )
            for column, value in columns.items():
                await connection.execute(f"update center set {column} = $2 where id = $1", center_id, value)
            return await add_key(connection, center_id), await add_key(connection, center_id, env="test")

    @property
    def customer(self) -> Customer:
        assert self._test is not None
        return self._test

    async def ask(self, method: str, path: str, body: Json | None = None, *, key: Customer | None = None) -> Json:
        """Ask with the key; the answer must be a 2xx."""
        headers = (key or self.customer).headers
        answer = await self._client.request(method, path, json=body, headers=headers)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        found: Json = answer.json() if answer.content else {}
        return found

    async def allow(self, *origins: str) -> None:
        """Let these origins embed, and no others."""
        await self.ask("PUT", "/v1/embed/origins", {"origins": list(origins), "env": "test"}, key=self._live)

    async def publish(
        self, *items: Json, title: str = "Tides", description: str = "", key: Customer | None = None, **settings: Any
    ) -> str:
        """A published assessment; its id."""
        body = {"title": title, "description": description, "items": list(items), "settings": settings}
        made: str = (await self.ask("POST", "/v1/assessments", body, key=key))["id"]
        await self.ask("POST", f"/v1/assessments/{made}/publish", key=key)
        return made

    async def token(
        self, assessment_id: str, learner_ref: str | None = None, *, key: Customer | None = None, **more: Any
    ) -> Token:
        """A fresh token, for a learner of its own unless one is named."""
        learner_ref = learner_ref or f"learner-{uuid4().hex}"
        body = {"assessment_id": assessment_id, "learner_ref": learner_ref} | more
        made = await self.ask("POST", "/v1/embed/token", body, key=key)
        return Token(made["id"], made["token"], made["url"], learner_ref, assessment_id)

    async def attempt(self, token: Token) -> Json:
        """The newest attempt of the token's learner as an integrator's server sees it, answers and results included."""
        query = "select id from submission where learner_ref = $1 order by attempt desc limit 1"
        submission_id = await self.pool.fetchval(query, token.learner_ref)
        return await self.ask("GET", f"/v1/submissions/{submission_id}")

    async def end_session(self, token: Token) -> None:
        """End what the token opened, as the host's server does."""
        query = "select id from learner_session where learner_ref = $1"
        await self.ask("POST", f"/v1/sessions/{await self.pool.fetchval(query, token.learner_ref)}/end")

    async def fetch(self, method: str, url: str) -> httpx.Response:
        """Look at a page as a link checker does."""
        return await self._client.request(method, url)

    async def graded(self, items: list[Json], answers: list[Json]) -> dict[str, Json]:
        """What the engine says of these answers, by item."""
        graded = await self.ask("POST", "/v1/grade", {"items": items, "answers": answers})
        return {result["item_id"]: result for result in graded["results"]}

    async def expire(self, token: Token) -> None:
        """Let the token's time be over."""
        await self.pool.execute(
            "update embed_token set expires_at = now() - interval '1 second' where id = $1", token.id
        )
