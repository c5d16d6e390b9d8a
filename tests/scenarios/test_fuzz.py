"""Scenario 24: the OpenAPI document fuzzed with live and foreign ids. No 500, no undocumented status, always the envelope."""

import asyncio
import contextlib
import random
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import hypothesis
import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis.strategies import integers, sampled_from
from schemathesis import Case, GenerationMode

from gateway.app import openapi_document
from gateway.roles import Role
from tests.scenarios.fuzz_world import World, a_world

EXAMPLES = 6
FEW_EXAMPLES = 3
REST: tuple[Role, ...] = ("PARENT", "INSTRUCTOR")
"""Roles whose requests are among those of the others."""
MANY_EXAMPLES = 150


@pytest.fixture
async def world(database_url: str, redis_url: str) -> AsyncIterator[World]:
    """A gateway with everything a fuzzer may name."""
    async with a_world(database_url, redis_url) as made:
        yield made


REFUSED = ["400", "401", "403", "404", "405", "409", "413", "415", "422", "429"]
CONFIG = schemathesis.Config.from_dict(
    {
        "generation": {"with-security-parameters": False, "allow-x00": False},
        "checks": {
            "positive_data_acceptance": {"expected-statuses": ["2xx", *REFUSED]},
            "negative_data_rejection": {"expected-statuses": [*REFUSED, "5xx"]},
        },
    }
)
"""The key is ours to send. A schema can't say all: a date gone by fits it, `3.0` is an integer to it, and both are 400; nor
does it tell how long all texts of a body may be together (413). What answers 5xx fails a check of its own.
"""


OWN, OTHERS, NOBODYS = 0, (1, 2), None
AIMS = (OWN, NOBODYS, OWN, *OTHERS)
"""Whose ids a request names. The first is what a route is asked with first, so that each meets what is there."""


IN_BODIES = {"child_id", "assessment_id"}
"""What a body names, and the request is nothing without."""


def aimed(case: Case, world: World, mode: GenerationMode, aim: int | None, seed: int) -> None:
    """Put ids that exist, the caller's or another's, in place of what was made up.

    Nothing made up is a cursor, though its schema says no more than text.
    """
    if mode is GenerationMode.POSITIVE and "cursor" in (case.query or {}):
        del case.query["cursor"]
    if aim is None:
        return
    chance, ids = random.Random(seed), world.ids[aim]
    for name in sorted(set(case.path_parameters or {}) & ids.keys()):
        case.path_parameters[name] = chance.choice(ids[name])
    if mode is GenerationMode.POSITIVE and isinstance(case.body, dict):
        for name in sorted(set(case.body) & IN_BODIES & ids.keys()):
            case.body[name] = chance.choice(ids[name])


def turn(operation: Any) -> tuple[bool, bool, int]:
    """Last of all come those behind which others would meet nothing, of these the whole behind its parts; then signing out."""
    steps = ("/archive", "/cancel", "/suspend", "/end", "/rotate")
    ends = operation.method == "delete" or operation.path.endswith(steps)
    return operation.path == "/v1/auth/logout", ends, -operation.path.count("/")


