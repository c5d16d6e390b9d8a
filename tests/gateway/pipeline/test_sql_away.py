"""PostgreSQL away: what was verified before still tells who reads usage, and opens nothing else."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.running import Customer, add_customer, running, settings_for, talking_to
from tests.stores import PrivatePostgres


@pytest.fixture
async def known(private_postgres: PrivatePostgres) -> Customer:
    """A customer in the database that the test stops."""
    async with SqlStore(private_postgres.database_url) as sql, sql.session() as connection:
        return await add_customer(connection)


@pytest.fixture
async def client(
    private_postgres: PrivatePostgres, redis_url: str, clock: FrozenClock
) -> AsyncIterator[httpx.AsyncClient]:
    async with running(settings_for(private_postgres.database_url, redis_url), clock) as app, talking_to(app) as client:
        yield client


async def until_away(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(10):
        while (await client.get("/readyz")).status_code != 503:
            await asyncio.sleep(0.02)


async def test_usage_is_answered_for_ten_minutes_and_nothing_else(
    client: httpx.AsyncClient, private_postgres: PrivatePostgres, known: Customer, clock: FrozenClock
) -> None:
    """`GET /v1/usage` from the mirror with `source: mirror`; all else 503 with `Retry-After`; after 10 minutes all."""
    assert (await client.get("/v1/usage", headers=known.headers)).json()["source"] == "database"
    await private_postgres.stop()
    await until_away(client)
    clock.advance(6_000)
    answer = await client.get("/v1/usage", headers=known.headers)
    assert (answer.status_code, answer.json()["source"]) == (200, "mirror")
    for method, path in (("GET", "/v1/courses"), ("POST", "/v1/presets"), ("GET", "/v1/api-keys")):
        answer = await client.request(method, path, headers=known.headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "service_unavailable")
        assert answer.headers["retry-after"] == "1"
        assert answer.headers["x-ratelimit-limit"] == "500"
    clock.advance(600_000)
    answer = await client.get("/v1/usage", headers=known.headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "service_unavailable")


async def test_nobody_knows_an_unread_key(
    client: httpx.AsyncClient, private_postgres: PrivatePostgres, known: Customer
) -> None:
    """A key that was not read before SQL went away is neither let in nor called invalid."""
    await private_postgres.stop()
    await until_away(client)
    answer = await client.get("/v1/usage", headers=known.headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "service_unavailable")
    assert (await client.get("/v1/usage")).status_code == 401
