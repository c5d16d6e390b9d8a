"""The program of a child that makes courses: a task a frame on stdin, an answer a frame on stdout, until stdin ends.

A frame is eight bytes, big-endian, that say how many bytes of MessagePack follow. A child ends with its parent, and
ignores what a terminal or a service manager sends to all of a group: its parent ends it, in order or by SIGKILL.
"""

import os
import resource
import signal
import sys
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from msgspec import Struct

from gateway.generation.builtin.tasks import Crashed, Desk, Reply, Task
from gateway.parent_death import die_with

HEAD_BYTES: Final = 8
_RSS_UNIT: Final = 1 if sys.platform == "darwin" else 1024


class Answer(Struct, frozen=True):
    """A reply, and the most memory the child has had so far, in bytes."""

    reply: Reply
    peak_bytes: int


def framed(message: object) -> bytes:
    """Return a message as it goes through the pipe."""
    body = msgspec.msgpack.encode(message)
    return len(body).to_bytes(HEAD_BYTES, "big") + body


def serve(tasks: BinaryIO, answers: BinaryIO) -> None:
    """Answer task by task; returns when there are no more."""
    desk = Desk()
    decoder: msgspec.msgpack.Decoder[Task] = msgspec.msgpack.Decoder(Task)
    while len(head := tasks.read(HEAD_BYTES)) == HEAD_BYTES:
        reply = _done(desk, decoder.decode(tasks.read(int.from_bytes(head, "big"))))
        answers.write(framed(Answer(reply, _peak_bytes())))
        answers.flush()


def _peak_bytes() -> int:
    """The most memory this process ever held. Linux' `ru_maxrss` would begin with the parent's at the fork."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(
            line
            for line in status.read_text(encoding="ascii", errors="replace").splitlines()
            if line.startswith("VmHWM:")
        )
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT


def _done(desk: Desk, task: Task) -> Reply:
    try:
        return desk.do(task)
    except Exception as error:  # ruff: ignore[blind-except] - the parent logs its name; its text may quote content
        return Crashed(type(error).__name__)


def main() -> None:
    """Serve the parent whose process id is the first argument."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    die_with(int(sys.argv[1]), signal.SIGKILL)
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # what a library prints is no answer
        serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
