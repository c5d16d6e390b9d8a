"""A child that ends when its parent is gone, however the parent went. The kernel's doing: Linux only."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def dying_with_us(death_signal: signal.Signals) -> Callable[[], None] | None:
    """What a child of ours runs before its program; None where the kernel can't do it.

    The signal comes when the *thread* that started the child ends: start children from the main thread.
    """
    if _LIBC is None:
        return None
    starter = os.getpid()

    def bind_to_starter() -> None:
        die_with(starter, death_signal)

    return bind_to_starter


def die_with(parent: int, death_signal: signal.Signals) -> None:
    """Have the kernel send us `death_signal` when `parent` ends; end now if it already has."""
    if _LIBC is None:
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
