"""How the tests of collections make and read them."""

from typing import Any

import httpx

from tests.gateway.features.assessments.authored import Json, make
from tests.running import Customer


async def make_collection(client: httpx.AsyncClient, customer: Customer, **body: Any) -> Json:
    answer = await client.post("/v1/collections", json={"title": "Term"} | body, headers=customer.headers)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def make_assessments(client: httpx.AsyncClient, customer: Customer, count: int) -> list[str]:
    return [(await make(client, customer, title=f"a{number}", items=[]))["id"] for number in range(count)]


async def shown(client: httpx.AsyncClient, customer: Customer, collection: Json) -> Json:
    found: Json = (await client.get(f"/v1/collections/{collection['id']}", headers=customer.headers)).json()
    return found


def order_of(collection: Json) -> list[str]:
    assert [item["position"] for item in collection["items"]] == list(range(collection["item_count"]))
    return [item["assessment_id"] for item in collection["items"]]
