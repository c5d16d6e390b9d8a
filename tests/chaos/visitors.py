"""Customers who retry as they are told to: same key, same request, until there is an answer that stands."""

import asyncio
import random
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
from msgspec import Struct, field

from tests.chaos.fleet import Fleet
from tests.running import Customer

HEART = Path(__file__).parents[1] / "gateway" / "generation" / "documents" / "heart.md"
_TRY_AGAIN = {"service_unavailable", "overloaded", "idempotency_in_progress", "concurrency_limit_reached"}
EXPECTED = _TRY_AGAIN | {"wrong_state", "regen_cap_reached", "quota_exceeded"}
"""Every refusal that an honest customer may meet here."""


class Told(Struct):
    """What customers were told was done, and every answer by status and code."""

    courses: list[str] = field(default_factory=list)
    launched: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    graded: list[str] = field(default_factory=list)
    answers: Counter[tuple[int, str | None]] = field(default_factory=Counter)
    hang_ups: int = 0


class Visitor:
    """One browser tab of a customer: course after course, from the empty one to notes on its artifacts."""

    def __init__(self, fleet: Fleet, customer: Customer, told: Told, name: str, seed: str) -> None:
        self._fleet = fleet
        self._customer = customer
        self._told = told
        self._name = name
        self._chance = random.Random(f"{seed} {name}")
        self._keys = 0

    async def visit(self, ending: asyncio.Event) -> None:
        """Until it is time to leave; the course at hand is brought to its end."""
        async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
            self._client = client
            while not ending.is_set():
                await self._make_a_course()

    async def _make_a_course(self) -> None:
        chance = self._chance
        kinds = chance.sample(["slides", "notes", "narration", "quiz"], k=2)
        brief = {"topic": "The heart", "modules": chance.randint(1, 4), "artifacts": kinds}
        course = (await self._post("/v1/courses", json={"brief": brief})).json()["id"]
        self._told.courses.append(course)
        source = {"name": "heart.md", "media_type": "text/markdown", "content": HEART.read_text()}
        await self._post(f"/v1/courses/{course}/sources", json=source)
        launched = await self._post(f"/v1/courses/{course}/launch")
        if launched.is_error:
            return
        self._told.launched.append(course)
        if chance.random() < 0.2:
            await asyncio.sleep(chance.uniform(0, 0.6))
            await self._post(f"/v1/courses/{course}/cancel")
        if await self._until_ended(course) == "ready":
            await self._write_notes(course)
            await self._take_the_quizzes(course)

    async def _until_ended(self, course: str) -> str:
        """Follow it as a page does, with a look at the quota now and then."""
        async with asyncio.timeout(90):
            while True:
                status: str = (await self._get(f"/v1/courses/{course}"))["status"]
                if status != "generating":
                    return status
                usage = await self._get("/v1/usage")
                assert usage["meters"]["generation"]["held"] >= 0
                await asyncio.sleep(self._chance.uniform(0.1, 0.4))

    async def _write_notes(self, course: str) -> None:
        artifacts = (await self._get(f"/v1/courses/{course}/artifacts"))["data"]
        for _ in range(self._chance.randint(0, 3)):
            artifact = self._chance.choice(artifacts)["id"]
            taken = await self._post(f"/v1/artifacts/{artifact}/notes", json={"text": "Shorter, please."})
            body = taken.json()
            self._told.notes.append(body["error"]["details"]["note_id"] if taken.is_error else body["note"]["id"])

    async def _take_the_quizzes(self, course: str) -> None:
        """Somebody new takes each of them, and knows nothing."""
        for quiz in (await self._get(f"/v1/assessments?course_id={course}"))["data"]:
            body = {"learner_ref": f"{self._name} {self._keys}", "answers": []}
            taken = await self._post(f"/v1/assessments/{quiz['id']}/submit", json=body)
            self._told.graded.append(taken.json()["id"])

    async def _post(self, path: str, **options: Any) -> httpx.Response:
        """Do it once, however often it must be said."""
        self._keys += 1
        headers = self._customer.headers | {"Idempotency-Key": f"{self._name}, {self._keys}"}
        return await self._ask("POST", path, headers=headers, **options)

    async def _get(self, path: str) -> Any:
        return (await self._ask("GET", path, headers=self._customer.headers)).json()

    async def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        async with asyncio.timeout(60):
            while True:
                if urls := self._fleet.urls():
                    try:
                        answer = await self._client.request(method, self._chance.choice(urls) + path, **options)
                    except httpx.TransportError:
                        self._told.hang_ups += 1
                    else:
                        code = answer.json()["error"]["code"] if answer.is_error else None
                        self._told.answers[answer.status_code, code] += 1
                        if code not in _TRY_AGAIN:
                            return answer
                await asyncio.sleep(self._chance.uniform(0.05, 0.3))
