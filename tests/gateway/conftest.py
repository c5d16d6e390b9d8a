"""The gateway in this process, on a fresh database, with one customer."""

from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest

from gateway.app import Gateway
from gateway.settings import Settings
from tests.clock import FrozenClock
from tests.running import Customer, add_customer, running, settings_for, talking_to


@pytest.fixture
def settings(database_url: str, redis_url: str) -> Settings:
    """Settings of a gateway on this test's stores."""
    return settings_for(database_url, redis_url)


@pytest.fixture
async def app(settings: Settings, clock: FrozenClock) -> AsyncIterator[Gateway]:
    """The real application, started; its clock stands still until the test moves it."""
    async with running(settings, clock) as started:
        yield started


@pytest.fixture
async def client(app: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    """Talks to `app` without a socket between."""
    async with talking_to(app) as client:
        yield client


@pytest.fixture
async def customer(database_url: str) -> Customer:
    """A center on plan `partner` with a live key that has every scope but `provision:centers`."""
    connection = await asyncpg.connect(database_url)
    try:
        return await add_customer(connection)
    finally:
        await connection.close()
