"""Gateways as processes, on a fresh database and the session's Valkey."""

from collections.abc import AsyncIterator

import pytest

from gateway.stores import SqlStore


@pytest.fixture
async def sql(database_url: str) -> AsyncIterator[SqlStore]:
    """The test's own sessions, beside the gateways'."""
    async with SqlStore(database_url, size=4) as store:
        yield store
