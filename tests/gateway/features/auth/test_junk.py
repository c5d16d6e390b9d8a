"""What junk costs, and what is answered while a store is away."""

import asyncio
import itertools
import secrets
from collections import Counter
from typing import Any

import httpx
import pytest

from gateway.app import Gateway
from gateway.opaque import REFRESH, make_opaque
from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.people import PASSWORD, Person, SignedIn, add_member, add_person
from tests.running import add_center, running, settings_for, talking_to
from tests.stores import PrivatePostgres, PrivateValkey


async def test_junk_tokens_cost_no_sql(app: Gateway, admin: SignedIn) -> None:
    """Neither forged access tokens nor made-up refresh tokens reach the database, ten thousand of them: a signature or a
    checksum tells.
    """
    sessions: list[float] = []
    app.services.sql.observe = sessions.append
    head, body, signature = admin.access_token.split(".")
    forged = itertools.cycle(
        (
            f"{head}.{body}.{signature[:-4]}AAAA",
            f"{head}.{body[:-6]}AAAAAA.{signature}",
            f"e30.{body}.{signature}",
            "eyJhbGciOiJub25lIn0.e30.",
            f"{secrets.token_urlsafe(20)}.{secrets.token_urlsafe(90)}.{secrets.token_urlsafe(64)}",
        )
    )
    genuine = make_opaque(REFRESH).text
    statuses: Counter[int] = Counter()
    async with talking_to(app) as client:
        for _ in range(100):
            calls = [
                client.get("/v1/courses", headers={"Authorization": f"Bearer {token}"})
                for token in itertools.islice(forged, 50)
            ]
            calls += [
                client.post("/v1/auth/refresh", json={"refresh_token": f"cgr_{secrets.token_urlsafe(36)}{genuine[-1]}"})
                for _ in range(50)
            ]
            statuses.update(answer.status_code for answer in await asyncio.gather(*calls))
    assert statuses.keys() == {401, 429}
    assert 30 <= statuses[401] <= 120
    assert sessions == []


@pytest.fixture
async def person(private_postgres: PrivatePostgres) -> Person:
    async with SqlStore(private_postgres.database_url) as sql, sql.session() as connection:
        return await add_person(connection, await add_center(connection))


async def test_without_postgresql_nobody_is_let_in_or_called_wrong(
    private_postgres: PrivatePostgres, redis_url: str, person: Person, clock: FrozenClock
) -> None:
    """503 with `Retry-After` for the signed in and for who signs in: how things stand can't be read, and is not guessed."""
    async with (
        running(settings_for(private_postgres.database_url, redis_url), clock) as app,
        talking_to(app) as client,
    ):
        login = {"email": person.email, "password": PASSWORD}
        told = (await client.post("/v1/auth/login", json=login)).json()
        headers = {"Authorization": f"Bearer {told['access_token']}"}
        assert (await client.get("/v1/usage", headers=headers)).status_code == 200
        await private_postgres.stop()
        async with asyncio.timeout(10):
            while (await client.get("/readyz")).status_code != 503:
                await asyncio.sleep(0.02)
        answers = [
            await client.get("/v1/usage", headers=headers),
            await client.get("/v1/auth/me", headers=headers),
            await client.post("/v1/auth/login", json=login),
            await client.post("/v1/auth/refresh", json={"refresh_token": told["refresh_token"]}),
        ]
        for answer in answers:
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "service_unavailable")
            assert answer.headers["retry-after"] == "1"
            assert answer.headers["ratelimit"]
        await private_postgres.start()
        async with asyncio.timeout(10):
            while (await client.get("/readyz")).status_code != 200:
                await asyncio.sleep(0.02)
        fresh = await client.post("/v1/auth/refresh", json={"refresh_token": told["refresh_token"]})
        assert fresh.status_code == 200


async def test_without_redis_tries_are_counted_by_each_process(
    database_url: str, connection: Any, private_valkey: PrivateValkey
) -> None:
    """Signing in goes on, the limits hold locally, and the answer says so."""
    person = await add_person(connection, await add_center(connection))
    settings = settings_for(database_url, private_valkey.url, expected_replicas=1)
    await private_valkey.stop()
    async with running(settings) as app, talking_to(app) as client:
        answers: list[httpx.Response] = []
        for _ in range(6):
            body = {"email": person.email, "password": "not the right one"}
            answers.append(await client.post("/v1/auth/login", json=body))
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert all(answer.headers["x-ratelimit-mode"] == "degraded" for answer in answers)


async def test_without_a_key_file_nobody_signs_in_and_all_else_goes_on(
    database_url: str, redis_url: str, connection: Any, admin: SignedIn, clock: FrozenClock
) -> None:
    """503 for who knows the password; tokens are invalid; the JWK set is empty."""
    person = await add_person(connection, await add_center(connection))
    settings = settings_for(database_url, redis_url, jwt_keys_file=None)
    async with running(settings, clock) as app, talking_to(app) as client:
        answer = await client.post("/v1/auth/login", json={"email": person.email, "password": PASSWORD})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "service_unavailable")
        refused = await client.get("/v1/auth/me", headers=admin.headers)
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "invalid_token")
        assert (await client.get("/.well-known/jwks.json")).json() == {"keys": []}
        exchange = await client.post("/v1/auth/refresh", json={"refresh_token": admin.refresh_token})
        assert exchange.status_code == 503
    async with running(settings_for(database_url, redis_url), clock) as app, talking_to(app) as client:
        exchange = await client.post("/v1/auth/refresh", json={"refresh_token": admin.refresh_token})
        assert exchange.status_code == 200  # the refusal used nothing up


async def test_many_at_once_share_their_statements(app: Gateway, connection: Any, center_id: str) -> None:
    """A hundred requests of ten people at the same time: each is read as it stands, in far fewer statements."""
    members = [await add_member(app, connection, center_id) for _ in range(10)]
    await connection.execute("update membership set status = 'suspended' where id = $1", members[3].person.member_id)
    sessions: list[float] = []
    app.services.sql.observe = sessions.append
    async with talking_to(app) as client:
        asked = [members[n % 10] for n in range(100)]
        answers = await asyncio.gather(*(client.get("/v1/nothing", headers=who.headers) for who in asked))
    for who, answer in zip(asked, answers, strict=True):
        if who is members[3]:
            assert answer.json()["error"]["code"] == "membership_suspended"
        else:
            assert answer.json()["error"]["code"] == "route_not_found"
    assert len(sessions) < 60
