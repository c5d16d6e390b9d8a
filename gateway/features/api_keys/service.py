"""Making and rotating API keys: a key gives away no more than its maker has.

Rule source: security, "Keys and scopes". The same functions serve `/v1/api-keys`, provisioning and the command line.
All that change keys run in the caller's transaction and hold the center's keys still until it ends.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.errors import (
    ApiKeyNotFound,
    InsufficientRole,
    InvalidApiKey,
    InvalidField,
    LimitReached,
    MembershipEnded,
    MissingScope,
    RotationInProgress,
    WrongState,
)
from gateway.features.api_keys import store
from gateway.features.api_keys.schemas import ApiKey, Bounds, MadeApiKey, Maker, NewApiKey
from gateway.ids import is_id, new_id
from gateway.key_format import Env, make_key, parse_key
from gateway.keyring import KeyHash, Keyring
from gateway.scopes import SCOPES
from gateway.stores import Connection, Record

__all__ = [
    "ApiKey",
    "Bounds",
    "MadeApiKey",
    "Maker",
    "NewApiKey",
    "add",
    "bounds_of",
    "center_id_of",
    "create",
    "find",
    "find_to_rotate",
    "lock_centers",
    "maker_of",
    "newest",
    "operator",
    "render",
    "require_rights",
    "rotate",
    "still_opens",
]

lock_centers = store.lock_centers

EXPIRY_MAX: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""Beyond it SQL and JSON disagree about what an instant is; a key without expiry has none."""


def maker_of(caller: Caller) -> Maker:
    """Who calls, as a maker of keys: people and live keys act for both envs, a test key for test alone."""
    envs: frozenset[Env] = frozenset({"live", "test"}) if caller.env == "live" else frozenset({"test"})
    return Maker(
        actor=caller.actor,
        key_id=caller.key_id,
        person_id=caller.person_id,
        role=caller.role,
        center_id=caller.center.id,
        envs=envs,
        scopes=caller.scopes,
    )


def operator(user: str) -> Maker:
    """The operator at the command line: bound by nothing, recorded by name."""
    return Maker(actor=f"cli:{user}")


def require_rights(maker: Maker, env: Env, scopes: Collection[str]) -> None:
    """Raise InvalidField for an env the maker may not act for, MissingScope for scopes it lacks."""
    if env not in maker.envs:
        raise InvalidField("env", "`test`: a test key makes test keys alone")
    if maker.scopes is not None and (lacking := [scope for scope in scopes if scope not in maker.scopes]):
        raise MissingScope(lacking) if maker.person_id is None else InsufficientRole(lacking, maker.role)


async def create(
    connection: Connection, keyring: Keyring, maker: Maker, center_id: str, data: NewApiKey, now_ms: int
) -> MadeApiKey:
    """Make a key for the maker's own center (any center at the command line).

    Raises InvalidField, MissingScope, LimitReached, and InvalidApiKey where the maker was revoked meanwhile.
    """
    require_rights(maker, data.env, data.scopes)
    now = as_datetime(now_ms)
    if data.expires_at is not None and not now < data.expires_at < EXPIRY_MAX:
        raise InvalidField("expires_at", "in the future and before the year 9999")
    await store.lock_centers(connection, {center_id})
    bounds = await bounds_of(connection, maker, now)
    bounds.check(data)
    return await add(connection, keyring, maker, center_id, data, bounds, now_ms)


async def add(
    connection: Connection,
    keyring: Keyring,
    maker: Maker,
    center_id: str,
    data: NewApiKey,
    bounds: Bounds,
    now_ms: int,
) -> MadeApiKey:
    """Add a key within `bounds`, the center's keys being locked; raises LimitReached."""
    ceiling, count = await store.ceiling_and_count(connection, center_id, as_datetime(now_ms))
    if count >= ceiling:
        raise LimitReached(resource="api_keys", limit=ceiling)
    return await _insert(
        connection,
        keyring,
        maker,
        center_id,
        name=data.name,
        env=data.env,
        scopes=data.scopes,
        expires_at=bounds.expiry(data.expires_at),
        requests_per_minute=bounds.rate(data.requests_per_minute),
        now_ms=now_ms,
    )


async def find_to_rotate(connection: Connection, maker: Maker, center_id: str, key_id: str) -> Record:
    """Return the key; raises ApiKeyNotFound, and MissingScope where the maker lacks a scope of it."""
    row = await find(connection, maker, center_id, key_id)
    require_rights(maker, row["env"], row["scopes"])
    return row


