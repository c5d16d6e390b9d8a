"""`coursegate secrets`: a version is added, falls out of use, and only then can be removed."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.keyring import FINGERPRINTS, Keyring
from gateway.private_files import write_private
from gateway.secret_ring import SecretRing, new_ring, parse_ring
from gateway.tokens.key_file import new_key, read_key_file, written
from tests.gateway.webhooks.endpoints import add_webhook
from tests.processes import environment, run
from tests.running import add_center, add_key, running, settings_for, talking_to

Pool = Any


@pytest.fixture
def env(database_url: str, redis_url: str) -> dict[str, str]:
    return environment(database_url, redis_url)


def _ring(env: dict[str, str], name: str = "KEY_PEPPERS") -> SecretRing:
    return parse_ring(env[f"COURSEGATE_{name}"])


def _keyring(env: dict[str, str]) -> Keyring:
    return Keyring(_ring(env).by_version, _ring(env, "ENCRYPTION_KEYS").by_version)


async def _versions(env: dict[str, str], kind: str = "peppers") -> dict[int, dict[str, Any]]:
    shown = await run("secrets", "status", "--json", env=env)
    assert (shown.status, shown.err) == (0, "")
    return {v["version"]: v for v in json.loads(shown.out)["versions"] if v["kind"] == kind}


async def test_status_counts_what_needs_each_version(env: dict[str, str], database: Pool) -> None:
    """Living keys and unexpired claims, by the version that made them; never a secret."""
    async with database.acquire() as connection:
        center_id = await add_center(connection)
        await add_key(connection, center_id, keyring=_keyring(env))
        await add_key(connection, center_id, keyring=_keyring(env), expires_at=datetime(2026, 1, 1, tzinfo=UTC))
        for key, days in (("kept", 1), ("over", -1)):
            await connection.execute(
                "insert into idempotency_claim (center_id, env, method, route, principal, key, fingerprint, created_at,"
                " expires_at) values ($1, 'live', 'POST', '/v1/x', $1, $2, $3, now(), $4)",
                center_id,
                key,
                _keyring(env).fingerprints(FINGERPRINTS, b"")[0],
                datetime.now(UTC) + timedelta(days=days),
            )
    assert await _versions(env) == {
        1: {
            "kind": "peppers",
            "version": 1,
            "held": True,
            "newest": True,
            "in_use": {"api_keys": 1, "claims": 1},
            "signs": False,
        }
    }
    for_people = await run("secrets", "status", env=env)
    assert "1 API keys, 1 idempotency claims" in for_people.out
    for name in ("KEY_PEPPERS", "ENCRYPTION_KEYS"):
        assert env[f"COURSEGATE_{name}"][3:20] not in for_people.out


async def test_an_old_pepper_falls_out_of_use_and_goes(
    env: dict[str, str], database: Pool, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    """Add; keys move to the new one as they are used; retire: at no time does a key stop to work."""
    async with database.acquire() as connection:
        caller = await add_key(connection, await add_center(connection), keyring=_keyring(env))
    file = tmp_path / "coursegate.env"
    file.write_text("# ours\nCOURSEGATE_LOG_LEVEL=info\nexport COURSEGATE_KEY_PEPPERS=v1:old\nOTHER=1")
    added = await run("secrets", "rotate", "peppers", "--env-file", str(file), env=env)
    assert (added.status, added.err) == (0, "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    lines = file.read_text().splitlines()
    assert [lines[0], lines[1], lines[3], len(lines)] == ["# ours", "COURSEGATE_LOG_LEVEL=info", "OTHER=1", 4]
    name, _, value = lines[2].removeprefix("export ").partition("=")
    assert name == "COURSEGATE_KEY_PEPPERS"
    assert parse_ring(value).versions == (2, 1)
    assert value not in added.out
    env[name] = value

    refused = await run("secrets", "rotate", "peppers", "--retire", "1", env=env)
    assert (refused.status, refused.out, refused.err.count("\n")) == (1, "", 1)
    assert "in use by 1 API keys" in refused.err

    settings = settings_for(
        database_url, redis_url, key_peppers=_ring(env), encryption_keys=_ring(env, "ENCRYPTION_KEYS")
    )
    async with running(settings) as app, talking_to(app) as client:
        assert (await client.get("/v1/usage", headers=caller.headers)).status_code == 200
        while await database.fetchval("select pepper_version from api_key") != 2:
            assert (await client.get("/healthz")).status_code == 200
    retired = await run("secrets", "rotate", "peppers", "--retire", "1", env=env)
    assert (retired.status, retired.err) == (0, "")
    assert parse_ring(retired.out.strip().partition("=")[2]).versions == (2,)


async def test_encryption_keys_are_rotated_alike(env: dict[str, str]) -> None:
    """Printed where no file is named; the newest and one that is not held can't be retired."""
    added = await run("secrets", "rotate", "encryption-keys", env=env)
    name, _, value = added.out.strip().partition("=")
    assert (name, parse_ring(value).versions) == ("COURSEGATE_ENCRYPTION_KEYS", (2, 1))
    env[name] = value
    for version, words in (("2", "newest"), ("3", "holds no v3")):
        ended = await run("secrets", "rotate", "encryption-keys", "--retire", version, env=env)
        assert (ended.status, ended.out) == (1, "")
        assert words in ended.err
    retired = await run("secrets", "rotate", "encryption-keys", "--retire", "1", env=env)
    assert parse_ring(retired.out.strip().partition("=")[2]).versions == (2,)


