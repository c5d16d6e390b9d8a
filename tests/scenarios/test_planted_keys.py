"""Scenarios 27 and 29 on every route that has to do with grading: a key that is planted leaves by `include=keys` alone.

The routes are those of the OpenAPI document: a route that is new fails here until it is asked too.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import generate_latest

from gateway import log
from gateway.stores import SqlStore
from tests.gateway.features.assessments.authored import EVERY_KIND, SECRET, SECRETS
from tests.gateway.features.taking import Taker
from tests.running import Customer, running, settings_for, talking_to
from tests.scenarios.answers import ANSWERS
from tests.scenarios.customers import UNBOUNDED, customer_of

Json = dict[str, Any]

ABOUT_GRADING = tuple(f"/v1/{noun}" for noun in ("assessments", "submissions", "collections", "learners", "grade"))
"""How the routes begin that are asked here."""

ASSESSMENT = "/v1/assessments/{assessment_id}"
SUBMISSION = "/v1/submissions/{submission_id}"
COLLECTION = "/v1/collections/{collection_id}"

KEEPS_KEYS = {"assessment", "assessment_version"}
"""The tables in which authored items stand, keys included."""

LEARNERS = 5
"""So many attempts have statistics."""

OPEN = {
    "max_attempts": None,
    "checks_per_question": 20,
    "feedback": "parts",
    "feedback_at": "each_attempt",
    "penalty_per_try": 0.1,
}
FLAWED = {
    "type": "short_text",
    "id": "flawed",
    "content": {"stem": "?"},
    "key": {"answers": [{"text": f"({SECRET}", "mode": "regex"}]},
}
"""Nothing can be graded by it: the refusal must not say why in the key's own words."""

GIVEN = [{"item_id": item_id, "answer": answer} for item_id, answer in ANSWERS.items() if item_id not in {"i06", "i07"}]
"""Answers of the right shape, one a kind, but those that happen to be the key: a learner may see their own."""


class Asking:
    """Asks as one customer, and remembers which routes were asked and what was told."""

    def __init__(self, client: httpx.AsyncClient, customer: Customer, paths: Json) -> None:
        self.taker = Taker(client, customer)
        self._client = client
        self._customer = customer
        self._paths = paths
        self.asked: set[tuple[str, str]] = set()
        self.told: list[tuple[str, str]] = []

    @property
    def routes(self) -> set[tuple[str, str]]:
        """All routes about grading, by method and template."""
        return {
            (method.upper(), path)
            for path, methods in self._paths.items()
            for method in methods
            if path.startswith(ABOUT_GRADING)
        }

    async def __call__(
        self, method: str, template: str, body: Json | None = None, query: str = "", **names: str
    ) -> Json:
        """Ask twice with one key, so that a replay is looked at too; returns the first answer."""
        assert (method, template) in self.routes
        self.asked.add((method, template))
        headers = self._customer.headers | {"Idempotency-Key": f"{len(self.told)}"}
        answers = []
        for _ in range(2 if method == "POST" else 1):
            answer = await self._client.request(method, template.format(**names) + query, json=body, headers=headers)
            assert answer.status_code < 500, answer.text
            self.told.append((f"{method} {template}{query}: {answer.status_code}", answer.text))
            answers.append(answer)
        assert len({answer.status_code for answer in answers}) == 1
        found: Json = answers[0].json() if answers[0].headers.get("content-type") == "application/json" else {}
        return found | {"status_code": answers[0].status_code}


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    """Everything that is logged meanwhile, from debug on."""
    file = tmp_path / "log"
    log.configure(level="debug", file=file, stdout=False)
    yield file
    log.configure()


@pytest.fixture
async def asking(database_url: str, redis_url: str, sql: SqlStore, log_file: Path) -> AsyncIterator[Asking]:
    customer = await customer_of(sql, requests_per_minute=UNBOUNDED)
    async with running(settings_for(database_url, redis_url)) as app, talking_to(app) as client:
        yield Asking(client, customer, (await client.get("/schema/openapi.json")).json()["paths"])


async def author(ask: Asking) -> str:
    """Make, show, list, edit, try, refuse and publish an assessment of every kind; its id."""
    body = {"title": "x", "items": EVERY_KIND, "settings": OPEN}
    made: str = (await ask("POST", "/v1/assessments", body))["id"]
    await ask("POST", "/v1/assessments", body | {"items": [FLAWED]})
    await ask("GET", "/v1/assessments")
    await ask("GET", ASSESSMENT, assessment_id=made)
    await ask("PATCH", ASSESSMENT, {"items": [*EVERY_KIND, FLAWED]}, assessment_id=made)
    await ask("PATCH", ASSESSMENT, {"items": EVERY_KIND}, assessment_id=made)
    await ask("POST", f"{ASSESSMENT}/validate", {"items": [*EVERY_KIND, FLAWED]}, assessment_id=made)
    await ask("POST", f"{ASSESSMENT}/publish", assessment_id=made)
    for items in ([FLAWED], EVERY_KIND):
        graded = await ask("POST", "/v1/grade", {"items": items, "answers": GIVEN if items is EVERY_KIND else []})
    assert graded["status_code"] == 200
    return made


async def collect(ask: Asking, assessment_id: str) -> None:
    """Put the assessment into a collection and take it out again."""
    made = (await ask("POST", "/v1/collections", {"title": "c"}))["id"]
    await ask("POST", f"{COLLECTION}/items", {"assessment_id": assessment_id}, collection_id=made)
    await ask("PUT", f"{COLLECTION}/items", {"assessment_ids": [assessment_id]}, collection_id=made)
    await ask("PATCH", COLLECTION, {"title": "d"}, collection_id=made)
    await ask("GET", COLLECTION, collection_id=made)
    await ask("GET", "/v1/collections")
    await ask("GET", f"{COLLECTION}/results", collection_id=made)
    await ask("DELETE", f"{COLLECTION}/items/{{assessment_id}}", collection_id=made, assessment_id=assessment_id)
    await ask("DELETE", COLLECTION, collection_id=made)


