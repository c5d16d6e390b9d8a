"""What became of sending events, and how to ask for it again."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from gateway.http import Request
from gateway.webhooks.types import EventType

DeliveryStatus = Literal["pending", "succeeded", "failed", "discarded"]
AttemptError = Literal[
    "forbidden_target", "dns", "connection", "tls", "timeout", "protocol", "too_long", "redirect", "status", "secret"
]

RECOVERY_DAYS = 7
RECOVERED_MAX = 1000


class Attempt(Struct, frozen=True):
    """One attempt. `status` and `answer` (its first kilobyte): what the receiver said, if it did.

    `error`: null for a 2xx within 15 seconds.
    """

    number: int
    at: datetime
    status: int | None
    milliseconds: int
    error: AttemptError | None
    answer: str | None


class Delivery(Struct, frozen=True, kw_only=True):
    """An event on its way to a webhook. `attempt_log` has the last ten attempts, the latest first.

    `discarded`: the webhook was disabled first. `next_attempt_at` is there while it is pending.
    """

    object: Literal["delivery"] = "delivery"
    id: str
    webhook_id: str
    event_id: str
    type: EventType
    seq: int
    status: DeliveryStatus
    attempts: int
    next_attempt_at: datetime | None
    finished_at: datetime | None
    attempt_log: list[Attempt]
    created_at: datetime


class WebhookTest(Struct, frozen=True, kw_only=True):
    """What a `webhook.ping` came to; `id` is its delivery's."""

    object: Literal["webhook_test"] = "webhook_test"
    id: str
    webhook_id: str
    event_id: str
    succeeded: bool
    attempt: Attempt
    created_at: datetime


class NewRecovery(Request, frozen=True):
    """Body of `POST /v1/webhooks/{webhook_id}/recover`: since when, at most 7 days ago."""

    since: Annotated[datetime, Meta(tz=True)]


class Recovery(Struct, frozen=True, kw_only=True):
    """A recovery under way: `events` of the webhook's types that had not arrived, the oldest first, 1000 at most.

    `next_since`: what to ask for when this one has ended; null where nothing is left.
    """

    object: Literal["recovery"] = "recovery"
    webhook_id: str
    since: datetime
    events: int
    has_more: bool
    next_since: datetime | None
    created_at: datetime
