"""Learners in browsers, for tests: a token minted by the integrator's server, spent by the page."""

from typing import Any

import httpx
from msgspec import Struct

from tests.gateway.features.assessments.authored import Json
from tests.running import Customer

LEARNER = "learner-1"


async def mint(
    client: httpx.AsyncClient, customer: Customer, assessment_id: str, learner: str = LEARNER, **more: Any
) -> httpx.Response:
    """Ask for a token."""
    body = {"assessment_id": assessment_id, "learner_ref": learner} | more
    return await client.post("/v1/embed/token", json=body, headers=customer.headers)


async def minted(
    client: httpx.AsyncClient, customer: Customer, assessment_id: str, learner: str = LEARNER, **more: Any
) -> Json:
    """A token as it is answered."""
    answer = await mint(client, customer, assessment_id, learner, **more)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def spend(client: httpx.AsyncClient, token: str) -> httpx.Response:
    """What the page does with the token in its address."""
    return await client.post("/v1/embed/sessions", json={"token": token})


async def allow(client: httpx.AsyncClient, customer: Customer, *origins: str, **more: str) -> httpx.Response:
    """Name the center's origins."""
    return await client.put("/v1/embed/origins", json={"origins": list(origins)} | more, headers=customer.headers)


class Browser(Struct, frozen=True):
    """A learner's browser with its session."""

    client: httpx.AsyncClient
    opened: Json

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.opened['credential']}"}

    @property
    def session_id(self) -> str:
        return str(self.opened["id"])

    @property
    def submission_id(self) -> str:
        return str(self.opened["submission_id"])

    @property
    def assessment_id(self) -> str:
        return str(self.opened["assessment_id"])

    async def get(self, path: str, **query: str) -> httpx.Response:
        return await self.client.get(path, params=query, headers=self.headers)

    async def post(self, path: str, body: Json | None = None, key: str | None = None) -> httpx.Response:
        headers = self.headers | ({} if key is None else {"Idempotency-Key": key})
        return await self.client.post(path, json={} if body is None else body, headers=headers)

    async def session(self, **query: str) -> httpx.Response:
        return await self.get(f"/v1/sessions/{self.session_id}", **query)

    async def read(self, submission_id: str | None = None) -> httpx.Response:
        return await self.get(f"/v1/submissions/{submission_id or self.submission_id}")

    async def save(self, sequence: int, *answers: Json, submission_id: str | None = None) -> httpx.Response:
        path = f"/v1/submissions/{submission_id or self.submission_id}/answers"
        body = {"sequence": sequence, "answers": list(answers)}
        return await self.client.put(path, json=body, headers=self.headers)

    async def submit(self, *answers: Json, submission_id: str | None = None, key: str | None = None) -> httpx.Response:
        path = f"/v1/submissions/{submission_id or self.submission_id}/submit"
        return await self.post(path, {"answers": list(answers)} if answers else {}, key)

    async def check(self, given: Json, assessment_id: str | None = None, key: str | None = None) -> httpx.Response:
        return await self.post(f"/v1/assessments/{assessment_id or self.assessment_id}/check", given, key)

    async def note(self, *events: Json, submission_id: str | None = None) -> httpx.Response:
        path = f"/v1/submissions/{submission_id or self.submission_id}/events"
        return await self.post(path, {"events": list(events)})

    async def end(self) -> httpx.Response:
        return await self.post(f"/v1/sessions/{self.session_id}/end")


async def browser(
    client: httpx.AsyncClient, customer: Customer, assessment_id: str, learner: str = LEARNER, **more: Any
) -> Browser:
    """A browser that has spent a fresh token."""
    made = await minted(client, customer, assessment_id, learner, **more)
    answer = await spend(client, made["token"])
    assert answer.status_code == 201, answer.text
    return Browser(client, answer.json())
