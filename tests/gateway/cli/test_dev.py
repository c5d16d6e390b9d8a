"""`dev`: everything on one machine with one command, the same keys again, and nothing left behind."""

import asyncio
import json
import os
import shlex
import shutil
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.processes import REPOSITORY, alive, descendants, run, running, until
from tests.stores import fresh_folder

PATIENCE_SECONDS = 60.0
"""What a busy machine may take; nothing here is about speed."""

ENV = {name: value for name, value in os.environ.items() if not name.startswith("COURSEGATE_")}


@pytest.fixture
def folder() -> Iterator[Path]:
    made = fresh_folder()
    yield made
    shutil.rmtree(made, ignore_errors=True)


def _dev(folder: Path) -> tuple[str, ...]:
    return ("dev", "--port", "0", "--data-dir", str(folder / "data"))


async def test_dev_answers_says_how_and_comes_back_with_the_same_keys(folder: Path) -> None:
    """The ready file (0600) tells all; SIGTERM ends every process with exit 0; a restart has the same keys and data."""
    async with running(folder, *_dev(folder), env=ENV) as dev:
        first = dev.ready
        assert set(first) == {
            "url",
            "metrics_url",
            "center_id",
            "live_key",
            "test_key",
            "provisioning_key",
            "database_url",
            "redis_url",
            "env",
        }
        assert stat.S_IMODE(dev.ready_file.stat().st_mode) == 0o600
        assert first["live_key"].startswith("cg_live_")
        assert first["test_key"].startswith("cg_test_")
        assert first["live_key"] in dev.said
        assert f"{first['url']}/embed/cge_" in dev.said
        assert "COURSEGATE_METRICS_ADDRESS" not in first["env"]
        async with httpx.AsyncClient(trust_env=False) as client:
            await _until_answered(client, f"{first['url']}/readyz")
            async with asyncio.timeout(PATIENCE_SECONDS):
                while "coursegate_requests_total{" not in (await client.get(first["metrics_url"])).text:
                    await asyncio.sleep(0.05)
            for key in (first["live_key"], first["test_key"], first["provisioning_key"]):
                answer = await client.get(f"{first['url']}/v1/usage", headers={"X-API-Key": key})
                assert answer.status_code != 401
        # Another process joins the same stores with nothing but `env`, and sees nothing wrong.
        checked = await run("check", "--json", env=ENV | first["env"])
        assert checked.status == 0, checked.err
        assert {finding["outcome"] for finding in json.loads(checked.out)["findings"]} == {"ok"}
        # What it says of the log works as it stands, wherever its folder is.
        (hint,) = [line.partition("coursegate ")[2] for line in dev.said.splitlines() if "logs tail" in line]
        shown = await run(*[word for word in shlex.split(hint) if word != "--follow"], env=ENV)
        assert (shown.status, shown.err) == (0, "")
        assert "serve.ready" in shown.out
        pids = descendants(dev.process.pid)
        assert len(pids) >= 5
        assert await dev.stop() == 0
        assert not any(alive(pid) for pid in pids)
        assert not dev.ready_file.exists()
    async with running(folder, *_dev(folder), env=ENV) as dev:
        for name in ("center_id", "live_key", "test_key", "provisioning_key", "database_url", "redis_url"):
            assert dev.ready[name] == first[name]
        kept = {"COURSEGATE_KEY_PEPPERS", "COURSEGATE_ENCRYPTION_KEYS"}
        assert {name: dev.ready["env"][name] for name in kept} == {name: first["env"][name] for name in kept}
        assert await dev.stop(signal.SIGINT) == 0


async def test_a_killed_dev_leaves_no_process_and_sound_data(folder: Path) -> None:
    """SIGKILL: gateway, worker and servers end with it; the next start finds everything."""
    async with running(folder, *_dev(folder), env=ENV) as dev:
        key = dev.ready["live_key"]
        pids = descendants(dev.process.pid)
        await dev.stop(signal.SIGKILL)
        await until(lambda: not any(alive(pid) for pid in pids), PATIENCE_SECONDS)
    async with running(folder, *_dev(folder), env=ENV) as dev:
        assert dev.ready["live_key"] == key
        assert await dev.stop() == 0


async def test_no_file_of_dev_is_readable_by_others(folder: Path) -> None:
    """Keys, secrets, logs and data: 0600 or below a 0700 folder."""
    async with running(folder, *_dev(folder), env=ENV) as dev:
        data = folder / "data"
        named = {path.name for path in data.iterdir()}
        assert {"keys.json", "stores.json", "coursegate.log", "postgres", "valkey"} <= named
        for path in data.rglob("*"):
            if path.is_file():
                assert not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) or _behind_closed_folder(path, data), (
                    path
                )
        assert await dev.stop() == 0


