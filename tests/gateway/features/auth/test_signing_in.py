"""Signing in, exchanging tokens, signing out, going to another center: each by its route."""

from typing import Any

import httpx
import pytest

from gateway.app import Gateway
from gateway.roles import SCOPES_OF
from gateway.scopes import CENTER_SCOPES
from tests.clock import FrozenClock
from tests.people import PASSWORD, Person, SignedIn, add_person, join
from tests.running import Customer, add_center


async def login(client: httpx.AsyncClient, email: str, password: str = PASSWORD, **more: Any) -> httpx.Response:
    return await client.post("/v1/auth/login", json={"email": email, "password": password, **more})


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def bearer(answer: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_a_person_signs_in_and_acts(client: httpx.AsyncClient, connection: Any, center_id: str) -> None:
    """E-mail in any case; the answer has both tokens, is kept by nobody, and what is done is done by the person."""
    person = await add_person(connection, center_id, email="Ada@School.example")
    answer = await login(client, "aDA@school.EXAMPLE")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert (told["object"], told["token_type"], told["expires_in"]) == ("sign_in", "Bearer", 3600)
    assert told["refresh_expires_in"] == 30 * 86_400
    assert told["person_id"] == person.id
    assert told["center"]["id"] == center_id
    assert told["center"]["role"] == "ADMIN"
    assert told["scopes"] == list(CENTER_SCOPES)
    made = await client.post(
        "/v1/api-keys", headers=bearer(answer), json={"name": "mine", "env": "test", "scopes": ["read:courses"]}
    )
    assert made.status_code == 201
    assert made.json()["created_by"] == person.id


async def test_who_is_unknown_is_told_what_a_wrong_password_is_told(
    client: httpx.AsyncClient, connection: Any, center_id: str
) -> None:
    """Same status, body and headers, but for the request's own id."""
    person = await add_person(connection, center_id)
    unset = await add_person(connection, center_id)
    await connection.execute(
        "update person set password_hash = null, password_changed_at = null where id = $1", unset.id
    )
    answers = [
        await login(client, person.email, "not the right one"),
        await login(client, "nobody@school.example"),
        await login(client, unset.email),
    ]
    bodies = [answer.json()["error"] for answer in answers]
    for answer, body in zip(answers, bodies, strict=True):
        assert refused(answer) == (401, "invalid_credentials")
        assert body.pop("request_id")
        assert answer.headers["www-authenticate"]
    assert bodies[0] == bodies[1] == bodies[2]
    assert answers[0].headers.keys() == answers[1].headers.keys()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("invited", "no_membership"), ("pending", "no_membership"), ("suspended", "membership_suspended"),
        ("rejected", "membership_ended"), ("ended", "membership_ended"),
    ],
)  # fmt: skip
async def test_a_membership_is_told_to_who_knows_the_password(
    client: httpx.AsyncClient, connection: Any, center_id: str, status: Any, code: str
) -> None:
    """403 with the password, 401 without."""
    person = await add_person(connection, center_id, status=status)
    assert refused(await login(client, person.email)) == (403, code)
    assert refused(await login(client, person.email, center=center_id)) == (403, code)
    assert refused(await login(client, person.email, "not the right one")) == (401, "invalid_credentials")


async def test_a_center_is_chosen_by_id_or_subdomain_or_by_itself(
    client: httpx.AsyncClient, connection: Any, center_id: str
) -> None:
    """Without a word, the first that is open to the person; one that is not theirs is like one that is not there."""
    person = await add_person(connection, await add_center(connection), status="suspended")
    await join(connection, person.id, person.email, await add_center(connection, status="suspended"))
    await join(connection, person.id, person.email, center_id, "INSTRUCTOR")
    subdomain = await connection.fetchval("select subdomain from center where id = $1", center_id)
    answer = await login(client, person.email)
    assert answer.json()["center"]["id"] == center_id
    assert set(answer.json()["scopes"]) == SCOPES_OF["INSTRUCTOR"]
    assert (await login(client, person.email, center=subdomain)).json()["center"]["id"] == center_id
    for other in (await add_center(connection), "ctr_" + "a" * 26, "nowhere"):
        assert refused(await login(client, person.email, center=other)) == (403, "no_membership")


