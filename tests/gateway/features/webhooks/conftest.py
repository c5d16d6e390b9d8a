"""A gateway whose resolver is the test's own: the network's edge."""

from collections.abc import AsyncIterator

import pytest

from gateway.app import Gateway
from tests.clock import FrozenClock
from tests.gateway.features.webhooks.asking import outbound_of, use
from tests.gateway.webhooks.couriers import FakeNames


@pytest.fixture
async def names(app: Gateway, clock: FrozenClock) -> AsyncIterator[FakeNames]:
    """What names stand for, as far as the gateway knows."""
    names = FakeNames(receiver_test=[["93.184.215.14"]], other_test=[["93.184.215.15", "2606:2800:21f::1"]])
    async with outbound_of(clock, names) as outbound:
        use(app, outbound)
        yield names
