"""Scenarios 27 and 29 on a course that was really made: from a source to a graded submission, over HTTP and a worker.

A key of a generated question is a fact of its source. Those planted here, numbers that stand there once, must come back by
`include=keys` alone, and be in no log and no metric.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import Struct

from gateway.cli import tour_answers
from gateway.stores import SqlStore
from tests.running import Customer
from tests.scenarios.customers import UNBOUNDED, assert_everything_adds_up, customer_of
from tests.serving import serving, talking, working

Json = dict[str, Any]

TEXT = """# Weights of the sea

**Plankton** is the drifting life of the upper sea. A **buoy** is a floating body that is moored to the sea floor. **Ballast** is
the weight that keeps a ship upright in a storm. A **hull** is the watertight body of a ship. A **keel** is the beam along the
bottom of a hull.

## Ships

The hull of a large tanker weighs 738,214 tonnes. The anchor of a large ferry weighs 739,331 kilograms. A deep dock holds
740,448 litres. The harbour of Narvik stores 741,565 barrels. A grain carrier loads 742,682 sacks. The lighthouse at the cape
cost 743,799 crowns.

## Nets

A drift net catches 744,916 herrings. A trawler burns 746,033 litres of oil in a year. The fleet of the island lands 747,150
fish. A salting house packs 748,267 boxes each winter. The cannery employs 749,384 workers in the whole country.
"""
"""Its numbers stand there once each, and are like no id and no time."""


class Frontend:
    """Talks to the gateway as a course builder's server does, and remembers what it was told of quizzes."""

    def __init__(self, client: httpx.AsyncClient, customer: Customer) -> None:
        self._client = client
        self._customer = customer
        self.told: list[str] = []

    async def ask(self, method: str, path: str, body: Json | None = None, *, keep: bool = True, **headers: str) -> Any:
        """The answer; what is told of quizzes is kept, unless it is asked for with keys."""
        answer = await self._client.request(method, path, json=body, headers=self._customer.headers | headers)
        if keep:
            self.told.append(answer.text)
        return answer

    async def course(self) -> str:
        """A course of one module that is ready."""
        brief = {"topic": "The sea", "modules": 1, "questions_per_module": 12}
        course_id = (await self.ask("POST", "/v1/courses", {"brief": brief}, keep=False)).json()["id"]
        source = {"name": "sea.md", "media_type": "text/markdown", "content": TEXT}
        await self.ask("POST", f"/v1/courses/{course_id}/sources", source, keep=False)
        launch = {"Idempotency-Key": course_id}
        launched = await self.ask("POST", f"/v1/courses/{course_id}/launch", None, keep=False, **launch)
        assert launched.status_code == 202, launched.text
        async with asyncio.timeout(60):
            while (course := (await self.ask("GET", f"/v1/courses/{course_id}")).json())["status"] == "generating":
                await asyncio.sleep(0.1)
        assert course["status"] == "ready", course
        return str(course_id)

    async def quiz(self, course_id: str) -> Json:
        """The artifact of the course's one quiz."""
        page = (await self.ask("GET", f"/v1/courses/{course_id}/artifacts?kind=quiz")).json()
        found: Json = page["data"][0]
        return found

    async def authored(self, assessment_id: str) -> Json:
        """The assessment with its keys."""
        answer = await self.ask("GET", f"/v1/assessments/{assessment_id}?include=keys", keep=False)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def again(self, artifact_id: str) -> None:
        """The quiz once more, with other questions."""
        asked = await self.ask("POST", f"/v1/artifacts/{artifact_id}/notes", {"text": "Other questions, please."})
        assert asked.status_code == 202, asked.text
        async with asyncio.timeout(60):
            while (await self.ask("GET", f"/v1/artifacts/{artifact_id}")).json()["status"] == "regenerating":
                await asyncio.sleep(0.1)


@pytest.fixture
async def customer(sql: SqlStore) -> Customer:
    return await customer_of(sql, requests_per_minute=UNBOUNDED)


class Running(Struct, frozen=True):
    """A gateway and a worker with one frontend; all that they write but rows."""

    front: Frontend
    logs: list[Path]
    metrics_url: str

    async def logged(self, word: str) -> list[tuple[str, str]]:
        """Every log by its name, once the word is in one of them."""
        async with asyncio.timeout(10):
            while not any(word in file.read_text() for file in self.logs):
                await asyncio.sleep(0.05)
        return [(file.name, file.read_text()) for file in self.logs]


@pytest.fixture
async def run(database_url: str, redis_url: str, customer: Customer, tmp_path: Path) -> AsyncIterator[Running]:
    given = {"log_level": "debug"}
    files = [tmp_path / "serve.log", tmp_path / "work.log"]
    async with (
        serving(database_url, redis_url, log_file=str(files[0]), **given) as served,
        working(database_url, redis_url, log_file=str(files[1]), **given) as worker,
        talking(served) as client,
    ):
        yield Running(Frontend(client, customer), [*files, served.log, worker.log], served.metrics_url)


def visible(items: list[Json]) -> list[Json]:
    """What a learner sees of them: a statement may say a number that another question asks."""
    return [item["content"] for item in items]


def answers(items: list[Json], make: Any) -> list[Json]:
    return [{"item_id": item["id"], "answer": make(item)} for item in items]


