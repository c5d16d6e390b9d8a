"""The file of signed heads outside of the database: the worker adds to it, the gateway reads it while it grows.

Half a note at its end, of a full disk or a lost machine, is nobody's checkpoint: it is passed over, and taken back before
the next is added. Anything else that is no note is left where it is, and found by whoever reads the file.
"""

import fcntl
import heapq
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from gateway.records.notes import KEY_NAME, Checkpoint, Note
from gateway.records.trust import checkpoints_in

OUT_OF_ORDER_MAX: Final = 1000
"""Notes that may stand in front of one of an older head: two workers who changed places wrote them."""

_TAIL_BYTES: Final = 1 << 16
_BEGINNING: Final = f"{KEY_NAME}/".encode()
_LAST_LINE: Final = re.compile("^— [^\n]+\n\\s*".encode(), re.MULTILINE)


class CheckpointFile:
    """What the file holds when this is made: what is added later is of heads that came later."""

    def __init__(self, path: Path) -> None:
        self._path = path
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            self._end = _whole_bytes(descriptor)
        finally:
            os.close(descriptor)

    def checkpoints(self, origin: str) -> Iterator[tuple[Checkpoint, Note]]:
        """The checkpoints of one chain, by their size. Raises WrongNote, UnicodeDecodeError, OSError."""
        waiting: list[tuple[int, int, Checkpoint, Note]] = []
        for nth, (checkpoint, note) in enumerate(checkpoints_in(self._lines(), origin)):
            heapq.heappush(waiting, (checkpoint.size, nth, checkpoint, note))
            if len(waiting) > OUT_OF_ORDER_MAX:
                yield heapq.heappop(waiting)[2:]
        while waiting:
            yield heapq.heappop(waiting)[2:]

    def _lines(self) -> Iterator[str]:
        with self._path.open("rb") as file:
            left = self._end
            while left > 0 and (line := file.readline(left)) != b"":
                left -= len(line)
                yield line.decode()


def add(path: Path, notes: Sequence[str]) -> None:
    """Add the notes, a blank line behind each, and wait until they are on the disk: all of them or none. Raises OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # who is late is not waited for: there is a next round
        end = _whole_bytes(descriptor)
        _take_back(descriptor, end)
        try:
            _write(descriptor, _gap(descriptor, end) + "".join(f"{note}\n" for note in notes).encode())
            os.fsync(descriptor)
        except OSError:
            with suppress(OSError):
                _take_back(descriptor, end)
            raise
    finally:
        os.close(descriptor)


def _take_back(descriptor: int, end: int) -> None:
    if os.fstat(descriptor).st_size > end:  # a file that can only be added to refuses even what changes nothing
        os.ftruncate(descriptor, end)


def _gap(descriptor: int, end: int) -> bytes:
    """No note begins within a line of something else."""
    return b"\n" if os.pread(descriptor, 1, max(0, end - 1)) not in {b"", b"\n"} else b""


def _write(descriptor: int, text: bytes) -> None:
    while text:
        text = text[os.write(descriptor, text) :]


def _whole_bytes(descriptor: int) -> int:
    """The length of the file without half a note at its end."""
    size = os.fstat(descriptor).st_size
    start = max(0, size - _TAIL_BYTES)
    tail = os.pread(descriptor, size - start, start)
    end = 0
    for found in _LAST_LINE.finditer(tail):
        end = found.end()
    if end == 0 and start > 0:
        return size
    rest = tail[end:].rstrip(b"\0")  # a lost machine may leave room for what was never written
    is_half = rest.startswith(_BEGINNING) or _BEGINNING.startswith(rest)
    return start + end if is_half else size