async def test_a_suspended_center_lets_nobody_in(client: httpx.AsyncClient, connection: Any) -> None:
    """403 `center_suspended`, for who knows the password."""
    person = await add_person(connection, await add_center(connection, status="suspended"))
    assert refused(await login(client, person.email)) == (403, "center_suspended")


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"email": "ada", "password": PASSWORD}, "invalid_email", "email"),
        ({"email": "ada@school.example"}, "missing_required_field", "password"),
        ({"email": "ada@school.example", "password": ""}, "invalid_field", "password"),
        ({"email": "ada@school.example", "password": "p" * 129}, "invalid_field", "password"),
        ({"email": "ada@school.example", "password": PASSWORD, "role": "ADMIN"}, "unknown_field", "role"),
        ({"email": "ada@school.example", "password": 7}, "invalid_field", "password"),
        ({"email": "ada@school.example", "password": "a\0b"}, "invalid_field", "password"),
    ],
)
async def test_a_body_that_is_wrong_is_refused_by_its_place(
    client: httpx.AsyncClient, body: dict[str, Any], code: str, param: str
) -> None:
    """400, which repeats nothing of it and counts for the address."""
    answer = await client.post("/v1/auth/login", json=body)
    assert refused(answer) == (400, code)
    assert answer.json()["error"]["param"] == param
    assert answer.headers["ratelimit"].startswith('"address";r=29')
    assert PASSWORD not in answer.text
    assert "pppp" not in answer.text


async def test_me_says_who_and_where(client: httpx.AsyncClient, admin: SignedIn, connection: Any) -> None:
    """The person, the center of the token, and all memberships."""
    other = await add_center(connection)
    await join(connection, admin.person.id, admin.person.email, other, "PARENT", "suspended")
    told = (await client.get("/v1/auth/me", headers=admin.headers)).json()
    assert (told["object"], told["id"], told["email"]) == ("person", admin.person.id, admin.person.email)
    assert told["center"]["id"] == admin.person.center_id
    assert {(center["id"], center["role"], center["membership_status"]) for center in told["centers"]} == {
        (admin.person.center_id, "ADMIN", "active"),
        (other, "PARENT", "suspended"),
    }
    assert "password" not in str(told)


async def test_a_key_is_no_person(client: httpx.AsyncClient, customer: Customer) -> None:
    """Routes for people are not for keys: 401, and for nobody without anything."""
    assert refused(await client.get("/v1/auth/me", headers=customer.headers)) == (401, "invalid_token")
    assert refused(await client.post("/v1/auth/logout", headers=customer.headers)) == (401, "invalid_token")
    assert refused(await client.get("/v1/auth/me")) == (401, "missing_api_key")


async def test_signing_out_ends_all_tokens_of_the_sign_in(
    client: httpx.AsyncClient, connection: Any, admin: SignedIn, app: Gateway
) -> None:
    """Access and refresh token, at once; another sign-in of the same person goes on."""
    again = await login(client, admin.person.email)
    assert (await client.post("/v1/auth/logout", headers=admin.headers)).status_code == 204
    assert refused(await client.get("/v1/auth/me", headers=admin.headers)) == (401, "invalid_token")
    exchanged = await client.post("/v1/auth/refresh", json={"refresh_token": admin.refresh_token})
    assert refused(exchanged) == (401, "invalid_token")
    assert (await client.get("/v1/auth/me", headers=bearer(again))).status_code == 200


async def test_signing_out_may_name_its_refresh_token_and_no_other(
    client: httpx.AsyncClient, admin: SignedIn, app: Gateway, connection: Any
) -> None:
    """Another sign-in's is refused, and nothing ends."""
    other = (await login(client, admin.person.email)).json()
    for wrong in (other["refresh_token"], "junk"):
        answer = await client.post("/v1/auth/logout", headers=admin.headers, json={"refresh_token": wrong})
        assert refused(answer) == (400, "invalid_field")
    done = await client.post("/v1/auth/logout", headers=admin.headers, json={"refresh_token": admin.refresh_token})
    assert done.status_code == 204


async def test_switching_leads_to_another_center_of_the_persons(
    client: httpx.AsyncClient, connection: Any, admin: SignedIn
) -> None:
    """Its token acts there by the role there; the old one goes on where it was; the next refresh leads to the new one."""
    other = await add_center(connection)
    await join(connection, admin.person.id, admin.person.email, other, "PARENT")
    switched = await client.post("/v1/auth/switch-center", headers=admin.headers, json={"center": other})
    assert switched.status_code == 200
    assert switched.json()["center"]["id"] == other
    assert switched.json()["scopes"] == ["read:results"]
    assert refused(await client.get("/v1/courses", headers=bearer(switched))) == (403, "insufficient_role")
    assert (await client.get("/v1/courses", headers=admin.headers)).status_code == 200
    refreshed = await client.post("/v1/auth/refresh", json={"refresh_token": admin.refresh_token})
    assert refreshed.json()["center"]["id"] == other


