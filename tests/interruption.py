"""Ends a coroutine at its n-th await, as a client that hangs up there would."""

import asyncio
import types
from collections.abc import Coroutine, Generator
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


class Reached:
    """How many awaits were passed, and whether it was cut before its end."""

    def __init__(self) -> None:
        self.awaits = 0
        self.cut = False


async def interrupted_at(call: Coroutine[Any, Any, T], awaits: int) -> Reached:
    """Run `call` and cancel it when it waits for the `awaits`-th time (from 0); says how far it came."""
    reached = Reached()

    @types.coroutine
    def drive() -> Generator[Any, Any, None]:
        going, waited_for = _advance(call, cut=False)
        while going:
            if reached.awaits == awaits:
                reached.cut = True
                if not (isinstance(waited_for, asyncio.Future) and waited_for.cancel()):
                    going, waited_for = _advance(call, cut=True)
                    if not going:
                        return
            reached.awaits += 1
            yield waited_for
            going, waited_for = _advance(call, cut=False)

    with suppress(asyncio.CancelledError):
        await drive()
    return reached


def _advance(call: Coroutine[Any, Any, Any], *, cut: bool) -> tuple[bool, Any]:
    """Let it run to its next await; False where there is none."""
    try:
        return True, call.throw(asyncio.CancelledError) if cut else call.send(None)
    except StopIteration:
        return False, None
