"""`coursegate dpus`: chains written out, verified from the file alone, and what the exit code says."""

import asyncio
import json
import os
import pty
import stat
import sys
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from gateway.private_files import write_private
from gateway.records.checkpoint_keys import public_keys
from gateway.tokens.key_file import new_key
from gateway.tokens.key_file import written as key_text
from tests.gateway.records.story import FOREIGN_KEY, KEY, Export, fingerprint, key_line
from tests.gateway.records.test_sealing import seal
from tests.processes import environment, run
from tests.running import add_center

NO_STORES = {"COURSEGATE_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}


@pytest.fixture
def env(database_url: str, redis_url: str, tmp_path: Path) -> dict[str, str]:
    write_private(tmp_path / "keys.pem", key_text((new_key(2, 2**42), new_key(1, 0))))
    return environment(database_url, redis_url, checkpoint_keys_file=str(tmp_path / "keys.pem"))


@pytest.fixture
async def center_id(database: "asyncpg.Pool[asyncpg.Record]") -> str:
    center_id = await add_center(database)
    await seal(database, center_id, body='{"learner_ref":"anna"}', person="anna")
    return center_id


async def verify(*given: str, env: dict[str, str] | None = None) -> Any:
    return await run("dpus", "verify", *given, env=NO_STORES | (env or {}))


async def test_what_was_exported_is_verified_without_any_store(
    center_id: str, env: dict[str, str], tmp_path: Path
) -> None:
    """The file is for its owner alone, never overwritten, and sound; by id or subdomain, either env."""
    path = tmp_path / "chain.ndjson"
    assert (await run("dpus", "export", center_id, "-o", str(path), env=env)).status == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = await run("dpus", "export", center_id, "-o", str(path), env=env)
    assert (again.status, "is there already" in again.err) == (1, True)
    found = await verify(str(path), "--untrusted", "--json")
    assert found.status == 0
    shown = json.loads(found.out)
    assert (shown["sound"], shown["center"], shown["coverage"]["records"], shown["trust"]) == (
        True,
        center_id,
        2,
        "none",
    )
    test = await run("dpus", "export", center_id, "--env", "test", env=env)
    assert json.loads(test.out.splitlines()[-1])["env"] == "test"
    nobody = await run("dpus", "export", "nobody-at-all", "-o", str(tmp_path / "nobody"), env=env)
    assert not (tmp_path / "nobody").exists()
    assert (nobody.status, nobody.err) == (1, "coursegate: no such center; `coursegate centers list` shows them\n")


async def test_a_long_export_shows_how_far_it_is(center_id: str, env: dict[str, str], tmp_path: Path) -> None:
    """On a terminal, on stderr, and not a word of it in the export; a program that reads stderr reads nothing."""
    screen, stderr = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", "dpus", "export", center_id,
        env=env | {"TERM": "xterm", "COLUMNS": "120"}, stdout=asyncio.subprocess.PIPE, stderr=stderr,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    os.close(stderr)
    said = os.read(screen, 1 << 16).decode()
    os.close(screen)
    assert f"{center_id} live" in said
    assert "100%" in said
    assert [json.loads(line)["kind"] for line in out.splitlines()] == [
        "export",
        "key",
        "key",
        "record",
        "record",
        "manifest",
    ]
    quiet = await run("dpus", "export", center_id, env=env)
    assert (quiet.err, quiet.out) == ("", out.decode())


async def test_without_trust_the_output_says_so_and_the_exit_is_1(tmp_path: Path) -> None:
    """A sound chain whose keys nobody vouches for is no proof, unless one says that this is known."""
    path = str(Export().write(tmp_path))
    alone, known = await verify(path), await verify(path, "--untrusted")
    assert (alone.status, known.status) == (1, 0)
    assert "trust: none" in alone.out
    assert "trust: none" in known.out
    assert known.out.endswith("\nsound\n")
    both = await verify(path, "--untrusted", "--trust", fingerprint(KEY))
    assert both.status == 2


async def test_trust_is_a_fingerprint_or_a_file_of_keys(tmp_path: Path) -> None:
    """Either names the key; a stranger's fingerprint, and what is neither, are told apart."""
    path, keys = str(Export().write(tmp_path)), tmp_path / "keys.txt"
    keys.write_text(key_line(KEY) + "\n")
    for trust in (fingerprint(KEY), f"sha256:{fingerprint(KEY)}", str(keys)):
        assert (await verify(path, "--trust", trust)).status == 0
    foreign = await verify(path, "--trust", fingerprint(FOREIGN_KEY))
    assert (foreign.status, "not trusted: record 1: no checkpoint is signed by a trusted key" in foreign.out) == (
        1,
        True,
    )
    for wrong in ("0" * 63, str(tmp_path / "nowhere"), path):
        assert (await verify(path, "--trust", wrong)).status == 2


async def test_a_broken_chain_is_named_with_its_record(tmp_path: Path) -> None:
    """Exit 1: which record, why and by which code, for people and for programs."""
    export = Export()
    export.at(7)["record"]["actor"] = "usr_x"
    path = str(export.write(tmp_path))
    found = await verify(path, "--trust", fingerprint(KEY))
    assert (found.status, found.err) == (1, "")
    assert "broken: record 7: its hash is not that of its text (hash_differs)\n" in found.out
    shown = json.loads((await verify(path, "--untrusted", "--json")).out)
    assert (shown["sound"], shown["first_broken_seq"], shown["fault"]["code"]) == (False, 7, "hash_differs")


async def test_what_is_no_export_is_unreadable(tmp_path: Path) -> None:
    """Exit 2, one line on stderr: a missing file, a folder, something else, and unreadable checkpoints."""
    (tmp_path / "other").write_text("root:x:0:0\n")
    for given in (
        [str(tmp_path / "nowhere")],
        [str(tmp_path)],
        [str(tmp_path / "other")],
        [str(Export().write(tmp_path)), "--checkpoints", str(tmp_path / "other")],
    ):
        found = await verify(*given, "--untrusted")
        assert (found.status, found.out, found.err.count("\n")) == (2, "", 1)


async def test_the_file_that_is_unreadable_is_the_one_that_is_named(tmp_path: Path) -> None:
    """Checkpoints that are not there, or are none, are not blamed on the export; and no number of the system stands there."""
    chain, kept, binary = Export().write(tmp_path), tmp_path / "kept.txt", tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    for outside, why in ((kept, "No such file"), (binary, "it is no text")):
        found = await verify(str(chain), "--untrusted", "--checkpoints", str(outside))
        assert found.status == 2
        said = " ".join(found.err.split())
        assert f"{outside} is unreadable" in said
        assert why in said
        assert chain.name not in said
        assert "Errno" not in said


async def test_checkpoints_kept_outside_show_a_cut_tail(tmp_path: Path) -> None:
    """What nothing in the file shows: the first record that is missing is named."""
    whole, kept = Export(), tmp_path / "checkpoints"
    kept.write_text("\n".join(whole.notes.values()))
    cut = str(Export(whole.records[:11], signed_at=(5, 10)).write(tmp_path))
    assert (await verify(cut, "--trust", fingerprint(KEY))).status == 0
    found = await verify(cut, "--trust", fingerprint(KEY), "--checkpoints", str(kept))
    assert (found.status, "broken: record 12: " in found.out) == (1, True)


async def test_what_a_file_says_plays_no_tricks_on_a_terminal(tmp_path: Path) -> None:
    """Control and bidirectional characters in a forged record reach no terminal."""
    export = Export()
    export.at(3)["record"]["center"] = "ctr_\x1b[2J\u202egnp"
    export.at(3)["hash"] = "0" * 64
    found = await verify(str(export.write(tmp_path)), "--untrusted")
    assert found.status == 1
    assert not {"\x1b", "\u202e"} & set(found.out + found.err)


async def test_keys_are_printed_as_trust_is_read(env: dict[str, str], tmp_path: Path) -> None:
    """The current key first; one that does not sign yet is not there; its output is a file for `--trust`."""
    printed = await run("dpus", "keys", env=env)
    assert printed.status == 0
    (_, now) = public_keys(tmp_path / "keys.pem")
    assert printed.out == f"{now}  # sha256:{now.fingerprint}\n"
    (tmp_path / "trust.txt").write_text(printed.out)
    found = await verify(str(Export().write(tmp_path)), "--trust", str(tmp_path / "trust.txt"))
    assert found.status == 1
    del env["COURSEGATE_CHECKPOINT_KEYS_FILE"]
    assert (await run("dpus", "keys", env=env)).status == 1
