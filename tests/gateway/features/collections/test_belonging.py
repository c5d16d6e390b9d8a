"""Collections are listed for their own center and not there for anybody else; a key does once; routes need scopes."""

import httpx
import pytest

from gateway.ids import new_id
from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.gateway.features.assessments.authored import Json, hold_to_scope, refusal
from tests.gateway.features.collections.collecting import make_assessments, make_collection, shown
from tests.running import NOW_MS, Customer, add_customer, add_key


async def test_collections_are_listed_in_the_order_they_were_made(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """Every one once, page by page, without its assessments."""
    made = []
    for number in range(5):
        made.append(await make_collection(client, customer, title=f"c{number}"))
        clock.advance(1)
    seen: list[Json] = []
    query = "?limit=2"
    for _ in range(3):
        page = (await client.get(f"/v1/collections{query}", headers=customer.headers)).json()
        seen += page["data"]
        query = f"?limit=2&cursor={page['next_cursor']}"
    assert (page["has_more"], page["next_cursor"]) == (False, None)
    assert [one["id"] for one in seen] == [one["id"] for one in made]


async def test_a_foreign_collection_is_not_there(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """Another center's, the other env's, an unknown and a misshapen id: one and the same 404, on every route; nor is a
    foreign assessment there for one's own collection.
    """
    (mine,) = await make_assessments(client, customer, 1)
    made = await make_collection(client, customer, assessment_ids=[mine])
    async with sql.session() as connection:
        other = await add_customer(connection)
        test_key = await add_key(connection, customer.center_id, env="test")
    asked = [
        (other, made["id"]),
        (test_key, made["id"]),
        (customer, new_id("col", NOW_MS)),
        (customer, "col_nonsense"),
        (customer, made["id"].replace("col", "crs")),
    ]
    requests: list[tuple[str, str, Json | None]] = [
        ("GET", "", None),
        ("PATCH", "", {"title": "x"}),
        ("PATCH", "", {}),
        ("DELETE", "", None),
        ("POST", "/items", {"assessment_id": mine}),
        ("PUT", "/items", {"assessment_ids": [mine]}),
        ("DELETE", f"/items/{mine}", None),
    ]
    for method, suffix, body in requests:
        bodies = []
        for caller, collection_id in asked:
            path = f"/v1/collections/{collection_id}{suffix}"
            answer = await client.request(method, path, headers=caller.headers, json=body)
            error = answer.json()["error"]
            error.pop("request_id")
            bodies.append((answer.status_code, error))
        assert bodies[0][1]["code"] == "collection_not_found"
        assert bodies == [bodies[0]] * len(bodies)
    for caller in (other, test_key):
        theirs = await make_collection(client, caller)
        added = await client.post(
            f"/v1/collections/{theirs['id']}/items", json={"assessment_id": mine}, headers=caller.headers
        )
        assert refusal(added) == (404, "assessment_not_found", "assessment_id")
        refused = await client.post(
            "/v1/collections", json={"title": "x", "assessment_ids": [mine]}, headers=caller.headers
        )
        assert refusal(refused) == (404, "assessment_not_found", "assessment_ids[0]")
    assert await shown(client, customer, made) == made


async def test_a_key_does_it_once(client: httpx.AsyncClient, customer: Customer) -> None:
    """A collection is made once, and an assessment put in once, though it was taken out since."""
    (mine,) = await make_assessments(client, customer, 1)
    headers = customer.headers | {"Idempotency-Key": "one"}
    made = [await client.post("/v1/collections", json={"title": "x"}, headers=headers) for _ in range(2)]
    assert made[0].json() == made[1].json()
    path = f"/v1/collections/{made[0].json()['id']}/items"
    await client.post(path, json={"assessment_id": mine}, headers=headers)
    await client.delete(f"{path}/{mine}", headers=customer.headers)
    again = await client.post(path, json={"assessment_id": mine}, headers=headers)
    assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    assert (await shown(client, customer, made[0].json()))["items"] == []
    other = await client.post(path, json={"assessment_id": mine, "position": 0}, headers=headers)
    assert refusal(other) == (422, "idempotency_key_reused", "Idempotency-Key")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "", {"title": "x"}),
        ("PATCH", "/col_x", {}),
        ("DELETE", "/col_x", None),
        ("POST", "/col_x/items", {}),
        ("PUT", "/col_x/items", {}),
        ("DELETE", "/col_x/items/asmt_x", None),
        ("GET", "", None),
        ("GET", "/col_x", None),
    ],
)
async def test_each_route_needs_its_scope(
    client: httpx.AsyncClient, sql: SqlStore, method: str, path: str, body: Json | None
) -> None:
    """Reads need `read:assessments`, writes `write:assessments`; refused before anything is looked up."""
    await hold_to_scope(client, sql, method, f"/v1/collections{path}", body)