def in_the_envelope(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a refusal has our shape, and any answer our headers."""
    if "x-request-id" not in {name.lower() for name in headers}:
        return False
    if status < 400:
        return True
    error: dict[str, Any] = msgspec.json.decode(body)["error"]
    return {"type", "code", "message", "retryable", "request_id"} <= error.keys()


def fuzz(
    world: World,
    mode: GenerationMode,
    examples: int,
    credential: str | None = None,
    asked: Callable[[str], bool] = lambda _: True,
) -> dict[str, list[int]]:
    """Every operation whose label is `asked`, by the customer's key or with another credential; raises what the first check
    that fails says. Returns each operation's statuses.
    """
    schema = schemathesis.openapi.from_dict(openapi_document(), config=CONFIG)
    told: dict[str, list[int]] = {}
    headers = {"Authorization": f"Bearer {credential or world.key}"}
    operations = [found.ok() for found in schema.get_all_operations()]
    for operation in sorted((one for one in operations if asked(one.label)), key=turn):

        @hypothesis.settings(
            max_examples=examples,
            database=None,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(mode), sampled_from(AIMS), integers(0, 2**32))
        def one(case: Case, aim: int | None, seed: int) -> None:
            aimed(case, world, mode, aim, seed)
            # An address for each, so that calls without a key, which a check makes too, are not too many.
            address = f"2001:db8:{secrets.randbits(16):x}:{secrets.randbits(16):x}::1"
            answer = case.call_and_validate(base_url=world.url, headers=headers | {"X-Forwarded-For": address})
            assert in_the_envelope(answer.status_code, {n: v[0] for n, v in answer.headers.items()}, answer.content)
            told.setdefault(case.operation.label, []).append(answer.status_code)

        # A route that takes nothing can't be asked wrongly.
        with contextlib.suppress(hypothesis.errors.Unsatisfiable):
            one()
    return told


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
async def test_the_document_holds_what_it_says(world: World, mode: GenerationMode) -> None:
    """Right and wrong requests to every route, ids alive and foreign: all of schemathesis' checks. No route
    was asked for what is not there alone, and each that reads has found what it shows.
    """
    told = await asyncio.to_thread(fuzz, world, mode, EXAMPLES)
    assert sum(map(len, told.values())) > 100
    if mode is GenerationMode.POSITIVE:
        assert [route for route, statuses in told.items() if set(statuses) == {404}] == []
        read = {route: statuses for route, statuses in told.items() if route.startswith("GET") and "{" in route}
        assert [route for route, statuses in read.items() if 200 not in statuses] == []


@pytest.mark.parametrize("role", ["ADMIN", "CHILD", *(pytest.param(role, marks=pytest.mark.chaos) for role in REST)])
async def test_the_document_holds_for_people_too(world: World, role: Role) -> None:
    """The same for a member of each role: what it may it can, and all else is refused for its role."""
    told = await asyncio.to_thread(fuzz, world, GenerationMode.POSITIVE, FEW_EXAMPLES, world.tokens[role])
    met = {status for statuses in told.values() for status in statuses}
    assert {200, 403, 404} <= met
    own_credential = ("/v1/auth/", "/v1/embed/sessions")
    refused = [route for route, statuses in told.items() if 401 in statuses]
    assert [route for route in refused if not any(part in route for part in own_credential)] == []
    assert 403 not in told["GET /v1/learners/{learner_ref}/results"] or role in {"PARENT", "CHILD"}


KEYLESS = {"POST /v1/embed/sessions", "GET /v1/centers/by-subdomain/{subdomain}"}
OF_SESSIONS = {
    "GET /v1/submissions/{submission_id}",
    "PUT /v1/submissions/{submission_id}/answers",
    "POST /v1/submissions/{submission_id}/submit",
    "POST /v1/submissions/{submission_id}/events",
    "POST /v1/assessments/{assessment_id}/check",
    "GET /v1/sessions/{session_id}",
}
"""All that a learner's browser may ask for, once it has its session, but for its end."""


async def test_the_document_holds_in_a_learners_browser(world: World) -> None:
    """The same by a session's credential: all but its own few routes are closed to it."""
    mode = GenerationMode.POSITIVE
    told = await asyncio.to_thread(fuzz, world, mode, FEW_EXAMPLES, world.credential, OF_SESSIONS.__contains__)
    assert 200 in told["GET /v1/sessions/{session_id}"]
    assert {403} not in map(set, told.values())

    def is_closed(label: str) -> bool:
        own = label in OF_SESSIONS or label in KEYLESS or label.endswith("/end")
        return " /v1/" in label and "/v1/auth/" not in label and not own

    closed = await asyncio.to_thread(fuzz, world, mode, 1, world.credential, is_closed)
    assert {status for statuses in closed.values() for status in statuses} <= {400, 403, 404, 429}
    assert {403} in map(set, closed.values())


@pytest.mark.chaos
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
async def test_the_document_holds_what_it_says_for_long(world: World, mode: GenerationMode) -> None:
    """The same, for as long as patience lasts."""
    told = await asyncio.to_thread(fuzz, world, mode, MANY_EXAMPLES)
    assert sum(map(len, told.values())) > 1000
