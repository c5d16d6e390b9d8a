"""A gateway whose worker would sign checkpoints into a file."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.private_files import write_private
from gateway.settings import Settings
from gateway.tokens.key_file import TokenKey, written
from tests.running import settings_for


@pytest.fixture
def signing_key() -> Ed25519PrivateKey:
    """What signs checkpoints here."""
    return Ed25519PrivateKey.generate()


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path, signing_key: Ed25519PrivateKey) -> Settings:
    """With the key and a place for checkpoints."""
    keys = tmp_path / "checkpoint-keys.pem"
    write_private(keys, written((TokenKey(1, 0, signing_key),)))
    return settings_for(database_url, redis_url, checkpoint_keys_file=keys, checkpoint_file=tmp_path / "checkpoints")


@pytest.fixture
async def connection(database: Any) -> AsyncIterator[Any]:
    """One connection of the runtime role."""
    async with database.acquire() as connection:
        yield connection
