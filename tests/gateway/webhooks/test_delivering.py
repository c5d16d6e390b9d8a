"""What a receiver is sent, and when again. Rule source: webhooks."""

import base64
import itertools
import json
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from gateway.outbound.networks import Address
from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.gateway.webhooks.couriers import FakeNames, delivered, open_courier
from tests.gateway.webhooks.endpoints import KEYRING, NOW, add_center, add_webhook, emit
from tests.gateway.webhooks.receivers import Receiver, receiving
from tests.gateway.webhooks.verifying import is_genuine

USUAL_PAUSES = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]


async def deliveries(connection: Any) -> list[Any]:
    return list(await connection.fetch("select * from delivery order by seq, id"))


async def test_what_is_sent_is_signed_so_that_anybody_can_verify_it(
    database: Any, sql: SqlStore, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library of the standard and a verifier of our own accept the very bytes, and no others."""
    monkeypatch.setattr("standardwebhooks.webhooks.datetime", _StandingStill)
    async with receiving() as receiver, database.acquire() as connection, open_courier(sql, clock) as courier:
        center = await add_center(connection)
        _, secret = await add_webhook(connection, center, receiver.url)
        await emit(connection, center, data='{"object": "course", "id": "crs_x", "title": "Ünï ☃"}')
        assert await delivered(courier) == 1
        [(headers, body)] = receiver.received
        event = await connection.fetchrow("select * from event")
    assert Webhook(base64.b64encode(secret).decode()).verify(body, headers) == json.loads(body)
    assert is_genuine(secret, headers, body)
    assert not is_genuine(secret, headers, body.replace(b"crs_x", b"crs_y"))
    assert not is_genuine(secret, headers | {"webhook-timestamp": "1"}, body)
    assert not is_genuine(bytes(32), headers, body)
    assert headers["webhook-id"] == event["id"]
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert headers["content-type"] == "application/json"
    assert body.decode() == event["body"]


class _StandingStill:
    """The library asks the machine's clock; the test's stands still."""

    @staticmethod
    def now(tz: Any = None) -> Any:
        return NOW.astimezone(tz)

    @staticmethod
    def fromtimestamp(*given: Any, **named: Any) -> Any:
        return type(NOW).fromtimestamp(*given, **named)


async def test_a_success_ends_a_delivery(database: Any, sql: SqlStore, clock: FrozenClock) -> None:
    """After a 2xx nothing more is sent; the log has status, milliseconds and the answer."""
    async with (
        receiving(Receiver(statuses=[204, 500], text="")) as receiver,
        database.acquire() as connection,
        open_courier(sql, clock) as courier,
    ):
        center = await add_center(connection)
        await add_webhook(connection, center, receiver.url)
        await emit(connection, center)
        assert await delivered(courier) == 1
        clock.advance(200_000_000)
        assert await delivered(courier) == 0
        [row] = await deliveries(connection)
        attempt = await connection.fetchrow("select * from delivery_attempt")
    assert (row["status"], row["attempts"], row["lease_until"]) == ("succeeded", 1, None)
    assert (attempt["status_code"], attempt["error"], attempt["answer"], attempt["at"]) == (204, None, "", NOW)
    assert len(receiver.received) == 1


async def test_ten_attempts_are_made_at_the_promised_times(database: Any, sql: SqlStore, clock: FrozenClock) -> None:
    """At 0, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h after one another; each signed anew, under one id."""
    async with (
        receiving(Receiver(statuses=[500])) as receiver,
        database.acquire() as connection,
        open_courier(sql, clock) as courier,
    ):
        center = await add_center(connection)
        _, secret = await add_webhook(connection, center, receiver.url)
        await emit(connection, center)
        for pause in [0, *USUAL_PAUSES]:
            if pause:
                clock.advance(1000 * (pause - 1))
                assert await delivered(courier) == 0
                clock.advance(1000)
            assert await delivered(courier) == 1
        clock.advance(1_000_000_000)
        assert await delivered(courier) == 0
        [row] = await deliveries(connection)
    assert (row["status"], row["attempts"]) == ("failed", 10)
    assert len(set(receiver.ids)) == 1
    stamps = [int(headers["webhook-timestamp"]) for headers, _ in receiver.received]
    assert [later - earlier for earlier, later in itertools.pairwise(stamps)] == USUAL_PAUSES
    assert all(is_genuine(secret, headers, body) for headers, body in receiver.received)


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 429, 500, 503])
async def test_everything_but_a_2xx_is_a_failure(status: int, database: Any, sql: SqlStore, clock: FrozenClock) -> None:
    """Redirects are not followed, errors are tried again."""
    async with receiving() as elsewhere, database.acquire() as connection, open_courier(sql, clock) as courier:
        receiver = Receiver(statuses=[status], headers={"Location": elsewhere.url})
        async with receiving(receiver):
            center = await add_center(connection)
            await add_webhook(connection, center, receiver.url)
            await emit(connection, center)
            await delivered(courier)
            [row] = await deliveries(connection)
            attempt = await connection.fetchrow("select * from delivery_attempt")
    assert (row["status"], row["due_at"]) == ("pending", NOW + timedelta(seconds=5))
    assert attempt["status_code"] == status
    assert attempt["error"] == ("redirect" if status < 400 else "status")
    assert elsewhere.received == []


async def test_retry_after_is_honoured(database: Any, sql: SqlStore, clock: FrozenClock) -> None:
    """A receiver that asks for longer than planned is given it, as seconds or as a date."""
    receiver = Receiver(statuses=[503], headers={"Retry-After": "120"})
    async with receiving(receiver), database.acquire() as connection, open_courier(sql, clock) as courier:
        center = await add_center(connection)
        await add_webhook(connection, center, receiver.url)
        await emit(connection, center)
        await delivered(courier)
        [row] = await deliveries(connection)
        assert row["due_at"] == NOW + timedelta(seconds=120)
        clock.advance(120_000)
        receiver.headers = {"Retry-After": "Sun, 15 Mar 2026 13:00:00 GMT"}
        await delivered(courier)
        [row] = await deliveries(connection)
    assert row["due_at"] == NOW + timedelta(hours=1)


async def test_both_secrets_sign_while_one_gives_way(database: Any, sql: SqlStore, clock: FrozenClock) -> None:
    """A receiver that knows the old or the new secret verifies; once the old one has expired, the new one alone."""
    async with receiving() as receiver, database.acquire() as connection, open_courier(sql, clock) as courier:
        center = await add_center(connection)
        webhook_id, old = await add_webhook(connection, center, receiver.url)
        new = bytes(range(32))
        await connection.execute("update webhook_secret set expires_at = $1", NOW + timedelta(hours=24))
        await connection.execute(
            "insert into webhook_secret (center_id, env, webhook_id, number, sealed, created_at) values ($1, 'live', $2, 2, $3, $4)",
            center,
            webhook_id,
            KEYRING.seal(new, table="webhook_secret", row=f"{webhook_id}:2", center=center),
            NOW,
        )
        await emit(connection, center)
        await delivered(courier)
        clock.advance(86_400_000)
        await emit(connection, center)
        await delivered(courier)
    (during, body), (after, later_body) = receiver.received
    assert is_genuine(new, during, body)
    assert is_genuine(old, during, body)
    assert is_genuine(new, after, later_body)
    assert not is_genuine(old, after, later_body)


async def test_an_answer_that_nobody_foresaw_is_an_attempt_too(
    database: Any, sql: SqlStore, clock: FrozenClock
) -> None:
    """A `Retry-After` in a year that no calendar has: logged and counted, and tried again as planned, not for ever."""
    receiver = Receiver(statuses=[503], headers={"Retry-After": "Sun, 15 Mar 99999999999999999999 13:00:00 GMT"})
    async with receiving(receiver), database.acquire() as connection, open_courier(sql, clock) as courier:
        center = await add_center(connection)
        await add_webhook(connection, center, receiver.url)
        await emit(connection, center)
        await delivered(courier)
        [row] = await deliveries(connection)
    assert (row["status"], row["attempts"], row["lease_until"]) == ("pending", 1, None)
    assert row["due_at"] == NOW + timedelta(seconds=5)


async def test_a_crash_in_an_attempt_is_an_attempt_too(database: Any, sql: SqlStore, clock: FrozenClock) -> None:
    """Names that break in a way that nobody foresaw: the attempt fails, and the delivery goes by its schedule."""

    class Broken(FakeNames):
        async def addresses(self, host: str) -> tuple[Address, ...]:
            raise RuntimeError(host)

    async with database.acquire() as connection, open_courier(sql, clock, names=Broken()) as courier:
        center = await add_center(connection)
        await add_webhook(connection, center)
        await emit(connection, center)
        await delivered(courier)
        [row] = await deliveries(connection)
        attempt = await connection.fetchrow("select * from delivery_attempt")
    assert (row["status"], row["attempts"], row["due_at"]) == ("pending", 1, NOW + timedelta(seconds=5))
    assert (attempt["status_code"], attempt["error"]) == (None, "protocol")
