"""Redis away: requests go on under local limits, and every answer says so."""

import httpx
import pytest

from tests.clock import FrozenClock
from tests.running import Customer, running, settings_for, talking_to
from tests.stores import PrivateValkey


@pytest.mark.parametrize(("replicas", "share"), [(1, "500"), (3, "167")])
async def test_degraded_answers_carry_the_local_limit(
    database_url: str,
    private_valkey: PrivateValkey,
    clock: FrozenClock,
    customer: Customer,
    replicas: int,
    share: str,
) -> None:
    """`X-RateLimit-Mode: degraded`, and each process' share of the limit; without a key it is the address' share."""
    settings = settings_for(database_url, private_valkey.url, expected_replicas=replicas)
    async with running(settings, clock) as app, talking_to(app) as client:
        answer = await client.get("/v1/usage", headers=customer.headers)
        assert "x-ratelimit-mode" not in answer.headers
        await private_valkey.stop()
        answer = await client.get("/v1/usage", headers=customer.headers)
        assert (answer.status_code, answer.json()["source"]) == (200, "database")
        assert answer.headers["x-ratelimit-mode"] == "degraded"
        assert answer.headers["x-ratelimit-limit"] == share
        nobody: httpx.Response = await client.get("/v1/usage")
        assert (nobody.status_code, nobody.headers["x-ratelimit-mode"]) == (401, "degraded")
        assert nobody.headers["x-ratelimit-limit"] == str(30 // replicas)
        assert (await client.get("/readyz")).status_code == 200, "without Redis the gateway is degraded, and ready"