async def test_a_second_dev_in_the_same_folder_is_refused(folder: Path) -> None:
    """One line, exit 1, and the first goes on."""
    async with running(folder, *_dev(folder), env=ENV) as dev:
        second = await run(*_dev(folder), env=ENV)
        assert second.status == 1
        assert "is in use" in second.err
        assert second.err.count("\n") == 1
        async with httpx.AsyncClient(trust_env=False) as client:
            await _until_answered(client, f"{dev.ready['url']}/readyz")


@pytest.mark.parametrize("part", ["gateway serve", "gateway work", "valkey-server", "postgres"])
async def test_a_part_that_is_killed_is_started_again(folder: Path, part: str) -> None:
    """Gateway, worker or store: `dev` says so and heals, at the addresses it told."""
    async with running(folder, *_dev(folder), env=ENV) as dev:
        await until(lambda: _named(dev.process.pid, part) != 0, PATIENCE_SECONDS)
        before = _named(dev.process.pid, part)
        os.kill(before, signal.SIGKILL)
        await until(lambda: _named(dev.process.pid, part) not in {0, before}, PATIENCE_SECONDS)
        async with httpx.AsyncClient(trust_env=False) as client:
            await _until_answered(client, f"{dev.ready['url']}/readyz", dev.ready["metrics_url"])
        assert "starting it again" in dev.said
        assert await dev.stop() == 0


async def test_a_part_that_keeps_dying_ends_dev(folder: Path) -> None:
    """Five deaths in a row are no accident: one line says which part and why, and nothing is left running."""
    async with running(folder, *_dev(folder), env=ENV) as dev:
        pids = descendants(dev.process.pid)
        killed: set[int] = set()

        def kill_the_worker() -> bool:
            pid = _named(dev.process.pid, "gateway work")
            if pid and pid not in killed:
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
            return dev.process.returncode is not None

        await until(kill_the_worker, PATIENCE_SECONDS)
        assert await dev.ended() == 1
        assert dev.said.splitlines()[-1].startswith("coursegate: the worker ended 5 times in a row: ")
        await until(lambda: not any(alive(pid) for pid in pids), PATIENCE_SECONDS)


async def test_a_signal_during_the_start_ends_it_cleanly(folder: Path) -> None:
    """Whoever changes their mind after a moment finds nothing left behind."""
    async with running(folder, *_dev(folder), env=ENV, wait=False) as dev:
        await until((folder / "data" / "postgres" / "data" / "postmaster.pid").exists, PATIENCE_SECONDS)
        pids = descendants(dev.process.pid)
        assert await dev.stop() == 0
        await until(lambda: not any(alive(pid) for pid in pids), PATIENCE_SECONDS)


async def test_a_data_folder_that_cannot_be_made_is_one_line(folder: Path) -> None:
    """A file in the way, a path too long: said in a line, exit 1."""
    (folder / "file").write_text("")
    for path in (folder / "file" / "data", folder / ("d" * 90)):
        ended = await run("dev", "--port", "0", "--data-dir", str(path), env=ENV)
        assert ended.status == 1
        assert ended.err.startswith("coursegate: ")
        assert ended.err.count("\n") == 1


async def test_a_wrong_setting_of_the_caller_is_one_line(folder: Path) -> None:
    """What `serve` would refuse is refused before it is started."""
    ended = await run(*_dev(folder), env=ENV | {"COURSEGATE_LEASE_SECONDS": "long"})
    assert ended.status == 1
    assert ended.err.startswith("coursegate: COURSEGATE_LEASE_SECONDS: given: 'long'; valid: ")
    assert ended.err.count("\n") == 1


def test_nothing_of_dev_lies_in_the_repository() -> None:
    """What `dev` keeps is never committed."""
    assert ".coursegate" in (REPOSITORY / ".gitignore").read_text()


def _behind_closed_folder(path: Path, top: Path) -> bool:
    folders = [folder for folder in path.parents if folder.is_relative_to(top)]
    return any(stat.S_IMODE(folder.stat().st_mode) == 0o700 for folder in folders)


def _named(dev: int, part: str) -> int:
    """The child of `dev` that runs this part; 0 where there is none."""
    try:
        children = Path(f"/proc/{dev}/task/{dev}/children").read_text().split()
        return next((int(pid) for pid in children if alive(int(pid)) and part in _command(int(pid))), 0)
    except (FileNotFoundError, ProcessLookupError):
        return 0


async def _until_answered(client: httpx.AsyncClient, *urls: str) -> None:
    """Until all of them say 200: a store that answered late is away for a moment, and then it is back."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not all([await _answers(client, url) for url in urls]):
            await asyncio.sleep(0.05)


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == 200
    except httpx.HTTPError:
        return False


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
