"""Secrets give way to each other without a gap. Rule source: webhooks; security, "Webhooks"."""

from typing import Any

import httpx

from gateway.app import Gateway
from tests.clock import FrozenClock
from tests.gateway.features.webhooks.asking import code, make
from tests.gateway.webhooks.couriers import FakeNames
from tests.gateway.webhooks.receivers import receiving
from tests.gateway.webhooks.verifying import is_genuine, raw
from tests.running import Customer


async def test_old_and_new_sign_side_by_side_for_a_day(
    client: httpx.AsyncClient, customer: Customer, names: FakeNames, clock: FrozenClock
) -> None:
    """A receiver verifies with either for 24 hours; then the new one alone signs."""
    async with receiving() as receiver:
        made = await make(client, customer, receiver.url)
        place = f"/v1/webhooks/{made['id']}"
        rotated = await client.post(f"{place}/rotate-secret", headers=customer.headers)
        assert (rotated.status_code, rotated.headers["cache-control"]) == (200, "no-store")
        assert rotated.json()["old_secret_expires_at"] == "2026-03-16T12:00:00Z"
        await client.post(f"{place}/test", headers=customer.headers)
        clock.advance(86_400_000)
        shown = await client.get(place, headers=customer.headers)
        assert shown.json()["old_secret_expires_at"] is None
        await client.post(f"{place}/test", headers=customer.headers)
    old, new = raw(made["secret"]), raw(rotated.json()["secret"])
    (during, body), (after, later) = receiver.received
    assert is_genuine(old, during, body)
    assert is_genuine(new, during, body)
    assert is_genuine(new, after, later)
    assert not is_genuine(old, after, later)


async def test_a_second_rotation_waits_or_is_forced(
    client: httpx.AsyncClient, customer: Customer, names: FakeNames, clock: FrozenClock
) -> None:
    """409 while two sign; `force` ends the oldest; afterwards it is free again. Never do more than two sign."""
    async with receiving() as receiver:
        made = await make(client, customer, receiver.url)
        place = f"/v1/webhooks/{made['id']}"
        second = await client.post(f"{place}/rotate-secret", headers=customer.headers)
        refused = await client.post(f"{place}/rotate-secret", json={}, headers=customer.headers)
        assert code(refused) == (409, "rotation_in_progress", None)
        forced = await client.post(f"{place}/rotate-secret", json={"force": True}, headers=customer.headers)
        await client.post(f"{place}/test", headers=customer.headers)
        clock.advance(86_400_000)
        assert (await client.post(f"{place}/rotate-secret", headers=customer.headers)).status_code == 200
    [(headers, body)] = receiver.received
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert not is_genuine(raw(made["secret"]), headers, body)
    assert is_genuine(raw(second.json()["secret"]), headers, body)
    assert is_genuine(raw(forced.json()["secret"]), headers, body)


async def test_a_leaked_secret_ends_at_once(client: httpx.AsyncClient, customer: Customer, names: FakeNames) -> None:
    """`grace_seconds: 0` leaves the new secret alone, in the midst of another rotation too if forced."""
    async with receiving() as receiver:
        made = await make(client, customer, receiver.url)
        place = f"/v1/webhooks/{made['id']}"
        await client.post(f"{place}/rotate-secret", headers=customer.headers)
        answer = await client.post(
            f"{place}/rotate-secret", json={"grace_seconds": 0, "force": True}, headers=customer.headers
        )
        assert answer.json()["old_secret_expires_at"] is None
        await client.post(f"{place}/test", headers=customer.headers)
    [(headers, body)] = receiver.received
    assert len(headers["webhook-signature"].split(" ")) == 1
    assert is_genuine(raw(answer.json()["secret"]), headers, body)


async def test_a_rotation_is_done_once(
    client: httpx.AsyncClient, customer: Customer, names: FakeNames, database: Any
) -> None:
    """Under one `Idempotency-Key` there is one new secret, and a replay does not show it."""
    made = await make(client, customer)
    headers = customer.headers | {"Idempotency-Key": "k"}
    first = await client.post(f"/v1/webhooks/{made['id']}/rotate-secret", headers=headers)
    again = await client.post(f"/v1/webhooks/{made['id']}/rotate-secret", headers=headers)
    assert again.json() == first.json() | {"secret": None}
    assert await database.fetchval("select count(*) from webhook_secret") == 2


async def test_wrong_grace_is_refused(client: httpx.AsyncClient, customer: Customer, names: FakeNames) -> None:
    """From nothing to a day."""
    made = await make(client, customer)
    for grace in (-1, 86_401, "0", 1.5, None):
        answer = await client.post(
            f"/v1/webhooks/{made['id']}/rotate-secret", json={"grace_seconds": grace}, headers=customer.headers
        )
        assert code(answer) == (400, "invalid_field", "grace_seconds")


async def test_a_secret_sealed_for_another_row_signs_nothing(
    client: httpx.AsyncClient, customer: Customer, names: FakeNames, app: Gateway, database: Any
) -> None:
    """What is stored is bound to its row and center: copied into another row it can't be read."""
    async with receiving() as receiver:
        one = await make(client, customer, receiver.url + "/1")
        other = await make(client, customer, receiver.url + "/2")
        await database.execute(
            "update webhook_secret set sealed = (select sealed from webhook_secret where webhook_id = $1) where webhook_id = $2",
            one["id"],
            other["id"],
        )
        answer = await client.post(f"/v1/webhooks/{other['id']}/test", headers=customer.headers)
    assert answer.status_code == 500
    assert receiver.received == []
