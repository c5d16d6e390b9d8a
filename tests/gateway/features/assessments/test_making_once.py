"""A key makes one assessment, and a plan only so many, however many ask at once."""

import asyncio

import httpx

from gateway.stores import SqlStore
from tests.gateway.features.assessments.authored import (
    BODY,
    Json,
    make,
    refusal,
    single_choice,
)
from tests.running import Customer, add_customer, add_key


async def test_a_key_makes_one_assessment(client: httpx.AsyncClient, customer: Customer) -> None:
    """The same `Idempotency-Key` and body replays, also with defaults spelled out; another body is 422."""
    headers = customer.headers | {"Idempotency-Key": "one"}
    body: Json = {"title": "x", "items": [single_choice()]}
    first = await client.post("/v1/assessments", json=body, headers=headers)
    spelled = {"items": [single_choice(points="1.00", floor=0.0)], "settings": {"shuffle": False}, "title": "x"}
    again = await client.post("/v1/assessments", json=spelled, headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = await client.post("/v1/assessments", json=body | {"items": [single_choice("q2")]}, headers=headers)
    assert refusal(other) == (422, "idempotency_key_reused", "Idempotency-Key")
    assert len((await client.get("/v1/assessments", headers=customer.headers)).json()["data"]) == 1


async def test_many_at_once_with_one_key_make_one(client: httpx.AsyncClient, customer: Customer) -> None:
    """Each is answered with the one that was made."""
    headers = customer.headers | {"Idempotency-Key": "one"}
    answers = await asyncio.gather(*(client.post("/v1/assessments", json=BODY, headers=headers) for _ in range(8)))
    assert {(answer.status_code, answer.json()["id"]) for answer in answers} == {(201, answers[0].json()["id"])}
    assert len((await client.get("/v1/assessments", headers=customer.headers)).json()["data"]) == 1


async def test_a_body_that_differs_in_a_tag_is_another_request(client: httpx.AsyncClient, customer: Customer) -> None:
    """Two tolerances of equal fields are told apart by their type alone."""

    def body(tolerance: str) -> Json:
        answers = [{"value": "10", "tolerance": {"type": tolerance, "by": "0.1"}}]
        question = {"type": "numeric", "id": "q", "content": {"stem": "?"}, "key": {"answers": answers}}
        return {"title": "x", "items": [question]}

    headers = customer.headers | {"Idempotency-Key": "one"}
    assert (await client.post("/v1/assessments", json=body("absolute"), headers=headers)).status_code == 201
    other = await client.post("/v1/assessments", json=body("relative"), headers=headers)
    assert refusal(other) == (422, "idempotency_key_reused", "Idempotency-Key")


async def test_the_plans_ceiling_holds_for_many_at_once(
    client: httpx.AsyncClient, sql: SqlStore, migrate_database_url: str
) -> None:
    """2 are allowed and 6 are asked for: 2 are made, an env; a deleted one makes room."""
    async with sql.session() as connection:
        await connection.execute("update plan set assessments_max = 2 where id = 'starter'")
        customer = await add_customer(connection, plan_id="starter")
        test_key = await add_key(connection, customer.center_id, env="test")
    answers = await asyncio.gather(
        *(client.post("/v1/assessments", json=BODY, headers=customer.headers) for _ in range(6))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409, 409]
    error = next(answer.json()["error"] for answer in answers if answer.status_code == 409)
    assert (error["code"], error["details"]) == ("limit_reached", {"resource": "assessments", "limit": 2})
    await make(client, test_key)
    made = next(answer.json()["id"] for answer in answers if answer.status_code == 201)
    assert (await client.delete(f"/v1/assessments/{made}", headers=customer.headers)).status_code == 204
    await make(client, customer)
