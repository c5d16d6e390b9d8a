"""Scenario 29 for webhooks: their secrets are shown once and then nowhere, whatever is done with them."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from aiohttp import web

from tests.gateway.webhooks.endpoints import emit
from tests.gateway.webhooks.receivers import Receiver, receiving, until
from tests.gateway.webhooks.verifying import is_genuine, raw
from tests.gateway.work.workers import worker
from tests.running import Customer, add_customer
from tests.scenarios.test_secrets import everything_in
from tests.serving import serving, talking


async def use_everything(client: httpx.AsyncClient, customer: Customer, url: str) -> tuple[str, list[str], list[str]]:
    """Make, replay, rotate, move and test a webhook; its id, its secrets, and all answers that should not hold any."""
    headers = customer.headers
    made = await client.post(
        "/v1/webhooks", json={"url": url, "events": ["*"]}, headers=headers | {"Idempotency-Key": "one"}
    )
    place = f"/v1/webhooks/{made.json()['id']}"
    rotated = await client.post(f"{place}/rotate-secret", headers=headers | {"Idempotency-Key": "two"})
    forced = await client.post(f"{place}/rotate-secret", json={"force": True}, headers=headers)
    moved = await client.patch(place, json={"url": url + "/moved"}, headers=headers)
    later = await client.post(f"{place}/rotate-secret", headers=headers)
    secrets = [answer.json()["secret"] for answer in (made, rotated, forced, moved, later)]
    shown = [
        await client.post(
            "/v1/webhooks", json={"url": url, "events": ["*"]}, headers=headers | {"Idempotency-Key": "one"}
        ),
        await client.post(f"{place}/rotate-secret", headers=headers | {"Idempotency-Key": "two"}),
        await client.post(f"{place}/rotate-secret", headers=headers),
        await client.post(f"{place}/test", headers=headers),
        await client.post("/v1/webhooks", json={"url": secrets[0], "events": ["*"]}, headers=headers),
        await client.post("/v1/webhooks", json={secrets[0]: 1}, headers=headers),
        await client.get(f"/v1/webhooks/{secrets[0]}", headers=headers),
        await client.get(f"/v1/webhooks?cursor={secrets[0]}", headers=headers),
        await client.get(place, headers=headers),
        await client.get("/v1/webhooks", headers=headers),
        await client.get(f"{place}/deliveries", headers=headers),
    ]
    return made.json()["id"], secrets, [answer.text for answer in shown]


async def test_no_secret_of_a_webhook_is_in_answers_log_metrics_or_rows(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    """Shown when they are made and never again: not in a replay, an error, the log, a metric, a row or another event.
    A receiver that says its secret aloud does not get it into ours.
    """
    told: list[str] = []

    async def indiscreet(_request: web.Request, _body: bytes) -> Any:
        return web.Response(text=f"my secret is {told[-1]}" if told else "hello")

    connection = await asyncpg.connect(database_url)
    file = tmp_path / "coursegate.log"
    gateway = serving(database_url, redis_url, log_file=str(file), log_level="debug", webhook_allow_cidrs="127.0.0.0/8")
    async with receiving(Receiver(answer=indiscreet)) as receiver, gateway as served, talking(served) as client:
        customer = await add_customer(connection)
        webhook_id, secrets, said = await use_everything(client, customer, receiver.url)
        told.append(secrets[-1])
        async with worker(database_url, redis_url) as working:
            before = len(receiver.received)
            await emit(connection, customer.center_id)
            await until(lambda: len(receiver.received) > before)
            await until(lambda: any("webhook.delivered" in line for line in working.log))
            while await connection.fetchval("select exists (select from delivery where status = 'pending')"):
                await asyncio.sleep(0.01)
        said.append((await client.get(f"/v1/webhooks/{webhook_id}/deliveries", headers=customer.headers)).text)
        metrics = (await client.get(served.metrics_url)).text
        kept = await everything_in(connection)
        async with asyncio.timeout(5):
            while "/deliveries" not in file.read_text():
                await asyncio.sleep(0.05)
        logged = file.read_text() + served.log.read_text() + "".join(working.log)
    await connection.close()
    headers, body = receiver.received[-1]
    assert [is_genuine(raw(secret), headers, body) for secret in secrets] == [False, False, False, True, True]
    assert len(set(secrets)) == 5
    assert "my secret is [redacted]" in said[-1]
    for place, text in {"answers": "\n".join(said), "log": logged, "metrics": metrics, "rows": kept}.items():
        for secret in secrets:
            assert secret not in text, place
            assert secret.removeprefix("whsec_") not in text, place
            assert raw(secret).hex() not in text, place
