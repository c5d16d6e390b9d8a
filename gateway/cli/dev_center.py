"""What `dev` prepares in its stores: the schema, two centers, and keys and secrets that stay the same."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import msgspec

from gateway.cli.ensure_center import KeyWish, ensure_center
from gateway.clock import SystemClock
from gateway.keyring import Keyring
from gateway.migrations import migrate
from gateway.private_files import write_private
from gateway.scopes import SCOPES
from gateway.secret_ring import new_ring, parse_ring
from gateway.setting_values import existing_file
from gateway.tokens.key_file import new_key, written
from quotas.plans import load_plans

if TYPE_CHECKING:
    from gateway.embedded import EmbeddedStores

PLAN = "partner"


class DevKeys(msgspec.Struct, frozen=True):
    """What is kept in `keys.json`, 0600. All of it is secret but the center's id."""

    key_peppers: str
    encryption_keys: str
    center_id: str = ""
    live: str = ""
    test: str = ""
    provisioning: str = ""


async def prepare(stores: "EmbeddedStores", folder: Path) -> DevKeys:
    """Migrate, and make sure that both centers are there with keys that work; what is there stays as it is."""
    from gateway.embedded.postgres import RUNTIME

    plans_file = os.environ.get("COURSEGATE_PLANS_FILE")
    plans = load_plans(existing_file(plans_file) if plans_file else None)
    await migrate(stores.migrate_database_url, runtime_role=RUNTIME, plans=plans, actor="cli:dev")
    file = folder / "keys.json"
    kept = _kept(file)
    # Before the first key is made: secrets that were lost would make every stored hash worthless.
    _keep(file, kept)
    keyring = Keyring(parse_ring(kept.key_peppers).by_version, parse_ring(kept.encryption_keys).by_version)
    everyday = [scope for scope in SCOPES if scope != "provision:centers"]
    connection = await asyncpg.connect(stores.database_url)
    try:
        center = await ensure_center(
            connection,
            keyring,
            name="Development",
            subdomain="development",
            plan=PLAN,
            keys=[
                KeyWish("dev", "live", everyday, kept.live or None),
                KeyWish("dev test", "test", everyday, kept.test or None),
            ],
            now_ms=SystemClock().now_ms(),
        )
        operator = await ensure_center(
            connection,
            keyring,
            name="operator",
            subdomain="operator",
            plan=PLAN,
            keys=[KeyWish("provisioning", "live", ["provision:centers"], kept.provisioning or None)],
            now_ms=SystemClock().now_ms(),
        )
    finally:
        await connection.close()
    keys = msgspec.structs.replace(
        kept, center_id=center.center_id, live=center.keys[0], test=center.keys[1], provisioning=operator.keys[0]
    )
    _keep(file, keys)
    return keys


def keep_token_keys(file: Path) -> None:
    """Make a key that signs people's tokens, or checkpoints, unless there is one."""
    if not file.exists():
        write_private(file, written((new_key(1, SystemClock().now_ms()),)))


def _kept(file: Path) -> DevKeys:
    if file.is_file():
        return msgspec.json.decode(file.read_bytes(), type=DevKeys)
    return DevKeys(new_ring().text(), new_ring().text())


def _keep(file: Path, keys: DevKeys) -> None:
    write_private(file, msgspec.json.encode(keys).decode())
