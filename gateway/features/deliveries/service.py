"""The log of deliveries, and sending again. Rule source: webhooks; security, "Webhooks"."""

from datetime import UTC, datetime, timedelta
from typing import Final

from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.errors import DeliveryNotFound, InvalidField, WebhookNotFound, WrongState
from gateway.features.deliveries import store
from gateway.features.deliveries.schemas import (
    RECOVERED_MAX,
    RECOVERY_DAYS,
    Attempt,
    Delivery,
    DeliveryStatus,
    Recovery,
    WebhookTest,
)
from gateway.features.webhooks import service as webhooks
from gateway.http import Listing, Page, newest_before, newest_position
from gateway.ids import is_id, new_id
from gateway.services import Services
from gateway.spending import Spending
from gateway.stores import Connection, Record
from gateway.webhooks.signing import signed_headers
from quotas import keys
from quotas.windows import Policy

TESTS_A_MINUTE: Final = 10
REDELIVERIES_A_MINUTE: Final = 60
ATTEMPTS_SHOWN: Final = 10


async def newest(
    services: Services, caller: Caller, webhook_id: str, status: DeliveryStatus | None, limit: int, cursor: str | None
) -> Page[Delivery]:
    """Return a page of a webhook's deliveries, newest first. Raises WebhookNotFound, InvalidCursor."""
    place, now_ms = webhooks.place_of(caller, webhook_id), services.clock.now_ms()
    listing = Listing(
        services.keyring, caller, f"/v1/webhooks/{webhook_id}/deliveries", {"status": status}, now_ms=now_ms
    )
    behind = newest_before(listing.position(cursor))
    async with services.sql.session() as connection:
        await webhooks.find(connection, place, now_ms)
        rows = await store.newest(connection, place, status, before=behind, limit=limit + 1)
        logs = await _logs(connection, caller, [row["id"] for row in rows[:limit]])
    return listing.page(rows, limit, show=lambda row: render(row, logs), position=newest_position)


async def find(connection: Connection, place: store.Place) -> Record:
    """Return the row; raises DeliveryNotFound."""
    row = await store.find(connection, place) if is_id("dlv", place[2]) else None
    if row is None:
        raise DeliveryNotFound
    return row


async def count_redelivery(spending: Spending, caller: Caller) -> None:
    """Count it for the center's redeliveries of this minute. Raises RateLimited."""
    await spending.also(_policy(caller, "webhook_redeliver", REDELIVERIES_A_MINUTE))


async def redeliver(connection: Connection, caller: Caller, row: Record, now_ms: int) -> Delivery:
    """Send it once more, with the whole schedule of attempts before it. Raises WrongState."""
    if row["webhook_status"] != "enabled":
        raise WrongState("webhook_disabled", ["webhook_enabled"], "The webhook is disabled: enable it first.")
    place = row["center_id"], row["env"], row["id"]
    if await store.again(connection, place, as_datetime(now_ms)) == "busy":
        raise WrongState("under_way", ["pending", "succeeded", "failed", "discarded"], "It is being sent this moment.")
    return render(await find(connection, place), await _logs(connection, caller, [row["id"]]))


async def recover(connection: Connection, place: webhooks.Place, since: datetime, now_ms: int) -> Recovery:
    """Deliver what the webhook missed. Raises InvalidField, WrongState."""
    now = as_datetime(now_ms)
    if not now - timedelta(days=RECOVERY_DAYS) <= since <= now:
        raise InvalidField("since", f"a time within the last {RECOVERY_DAYS} days")
    found = await store.recover(connection, place, since, RECOVERED_MAX, now)
    match found and found["outcome"]:
        case "disabled":
            raise WrongState("disabled", ["enabled"], "The webhook is disabled: enable it first.")
        case "busy":
            raise WrongState("recovering", ["enabled"], "An earlier recovery is under way.")
    if found is None:
        raise WebhookNotFound
    return Recovery(
        webhook_id=place[2],
        since=since.astimezone(UTC),
        events=found["events"],
        has_more=found["behind"] is not None,
        next_since=found["behind"],
        created_at=now,
    )


async def test(services: Services, caller: Caller, spending: Spending, webhook_id: str) -> WebhookTest:
    """Send a `webhook.ping` now and say what came of it. No connection to a store is held while the receiver is waited for.

    Raises WebhookNotFound, RateLimited.
    """
    place, now_ms = webhooks.place_of(caller, webhook_id), services.clock.now_ms()
    async with services.sql.session() as connection:
        row = await webhooks.find(connection, place, now_ms)
        active = await webhooks.active_secrets(connection, services.keyring, place, now_ms)
        ping = await store.ping(connection, place, as_datetime(now_ms))
    if ping is None:
        raise WebhookNotFound
    await spending.also(_policy(caller, "webhook_test", TESTS_A_MINUTE))
    body: bytes = ping["body"].encode()
    names = new_id("evt", now_ms), new_id("dlv", now_ms)
    said = await services.outbound.post(row["url"], signed_headers(names[0], now_ms // 1000, body, active), body)
    attempt = Attempt(1, as_datetime(now_ms), said.status, said.milliseconds, said.error, said.text)
    async with services.sql.session() as connection:
        await store.keep_ping(
            connection, place, *names, ping["seq"], ping["body"], attempt, as_datetime(services.clock.now_ms())
        )
    return WebhookTest(
        id=names[1],
        webhook_id=webhook_id,
        event_id=names[0],
        succeeded=said.error is None,
        attempt=attempt,
        created_at=attempt.at,
    )


def render(row: Record, logs: dict[str, list[Attempt]]) -> Delivery:
    """Show a row as its owner sees it."""
    return Delivery(
        id=row["id"],
        webhook_id=row["webhook_id"],
        event_id=row["event_id"],
        type=row["type"],
        seq=row["seq"],
        status=row["status"],
        attempts=row["attempts"],
        next_attempt_at=row["due_at"] if row["status"] == "pending" else None,
        finished_at=row["finished_at"],
        attempt_log=logs.get(row["id"], []),
        created_at=row["created_at"],
    )


async def _logs(connection: Connection, caller: Caller, delivery_ids: list[str]) -> dict[str, list[Attempt]]:
    logs: dict[str, list[Attempt]] = {}
    for row in await store.attempts(connection, caller.center.id, caller.env, delivery_ids, ATTEMPTS_SHOWN):
        attempt = Attempt(
            row["number"], row["at"], row["status_code"], row["milliseconds"], row["error"], row["answer"]
        )
        logs.setdefault(row["delivery_id"], []).append(attempt)
    return logs


def _policy(caller: Caller, name: str, limit: int) -> Policy:
    return Policy(name, keys.act(caller.env, caller.center.id, name), limit)