async def test_an_encryption_key_that_seals_a_secret_stays(env: dict[str, str], database: Pool) -> None:
    """What a webhook's secret is sealed under can't be retired before a worker has sealed it anew."""
    async with database.acquire() as connection:
        await add_webhook(connection, await add_center(connection), keyring=_keyring(env))
    assert (await _versions(env, "encryption-keys"))[1]["in_use"] == {"webhook_secrets": 1}
    added = await run("secrets", "rotate", "encryption-keys", env=env)
    name, _, value = added.out.strip().partition("=")
    env[name] = value
    refused = await run("secrets", "rotate", "encryption-keys", "--retire", "1", env=env)
    assert refused.status == 1
    assert "v1 of encryption-keys is in use by 1 webhook secrets" in refused.err


async def test_a_lost_version_in_use_is_told(env: dict[str, str], database: Pool) -> None:
    """Keys under a version that the settings no longer hold open nothing: exit 1 and one line that says so."""
    other = Keyring({7: next(iter(new_ring().by_version.values()))}, _ring(env, "ENCRYPTION_KEYS").by_version)
    async with database.acquire() as connection:
        await add_key(connection, await add_center(connection), keyring=other)
    shown = await run("secrets", "status", env=env)
    assert shown.status == 1
    assert "missing" in shown.out
    assert shown.err == "coursegate: v7 of peppers is in use and not held by COURSEGATE_KEY_PEPPERS\n"


async def test_a_file_that_cannot_be_written_is_told(env: dict[str, str], tmp_path: Path) -> None:
    """One line, exit 1, and the new secret is said nowhere."""
    ended = await run("secrets", "rotate", "peppers", "--env-file", str(tmp_path / "none" / "x"), env=env)
    assert (ended.status, ended.out, ended.err.count("\n")) == (1, "", 1)


@pytest.mark.parametrize("arguments", [["rotate"], ["rotate", "jwt"], ["rotate", "peppers", "--retire", "0"]])
async def test_a_wrong_call_is_exit_2(env: dict[str, str], arguments: list[str]) -> None:
    """Usage errors in one line."""
    ended = await run("secrets", *arguments, env=env)
    assert (ended.status, ended.out, ended.err.count("\n")) == (2, "", 1)


async def _shown(env: dict[str, str], kind: str) -> list[str]:
    """The lines that people see of one kind."""
    shown = await run("secrets", "status", env=env | {"COLUMNS": "160"})
    return [line for line in shown.out.splitlines() if kind in line]


async def test_keys_of_checkpoints_are_rotated_in_their_file(env: dict[str, str], tmp_path: Path) -> None:
    """A new one is in the file before it signs; the old one stays until then, and goes when it is no longer needed."""
    path = tmp_path / "checkpoint-keys.pem"
    env |= {"COURSEGATE_CHECKPOINT_KEYS_FILE": str(path)}
    write_private(path, written((new_key(1, 0),)))
    assert (await _versions(env, "checkpoint-keys"))[1]["newest"] is True
    assert "signs" in (await _shown(env, "checkpoint-keys"))[0]
    added = await run("secrets", "rotate", "checkpoint-keys", env=env)
    assert (added.status, added.err) == (0, "")
    assert f"{path} is changed" in " ".join(added.out.split())
    new, old = read_key_file(path)
    versions = await _versions(env, "checkpoint-keys")
    assert (versions[2]["signs"], versions[1]["signs"]) == (False, True)
    shown = [line.split("newest")[-1].split("held")[-1].strip(" │") for line in await _shown(env, "checkpoint-keys")]
    assert shown == ["signs soon", "signs, 20 minutes more until its successor has signed all"]
    assert (versions[2]["newest"], versions[1]["in_use"]) == (True, {"signing_minutes": 20})
    early = await run("secrets", "rotate", "checkpoint-keys", "--retire", "1", env=env)
    assert (early.status, "in use for 20 minutes more" in early.err) == (1, True)
    last = await run("secrets", "rotate", "checkpoint-keys", "--retire", "2", env=env)
    assert (last.status, "newest version of checkpoint-keys" in last.err) == (1, True)
    write_private(path, written((msgspec.structs.replace(new, from_ms=1), old)))
    gone = await run("secrets", "rotate", "checkpoint-keys", "--retire", "1", env=env)
    assert (gone.status, gone.err) == (0, "")
    assert [key.version for key in read_key_file(path)] == [2]
