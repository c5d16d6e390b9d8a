"""Administrators of a center."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from gateway.app import Gateway
from tests.people import SignedIn, add_member
from tests.running import Customer


@pytest.fixture
async def connection(database: Any) -> AsyncIterator[Any]:
    """One connection of the runtime role."""
    async with database.acquire() as connection:
        yield connection


@pytest.fixture
def admin(app: Gateway, connection: Any, customer: Customer) -> Callable[[], Awaitable[SignedIn]]:
    """Another administrator of the customer's center each time, signed in."""
    return lambda: add_member(app, connection, customer.center_id)
