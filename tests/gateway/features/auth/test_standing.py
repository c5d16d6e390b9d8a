"""What is read at every request: the sign-in, the membership, the center."""

from typing import Any

import httpx
import pytest

from gateway.app import Gateway
from gateway.roles import ROLES, SCOPES_OF, Role
from gateway.scopes import SCOPES
from tests.people import SignedIn, add_member, add_person
from tests.running import Customer, add_center, add_key, talking_to

READS = {
    "read:courses": "/v1/courses",
    "read:assessments": "/v1/assessments",
    "read:usage": "/v1/usage",
    "manage:center": "/v1/api-keys",
    "provision:centers": "/v1/provisioning/centers",
}


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_a_token_for_a_center_of_others_opens_nothing(
    app: Gateway, client: httpx.AsyncClient, connection: Any, admin: SignedIn
) -> None:
    """However it came about: the membership is looked up in the center that the token names."""
    token = app.services.tokens.make(
        person_id=admin.person.id,
        center_id=await add_center(connection),
        session_id=admin.session_id,
        now_ms=app.services.clock.now_ms(),
    )
    answer = await client.get("/v1/courses", headers={"Authorization": f"Bearer {token}"})
    assert refused(answer) == (403, "no_membership")


async def test_a_token_with_anothers_sign_in_is_none(
    app: Gateway, client: httpx.AsyncClient, connection: Any, admin: SignedIn
) -> None:
    """The sign-in belongs to the person whom the token names."""
    other = await add_person(connection, admin.person.center_id)
    token = app.services.tokens.make(
        person_id=other.id,
        center_id=admin.person.center_id,
        session_id=admin.session_id,
        now_ms=app.services.clock.now_ms(),
    )
    answer = await client.get("/v1/courses", headers={"Authorization": f"Bearer {token}"})
    assert refused(answer) == (401, "invalid_token")


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_is_its_scopes(
    app: Gateway, client: httpx.AsyncClient, connection: Any, center_id: str, role: Role
) -> None:
    """A route that needs a scope is open to the roles that have it, and 403 `insufficient_role` for the others."""
    member = await add_member(app, connection, center_id, role)
    for scope, path in READS.items():
        answer = await client.get(path, headers=member.headers)
        if scope in SCOPES_OF[role]:
            assert answer.status_code == 200, path
        else:
            assert refused(answer) == (403, "insufficient_role"), path
            assert answer.json()["error"]["details"] == {"required_scope": scope, "role": role}


def test_no_role_provisions() -> None:
    """ADMIN has every other scope; each role's are scopes that there are."""
    assert SCOPES_OF["ADMIN"] == set(SCOPES) - {"provision:centers"}
    assert all(scopes < set(SCOPES) for scopes in SCOPES_OF.values())
    assert SCOPES_OF["PARENT"] == {"read:results"}
    assert SCOPES_OF["CHILD"] == {"write:submissions", "read:results"}


async def test_people_act_in_live(client: httpx.AsyncClient, connection: Any, admin: SignedIn) -> None:
    """What a test key made is not there for them, what they make is not there for it."""
    test_key = await add_key(connection, admin.person.center_id, env="test")
    live_key = await add_key(connection, admin.person.center_id)
    made = (await client.post("/v1/courses", headers=test_key.headers, json={"title": "test"})).json()["id"]
    assert refused(await client.get(f"/v1/courses/{made}", headers=admin.headers)) == (404, "course_not_found")
    own = (await client.post("/v1/courses", headers=admin.headers, json={"title": "live"})).json()["id"]
    assert (await client.get(f"/v1/courses/{own}", headers=live_key.headers)).status_code == 200
    assert (await client.get(f"/v1/courses/{own}", headers=test_key.headers)).status_code == 404


async def test_idempotency_keys_are_each_persons_own(
    app: Gateway, client: httpx.AsyncClient, connection: Any, admin: SignedIn
) -> None:
    """One key in two persons' hands, and in the center's: three courses; in one person's hands: one."""
    other = await add_member(app, connection, admin.person.center_id)
    key = await add_key(connection, admin.person.center_id)
    made = []
    for headers in (admin.headers, other.headers, key.headers, admin.headers):
        answer = await client.post("/v1/courses", headers=headers | {"Idempotency-Key": "k"}, json={"title": "one"})
        assert answer.status_code == 201
        made.append(answer.json()["id"])
    assert len(set(made)) == 3
    assert made[0] == made[3]


async def test_members_count_for_their_center(client: httpx.AsyncClient, connection: Any, admin: SignedIn) -> None:
    """Persons and keys of a center share its requests a minute."""
    key = await add_key(connection, admin.person.center_id)
    first = await client.get("/v1/courses", headers=admin.headers)
    second = await client.get("/v1/courses", headers=key.headers)
    assert first.headers["ratelimit-policy"] == second.headers["ratelimit-policy"] == '"minute";q=500;w=60'
    assert (first.headers["x-ratelimit-remaining"], second.headers["x-ratelimit-remaining"]) == ("499", "498")


async def test_a_suspended_center_is_closed_to_its_people(
    client: httpx.AsyncClient, connection: Any, admin: SignedIn
) -> None:
    """But for reads of usage, and for signing out."""
    await connection.execute("update center set status = 'suspended' where id = $1", admin.person.center_id)
    assert refused(await client.get("/v1/courses", headers=admin.headers)) == (403, "center_suspended")
    assert refused(await client.get("/v1/auth/me", headers=admin.headers)) == (403, "center_suspended")
    assert (await client.get("/v1/usage", headers=admin.headers)).status_code == 200
    assert (await client.post("/v1/auth/logout", headers=admin.headers)).status_code == 204


async def test_bad_tokens_count_for_the_address(app: Gateway, admin: SignedIn) -> None:
    """30 a minute, then 429; a good token from the same address is never refused for it."""
    async with talking_to(app) as client:
        bad = {"Authorization": f"Bearer {admin.access_token[:-3]}AAA"}
        for _ in range(30):
            assert refused(await client.get("/v1/courses", headers=bad)) == (401, "invalid_token")
        assert (await client.get("/v1/courses", headers=bad)).status_code == 429
        assert (await client.get("/v1/courses", headers=admin.headers)).status_code == 200


async def test_a_token_and_a_key_at_once_are_ambiguous(
    client: httpx.AsyncClient, admin: SignedIn, customer: Customer
) -> None:
    """400, as two keys; and a token in the place of a key is no key."""
    both = admin.headers | {"X-API-Key": customer.key}
    assert refused(await client.get("/v1/courses", headers=both)) == (400, "invalid_parameter")
    misplaced = {"X-API-Key": admin.access_token}
    assert refused(await client.get("/v1/courses", headers=misplaced)) == (401, "invalid_api_key")
    bare = {"Authorization": admin.access_token}
    assert refused(await client.get("/v1/courses", headers=bare)) == (401, "invalid_api_key")
