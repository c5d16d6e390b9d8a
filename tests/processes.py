"""The product as its users run it: real processes, awaited by what they say and never by the clock."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from gateway.secret_ring import new_ring

REPOSITORY = Path(__file__).parents[1]


class Ended(msgspec.Struct, frozen=True):
    """How a command ended: exit status, and what it said."""

    status: int
    out: str
    err: str


def environment(database_url: str, redis_url: str, **settings: str) -> dict[str, str]:
    """The variables of a process on these stores; `settings` by their field names."""
    found = {name: value for name, value in os.environ.items() if not name.startswith("COURSEGATE_")}
    rings = {"key_peppers": new_ring().text(), "encryption_keys": new_ring().text()}
    told = {"database_url": database_url, "redis_url": redis_url, **rings, **settings}
    return found | {f"COURSEGATE_{name.upper()}": value for name, value in told.items()}


async def run(*arguments: str, env: Mapping[str, str] | None = None, stdin: bytes = b"") -> Ended:
    """Run `coursegate …` to its end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateway",
        *arguments,
        env=dict(env) if env is not None else None,
        cwd=REPOSITORY,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(60):
            out, err = await process.communicate(stdin)
    except BaseException:
        process.kill()
        await process.wait()
        raise
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


async def typed(*arguments: str, text: str, env: Mapping[str, str]) -> tuple[int, str]:
    """Run `coursegate …` at a terminal on which `text` is typed; its status, and what it said there."""
    ours, theirs = os.openpty()
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", *arguments,
            env=dict(env), cwd=REPOSITORY, stdin=theirs, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        os.write(ours, text.encode())
        async with asyncio.timeout(60):
            said, _ = await process.communicate()
    finally:
        os.close(ours)
        os.close(theirs)
    assert process.returncode is not None
    return process.returncode, said.decode()


class Running:
    """A command that goes on, with its output in a file and, once it is ready, what its ready file says."""

    def __init__(self, process: asyncio.subprocess.Process, output: Path, ready_file: Path) -> None:
        self.process = process
        self.output = output
        self.ready_file = ready_file
        self.ready: dict[str, Any] = {}

    @property
    def said(self) -> str:
        return self.output.read_text()

    async def wait_ready(self) -> None:
        """Wait for the ready file; fails with the output where the process ends first."""

        def settled() -> bool:
            return self.ready_file.exists() or self.process.returncode is not None

        await until(settled, seconds=60)
        assert self.process.returncode is None, self.said
        self.ready = json.loads(self.ready_file.read_text())

    async def ended(self, seconds: float = 40) -> int:
        async with asyncio.timeout(seconds):
            return await self.process.wait()

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        return await self.ended()


@contextlib.asynccontextmanager
async def running(
    folder: Path, *arguments: str, env: Mapping[str, str] | None = None, wait: bool = True
) -> AsyncGenerator[Running, None]:
    """`coursegate … --ready-file …` while the block runs; killed at its end if it still lives."""
    ready_file, output = folder / "ready.json", folder / "output"
    ready_file.unlink(missing_ok=True)
    with output.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "gateway",
            *arguments,
            "--ready-file",
            str(ready_file),
            env=dict(env) if env is not None else None,
            cwd=REPOSITORY,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    found = Running(process, output, ready_file)
    try:
        if wait:
            await found.wait_ready()
        yield found
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until the condition holds; TimeoutError after so many seconds."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


def descendants(pid: int) -> set[int]:
    """Every process that descends from this one now."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in task.read_text().split():
                found |= {int(child)} | descendants(int(child))
    return found


def alive(pid: int) -> bool:
    """Whether a process runs (one that only waits to be collected does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in {"Z", "X"}
