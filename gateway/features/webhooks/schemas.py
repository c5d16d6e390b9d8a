"""What a webhook looks like to its owner, and what may be said of one."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from gateway.http import Request
from gateway.http.texts import Title
from gateway.outbound.targets import URL_LENGTH_MAX
from gateway.webhooks.types import Wanted

Url = Annotated[str, Meta(min_length=1, max_length=URL_LENGTH_MAX)]
Events = Annotated[list[Wanted], Meta(min_length=1, max_length=50)]

GRACE_SECONDS = 86_400
"""An old secret signs beside its successor for a day, unless less is asked for."""


class NewWebhook(Request, frozen=True):
    """Body of `POST /v1/webhooks`. `events`: types, or `*` alone: all whose objects the caller may read."""

    url: Url
    events: Events
    description: Title | None = None


class WebhookEdit(Request, frozen=True):
    """Body of `PATCH /v1/webhooks/{webhook_id}`: what is left out stays. A new `url` brings a new secret."""

    url: Url | UnsetType = UNSET
    events: Events | UnsetType = UNSET
    description: Title | UnsetType | None = UNSET
    status: Literal["enabled", "disabled"] | UnsetType = UNSET


class SecretRotation(Request, frozen=True):
    """Body of `POST /v1/webhooks/{webhook_id}/rotate-secret`. `grace_seconds` 0 ends the old secret at once;
    `force` rotates during an earlier rotation, and ends what that one replaced.
    """

    grace_seconds: Annotated[int, Meta(ge=0, le=GRACE_SECONDS)] = GRACE_SECONDS
    force: bool = False


class Webhook(Struct, frozen=True, kw_only=True):
    """A webhook. `disabled_reason`: `owner`, `gone` (it answered 410) or `failing` (5 days without a success).

    `old_secret_expires_at` is there while two secrets sign.
    """

    object: Literal["webhook"] = "webhook"
    id: str
    url: str
    events: list[Wanted]
    description: str | None
    status: Literal["enabled", "disabled"]
    disabled_reason: Literal["owner", "gone", "failing"] | None
    disabled_at: datetime | None
    failing_since: datetime | None
    last_success_at: datetime | None
    old_secret_expires_at: datetime | None
    created_by: str | None
    created_at: datetime
    updated_at: datetime


class MadeWebhook(Webhook, frozen=True, kw_only=True):
    """A webhook with its newest secret, shown when that was made; `null` in a replay and where none was made."""

    secret: str | None