async def test_from_a_course_to_a_graded_submission(run: Running, sql: SqlStore) -> None:
    """Made, published, taken, checked, graded, made again, deleted: grades keep the version that they were made under."""
    front = run.front
    course_id = await front.course()
    quiz = await front.quiz(course_id)
    assessment = await front.authored(quiz["assessment_id"])
    items = assessment["items"]
    assert (assessment["status"], assessment["version"], assessment["course_id"]) == ("published", 1, course_id)
    assert len({item["type"] for item in items}) >= 3
    path = f"/v1/assessments/{assessment['id']}"

    started = (await front.ask("POST", f"{path}/submissions", {"learner_ref": "ana"})).json()
    assert {item["id"] for item in started["items"]} == {item["id"] for item in items}
    assert all("key" not in item for item in started["items"])
    right = answers(items, tour_answers.right)
    saved = await front.ask("PUT", f"/v1/submissions/{started['id']}/answers", {"sequence": 1, "answers": right[:3]})
    assert saved.status_code == 200, saved.text
    refused = await front.ask(
        "POST", f"/v1/submissions/{started['id']}/submit", {"answers": answers(items, tour_answers.malformed)}
    )
    assert refused.status_code == 422
    named = {error["param"].partition("]")[0] for error in refused.json()["error"]["details"]["errors"]}
    assert named == {f"answers[{number}" for number in range(len(items))}
    graded = (await front.ask("POST", f"/v1/submissions/{started['id']}/submit", {"answers": right})).json()
    assert (graded["status"], graded["percent"], graded["passed"]) == ("graded", 100, True)
    assert graded["score"] == graded["max_score"] == assessment["points_total"]

    await front.again(quiz["id"])
    second = await front.authored(assessment["id"])
    assert (second["version"], second["published_version"]) == (2, 2)
    assert {item["id"] for item in second["items"]} != {item["id"] for item in items}
    other = {"learner_ref": "ben", "answers": answers(second["items"], tour_answers.wrong)}
    at_once = (await front.ask("POST", f"{path}/submit", other)).json()
    assert (at_once["assessment_version"], at_once["score"]) == (2, "0.00")
    old = (await front.ask("GET", f"/v1/submissions/{started['id']}")).json()
    assert (old["assessment_version"], old["percent"]) == (1, 100)

    assert (await front.ask("DELETE", f"/v1/courses/{course_id}")).status_code == 204
    results = (await front.ask("GET", f"{path}/results")).json()["data"]
    assert [(one["learner_ref"], one["percent"]) for one in results] == [("ben", 0), ("ana", 100)]
    await assert_everything_adds_up(sql)


async def test_a_generated_key_leaves_by_include_keys_alone(run: Running) -> None:
    """Every route that tells of the quiz, every refusal, log and metric is searched for the numbers that are keys."""
    front = run.front
    course_id = await front.course()
    quiz = await front.quiz(course_id)
    assessment = await front.authored(quiz["assessment_id"])
    items = assessment["items"]
    numbers = {item["key"]["answers"][0]["value"]: item for item in items if item["type"] == "numeric"}
    asked = {number: item for number, item in numbers.items() if number in TEXT and number not in str(visible(items))}
    assert asked
    path = f"/v1/assessments/{assessment['id']}"
    settings = {"max_attempts": 9, "checks_per_question": 9, "feedback": "parts", "feedback_at": "each_attempt"}
    for method, where, body in [
        ("GET", f"/v1/artifacts/{quiz['id']}", None),
        ("GET", f"/v1/artifacts/{quiz['id']}/versions", None),
        ("GET", f"/v1/artifacts/{quiz['id']}/versions/1", None),
        ("GET", path, None),
        ("GET", f"/v1/assessments?course_id={course_id}", None),
        ("PATCH", path, {"settings": settings}),
        ("POST", f"{path}/publish", None),
        ("POST", f"{path}/submissions", {"learner_ref": "ana"}),
        *[
            ("POST", f"{path}/check", {"learner_ref": "ana", "item_id": item["id"], "answer": make(item)})
            for item in items
            for make in (tour_answers.wrong, tour_answers.malformed)
        ],
        ("POST", f"{path}/submit", {"learner_ref": "ana", "answers": answers(items, tour_answers.malformed)}),
        ("POST", f"{path}/submit", {"learner_ref": "ana", "answers": answers(items, tour_answers.wrong)}),
        ("GET", f"{path}/results", None),
        ("GET", f"{path}/results?format=csv", None),
        ("GET", f"{path}/statistics", None),
        ("GET", "/v1/learners/ana/results", None),
    ]:
        answer = await front.ask(method, where, body)
        assert answer.status_code < 500, answer.text
    for item in asked.values():  # who knows the answer may say it; neither what is told nor the log repeats it
        body = {"learner_ref": "ben", "item_id": item["id"], "answer": tour_answers.right(item)}
        assert (await front.ask("POST", f"{path}/check", body)).json()["state"] == "right"

    planted = [spelled for number in asked for spelled in (number, number.replace(",", ""))]
    assert [text for text in front.told if any(number in text for number in planted)] == []
    assert [text for text in front.told if '"key":' in text or '"correct":[' in text] == []
    async with httpx.AsyncClient(trust_env=False) as client:
        metrics = (await client.get(run.metrics_url)).text
    logs = await run.logged("/v1/learners")
    for place, text in [*logs, ("metrics", metrics)]:
        assert [number for number in planted if number in text] == [], place
