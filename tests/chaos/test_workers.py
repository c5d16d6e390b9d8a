"""Long runs against worker processes. The short versions are in tests/gateway/work/test_worker_processes.py."""

from typing import Any

import pytest

from tests.gateway.work.killing import kill_over_and_over
from tests.gateway.work.shop import Shop

pytestmark = pytest.mark.chaos


async def test_twenty_kills_over_twenty_generations(database: Any, database_url: str, redis_url: str) -> None:
    """SIGKILL in the middle of a module, 20 times over 20 generations: each ends ready, each module made and paid once."""
    shop = await Shop.open(database)
    await kill_over_and_over(shop, database_url, redis_url, generations=20, kills=20)
