"""What the tests of events begin with."""

from typing import Any

import httpx
import pytest

from tests.gateway.webhooks.world import World
from tests.running import Customer


@pytest.fixture
def world(client: httpx.AsyncClient, customer: Customer, database: Any, database_url: str) -> World:
    """A customer with a worker at its back."""
    return World(client, customer, database, database_url)
