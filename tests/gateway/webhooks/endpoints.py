"""Webhooks as rows, for tests that need no HTTP in front of them."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from gateway.ids import new_id
from gateway.keyring import Keyring
from tests.running import ENCRYPTION_KEYS, PEPPERS, add_center

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
NOW_MS = 1_773_576_000_000
KEYRING = Keyring(PEPPERS.by_version, ENCRYPTION_KEYS.by_version)


async def add_webhook(
    connection: Any,
    center_id: str,
    url: str = "https://receiver.test/hook",
    types: Sequence[str] = ("course.ready",),
    *,
    env: str = "live",
    status: str = "enabled",
    keyring: Keyring = KEYRING,
) -> tuple[str, bytes]:
    """An endpoint with one secret; returns its id and the secret."""
    webhook_id, secret = new_id("wh", NOW_MS), secrets.token_bytes(32)
    await connection.execute(
        """insert into webhook (center_id, env, id, url, events, types, fingerprint, status, secrets_made, created_at, updated_at)
           values ($1, $2, $3, $4, $5, $5, $6, $7, 1, $8, $8)""",
        center_id,
        env,
        webhook_id,
        url,
        sorted(types),
        hashlib.sha256(repr((url, sorted(types), webhook_id)).encode()).digest(),
        status,
        NOW,
    )
    await connection.execute(
        "insert into webhook_secret (center_id, env, webhook_id, number, sealed, created_at) values ($1, $2, $3, 1, $4, $5)",
        center_id,
        env,
        webhook_id,
        keyring.seal(secret, table="webhook_secret", row=f"{webhook_id}:1", center=center_id),
        NOW,
    )
    return webhook_id, secret


async def emit(
    connection: Any,
    center_id: str,
    type_: str = "course.ready",
    data: str = "{}",
    *,
    env: str = "live",
    now: datetime = NOW,
) -> None:
    """One event, as a SQL function of the product would write it."""
    await connection.execute("select emit($1, $2, $3, 'crs_x', $4::jsonb, $5)", center_id, env, type_, data, now)


__all__ = ["KEYRING", "NOW", "NOW_MS", "add_center", "add_webhook", "emit"]
