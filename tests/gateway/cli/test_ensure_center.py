"""A center that is ensured: there after the first call, the same after every other, with keys that work."""

from typing import Any

import pytest

from gateway.cli.ensure_center import EnsuredCenter, KeyWish, ensure_center
from gateway.errors import InvalidField
from gateway.key_format import parse_key
from gateway.keyring import Keyring
from tests.running import ENCRYPTION_KEYS, NOW_MS, PEPPERS

Pool = Any

KEYRING = Keyring(PEPPERS.by_version, ENCRYPTION_KEYS.by_version)


async def _ensure(database: Pool, *kept: str | None, plan: str = "partner") -> EnsuredCenter:
    wishes = [
        KeyWish("everyday", "live", ["read:courses"], kept[0] if kept else None),
        KeyWish("trial", "test", ["read:courses", "write:courses"], kept[1] if kept else None),
    ]
    async with database.acquire() as connection:
        return await ensure_center(
            connection, KEYRING, name="Development", subdomain="development", plan=plan, keys=wishes, now_ms=NOW_MS
        )


async def test_what_is_there_stays(database: Pool) -> None:
    """The same center and the same keys, call after call, and nothing is written twice."""
    first = await _ensure(database)
    assert [parsed.env for text in first.keys if (parsed := parse_key(text)) is not None] == ["live", "test"]
    assert await _ensure(database, *first.keys) == first
    assert await database.fetchval("select count(*) from api_key") == 2


async def test_a_kept_key_that_no_longer_works_is_replaced(database: Pool) -> None:
    """A lost, a revoked and a foreign key are made anew; one that works is kept."""
    first = await _ensure(database)
    await database.execute("update api_key set revoked_at = now() where env = 'live'")
    second = await _ensure(database, *first.keys)
    assert second.center_id == first.center_id
    assert (second.keys[0] == first.keys[0], second.keys[1] == first.keys[1]) == (False, True)
    third = await _ensure(database, "cg_live_nonsense", None)
    assert not set(third.keys) & set(second.keys)


async def test_nothing_is_left_of_a_failure(database: Pool) -> None:
    """All or nothing: a plan that is none leaves no center."""
    with pytest.raises(InvalidField):
        await _ensure(database, plan="gold")
    assert await database.fetchval("select count(*) from center") == 0
