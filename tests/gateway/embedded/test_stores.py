"""The embedded servers: real, closed to everyone else, and gone when we are gone."""

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from redis.asyncio import Redis
from redis.exceptions import NoPermissionError, RedisError, ResponseError

from gateway.embedded import EmbeddedFailure, EmbeddedStores
from gateway.embedded.account import serving_account, socket_path
from tests.stores import PrivatePostgres, PrivateValkey, fresh_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    made = fresh_folder()
    yield made
    shutil.rmtree(made, ignore_errors=True)


async def test_stores_start_answer_and_come_back_with_their_data(folder: Path) -> None:
    """Data, passwords and URLs outlive a restart."""
    async with EmbeddedStores(folder) as stores:
        first = (stores.database_url, stores.redis_url)
        owner = await asyncpg.connect(stores.migrate_database_url)
        await owner.execute("create table kept (fact text); insert into kept values ('here')")
        await owner.close()
    async with EmbeddedStores(folder) as stores:
        assert (stores.database_url, stores.redis_url) == first
        owner = await asyncpg.connect(stores.migrate_database_url)
        assert await owner.fetchval("select fact from kept") == "here"
        await owner.close()


async def test_everything_in_the_folder_is_closed_to_others(folder: Path) -> None:
    """No file is readable by others, sockets lie in 0700 folders, and no TCP port is open."""
    async with EmbeddedStores(folder, durable=False) as stores:
        for path in folder.rglob("*"):
            mode = path.lstat().st_mode
            assert not mode & (stat.S_IRWXO | stat.S_IRWXG), path
        for socket in (stores.valkey.socket, stores.postgres.socket_folder / ".s.PGSQL.5432"):
            assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
        for child in (stores.valkey.child, stores.postgres.child):
            assert _listening_tcp_inodes(child.pid) == set()


async def test_no_parent_folder_changes_its_mode(folder: Path) -> None:
    """Folders above the data folder keep their modes."""
    before = {parent: parent.stat().st_mode for parent in folder.parents}
    async with EmbeddedStores(folder / "data", durable=False):
        pass
    assert {parent: parent.stat().st_mode for parent in folder.parents} == before


async def test_postgres_wants_its_password(private_postgres: PrivatePostgres) -> None:
    """Reaching the socket is not enough: scram decides."""
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(private_postgres.database_url.replace(":runtime@", ":guess@"))


async def test_valkey_shows_cg_keys_alone_and_no_administration(private_valkey: PrivateValkey) -> None:
    """The user sees `cg:*`, runs scripts and reads the time, and can't administer or look elsewhere."""
    client = Redis.from_url(private_valkey.url)
    assert await client.set("cg:live:x", "1")
    assert await client.eval("return server.call('TIME')", 0)
    for refused in (
        ("SET", "other", "1"),
        ("CONFIG", "GET", "*"),
        ("KEYS", "*"),
        ("ACL", "LIST"),
        ("DEBUG", "SLEEP", "0"),
    ):
        with pytest.raises((NoPermissionError, ResponseError)):
            await client.execute_command(*refused)
    await client.aclose()
    stranger = Redis.from_url(f"unix://{private_valkey.server.socket}")
    with pytest.raises(RedisError):
        await stranger.get("cg:live:x")
    await stranger.aclose()


async def test_a_second_start_in_the_same_folder_is_refused(folder: Path) -> None:
    """One data folder serves one starter."""
    async with EmbeddedStores(folder, durable=False):
        with pytest.raises(EmbeddedFailure, match="in use"):
            await EmbeddedStores(folder, durable=False).start()


def test_a_path_too_long_for_a_socket_is_refused_with_a_word(folder: Path) -> None:
    """107 bytes fit, 108 don't, and the refusal says what to do."""
    room = 107 - len(os.fsencode(folder / "s"))
    assert socket_path(folder / ("s" * (room + 1)))
    with pytest.raises(EmbeddedFailure, match="shorter path"):
        socket_path(folder / ("s" * (room + 2)))
    with pytest.raises(EmbeddedFailure, match="shorter path"):
        EmbeddedStores(folder / ("d" * 100))
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives up root")
async def test_root_is_told_of_a_folder_the_servers_cannot_reach(folder: Path) -> None:
    """Nothing is opened up for the servers' account: the folder in the way is named instead."""
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(EmbeddedFailure, match=r"can't pass through .*closed"):
        await EmbeddedStores(closed / "data").start()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives up root")
async def test_servers_never_run_as_root(private_postgres: PrivatePostgres, private_valkey: PrivateValkey) -> None:
    """Started by root, both servers run as an unprivileged account."""
    for child in (private_postgres.server.child, private_valkey.server.child):
        assert Path(f"/proc/{child.pid}").stat().st_uid == serving_account().uid != 0


async def test_a_pid_file_that_names_a_stranger_is_dropped(folder: Path) -> None:
    """After a power cut the pid of old may belong to anyone; the start goes on."""
    async with EmbeddedStores(folder, durable=False) as stores:
        pid_file = stores.postgres.data / "postmaster.pid"
        text = pid_file.read_text()
    lines = text.split("\n")
    lines[0] = str(os.getppid())
    pid_file.write_text("\n".join(lines))
    os.chown(pid_file, serving_account().uid, serving_account().gid)
    async with EmbeddedStores(folder, durable=False) as stores:
        assert stores.postgres.child.running


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's death signal is Linux'")
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
async def test_no_server_outlives_its_starter(folder: Path, end: signal.Signals) -> None:
    """However the starter ends, even killed, both servers end, and the next start finds sound data."""
    program = (
        "import asyncio, pathlib, sys\n"
        "from gateway.embedded import EmbeddedStores\n"
        "async def main():\n"
        "    async with EmbeddedStores(pathlib.Path(sys.argv[1])) as stores:\n"
        "        print(stores.valkey.child.pid, stores.postgres.child.pid, flush=True)\n"
        "        await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    starter = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(folder), stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]
    )
    assert starter.stdout is not None
    pids = [int(pid) for pid in (await starter.stdout.readline()).split()]
    starter.send_signal(end)
    await starter.wait()
    async with asyncio.timeout(20):
        while any(_alive(pid) for pid in pids):
            await asyncio.sleep(0.02)
    async with EmbeddedStores(folder) as stores:
        assert stores.postgres.child.running


async def test_valkey_ends_when_told_though_its_folder_is_gone(folder: Path) -> None:
    """A last save that fails keeps no server alive."""
    async with EmbeddedStores(folder) as stores:
        valkey = stores.valkey
        client = Redis.from_url(valkey.url)
        await client.set("cg:kept", "here")
        await client.aclose()
        shutil.rmtree(valkey.folder)
        valkey.child.send(signal.SIGTERM)
        async with asyncio.timeout(10):
            while _alive(valkey.child.pid):
                await asyncio.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def _listening_tcp_inodes(pid: int) -> set[str]:
    listening = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                listening.add(f"socket:[{fields[9]}]")
    owned = {Path(link).readlink() for link in Path(f"/proc/{pid}/fd").iterdir()}
    return listening & owned
