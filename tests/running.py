"""The gateway itself, for tests: the real ASGI application in this process, or `coursegate serve` as processes."""

import asyncio
import atexit
import secrets
import shutil
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import httpx
from msgspec import Struct

from gateway.app import Gateway, create_app
from gateway.clock import Clock
from gateway.ids import new_id
from gateway.key_format import Env, make_key
from gateway.keyring import Keyring
from gateway.private_files import write_private
from gateway.scopes import CENTER_SCOPES
from gateway.secret_ring import SecretRing
from gateway.settings import Settings
from gateway.stores import Connection
from gateway.tokens.key_file import new_key, written

PEPPERS = SecretRing({1: sha256(b"a pepper for tests").digest()})
ENCRYPTION_KEYS = SecretRing({1: sha256(b"an encryption key for tests").digest()})
NOW = datetime(2026, 3, 1, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)


@cache
def token_keys_file() -> Path:
    """A file with the key that signs people's tokens in this session."""
    folder = Path(tempfile.mkdtemp(prefix="cg-token-keys-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write_private(folder / "keys.pem", written((new_key(1, 0),)))
    return folder / "keys.pem"


class Customer(Struct, frozen=True):
    """A center and one key of it."""

    center_id: str
    key_id: str
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


def settings_for(database_url: str, redis_url: str, **given: Any) -> Settings:
    """Settings with secrets of their own; `given` overrides."""
    values: dict[str, Any] = {
        "database_url": database_url,
        "redis_url": redis_url,
        "key_peppers": PEPPERS,
        "encryption_keys": ENCRYPTION_KEYS,
        "public_url": "https://gateway.test",
        "jwt_keys_file": token_keys_file(),
    }
    return Settings(**values | given)


async def add_center(connection: Connection, *, plan_id: str = "partner", status: str = "active") -> str:
    """A center of its own."""
    center_id = new_id("ctr", NOW_MS)
    await connection.execute(
        "insert into center (id, name, subdomain, plan_id, status, created_at, updated_at)"
        " values ($1, 'Test', $2, $3, $4, $5, $5)",
        center_id,
        f"t{secrets.token_hex(8)}",
        plan_id,
        status,
        NOW,
    )
    return center_id


async def add_key(
    connection: Connection,
    center_id: str,
    *,
    env: Env = "live",
    scopes: Sequence[str] = CENTER_SCOPES,
    requests_per_minute: int | None = None,
    expires_at: datetime | None = None,
    keyring: Keyring | None = None,
) -> Customer:
    """A key of the center, hashed under the newest pepper of `keyring` (the tests' own if not given)."""
    keyring = keyring or Keyring(PEPPERS.by_version, ENCRYPTION_KEYS.by_version)
    key = make_key(env)
    hashed = keyring.hash_key(key.text)
    key_id = new_id("key", NOW_MS)
    await connection.execute(
        "insert into api_key (id, public_id, center_id, env, name, secret_hash, pepper_version, scopes,"
        " requests_per_minute, created_at, expires_at) values ($1, $2, $3, $4, 'test', $5, $6, $7, $8, $9, $10)",
        key_id,
        key.public_id,
        center_id,
        env,
        hashed.digest,
        hashed.pepper_version,
        list(scopes),
        requests_per_minute,
        NOW,
        expires_at,
    )
    return Customer(center_id, key_id, key.text)


async def add_customer(
    connection: Connection, *, plan_id: str = "partner", status: str = "active", **key: Any
) -> Customer:
    """A center of its own with one key; every scope but `provision:centers` unless said otherwise."""
    return await add_key(connection, await add_center(connection, plan_id=plan_id, status=status), **key)


@asynccontextmanager
async def running(settings: Settings, clock: Clock | None = None) -> AsyncGenerator[Gateway, None]:
    """The application between start and shutdown, by the ASGI lifespan and in a task of its own, as a server does it."""
    app = create_app(settings, clock)
    said: asyncio.Queue[Any] = asyncio.Queue()
    told: asyncio.Queue[Any] = asyncio.Queue()
    told.put_nowait({"type": "lifespan.startup"})
    life = asyncio.create_task(app({"type": "lifespan"}, told.get, said.put))
    started = await said.get()
    if started["type"] != "lifespan.startup.complete":
        await life
    try:
        yield app
    finally:
        told.put_nowait({"type": "lifespan.shutdown"})
        await life


@asynccontextmanager
async def talking_to(app: Any, address: str | None = None, **options: Any) -> AsyncGenerator[httpx.AsyncClient, None]:
    """A client with an address of its own, so that no two tests share a window."""
    peer = address or str(IPv4Address(0x0A000000 + secrets.randbits(24)))
    transport = httpx.ASGITransport(app, client=(peer, 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test", **options) as client:
        yield client
