"""A center with an administrator who is signed in."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.app import Gateway
from tests.people import SignedIn, add_member
from tests.running import add_center


@pytest.fixture
async def connection(database: Any) -> AsyncIterator[Any]:
    """One connection of the runtime role."""
    async with database.acquire() as connection:
        yield connection


@pytest.fixture
async def center_id(connection: Any) -> str:
    """A center of its own."""
    return await add_center(connection)


@pytest.fixture
async def admin(app: Gateway, connection: Any, center_id: str) -> SignedIn:
    """An administrator of the center, signed in."""
    return await add_member(app, connection, center_id)
