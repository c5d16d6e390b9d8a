"""The progress of reading or writing a long file, on stderr: a bar on a terminal, else a line a tenth for what takes a while."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

_LONG_BYTES: Final = 100 << 20


@contextmanager
def watched(name: str) -> Generator[Callable[[int, int], None]]:
    """Give what is told how many bytes, or records, of how many are done."""
    if not sys.stderr.isatty():
        yield _lines(name)
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name)
        yield lambda done, whole: bar.update(task, completed=done, total=whole)


@contextmanager
def nothing_shown() -> Generator[Callable[[int, int], None]]:
    """Give what is told the same and shows nothing: what is written goes to the terminal itself."""
    yield lambda _done, _whole: None


def _lines(name: str) -> Callable[[int, int], None]:
    shown = 0

    def tell(done: int, whole: int) -> None:
        nonlocal shown
        tenths = done * 10 // max(whole, 1)
        if whole >= _LONG_BYTES and tenths > shown:
            shown = tenths
            sys.stderr.write(f"{name}: {tenths * 10} %\n")

    return tell
