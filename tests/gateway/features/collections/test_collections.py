"""Collections: assessments in an order, put in, taken out and moved."""

import asyncio

import httpx
import pytest

from gateway.ids import new_id
from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.gateway.features.assessments.authored import Json, refusal
from tests.gateway.features.collections.collecting import make_assessments, make_collection, order_of, shown
from tests.running import NOW_MS, Customer


async def test_a_collection_holds_assessments_in_their_order(client: httpx.AsyncClient, customer: Customer) -> None:
    """As given; each is shown with its title and state."""
    one, two = await make_assessments(client, customer, 2)
    answer = await client.post(
        "/v1/collections", json={"title": "Term", "assessment_ids": [two, one]}, headers=customer.headers
    )
    made = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"/v1/collections/{made['id']}")
    assert made == {
        "object": "collection",
        "id": made["id"],
        "title": "Term",
        "description": "",
        "item_count": 2,
        "created_at": "2026-03-15T12:00:00Z",
        "updated_at": "2026-03-15T12:00:00Z",
        "items": [
            {"assessment_id": two, "position": 0, "title": "a1", "status": "draft"},
            {"assessment_id": one, "position": 1, "title": "a0", "status": "draft"},
        ],
    }
    assert await shown(client, customer, made) == made


async def test_items_are_added_moved_and_removed(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """At a position or at the end; one that is there already moves, or stays where no position is given."""
    a, b, c = await make_assessments(client, customer, 3)
    made = await make_collection(client, customer, assessment_ids=[a])
    path = f"/v1/collections/{made['id']}/items"
    for body, order in [
        ({"assessment_id": b}, [a, b]),
        ({"assessment_id": c, "position": 0}, [c, a, b]),
        ({"assessment_id": c}, [c, a, b]),
        ({"assessment_id": c, "position": 1}, [a, c, b]),
        ({"assessment_id": a, "position": 200}, [c, b, a]),
    ]:
        clock.advance(1_000)
        answer = await client.post(path, json=body, headers=customer.headers)
        assert (answer.status_code, order_of(answer.json())) == (201, order)
    assert answer.json()["updated_at"] == "2026-03-15T12:00:05Z"
    removed = await client.delete(f"{path}/{b}", headers=customer.headers)
    assert removed.status_code == 204
    assert order_of(await shown(client, customer, made)) == [c, a]
    again = await client.delete(f"{path}/{b}", headers=customer.headers)
    assert refusal(again) == (404, "assessment_not_found", "assessment_id")


async def test_a_new_order_names_every_assessment(client: httpx.AsyncClient, customer: Customer) -> None:
    """Exactly once each, or nothing changes."""
    a, b, c = await make_assessments(client, customer, 3)
    made = await make_collection(client, customer, assessment_ids=[a, b])
    path = f"/v1/collections/{made['id']}/items"
    answer = await client.put(path, json={"assessment_ids": [b, a]}, headers=customer.headers)
    assert (answer.status_code, order_of(answer.json())) == (200, [b, a])
    for wrong, param in [
        ([a], "assessment_ids"),
        ([a, b, c], "assessment_ids"),
        ([a, c], "assessment_ids"),
        ([], "assessment_ids"),
        ([a, b, a], "assessment_ids[2]"),
        ([a, "asmt_x"], "assessment_ids[1]"),
    ]:
        refused = await client.put(path, json={"assessment_ids": wrong}, headers=customer.headers)
        assert refusal(refused) == (400, "invalid_field", param)
    assert order_of(await shown(client, customer, made)) == [b, a]


async def test_many_adding_and_moving_at_once_leave_no_hole(client: httpx.AsyncClient, customer: Customer) -> None:
    """Whatever the order of events: every assessment once, positions from 0."""
    ids = await make_assessments(client, customer, 8)
    made = await make_collection(client, customer, assessment_ids=ids[:2])
    path = f"/v1/collections/{made['id']}/items"
    answers = await asyncio.gather(
        *(client.post(path, json={"assessment_id": each, "position": 0}, headers=customer.headers) for each in ids),
        client.put(path, json={"assessment_ids": ids[1::-1]}, headers=customer.headers),
        client.delete(f"{path}/{ids[0]}", headers=customer.headers),
    )
    assert {answer.status_code for answer in answers} <= {200, 201, 204, 400, 404}
    found = order_of(await shown(client, customer, made))
    assert sorted({*found, ids[0]}) == sorted(ids)
    assert len(set(found)) == len(found)


async def test_a_collection_has_room_for_200(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """One more is 409 when it is added, 400 when it is given at once; moving one in a full collection is fine."""
    made = await make_collection(client, customer)
    ids = sorted(new_id("asmt", NOW_MS) for _ in range(201))
    async with sql.session() as connection:
        await connection.execute(
            """insert into assessment (center_id, env, id, title, description, items, settings, points_cents, created_at,
                                       updated_at)
               select $1, 'live', given, 'x', '', '[]', '{}', 0, now(), now() from unnest($2::text[]) given""",
            customer.center_id,
            ids,
        )
        await connection.execute(
            """insert into collection_item (center_id, env, collection_id, assessment_id, position)
               select $1, 'live', $2, given.id, given.place - 1
                 from unnest($3::text[]) with ordinality given (id, place)""",
            customer.center_id,
            made["id"],
            ids[:200],
        )
    path = f"/v1/collections/{made['id']}/items"
    full = await client.post(path, json={"assessment_id": ids[200]}, headers=customer.headers)
    assert refusal(full) == (409, "limit_reached", None)
    assert full.json()["error"]["details"] == {"resource": "collection_items", "limit": 200}
    moved = await client.post(path, json={"assessment_id": ids[7], "position": 0}, headers=customer.headers)
    assert order_of(moved.json())[0] == ids[7]
    at_once = await client.post("/v1/collections", json={"title": "x", "assessment_ids": ids}, headers=customer.headers)
    assert refusal(at_once) == (400, "invalid_field", "assessment_ids")


async def test_a_deleted_assessment_leaves_its_collections(client: httpx.AsyncClient, customer: Customer) -> None:
    """The others close up; a deleted collection leaves its assessments."""
    a, b, c = await make_assessments(client, customer, 3)
    made = await make_collection(client, customer, assessment_ids=[a, b, c])
    assert (await client.delete(f"/v1/assessments/{b}", headers=customer.headers)).status_code == 204
    assert order_of(await shown(client, customer, made)) == [a, c]
    path = f"/v1/collections/{made['id']}"
    assert (await client.delete(path, headers=customer.headers)).status_code == 204
    assert refusal(await client.get(path, headers=customer.headers)) == (404, "collection_not_found", "collection_id")
    assert (await client.get(f"/v1/assessments/{a}", headers=customer.headers)).status_code == 200


async def test_an_edit_changes_texts_alone(client: httpx.AsyncClient, customer: Customer, clock: FrozenClock) -> None:
    """What is absent stays; an edit of nothing leaves even `updated_at`."""
    made = await make_collection(client, customer, description="Spring")
    path = f"/v1/collections/{made['id']}"
    clock.advance(1_000)
    for edit in ({}, {"title": "Term"}):
        assert (await client.patch(path, json=edit, headers=customer.headers)).json() == made
    edited = await client.patch(path, json={"title": "Autumn"}, headers=customer.headers)
    assert edited.json() == made | {"title": "Autumn", "updated_at": "2026-03-15T12:00:01Z"}


@pytest.mark.parametrize(
    ("method", "suffix", "body", "code", "param"),
    [
        ("POST", "", {}, "missing_required_field", "title"),
        ("POST", "", {"title": " "}, "invalid_field", "title"),
        ("POST", "", {"title": "x", "name": "y"}, "unknown_field", "name"),
        ("POST", "", {"title": "x", "description": 7}, "invalid_field", "description"),
        ("POST", "", {"title": "x", "assessment_ids": "asmt"}, "invalid_field", "assessment_ids"),
        ("POST", "", {"title": "x", "assessment_ids": [7]}, "invalid_field", "assessment_ids[0]"),
        ("POST", "", {"title": "x", "assessment_ids": ["crs_x"]}, "invalid_field", "assessment_ids[0]"),
        ("PATCH", "/{}", {"title": None}, "invalid_field", "title"),
        ("PATCH", "/{}", {"items": []}, "unknown_field", "items"),
        ("POST", "/{}/items", {}, "missing_required_field", "assessment_id"),
        ("POST", "/{}/items", {"assessment_id": "x"}, "invalid_field", "assessment_id"),
        ("POST", "/{}/items", {"assessment_id": "asmt_", "position": -1}, "invalid_field", "position"),
        ("POST", "/{}/items", {"assessment_id": "asmt_", "position": 201}, "invalid_field", "position"),
        ("PUT", "/{}/items", {}, "missing_required_field", "assessment_ids"),
    ],
)
async def test_what_is_no_collection_is_refused_by_name(
    client: httpx.AsyncClient, customer: Customer, method: str, suffix: str, body: Json, code: str, param: str
) -> None:
    """The first wrong field is named, and nothing is written."""
    made = await make_collection(client, customer)
    path = "/v1/collections" + suffix.format(made["id"])
    answer = await client.request(method, path, json=body, headers=customer.headers)
    assert refusal(answer) == (400, code, param)
    page = (await client.get("/v1/collections", headers=customer.headers)).json()
    assert page["data"] == [{name: value for name, value in made.items() if name != "items"}]