async def take(ask: Asking, assessment_id: str) -> str:
    """Start, save, check, note, submit and read an attempt, and a few more at once; the first one's id."""
    learner = {"learner_ref": "ana"}
    started = await ask("POST", f"{ASSESSMENT}/submissions", learner, assessment_id=assessment_id)
    assert len(started["items"]) == len(EVERY_KIND)
    made: str = started["id"]
    await ask("PUT", f"{SUBMISSION}/answers", {"sequence": 1, "answers": GIVEN}, submission_id=made)
    for given in GIVEN:
        checked = await ask("POST", f"{ASSESSMENT}/check", given | learner, assessment_id=assessment_id)
        assert checked["status_code"] == 200
    event = {"id": "e", "type": "flagged", "at": "2026-03-15T12:00:00Z"}
    await ask("POST", f"{SUBMISSION}/events", {"events": [event]}, submission_id=made)
    broken = [given | {"answer": {"type": given["answer"]["type"]}} for given in GIVEN]
    assert (await ask("POST", f"{SUBMISSION}/submit", {"answers": broken}, submission_id=made))["status_code"] == 422
    assert (await ask("POST", f"{SUBMISSION}/submit", {"answers": GIVEN}, submission_id=made))["status_code"] == 200
    for query in ("", "?include=results"):
        assert len((await ask("GET", SUBMISSION, query=query, submission_id=made))["results"]) == len(EVERY_KIND)
    for number in range(LEARNERS):
        body = {"learner_ref": f"l{number}", "answers": GIVEN}
        assert (await ask("POST", f"{ASSESSMENT}/submit", body, assessment_id=assessment_id))["status_code"] == 201
    return made


async def judge(ask: Asking, assessment_id: str, submission_id: str) -> None:
    """Review what waits for a person, list and summarise results, grade again under a newer version."""
    await ask(
        "POST", f"{SUBMISSION}/reviews", {"item_id": "i01", "score": "1", "comment": ""}, submission_id=submission_id
    )
    for item_id in ("i17", "i18"):
        await ask("POST", f"{SUBMISSION}/reviews", {"item_id": item_id, "score": "1"}, submission_id=submission_id)
    await ask("GET", f"{SUBMISSION}/reviews", submission_id=submission_id)
    for query in ("", "?format=csv", "?needs_review=true"):
        await ask("GET", f"{ASSESSMENT}/results", query=query, assessment_id=assessment_id)
    await ask("PATCH", ASSESSMENT, {"title": "y"}, assessment_id=assessment_id)
    await ask("POST", f"{ASSESSMENT}/publish", assessment_id=assessment_id)
    regrade = {"from_version": 1, "policy": "replace"}
    job = (await ask("POST", f"{ASSESSMENT}/regrade", regrade, assessment_id=assessment_id))["id"]
    await ask("GET", f"{ASSESSMENT}/regrades", assessment_id=assessment_id)
    await ask("GET", f"{ASSESSMENT}/regrades/{{regrade_id}}", assessment_id=assessment_id, regrade_id=job)
    await ask("GET", f"{ASSESSMENT}/statistics", query="?version=1", assessment_id=assessment_id)
    await ask("GET", "/v1/learners/{learner_ref}/results", learner_ref="ana")
    await ask("GET", "/v1/learners/{learner_ref}/export", learner_ref="ana")


async def test_a_planted_key_is_told_logged_counted_and_kept_nowhere_else(
    asking: Asking, sql: SqlStore, log_file: Path
) -> None:
    """Every route about grading, with its refusals and replays, all 18 kinds: then answers, log, metrics and tables are searched."""
    assessment_id = await author(asking)
    await collect(asking, assessment_id)
    submission_id = await take(asking, assessment_id)
    await judge(asking, assessment_id, submission_id)
    kept = await rows_beside_keys(sql)
    await asking("POST", f"{ASSESSMENT}/archive", assessment_id=assessment_id)
    await asking("DELETE", ASSESSMENT, assessment_id=assessment_id)
    await asking("DELETE", "/v1/learners/{learner_ref}", learner_ref="ana")

    assert asking.routes - asking.asked == set()
    assert [where for where, text in asking.told if any(secret in text for secret in SECRETS)] == []
    assert [where for where, text in asking.told if '"key":' in text or '"scoring":' in text] == []
    logged = await written_to(log_file, "/v1/learners")
    metrics = generate_latest().decode()
    spelled = [form for secret in SECRETS for form in (secret, secret.encode().hex())]
    assert any(submission_id in row for row in kept)
    for place, text in [("log", logged), ("metrics", metrics), *(("database", row) for row in kept)]:
        assert not any(form in text for form in spelled), place


async def rows_beside_keys(sql: SqlStore) -> list[str]:
    """Every row as text, bytes in hex, of every table in which no key has to stand."""
    async with sql.session() as connection:
        tables = await connection.fetch(
            "select table_name from information_schema.tables where table_schema = 'public'"
        )
        names = {table["table_name"] for table in tables} - KEEPS_KEYS
        rows = [await connection.fetch(f'select t::text as row from "{name}" t') for name in names]
    return [row["row"] for table in rows for row in table]


async def written_to(file: Path, word: str) -> str:
    """The log, once the word is in it."""
    async with asyncio.timeout(10):
        while True:
            log.sink().flush()
            if word in (text := file.read_text()):
                return text
            await asyncio.sleep(0.05)
