"""Webhooks: where events go, who may have them, and the secrets they are signed with.

Rule source: webhooks; security, "Webhooks" and "Keys and scopes".
"""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import msgspec
from msgspec import UNSET

from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.errors import (
    DuplicateWebhook,
    InvalidField,
    LimitReached,
    MissingScope,
    RotationInProgress,
    WebhookNotFound,
)
from gateway.features.webhooks import store
from gateway.features.webhooks.schemas import MadeWebhook, NewWebhook, SecretRotation, Webhook, WebhookEdit
from gateway.features.webhooks.store import Place, Wish
from gateway.http import Listing, Page, newest_before, newest_position
from gateway.ids import is_id, new_id
from gateway.keyring import Keyring
from gateway.outbound.client import Outbound
from gateway.outbound.targets import Target, WrongTarget, parse_target
from gateway.services import Services
from gateway.stores import Connection, Record
from gateway.webhooks.secrets import seal, unseal
from gateway.webhooks.signing import new_secret, shown_secret
from gateway.webhooks.types import scopes_lacking, types_for

__all__ = ["Place", "active_secrets", "find", "place_of", "withdraw_made_by"]

WEBHOOKS_MAX: Final = 20
"""Of one center, both envs together."""

LOOK_UP_SECONDS: Final = 3.0

_REFUSED: Final = "an https URL on port 443 or 8443 whose host has public addresses, and no others"
"""Said of names without an address too: whoever may ask is not told which names our own network knows."""


def target_of(url: str) -> Target:
    """Take the URL of a request apart. Raises InvalidField."""
    try:
        return parse_target(url)
    except WrongTarget as wrong:
        raise InvalidField("url", str(wrong)) from None


async def refusal(outbound: Outbound, target: Target) -> InvalidField | None:
    """What stands against a target as its name stands now; asked before SQL is, and told only where it is no replay."""
    try:
        async with asyncio.timeout(LOOK_UP_SECONDS):
            permitted = await outbound.permits(target)
    except OSError:  # TimeoutError is one
        permitted = False
    return None if permitted else InvalidField("url", _REFUSED)


def wanted(events: list[str], caller: Caller) -> tuple[list[str], list[str]]:
    """The events as kept and the types they stand for. Raises InvalidField, and MissingScope for what may not be read."""
    kept = sorted(set(events))
    if "*" in kept and len(kept) > 1:
        raise InvalidField("events", "`*` alone, or types by name")
    if lacking := scopes_lacking(kept, caller.scopes):
        raise MissingScope(lacking)
    return kept, types_for(kept, caller.scopes)


async def create(
    connection: Connection, keyring: Keyring, caller: Caller, wish: Wish, refused: InvalidField | None, now_ms: int
) -> MadeWebhook:
    """Make a webhook with its first secret. Raises InvalidField, DuplicateWebhook, LimitReached."""
    if refused is not None:
        raise refused
    count = await store.lock_and_count(connection, caller.center.id)
    if await store.is_there(connection, caller.center.id, caller.env, wish.fingerprint):
        raise DuplicateWebhook
    if count >= WEBHOOKS_MAX:
        message = f"A center has {WEBHOOKS_MAX} webhooks at most, live and test together."
        raise LimitReached("webhooks", WEBHOOKS_MAX, message)
    place = (caller.center.id, caller.env, new_id("wh", now_ms))
    await store.insert(connection, place, wish, created_by=caller.actor, now=as_datetime(now_ms))
    return await _with_new_secret(connection, keyring, place, now_ms)


def wish_of(target: Target, events: list[str], types: list[str], description: str | None) -> Wish:
    """What a webhook shall be."""
    told_by = "\n".join([target.url, *events])
    return Wish(target.url, events, types, hashlib.sha256(told_by.encode()).digest(), description)


def new_wish(data: NewWebhook, caller: Caller) -> tuple[Target, Wish]:
    """What the request asks for. Raises InvalidField, MissingScope."""
    target = target_of(data.url)
    events, types = wanted(list(data.events), caller)
    return target, wish_of(target, events, types, data.description)


async def newest(services: Services, caller: Caller, limit: int, cursor: str | None) -> Page[Webhook]:
    """Return a page of the caller's webhooks, newest first; raises InvalidCursor."""
    listing = Listing(services.keyring, caller, "/v1/webhooks", now_ms=services.clock.now_ms())
    behind = newest_before(listing.position(cursor))
    async with services.sql.session() as connection:
        rows = await store.newest(
            connection,
            caller.center.id,
            caller.env,
            before=behind,
            limit=limit + 1,
            now=as_datetime(services.clock.now_ms()),
        )
    return listing.page(rows, limit, show=render, position=newest_position)


async def find(connection: Connection, place: Place, now_ms: int) -> Record:
    """Return the row; raises WebhookNotFound."""
    row = await store.find(connection, place, as_datetime(now_ms)) if is_id("wh", place[2]) else None
    if row is None:
        raise WebhookNotFound
    return row


