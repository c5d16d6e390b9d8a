"""Scenario 24: the OpenAPI document fuzzed with live and foreign ids. No 500, no undocumented status, always the envelope."""

import asyncio
import contextlib
import random
import secrets
from collections.abc import AsyncIterator, Mapping
from typing import Any

import asyncpg
import hypothesis
import msgspec
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given
from msgspec import Struct
from schemathesis import Case, GenerationMode

from gateway.app import openapi_document
from gateway.scopes import SCOPES
from tests.gateway.features.assessments.authored import EVERY_KIND
from tests.running import Customer, add_center, add_key
from tests.serving import serving

EXAMPLES = 6
MANY_EXAMPLES = 150


class World(Struct, frozen=True):
    """A gateway, a customer's keys, and ids of every kind that are its own, another's, and nobody's."""

    url: str
    key: str
    ids: dict[str, list[str]]


async def made(url: str, customer: Customer) -> dict[str, str]:
    """One of each thing that a customer has, made over the API."""

    def make() -> dict[str, str]:
        found: dict[str, str] = {"key_id": customer.key_id}
        brief = {"topic": "Rust", "modules": 1}
        with requests.Session() as http:
            http.headers.update(customer.headers)
            found["preset_id"] = http.post(f"{url}/v1/presets", json={"name": "A", "brief": brief}).json()["id"]
            found["course_id"] = http.post(f"{url}/v1/courses", json={"title": "A", "brief": brief}).json()["id"]
            source = {"name": "a.md", "media_type": "text/markdown", "content": "# A\n\nWords enough."}
            answer = http.post(f"{url}/v1/courses/{found['course_id']}/sources", json=source)
            found["source_id"] = answer.json()["id"]
            quiz = {"title": "A", "items": EVERY_KIND, "settings": {"max_attempts": None, "checks_per_question": 5}}
            found["assessment_id"] = http.post(f"{url}/v1/assessments", json=quiz).json()["id"]
            http.post(f"{url}/v1/assessments/{found['assessment_id']}/publish")
            collected = {"title": "A", "assessment_ids": [found["assessment_id"]]}
            found["collection_id"] = http.post(f"{url}/v1/collections", json=collected).json()["id"]
            started = f"{url}/v1/assessments/{found['assessment_id']}/submissions"
            found["submission_id"] = http.post(started, json={"learner_ref": "jo"}).json()["id"]
        return found

    return await asyncio.to_thread(make)


@pytest.fixture
async def world(database_url: str, redis_url: str) -> AsyncIterator[World]:
    """Everything a fuzzer may name: an own and a foreign center, live and test."""
    connection = await asyncpg.connect(database_url)
    async with serving(database_url, redis_url, log_level="error", trusted_proxies="127.0.0.1") as served:
        center, other = await add_center(connection), await add_center(connection)
        await connection.execute("update plan set requests_per_minute = 1000000000")
        own = await add_key(connection, center, scopes=SCOPES)
        foreign = await add_key(connection, other, scopes=SCOPES)
        test = await add_key(connection, center, env="test", scopes=SCOPES)
        ids: dict[str, list[str]] = {"center_id": [center, other]}
        for customer in (own, foreign, test):
            for name, found in (await made(served.url, customer)).items():
                ids.setdefault(name, []).append(found)
        yield World(served.url, own.key, ids)
        await connection.close()


CONFIG = schemathesis.Config.from_dict(
    {
        "generation": {"with-security-parameters": False, "allow-x00": False},
        "checks": {
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "400", "401", "403", "404", "405", "409", "415", "422", "429"]
            }
        },
    }
)
"""The key is ours to send. A schema can't say all: a date gone by fits it, `3.0` is an integer to it, and both are 400."""


def aimed(case: Case, world: World, mode: GenerationMode, seed: int) -> None:
    """Half of the time put an id that exists, the caller's or another's, in place of what was made up.

    Nothing made up is a cursor, though its schema says no more than text.
    """
    chance = random.Random(seed)
    if mode is GenerationMode.POSITIVE and "cursor" in (case.query or {}):
        del case.query["cursor"]
    for name in dict(case.path_parameters or {}):
        if name in world.ids and chance.random() < 0.5:
            case.path_parameters[name] = chance.choice(world.ids[name])


def in_the_envelope(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a refusal has our shape, and any answer our headers."""
    if "x-request-id" not in {name.lower() for name in headers}:
        return False
    if status < 400:
        return True
    error: dict[str, Any] = msgspec.json.decode(body)["error"]
    return {"type", "code", "message", "retryable", "request_id"} <= error.keys()


def fuzz(world: World, mode: GenerationMode, examples: int) -> int:
    """Every operation; raises what the first check that fails says. Returns how many requests were answered."""
    schema = schemathesis.openapi.from_dict(openapi_document(), config=CONFIG)
    asked = 0
    headers = {"Authorization": f"Bearer {world.key}"}
    for found in schema.get_all_operations():
        operation = found.ok()

        @hypothesis.settings(
            max_examples=examples,
            database=None,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(mode), seed=hypothesis.strategies.integers(0, 2**32))
        def one(case: Case, seed: int) -> None:
            nonlocal asked
            aimed(case, world, mode, seed)
            # An address for each, so that calls without a key, which a check makes too, are not too many.
            address = f"2001:db8:{secrets.randbits(16):x}:{secrets.randbits(16):x}::1"
            answer = case.call_and_validate(base_url=world.url, headers=headers | {"X-Forwarded-For": address})
            assert in_the_envelope(answer.status_code, {n: v[0] for n, v in answer.headers.items()}, answer.content)
            asked += 1

        # A route that takes nothing can't be asked wrongly.
        with contextlib.suppress(hypothesis.errors.Unsatisfiable):
            one()
    return asked


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
async def test_the_document_holds_what_it_says(world: World, mode: GenerationMode) -> None:
    """Right and wrong requests to every route, ids alive and foreign: all of schemathesis' checks."""
    assert await asyncio.to_thread(fuzz, world, mode, EXAMPLES) > 100


@pytest.mark.chaos
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
async def test_the_document_holds_what_it_says_for_long(world: World, mode: GenerationMode) -> None:
    """The same, for as long as patience lasts."""
    assert await asyncio.to_thread(fuzz, world, mode, MANY_EXAMPLES) > 1000
