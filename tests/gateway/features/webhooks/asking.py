"""Talking to `/v1/webhooks` as a customer does."""

from typing import Any

import httpx

from gateway.app import Gateway
from gateway.outbound.client import Outbound
from tests.clock import FrozenClock
from tests.gateway.webhooks.couriers import LOOPBACK, FakeNames
from tests.running import Customer

URL = "https://receiver.test/hook"


def code(answer: httpx.Response) -> tuple[int, str, str | None]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("param")


async def make(client: httpx.AsyncClient, customer: Customer, url: str = URL, **given: Any) -> dict[str, Any]:
    answer = await client.post(
        "/v1/webhooks", json={"url": url, "events": ["course.ready"]} | given, headers=customer.headers
    )
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def outbound_of(clock: FrozenClock, names: FakeNames, seconds: float = 5.0) -> Outbound:
    """The gateway's way out with names of the test's own; loopback is allowed."""
    return Outbound(names, LOOPBACK, clock, seconds=seconds)


def use(app: Gateway, outbound: Outbound) -> None:
    """Let the gateway use it."""
    app.services.outbound = outbound