async def test_switching_to_where_one_is_not_is_refused(
    client: httpx.AsyncClient, connection: Any, admin: SignedIn
) -> None:
    """By how things stand there, and without telling of centers that are not the person's."""
    suspended, ended = await add_center(connection), await add_center(connection)
    await join(connection, admin.person.id, admin.person.email, suspended, "ADMIN", "suspended")
    await join(connection, admin.person.id, admin.person.email, ended, "ADMIN", "ended")
    closed = await add_center(connection, status="suspended")
    await join(connection, admin.person.id, admin.person.email, closed)
    for center, code in (
        (await add_center(connection), "no_membership"),
        ("nowhere", "no_membership"),
        (suspended, "membership_suspended"),
        (ended, "membership_ended"),
        (closed, "center_suspended"),
    ):
        answer = await client.post("/v1/auth/switch-center", headers=admin.headers, json={"center": center})
        assert refused(answer) == (403, code)


async def test_from_a_suspended_center_one_signs_out_and_goes_elsewhere(
    client: httpx.AsyncClient, connection: Any, admin: SignedIn
) -> None:
    """These are the person's own, and no center's."""
    other = await add_center(connection)
    await join(connection, admin.person.id, admin.person.email, other)
    await connection.execute("update center set status = 'suspended' where id = $1", admin.person.center_id)
    assert refused(await client.get("/v1/auth/me", headers=admin.headers)) == (403, "center_suspended")
    switched = await client.post("/v1/auth/switch-center", headers=admin.headers, json={"center": other})
    assert switched.status_code == 200
    assert (await client.get("/v1/auth/me", headers=bearer(switched))).json()["center"]["id"] == other
    assert (await client.post("/v1/auth/logout", headers=admin.headers)).status_code == 204
    assert refused(await client.get("/v1/auth/me", headers=bearer(switched))) == (401, "invalid_token")


async def test_idempotency_keys_are_not_looked_at(client: httpx.AsyncClient, connection: Any, center_id: str) -> None:
    """Two sign-ins under one key are two, and even a key that could be none does no harm; nothing is kept for replay."""
    person = await add_person(connection, center_id)
    body = {"email": person.email, "password": PASSWORD}
    for key in ("same", "same", "x" * 300):
        answer = await client.post("/v1/auth/login", json=body, headers={"Idempotency-Key": key})
        assert answer.status_code == 200
        assert "idempotent-replayed" not in answer.headers
    assert await connection.fetchval("select count(*) from login_session") == 3
    assert await connection.fetchval("select count(*) from idempotency_claim") == 0


async def test_the_public_keys_are_for_every_page(client: httpx.AsyncClient) -> None:
    """With CORS, cacheable, outside all limits."""
    for _ in range(40):
        answer = await client.get("/.well-known/jwks.json")
        assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert "ratelimit" not in answer.headers
    assert answer.json()["keys"][0]["crv"] == "Ed25519"


async def test_a_person_waits_an_hour_and_refreshes(
    client: httpx.AsyncClient, clock: FrozenClock, admin: SignedIn
) -> None:
    """The access token is over after its hour and its leeway; the refresh token gives a new one, for 30 days."""
    clock.advance(3_600_000 + 29_000)
    assert (await client.get("/v1/auth/me", headers=admin.headers)).status_code == 200
    clock.advance(1_000)
    assert refused(await client.get("/v1/auth/me", headers=admin.headers)) == (401, "token_expired")
    fresh = await client.post("/v1/auth/refresh", json={"refresh_token": admin.refresh_token})
    assert fresh.status_code == 200
    assert fresh.json()["id"] == admin.session_id
    assert (await client.get("/v1/auth/me", headers=bearer(fresh))).status_code == 200
    clock.advance(30 * 86_400_000)
    late = await client.post("/v1/auth/refresh", json={"refresh_token": fresh.json()["refresh_token"]})
    assert refused(late) == (401, "token_expired")


async def test_a_clock_that_steps_back_an_hour_locks_nobody_out(
    client: httpx.AsyncClient, clock: FrozenClock, admin: SignedIn, connection: Any
) -> None:
    """A token from the future is none; the refresh token and the password work, and what had ended stays ended."""
    gone: Person = await add_person(connection, admin.person.center_id)
    left = (await login(client, gone.email)).json()
    headers = {"Authorization": f"Bearer {left['access_token']}"}
    assert (await client.post("/v1/auth/logout", headers=headers)).status_code == 204
    clock.advance(-3_600_000)
    assert refused(await client.get("/v1/auth/me", headers=admin.headers)) == (401, "invalid_token")
    fresh = await client.post("/v1/auth/refresh", json={"refresh_token": admin.refresh_token})
    assert (await client.get("/v1/auth/me", headers=bearer(fresh))).status_code == 200
    assert (await client.get("/v1/auth/me", headers=bearer(await login(client, gone.email)))).status_code == 200
    assert refused(await client.post("/v1/auth/refresh", json={"refresh_token": left["refresh_token"]}))[0] == 401
    used = await client.post("/v1/auth/refresh", json={"refresh_token": admin.refresh_token})
    assert refused(used) == (401, "invalid_token")
    assert refused(await client.get("/v1/auth/me", headers=bearer(fresh))) == (401, "invalid_token")
