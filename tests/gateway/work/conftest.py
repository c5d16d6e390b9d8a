"""What several tests of the worker begin with."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.gateway.work.benches import open_bench
from tests.gateway.work.desks import Desk
from tests.generators import FakeGenerator
from tests.running import Customer


@pytest.fixture
async def desk(client: httpx.AsyncClient, customer: Customer, database: Any, database_url: str) -> AsyncIterator[Desk]:
    """A customer who regrades, and a worker's bench."""
    async with open_bench(database_url, FakeGenerator()) as bench:
        yield Desk(client, customer, database, bench)
