"""Fixtures for every test: real PostgreSQL and Valkey, a fresh database a test, a clock that stands still."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec
import pytest
from hypothesis import HealthCheck, settings

from gateway.stores import SqlStore
from tests import chromium
from tests.clock import FrozenClock
from tests.stores import (
    TEMPLATE,
    PrivatePostgres,
    PrivateValkey,
    Session,
    SharedStores,
    private_postgres_server,
    private_valkey_server,
)

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")  # a busy machine is no failure; what must be fast is measured by processor time

_SESSION = Session()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """pytest-xdist: the controller outlives its processes, so it starts the servers and tells each where they are."""
    node.workerinput["stores"] = msgspec.json.encode(_SESSION.shared()).decode()


def pytest_unconfigure(config: pytest.Config) -> None:
    _SESSION.stop()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say so where the browser tests were asked for and could not run."""
    folder, lacking = Path(__file__).parent / "browser", chromium.missing()
    asked = [Path(argument.split("::")[0]).resolve() for argument in config.args]
    if lacking is not None and any(folder.is_relative_to(path) for path in asked):
        terminalreporter.write_line(f"The browser tests (tests/browser) were SKIPPED: {lacking}", yellow=True)


@pytest.fixture(scope="session")
def shared_stores(request: pytest.FixtureRequest) -> SharedStores:
    """The session's servers, started at first need."""
    told = getattr(request.config, "workerinput", {}).get("stores")
    return _SESSION.shared() if told is None else msgspec.json.decode(told, type=SharedStores)


@pytest.fixture
async def database_urls(shared_stores: SharedStores) -> AsyncIterator[tuple[str, str]]:
    """A fresh migrated database: its URL for the runtime role and for the owner of the schema."""
    postgres = shared_stores.postgres()
    name = f"test_{uuid4().hex}"
    await postgres.create_database(name, template=TEMPLATE)
    yield postgres.url(name), postgres.owner_url(name)
    await postgres.drop_database(name)


@pytest.fixture
def database_url(database_urls: tuple[str, str]) -> str:
    """A fresh migrated database, as the runtime role that `serve` and `work` use."""
    return database_urls[0]


@pytest.fixture
def migrate_database_url(database_urls: tuple[str, str]) -> str:
    """The same database as the owner of its schema."""
    return database_urls[1]


@pytest.fixture
async def empty_database_urls(shared_stores: SharedStores) -> AsyncIterator[tuple[str, str]]:
    """A fresh database without a schema: runtime role, owner."""
    postgres = shared_stores.postgres()
    name = f"test_{uuid4().hex}"
    await postgres.create_database(name)
    yield postgres.url(name), postgres.owner_url(name)
    await postgres.drop_database(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    """A pool of the runtime role on a fresh migrated database."""
    async with asyncpg.create_pool(database_url, min_size=1, max_size=10) as pool:
        yield pool


@pytest.fixture
async def sql(database_url: str) -> AsyncIterator[SqlStore]:
    """The gateway's own SQL store on a fresh migrated database."""
    async with SqlStore(database_url) as store:
        yield store


@pytest.fixture
def redis_url(shared_stores: SharedStores) -> str:
    """The session's Valkey, shared by all tests: keep apart by fresh center ids, never flush it."""
    return shared_stores.redis_url


@pytest.fixture
async def private_valkey() -> AsyncIterator[PrivateValkey]:
    """A Valkey for this test alone, to stop, freeze and flush."""
    async with private_valkey_server() as server:
        yield server


@pytest.fixture
async def private_postgres() -> AsyncIterator[PrivatePostgres]:
    """A PostgreSQL for this test alone with a migrated database, to stop, freeze and restart."""
    async with private_postgres_server() as server:
        yield server


@pytest.fixture
def clock() -> FrozenClock:
    """A clock that stands at 2026-03-15T12:00:00Z until the test moves it."""
    return FrozenClock()
