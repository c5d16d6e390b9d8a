"""How much a plan lets a center keep: asked of SQL each time, so that a change works at once."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.gateway.features.making import make_course
from tests.running import Customer

SENTENCE = "Water moves."


async def _course(client: httpx.AsyncClient, customer: Customer) -> httpx.Response:
    return await client.post("/v1/courses", json={}, headers=customer.headers)


async def _source(client: httpx.AsyncClient, customer: Customer, course_id: str) -> httpx.Response:
    body = {"name": "w.txt", "media_type": "text/plain", "content": SENTENCE}
    return await client.post(f"/v1/courses/{course_id}/sources", json=body, headers=customer.headers)


@pytest.fixture
async def known(client: httpx.AsyncClient, customer: Customer) -> str:
    """A course whose making left the customer's limits in every cache."""
    return await make_course(client, customer, text=SENTENCE)


async def test_a_lowered_ceiling_of_courses_refuses_the_next_one(
    client: httpx.AsyncClient, customer: Customer, database: Any, known: str
) -> None:
    """No cache of limits is asked: the next request goes by the plan as it is now, down and up."""
    await database.execute("update plan set courses_max = 1")
    refused = await _course(client, customer)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "limit_reached")
    assert refused.json()["error"]["details"] == {"resource": "courses", "limit": 1}
    await database.execute("update plan set courses_max = 2")
    assert (await _course(client, customer)).status_code == 201
    assert (await _course(client, customer)).json()["error"]["details"]["limit"] == 2
    assert (await client.delete(f"/v1/courses/{known}", headers=customer.headers)).status_code == 204
    assert (await _course(client, customer)).status_code == 201


async def test_a_lowered_ceiling_of_assessments_refuses_the_next_one(
    client: httpx.AsyncClient, customer: Customer, database: Any, known: str
) -> None:
    """The same for assessments."""
    for ceiling, status in ((1, 201), (1, 409), (2, 201)):
        await database.execute("update plan set assessments_max = $1", ceiling)
        answer = await client.post("/v1/assessments", json={"title": "Tides"}, headers=customer.headers)
        assert answer.status_code == status
        if status == 409:
            assert answer.json()["error"]["details"] == {"resource": "assessments", "limit": ceiling}


async def test_courses_made_at_once_stay_under_the_ceiling(
    client: httpx.AsyncClient, customer: Customer, database: Any, known: str
) -> None:
    """Ten at once with room for three beside the first: three are made."""
    await database.execute("update plan set courses_max = 4")
    answers = await asyncio.gather(*(_course(client, customer) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 7


async def test_a_lowered_ceiling_of_source_bytes_refuses_the_next_source(
    client: httpx.AsyncClient, customer: Customer, database: Any, known: str
) -> None:
    """The same for what all sources of a center weigh: exactly full is full, and not too much."""
    await database.execute("update plan set source_bytes_max = $1", 2 * len(SENTENCE) - 1)
    refused = await _source(client, customer, known)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "limit_reached")
    assert refused.json()["error"]["details"] == {"resource": "source_bytes", "limit": 2 * len(SENTENCE) - 1}
    await database.execute("update plan set source_bytes_max = $1", 2 * len(SENTENCE))
    assert (await _source(client, customer, known)).status_code == 201
