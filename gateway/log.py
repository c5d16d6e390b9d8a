"""The structured log: one JSON line an event, to stdout and to `LOG_FILE`, in one write a tick of the event loop.

`log.info("generation.finished", generation_id=..., units=...)`: dotted event, facts, no content. Whatever looks like a
secret is redacted on the way out. The request's own line is `gateway/pipeline/request_log.py`, which writes here too.
"""

import asyncio
import contextlib
import os
from collections.abc import Mapping, MutableMapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb
from typing import Any, Final, Literal

import asyncpg
import msgspec
import structlog

from gateway.clock import Clock, SystemClock
from gateway.redaction import redacted, redacted_text

Level = Literal["debug", "info", "warning", "error"]
_LEVELS: Final[Mapping[Level, int]] = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_MESSAGE_LENGTH_MAX: Final = 200
_encode: Final = msgspec.json.Encoder(enc_hook=str).encode


class Sink:
    """Where lines go. What is written in one tick of the event loop leaves in one write a file."""

    def __init__(self, files: Sequence[int]) -> None:
        self._files = tuple(files)
        self._lines: list[bytes] = []

    def write(self, line: bytes) -> None:
        """Take one line, without its end."""
        if self._lines:
            self._lines.append(line)
            return
        self._lines.append(line)
        try:
            asyncio.get_running_loop().call_soon(self.flush)
        except RuntimeError:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting. A log that can't be written (disk full, pipe closed) never stops a request."""
        if not self._lines:
            return
        self._lines.append(b"")
        data = b"\n".join(self._lines)
        self._lines.clear()
        for file in self._files:
            with contextlib.suppress(OSError):
                _write_all(file, data)


def _write_all(file: int, data: bytes) -> None:
    written = os.write(file, data)
    while written < len(data):
        written += os.write(file, data[written:])


class _Output:
    """What structlog calls a logger: takes the rendered line."""

    def msg(self, line: bytes) -> None:
        _state.sink.write(line)

    debug = info = warning = error = critical = msg


class _State:
    """What `configure` sets, once a process."""

    def __init__(self) -> None:
        self.sink = Sink((1,))
        self.clock: Clock = SystemClock()


_state: Final = _State()


def timestamp(now_ms: int) -> str:
    """RFC 3339 in UTC to the millisecond: ``timestamp(0) == "1970-01-01T00:00:00.000Z"``."""
    seconds, milliseconds = divmod(now_ms, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}Z"


def _head(_logger: Any, level: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {"timestamp": timestamp(_state.clock.now_ms()), "level": level, "event": event.pop("event"), **event}


def _exception(_logger: Any, _level: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception becomes its kind, a short message and the places it passed: no locals, no SQL, no row."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else None
    if error is not None:
        event["error"] = describe(error)
        event["trace"] = [f"{f.filename}:{f.lineno} {f.name}" for f in extract_tb(error.__traceback__)]
    return event


def describe(error: BaseException) -> str:
    """Kind and short message. PostgreSQL's own words may quote a row, so of those only the state is said."""
    if isinstance(error, asyncpg.PostgresError):
        return f"{type(error).__name__} ({error.sqlstate})"
    return f"{type(error).__name__}: {redacted_text(str(error))[:_MESSAGE_LENGTH_MAX]}"


def _redact(_logger: Any, _level: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return redacted(event)


def _render(_logger: Any, _level: str, event: MutableMapping[str, Any]) -> bytes:
    return _encode(event)


def configure(
    *, level: Level = "info", file: Path | None = None, clock: Clock | None = None, stdout: bool = True
) -> Sink:
    """Say where this process logs, from which level on. The file is made with mode 0600. Raises OSError."""
    files = [1] if stdout else []
    if file is not None:
        files.append(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600))
    _state.sink.flush()
    _state.sink = Sink(files)
    _state.clock = clock or SystemClock()
    structlog.configure(
        processors=[_head, _exception, _redact, _render],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=_Output,
        cache_logger_on_first_use=False,
    )
    return _state.sink


def sink() -> Sink:
    """Where lines go now; for the request's own line, which is encoded without structlog."""
    return _state.sink


configure()
log: Final[structlog.typing.FilteringBoundLogger] = structlog.get_logger()
