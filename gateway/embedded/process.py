"""One child process that ends with its starter, however the starter ends."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from gateway.embedded.account import Account
from gateway.embedded.failure import EmbeddedFailure
from gateway.parent_death import dying_with_us


class Child:
    """A server process in a session of its own, so a terminal's Ctrl-C reaches only us and we end it in order.

    On Linux the kernel sends it `death_signal` when the thread that started it ends: start it from the main thread.
    Elsewhere a server that outlived a killed starter is found by its pid file and ended at the next start.
    """

    def __init__(
        self, name: str, arguments: Sequence[str | Path], *, log: Path | None, death_signal: signal.Signals
    ) -> None:
        self.name = name
        self._arguments = [os.fspath(argument) for argument in arguments]
        self._log = log
        self._death_signal = death_signal
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id; only while it runs or waits to be collected."""
        if self._process is None:
            raise EmbeddedFailure(f"{self.name} was not started")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process is alive (a frozen one is)."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """The exit status once it ended, negative for a signal."""
        return None if self._process is None else self._process.poll()

    def start(
        self,
        *,
        account: Account | None = None,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start it; its output goes to the log file (0600, appended) or, without one, to our own streams."""
        output = None if self._log is None else _open_log(self._log)
        try:
            self._process = _spawn(
                self._arguments, account, folder, environment, output, dying_with_us(self._death_signal)
            )
        except OSError as error:
            raise EmbeddedFailure(f"{self.name} can't be started: {error.strerror}") from error
        finally:
            if output is not None:
                os.close(output)

    async def answers(self, probe: Callable[[], Awaitable[bool]], seconds: float) -> None:
        """Wait until the probe says yes; a refusal with the log's last words if the process ends or time is up."""
        try:
            async with asyncio.timeout(seconds):
                while not await probe():
                    if not self.running:
                        raise EmbeddedFailure(f"{self.name} ended with status {self.exit_code}: {self.last_words()}")
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise EmbeddedFailure(f"{self.name} did not answer in {seconds:g} seconds: {self.last_words()}") from None

    def send(self, number: signal.Signals) -> None:
        """Send a signal if it still runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    async def stop(self, number: signal.Signals = signal.SIGTERM, patience_seconds: float = 20.0) -> None:
        """Ask it to end, wait for it, and kill it when it does not listen. A frozen one is thawed first."""
        if self._process is None:
            return
        self.send(number)
        self.send(signal.SIGCONT)
        if not await self._ended_within(patience_seconds):
            self.send(signal.SIGKILL)
            await self._ended_within(patience_seconds)

    def last_words(self) -> str:
        """The last line of the log, for a message of one line."""
        if self._log is None or not self._log.is_file():
            return "no output"
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else "no output"

    async def _ended_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                while self.running:  # ruff: ignore[async-busy-wait] - the process outlives event loops, so no loop's child watcher knows it
                    await asyncio.sleep(0.01)
        except TimeoutError:
            return False
        return True


def run_to_end(
    arguments: Sequence[str | Path], *, account: Account, folder: Path, environment: Mapping[str, str]
) -> None:
    """Run a program such as `initdb` under the account; a refusal with its last line where it fails."""
    done = subprocess.run(
        [os.fspath(argument) for argument in arguments],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        user=account.uid if account.switches else None,
        group=account.gid if account.switches else None,
        extra_groups=[] if account.switches else None,
        check=False,
    )
    if done.returncode != 0:
        lines = done.stdout.decode(errors="replace").strip().splitlines() or ["no output"]
        raise EmbeddedFailure(f"{Path(arguments[0]).name} failed: {lines[-1][:300]}")


def _spawn(
    arguments: list[str],
    account: Account | None,
    folder: Path | None,
    environment: Mapping[str, str] | None,
    output: int | None,
    bind: Callable[[], None] | None,
) -> subprocess.Popen[bytes]:
    switched = account is not None and account.switches
    return subprocess.Popen(
        arguments,
        cwd=folder,
        env=None if environment is None else dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=None if output is None else subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=bind,  # ruff: ignore[subprocess-popen-preexec-fn] - two system calls and no lock: safe after fork
        user=account.uid if account is not None and switched else None,
        group=account.gid if account is not None and switched else None,
        extra_groups=[] if switched else None,
    )


def _open_log(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