async def edit(
    services: Services, caller: Caller, webhook_id: str, data: WebhookEdit, target: Target | None
) -> MadeWebhook:
    """Change what was given. A new url gets a new secret, and needs the scopes of all that is sent there from now on.

    Raises WebhookNotFound, InvalidField, MissingScope, DuplicateWebhook.
    """
    place, now_ms = place_of(caller, webhook_id), services.clock.now_ms()
    events = None if data.events is UNSET else wanted(list(data.events), caller)
    refused = None if target is None else await refusal(services.outbound, target)
    async with services.sql.session() as connection, connection.transaction():
        row = await store.lock(connection, place) if is_id("wh", webhook_id) else None
        if row is None:
            raise WebhookNotFound
        target = target or parse_target(row["url"])
        kept, types = events or (row["events"], row["types"])
        moves = target.url != row["url"]
        if moves and refused is not None:
            raise refused
        if moves and (lacking := scopes_lacking(types, caller.scopes)):
            raise MissingScope(lacking)
        described = row["description"] if data.description is UNSET else data.description
        wish = wish_of(target, kept, types, described)
        if _differs(wish, row) and not await store.update(connection, place, wish, as_datetime(now_ms)):
            raise DuplicateWebhook
        await _switch(connection, place, row["status"], data, caller.request_id, now_ms)
        if not moves:
            return made(await find(connection, place, now_ms), None)
        await store.delete_secrets(connection, place)
        return await _with_new_secret(connection, services.keyring, place, now_ms)


async def delete(connection: Connection, place: Place, now_ms: int) -> None:
    """Take the webhook away. Raises WebhookNotFound."""
    if not is_id("wh", place[2]) or not await store.delete(connection, place, as_datetime(now_ms)):
        raise WebhookNotFound


async def withdraw_made_by(connection: Connection, center_id: str, makers: Sequence[str], now_ms: int) -> None:
    """Take away what these keys and persons made, so that a key that leaked leaves no webhook behind."""
    await store.delete_made_by(connection, center_id, makers, as_datetime(now_ms))


async def rotate(
    connection: Connection, keyring: Keyring, place: Place, data: SecretRotation, now_ms: int
) -> MadeWebhook:
    """Make a new secret; the old one signs beside it for the grace period. Raises WebhookNotFound, RotationInProgress."""
    if await store.lock(connection, place) is None:
        raise WebhookNotFound
    now = as_datetime(now_ms)
    if len(await store.active_secrets(connection, place, now)) > 1 and not data.force:
        raise RotationInProgress("An earlier rotation's old secret still signs; `force` ends it.")
    if data.grace_seconds == 0:
        await store.delete_secrets(connection, place)
    else:
        await store.expire_secrets(connection, place, now + timedelta(seconds=data.grace_seconds))
    return await _with_new_secret(connection, keyring, place, now_ms)


async def active_secrets(connection: Connection, keyring: Keyring, place: Place, now_ms: int) -> list[bytes]:
    """The secrets that sign, the newest first. Raises Unreadable."""
    return [
        unseal(keyring, row["sealed"], center_id=place[0], webhook_id=place[2], number=row["number"])
        for row in await store.active_secrets(connection, place, as_datetime(now_ms))
    ]


def place_of(caller: Caller, webhook_id: str) -> Place:
    """Where the caller's webhook of that id is, if it is."""
    return caller.center.id, caller.env, webhook_id


def render(row: Record) -> Webhook:
    """Show a row as its owner sees it."""
    return Webhook(**{name: row[name] for name in Webhook.__struct_fields__ if name != "object"})


def made(row: Record, secret: str | None) -> MadeWebhook:
    """Show a row with the secret that was made just now, if one was."""
    return MadeWebhook(**msgspec.structs.asdict(render(row)), secret=secret)


def _differs(wish: Wish, row: Record) -> bool:
    return any(getattr(wish, name) != row[name] for name in Wish.__struct_fields__)


async def _switch(
    connection: Connection, place: Place, status: str, data: WebhookEdit, request_id: str, now_ms: int
) -> None:
    if data.status is UNSET or data.status == status:
        return
    if data.status == "enabled":
        await store.enable(connection, place, as_datetime(now_ms))
    else:
        await store.disable(connection, place, request_id, as_datetime(now_ms))


async def _with_new_secret(connection: Connection, keyring: Keyring, place: Place, now_ms: int) -> MadeWebhook:
    secret, number = new_secret(), await store.next_number(connection, place)
    sealed = seal(keyring, secret, center_id=place[0], webhook_id=place[2], number=number)
    await store.add_secret(connection, place, number, sealed, as_datetime(now_ms))
    return made(await find(connection, place, now_ms), shown_secret(secret))
