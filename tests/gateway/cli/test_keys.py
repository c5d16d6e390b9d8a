"""`coursegate keys`: keys made at the command line open the gateway, and are shown once."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from gateway.key_format import parse_key
from gateway.keyring import KeyHash, Keyring
from gateway.scopes import CENTER_SCOPES
from gateway.secret_ring import parse_ring
from tests.processes import Ended, environment, run
from tests.running import add_center

Pool = Any


@pytest.fixture
def env(database_url: str, redis_url: str) -> dict[str, str]:
    return environment(database_url, redis_url)


@pytest.fixture
async def center_id(database: Pool) -> str:
    async with database.acquire() as connection:
        return await add_center(connection)


async def _create(env: dict[str, str], center_id: str, *options: str) -> dict[str, Any]:
    made = await run("keys", "create", center_id, "--name", "LMS", "--json", *options, env=env)
    assert (made.status, made.err) == (0, "")
    return json.loads(made.out)  # type: ignore[no-any-return]


async def _opens(database: Pool, env: dict[str, str], key: str) -> bool:
    parsed = parse_key(key)
    assert parsed is not None
    row = await database.fetchrow(
        "select * from api_key k where public_id = $1 and key_lives(k, now())", parsed.public_id
    )
    ring = {name: parse_ring(env[f"COURSEGATE_{name}"]).by_version for name in ("KEY_PEPPERS", "ENCRYPTION_KEYS")}
    keyring = Keyring(ring["KEY_PEPPERS"], ring["ENCRYPTION_KEYS"])
    return row is not None and keyring.matches(key, KeyHash(row["pepper_version"], row["secret_hash"]))


async def test_a_key_is_made_and_shown_once(env: dict[str, str], database: Pool, center_id: str) -> None:
    """With all scopes of a center unless some are named; lists never show it."""
    whole = await _create(env, center_id)
    assert (whole["env"], whole["scopes"], whole["created_by"][:4]) == ("live", list(CENTER_SCOPES), "cli:")
    assert await _opens(database, env, whole["key"])
    options = ["--env", "test", "--scope", "read:usage", "--scope", "provision:centers", "--requests-per-minute", "9"]
    narrow = await _create(env, center_id, *options, "--expires-at", "2099-01-31T01:00:00+01:00")
    assert (narrow["scopes"], narrow["requests_per_minute"]) == (["read:usage", "provision:centers"], 9)
    assert narrow["expires_at"] == "2099-01-31T00:00:00Z"
    for_people = await run("keys", "create", center_id, "--name", "LMS", env=env)
    shown = next(line.split()[1] for line in for_people.out.splitlines() if line.startswith("key "))
    assert await _opens(database, env, shown)
    listed = await run("keys", "list", center_id, env=env)
    as_json = await run("keys", "list", center_id, "--json", env=env)
    assert len(json.loads(as_json.out)["data"]) == 3
    for text in (listed.out, as_json.out):
        assert whole["id"] in text
        assert whole["key"][8:20] not in text


async def test_a_key_can_go_into_a_private_file(
    env: dict[str, str], database: Pool, center_id: str, tmp_path: Path
) -> None:
    """Then it is not printed. A file that is there stays as it is, and no key is made."""
    file = tmp_path / "key"
    made = await run("keys", "create", center_id, "--name", "LMS", "--key-file", str(file), env=env)
    assert (made.status, made.err) == (0, "")
    assert "cg_live_" not in made.out
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert await _opens(database, env, file.read_text().strip())
    before = file.read_text()
    for where in (file, tmp_path / "none" / "key"):
        again = await run("keys", "create", center_id, "--name", "LMS", "--key-file", str(where), env=env)
        assert (again.status, again.err.count("\n")) == (1, 1)
    assert file.read_text() == before
    assert await database.fetchval("select count(*) from api_key") == 1


async def test_a_key_is_rotated(env: dict[str, str], database: Pool, center_id: str) -> None:
    """The successor opens at once; the old key with no grace no more."""
    old = await _create(env, center_id)
    new = json.loads((await run("keys", "rotate", old["id"], "--grace-seconds", "0", "--json", env=env)).out)
    assert new["rotated_from"] == old["id"]
    assert await _opens(database, env, new["key"])
    assert not await _opens(database, env, old["key"])
    again = await run("keys", "rotate", old["id"], env=env)
    assert (again.status, again.out, again.err.count("\n")) == (1, "", 1)


async def test_a_key_is_revoked_alone_or_with_what_it_made(env: dict[str, str], database: Pool, center_id: str) -> None:
    """The ids of what was revoked are printed."""
    maker, other = await _create(env, center_id), await _create(env, center_id)
    await database.execute("update api_key set created_by = $1 where id = $2", maker["id"], other["id"])
    done = await run("keys", "revoke", maker["id"], "--cascade", "--json", env=env)
    assert json.loads(done.out) == {"revoked": sorted([maker["id"], other["id"]])}
    assert not await _opens(database, env, other["key"])
    gone = await run("keys", "revoke", maker["id"], env=env)
    assert (gone.status, gone.err) == (1, "coursegate: No such API key.\n")


async def test_no_key_is_taken_from_the_command_line(env: dict[str, str], center_id: str, database: Pool) -> None:
    """A whole key in the place of its id is not looked up, and not said again."""
    made = await _create(env, center_id)
    for command in ("rotate", "revoke"):
        ended: Ended = await run("keys", command, made["key"], env=env)
        assert ended.status == 1
        assert made["key"] not in ended.out + ended.err
    assert await _opens(database, env, made["key"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--scope", "read:everything"], "read:everything"),
        (["--env", "prod"], "prod"),
        (["--expires-at", "tomorrow"], "expires_at"),
        (["--requests-per-minute", "0"], "requests_per_minute"),
        (["--name", " "], "name"),
    ],
)
async def test_a_wrong_wish_is_exit_2(
    env: dict[str, str], center_id: str, database: Pool, options: list[str], words: str
) -> None:
    """One line that names what is wrong; no key is made."""
    ended = await run("keys", "create", center_id, "--name", "LMS", *options, env=env)
    assert (ended.status, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert words in ended.err
    assert await database.fetchval("select count(*) from api_key") == 0