async def rotate(
    connection: Connection,
    keyring: Keyring,
    maker: Maker,
    center_id: str,
    key_id: str,
    grace_seconds: int,
    now_ms: int,
) -> MadeApiKey:
    """Make the key's successor: its name, env, scopes, rate and expiry, none beyond the maker's own. The old key
    lives for the grace period or to its own expiry, whichever is first. At most two keys of a line live at once.

    Raises ApiKeyNotFound, MissingScope, WrongState for an expired key, RotationInProgress while an earlier rotation
    of the same line is in its grace period, and InvalidApiKey where the maker was revoked meanwhile.
    """
    now = as_datetime(now_ms)
    await store.lock_centers(connection, {center_id})
    old = await find_to_rotate(connection, maker, center_id, key_id)
    bounds = await bounds_of(connection, maker, now)
    if await store.rotation_of(connection, key_id, now):
        raise RotationInProgress
    if old["expires_at"] is not None and old["expires_at"] <= now:
        raise WrongState(current="expired", allowed=["active"])
    made = await _insert(
        connection,
        keyring,
        maker,
        center_id,
        name=old["name"],
        env=old["env"],
        scopes=old["scopes"],
        expires_at=bounds.expiry(old["expires_at"]),
        requests_per_minute=bounds.rate(old["requests_per_minute"]),
        rotated_from=key_id,
        now_ms=now_ms,
    )
    await store.expire(connection, key_id, now + timedelta(seconds=grace_seconds), now)
    return made


async def newest(
    connection: Connection, center_id: str, envs: Collection[Env], *, limit: int, before: tuple[datetime, str] | None
) -> Sequence[Record]:
    """Return at most `limit` of the center's keys in these envs, newest first; revoked ones are gone."""
    return await store.newest(connection, center_id, envs, before=before, limit=limit)


async def center_id_of(connection: Connection, key_id: str) -> str:
    """Return the center of a key, for the command line, which sees all; raises ApiKeyNotFound."""
    center_id = await store.center_id_of(connection, key_id)
    if center_id is None:
        raise ApiKeyNotFound
    return center_id


async def bounds_of(connection: Connection, maker: Maker, now: datetime) -> Bounds:
    """Read what the maker's keys may not exceed, now and not as cached. Raises InvalidApiKey for a maker that has
    been revoked or has expired meanwhile, MembershipEnded for a person who is out or in another role: ending with `cascade` misses nothing.
    """
    if maker.person_id is not None and not await store.is_member(
        connection, maker.center_id or "", maker.person_id, maker.role or ""
    ):
        raise MembershipEnded
    if maker.key_id is None:
        return Bounds()
    row = await store.find_living(connection, maker.key_id, now)
    if row is None:
        raise InvalidApiKey
    return Bounds(expires_at=row["expires_at"], requests_per_minute=row["requests_per_minute"])


async def still_opens(connection: Connection, keyring: Keyring, center_id: str, text: str, now_ms: int) -> bool:
    """Whether this key, kept from an earlier time, is one of the center's and lives."""
    parsed = parse_key(text)
    row = await store.find_secret(connection, center_id, parsed.public_id, as_datetime(now_ms)) if parsed else None
    return row is not None and keyring.matches(text, KeyHash(row["pepper_version"], row["secret_hash"]))


def render(row: Record) -> ApiKey:
    """Show a row as the key its manager sees: never its hash."""
    return ApiKey(**_facts(row))


async def find(connection: Connection, maker: Maker, center_id: str, key_id: str) -> Record:
    """Return a key that the maker may see; raises ApiKeyNotFound."""
    row = await store.find(connection, center_id, maker.envs, key_id) if is_id("key", key_id) else None
    if row is None:
        raise ApiKeyNotFound
    return row


async def _insert(
    connection: Connection,
    keyring: Keyring,
    maker: Maker,
    center_id: str,
    *,
    name: str,
    env: Env,
    scopes: Collection[str],
    expires_at: datetime | None,
    requests_per_minute: int | None,
    rotated_from: str | None = None,
    now_ms: int,
) -> MadeApiKey:
    key = make_key(env)
    stored = keyring.hash_key(key.text)
    row = await store.insert(
        connection,
        new_id("key", now_ms),
        public_id=key.public_id,
        secret_hash=stored.digest,
        pepper_version=stored.pepper_version,
        center_id=center_id,
        env=env,
        name=name,
        scopes=[scope for scope in SCOPES if scope in scopes],
        requests_per_minute=requests_per_minute,
        created_by=maker.actor,
        now=as_datetime(now_ms),
        expires_at=expires_at,
        rotated_from=rotated_from,
    )
    return MadeApiKey(**_facts(row), key=key.text)


def _facts(row: Record) -> dict[str, Any]:
    shown = (field.name for field in msgspec.structs.fields(ApiKey) if field.name != "object")
    return {name: row[name] for name in shown}
