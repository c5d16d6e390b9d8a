"""Regrades as they are asked for and followed over HTTP; how they are worked off is tests/gateway/work/test_regrades.py."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.gateway.features.taking import Taker, picked, publish, publish_anew, question, refused
from tests.running import Customer, add_customer, add_key


async def ask(
    client: httpx.AsyncClient, customer: Customer, assessment_id: str, key: str | None = None, **body: Any
) -> httpx.Response:
    headers = customer.headers | ({} if key is None else {"Idempotency-Key": key})
    body = {"from_version": 1, "policy": "replace"} | body
    return await client.post(f"/v1/assessments/{assessment_id}/regrade", json=body, headers=headers)


async def two_versions(client: httpx.AsyncClient, customer: Customer) -> str:
    """An assessment with one attempt under version 1, and version 2 published."""
    assessment_id = await publish(client, customer)
    await Taker(client, customer).submit_at_once(assessment_id, picked("b"))
    await publish_anew(client, customer, assessment_id, items=[question() | {"key": {"correct": "b"}}])
    return assessment_id


async def test_a_regrade_is_accepted_and_can_be_followed(client: httpx.AsyncClient, customer: Customer) -> None:
    """202 with the job and where to read it; the list of an assessment's regrades holds it."""
    assessment_id = await two_versions(client, customer)
    answer = await ask(client, customer, assessment_id)
    assert answer.status_code == 202
    job = answer.json()
    assert {name: job[name] for name in ("object", "from_version", "to_version", "policy", "status", "pending")} == {
        "object": "regrade",
        "from_version": 1,
        "to_version": 2,
        "policy": "replace",
        "status": "queued",
        "pending": 1,
    }
    path = f"/v1/assessments/{assessment_id}/regrades"
    assert answer.headers["location"] == f"{path}/{job['id']}"
    assert (await client.get(answer.headers["location"], headers=customer.headers)).json() == job
    other = (await ask(client, customer, assessment_id, policy="never_lower")).json()
    listed = (await client.get(path, headers=customer.headers)).json()
    assert {one["id"] for one in listed["data"]} == {job["id"], other["id"]}


async def test_the_same_regrade_is_one_job(client: httpx.AsyncClient, customer: Customer, database: Any) -> None:
    """Asked for ten times at once and later, with and without keys: one row."""
    assessment_id = await two_versions(client, customer)
    answers = await asyncio.gather(
        *[ask(client, customer, assessment_id, key=None if place % 2 else f"k{place}") for place in range(10)]
    )
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await database.fetchval("select count(*) from regrade") == 1


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"from_version": 2}, "from_version"),
        ({"from_version": 3}, "from_version"),
        ({"from_version": 0}, "from_version"),
        ({"from_version": 2**31}, "from_version"),
        ({"from_version": "1"}, "from_version"),
        ({"policy": "lower"}, "policy"),
    ],
)
async def test_a_regrade_that_makes_no_sense_is_refused_by_name(
    client: httpx.AsyncClient, customer: Customer, body: dict[str, Any], param: str
) -> None:
    """From a version that is still published, or that never was, there is nothing to regrade."""
    answer = await ask(client, customer, await two_versions(client, customer), **body)
    assert refused(answer) == (400, "invalid_field")
    assert answer.json()["error"]["param"] == param


async def test_a_draft_has_nothing_to_regrade(client: httpx.AsyncClient, customer: Customer) -> None:
    """409, as nothing is published."""
    made = await client.post(
        "/v1/assessments", json={"title": "Draft", "items": [question()]}, headers=customer.headers
    )
    answer = await ask(client, customer, made.json()["id"])
    assert refused(answer) == (409, "assessment_not_published")


async def test_an_archived_assessment_can_still_be_regraded(client: httpx.AsyncClient, customer: Customer) -> None:
    """Its results stay, so a mistake in its key can be mended."""
    assessment_id = await two_versions(client, customer)
    await client.post(f"/v1/assessments/{assessment_id}/archive", headers=customer.headers)
    assert (await ask(client, customer, assessment_id)).status_code == 202


async def test_anothers_regrade_is_not_there(client: httpx.AsyncClient, customer: Customer, database: Any) -> None:
    """Another center gets the 404 of what never was; a regrade of another assessment is not this one's."""
    assessment_id, own = await two_versions(client, customer), await publish(client, customer)
    job = (await ask(client, customer, assessment_id)).json()["id"]
    async with database.acquire() as connection:
        other = await add_customer(connection)
        reader = await add_key(connection, customer.center_id, scopes=["read:results"])
    for answer in (
        await ask(client, other, assessment_id),
        await ask(client, customer, "asmt_" + "a" * 26),
        await client.get(f"/v1/assessments/{assessment_id}/regrades/{job}", headers=other.headers),
        await client.get(f"/v1/assessments/{assessment_id}/regrades", headers=other.headers),
    ):
        assert refused(answer) == (404, "assessment_not_found")
    for path in (f"{own}/regrades/{job}", f"{assessment_id}/regrades/rgr_{'a' * 26}", f"{assessment_id}/regrades/x"):
        answer = await client.get(f"/v1/assessments/{path}", headers=customer.headers)
        assert refused(answer) == (404, "regrade_not_found")
    assert refused(await ask(client, reader, assessment_id)) == (403, "missing_scope")
