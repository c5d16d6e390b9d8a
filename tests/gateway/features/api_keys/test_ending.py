"""Rotating and revoking keys: successors inherit, old ones end in time, and what a key made can go with it."""

import asyncio
from datetime import UTC, datetime

import httpx
import pytest

from gateway.ids import new_id
from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.gateway.features.api_keys.asking import as_caller, listed, make_key, problem
from tests.gateway.features.making import launch, make_course
from tests.running import NOW_MS, Customer, add_customer, add_key

CACHED_MS = 5_001
"""After this a process has forgotten what it knew of a key."""


async def _rotate(
    client: httpx.AsyncClient, caller: Customer, key_id: str, grace_seconds: int = 3600, **headers: str
) -> httpx.Response:
    return await client.post(
        f"/v1/api-keys/{key_id}/rotate", json={"grace_seconds": grace_seconds}, headers=caller.headers | headers
    )


async def _opens(client: httpx.AsyncClient, caller: Customer) -> str:
    answer = await client.get("/v1/courses", headers=caller.headers)
    return "yes" if answer.status_code == 200 else str(answer.json()["error"]["code"])


async def test_a_successor_inherits_and_the_old_key_ends_with_its_grace(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """Name, env, scopes, rate and expiry go over; both keys work until the grace period is over, then the new one."""
    old = await make_key(client, customer, env="test", expires_at="2026-04-01T00:00:00Z", requests_per_minute=7)
    answer = await _rotate(client, customer, old["id"], 60)
    assert answer.status_code == 201
    new = answer.json()
    unlike = {"id", "key", "rotated_from", "created_at"}
    assert {name: new[name] for name in new if name not in unlike} == {n: old[n] for n in old if n not in unlike}
    assert (new["rotated_from"], new["key"] != old["key"]) == (old["id"], True)
    assert await _opens(client, as_caller(old, customer)) == await _opens(client, as_caller(new, customer)) == "yes"
    clock.advance(60_000)
    assert await _opens(client, as_caller(old, customer)) == "expired_api_key"
    assert await _opens(client, as_caller(new, customer)) == "yes"


async def test_the_old_keys_own_expiry_is_kept_where_it_is_first(client: httpx.AsyncClient, customer: Customer) -> None:
    """The old key lives for the grace period or to its own expiry, whichever is first."""
    old = await make_key(client, customer, expires_at="2026-03-15T12:01:00Z")
    assert (await _rotate(client, customer, old["id"], 86_400)).status_code == 201
    keys = (await client.get("/v1/api-keys", headers=customer.headers)).json()["data"]
    assert {key["expires_at"] for key in keys if key["id"] != customer.key_id} == {"2026-03-15T12:01:00Z"}


async def test_no_grace_ends_the_old_key_at_once(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """`grace_seconds` 0, also where a key rotates itself: the old one is over as soon as nobody remembers it."""
    answer = await _rotate(client, customer, customer.key_id, 0)
    new = as_caller(answer.json(), customer)
    assert await _opens(client, new) == "yes"
    clock.advance(CACHED_MS)
    assert await _opens(client, customer) == "expired_api_key"
    assert await listed(client, new) == [new.key_id, customer.key_id]


async def test_a_line_of_keys_is_rotated_one_step_at_a_time(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """While the old key lives neither it nor its successor is rotated; then the successor is, the old one never."""
    old = await make_key(client, customer)
    new = (await _rotate(client, customer, old["id"], 60)).json()
    for key_id in (old["id"], new["id"]):
        assert problem(await _rotate(client, customer, key_id)) == (409, "rotation_in_progress", None)
    clock.advance(60_000)
    assert problem(await _rotate(client, customer, old["id"])) == (409, "rotation_in_progress", None)
    assert (await _rotate(client, customer, new["id"])).status_code == 201


async def test_deleting_the_old_key_ends_the_rotation(client: httpx.AsyncClient, customer: Customer) -> None:
    """Whoever can't wait for the grace period revokes the old key and rotates the new one."""
    old = await make_key(client, customer)
    new = (await _rotate(client, customer, old["id"], 3600)).json()
    assert (await client.delete(f"/v1/api-keys/{old['id']}", headers=customer.headers)).status_code == 204
    assert (await _rotate(client, customer, new["id"])).status_code == 201


async def test_ten_rotations_at_once_make_one_successor(client: httpx.AsyncClient, customer: Customer) -> None:
    """One wins, the others meet it; with one `Idempotency-Key` the others replay it, without the key."""
    old = await make_key(client, customer)
    answers = await asyncio.gather(*(_rotate(client, customer, old["id"]) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 9]
    assert len(await listed(client, customer)) == 3
    other = await make_key(client, customer)
    first, second = [(await _rotate(client, customer, other["id"], **{"Idempotency-Key": "once"})) for _ in range(2)]
    assert (second.status_code, second.json()) == (201, first.json() | {"key": None})


async def test_an_expired_key_is_not_rotated(client: httpx.AsyncClient, customer: Customer, clock: FrozenClock) -> None:
    """Its successor would be expired too: 409 `wrong_state`."""
    old = await make_key(client, customer, expires_at="2026-03-15T12:00:01Z")
    clock.advance(1_000)
    answer = await _rotate(client, customer, old["id"])
    assert problem(answer) == (409, "wrong_state", None)
    assert answer.json()["error"]["details"] == {"current": "expired", "allowed": ["active"]}


async def test_a_rotation_gives_no_more_than_the_caller_has(client: httpx.AsyncClient, sql: SqlStore) -> None:
    """The caller needs every scope of the key; expiry and rate are cut to the caller's own."""
    async with sql.session() as connection:
        strong = await add_customer(connection)
        until = datetime(2026, 3, 16, tzinfo=UTC)
        scopes = ["manage:center", "read:courses"]
        weak = await add_key(connection, strong.center_id, scopes=scopes, expires_at=until, requests_per_minute=9)
    beyond = await _rotate(client, weak, strong.key_id)
    assert problem(beyond) == (403, "missing_scope", None)
    assert "write:courses" in beyond.json()["error"]["details"]["required_scope"]
    plain = await make_key(client, strong, requests_per_minute=100)
    rotated = (await _rotate(client, weak, plain["id"])).json()
    assert (rotated["expires_at"], rotated["requests_per_minute"]) == ("2026-03-16T00:00:00Z", 9)
    assert rotated["created_by"] == weak.key_id


@pytest.mark.parametrize("grace", [-1, 2_592_001, "60", None, 1.5])
async def test_a_wrong_grace_is_refused(client: httpx.AsyncClient, customer: Customer, grace: object) -> None:
    """0 to 30 days in whole seconds, and always given."""
    path = f"/v1/api-keys/{customer.key_id}/rotate"
    answer = await client.post(path, json={"grace_seconds": grace}, headers=customer.headers)
    assert problem(answer) == (400, "invalid_field", "grace_seconds")
    missing = await client.post(path, json={}, headers=customer.headers)
    assert problem(missing) == (400, "missing_required_field", "grace_seconds")


async def test_a_full_center_can_rotate(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """A key in its grace period does not count beside its successor, and counts again once that is gone."""
    async with sql.session() as connection:
        await connection.execute("update plan set api_keys_max = 2 where id = 'partner'")
    old = await make_key(client, customer)
    new = (await _rotate(client, customer, old["id"])).json()
    body = {"name": "x", "env": "live", "scopes": ["read:courses"]}
    full = await client.post("/v1/api-keys", json=body, headers=customer.headers)
    assert problem(full) == (409, "limit_reached", None)
    await client.delete(f"/v1/api-keys/{new['id']}", headers=customer.headers)
    still_full = await client.post("/v1/api-keys", json=body, headers=customer.headers)
    assert problem(still_full) == (409, "limit_reached", None)


async def test_a_revoked_key_is_over_within_five_seconds(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """204; the key is invalid as soon as no process remembers it, and gone from the list at once."""
    made = as_caller(await make_key(client, customer), customer)
    assert await _opens(client, made) == "yes"
    assert (await client.delete(f"/v1/api-keys/{made.key_id}", headers=customer.headers)).status_code == 204
    clock.advance(CACHED_MS)
    assert await _opens(client, made) == "invalid_api_key"
    assert await listed(client, customer) == [customer.key_id]


async def test_cascade_takes_what_a_key_made_along(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """All that it made, that those made, rotated or revoked in between: without cascade they stay."""
    scopes = ["manage:center", "read:courses"]
    first = as_caller(await make_key(client, customer, scopes=scopes), customer)
    second = as_caller(await make_key(client, first, scopes=scopes), customer)
    third = as_caller(await make_key(client, second, env="test"), customer)
    rotated = as_caller((await _rotate(client, second, second.key_id)).json(), customer)
    bystander = as_caller(await make_key(client, customer), customer)
    assert (await client.delete(f"/v1/api-keys/{second.key_id}", headers=customer.headers)).status_code == 204
    assert set(await listed(client, customer)) == {
        customer.key_id,
        first.key_id,
        third.key_id,
        rotated.key_id,
        bystander.key_id,
    }
    gone = await client.delete(f"/v1/api-keys/{first.key_id}?cascade=true", headers=customer.headers)
    assert gone.status_code == 204
    assert set(await listed(client, customer)) == {customer.key_id, bystander.key_id}
    clock.advance(CACHED_MS)
    for caller in (first, second, third, rotated):
        assert await _opens(client, caller) == "invalid_api_key"


async def test_cascade_misses_no_key_that_is_being_made(client: httpx.AsyncClient, customer: Customer) -> None:
    """A maker that races its own revocation leaves no key behind."""
    maker = as_caller(await make_key(client, customer, scopes=["manage:center", "read:courses"]), customer)
    body = {"name": "raced", "env": "live", "scopes": ["read:courses"]}
    *made, ended = await asyncio.gather(
        *(client.post("/v1/api-keys", json=body, headers=maker.headers) for _ in range(6)),
        client.delete(f"/v1/api-keys/{maker.key_id}?cascade=true", headers=customer.headers),
    )
    assert ended.status_code == 204
    assert {answer.status_code for answer in made} <= {201, 401}
    assert await listed(client, customer) == [customer.key_id]


@pytest.mark.parametrize("given", ["1", "yes", "", "True"])
async def test_cascade_is_true_or_false(client: httpx.AsyncClient, customer: Customer, given: str) -> None:
    """Anything else is 400 `invalid_parameter`, and nothing is revoked."""
    answer = await client.delete(f"/v1/api-keys/{customer.key_id}?cascade={given}", headers=customer.headers)
    assert problem(answer) == (400, "invalid_parameter", "cascade")
    assert await listed(client, customer) == [customer.key_id]


async def test_a_foreign_key_is_not_there(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """Another center's, for a test key a live one, a revoked, an unknown and a misshapen id: the same 404."""
    async with sql.session() as connection:
        other = await add_customer(connection)
        tester = await add_key(connection, customer.center_id, env="test")
    gone = await make_key(client, customer)
    await client.delete(f"/v1/api-keys/{gone['id']}", headers=customer.headers)
    asked = [
        (other, customer.key_id),
        (tester, customer.key_id),
        (customer, gone["id"]),
        (customer, new_id("key", NOW_MS)),
        (customer, "key_nonsense"),
        (customer, customer.center_id),
    ]
    bodies = []
    for caller, key_id in asked:
        for answer in (
            await client.delete(f"/v1/api-keys/{key_id}?cascade=true", headers=caller.headers),
            await _rotate(client, caller, key_id),
        ):
            error = answer.json()["error"]
            error.pop("request_id")
            bodies.append((answer.status_code, error))
    assert (bodies[0][0], bodies[0][1]["code"]) == (404, "api_key_not_found")
    assert bodies == [bodies[0]] * len(bodies)
    assert await _opens(client, customer) == "yes"


async def test_a_launch_retried_with_the_successor_is_the_same_launch(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """Rotated between try and retry: one launch, replayed. Revoked between: 401."""
    course_id = await make_course(client, customer)
    first = await launch(client, customer, course_id, "launch-1")
    new = as_caller((await _rotate(client, customer, customer.key_id, 0)).json(), customer)
    clock.advance(CACHED_MS)
    again = await launch(client, new, course_id, "launch-1")
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert problem(await launch(client, customer, course_id, "launch-1")) == (401, "expired_api_key", None)
    assert (await client.delete(f"/v1/api-keys/{new.key_id}", headers=new.headers)).status_code == 204
    clock.advance(CACHED_MS)
    assert problem(await launch(client, new, course_id, "launch-1")) == (401, "invalid_api_key", None)
