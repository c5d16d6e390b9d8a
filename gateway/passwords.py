"""Passwords: hashed by Argon2id in threads of their own, never on the event loop, and never more at once than bearable.

An unknown person costs what a wrong password costs: one hash. Rule source: centers, "People"; security, "People".
"""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Meta, Struct

from gateway.common_passwords import is_common
from gateway.errors import InvalidField, Overloaded

T = TypeVar("T")

RUNNING_MAX: Final = 2
WAITING_MAX: Final = 32
HELD_BACK_SECONDS: Final = 2.0
LENGTH_MIN: Final = 12
LENGTH_MAX: Final = 128

NewPassword = Annotated[str, Meta(min_length=LENGTH_MIN, max_length=LENGTH_MAX)]
"""A password as it is set."""
GivenPassword = Annotated[str, Meta(min_length=1, max_length=LENGTH_MAX)]
"""A password as it is tried."""


class Cost(Struct, frozen=True):
    """Parameters of Argon2id: passes, KiB of memory, lanes. RFC 9106's for servers short of memory, on one lane."""

    passes: int = 3
    memory_kib: int = 65_536
    lanes: int = 1


class Verdict(Struct, frozen=True):
    """Whether the password was right; `rehashed` is it under today's cost, where it was kept under another."""

    matches: bool
    rehashed: str | None = None


class Passwords:
    """One a process: 2 hashes run, 32 wait, who comes then is Overloaded."""

    def __init__(self, cost: Cost | None = None) -> None:
        cost = cost or Cost()
        self._hasher = PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes)
        self._threads = ThreadPoolExecutor(RUNNING_MAX, thread_name_prefix="password")
        self._under_way = 0
        self._held_back = 0
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """What to keep of a password, with its salt and cost. Raises Overloaded."""
        return await self._run(lambda: self._hasher.hash(_normal(password)))

    async def check(self, password: str, stored: str | None) -> Verdict:
        """Compare; None, for a person who is not there or has no password, takes as long and is never right.

        Raises Overloaded.
        """
        return await self._run(lambda: self._check(password, stored))

    def require_room(self) -> None:
        """Raise Overloaded where the next comparison would be."""
        if self._under_way >= RUNNING_MAX + WAITING_MAX:
            raise Overloaded

    async def hold_back(self) -> None:
        """Let a try wait, of an address that is tried too often: slower for everybody, and closed to nobody. Raises Overloaded."""
        if self._held_back >= WAITING_MAX:
            raise Overloaded
        self._held_back += 1
        try:
            await asyncio.sleep(HELD_BACK_SECONDS)
        finally:
            self._held_back -= 1

    def close(self) -> None:
        """End the threads once they are done; what waits is not begun any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _check(self, password: str, stored: str | None) -> Verdict:
        text = _normal(password)
        if stored is None and self._nobodys is None:
            # Its own hash takes as long as comparing with one: the first unknown person waits no longer than the next.
            self._nobodys = self._hasher.hash(secrets.token_urlsafe())
            return Verdict(matches=False)
        try:
            self._hasher.verify(stored or self._nobodys or "", text)
        except (VerificationError, InvalidHashError):
            return Verdict(matches=False)
        if stored is None:
            return Verdict(matches=False)
        rehashed = self._hasher.hash(text) if self._hasher.check_needs_rehash(stored) else None
        return Verdict(matches=True, rehashed=rehashed)

    async def _run(self, work: Callable[[], T]) -> T:
        self.require_room()
        self._under_way += 1
        future = self._threads.submit(work)
        # Counted until the thread is done with it: who hangs up frees a place in the queue, and none at work.
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: _call_soon(loop, self._ended))
        return await asyncio.wrap_future(future)

    def _ended(self) -> None:
        self._under_way -= 1


def require_uncommon(password: str, param: str, email: str = "") -> None:
    """Raise InvalidField for a password that is tried first by whoever guesses."""
    if is_common(password, email):
        raise InvalidField(param, "not a common password, a keyboard pattern or the e-mail address")


def _call_soon(loop: asyncio.AbstractEventLoop, ended: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(ended)


def _normal(password: str) -> str:
    """One password, however a keyboard composes its characters."""
    return unicodedata.normalize("NFC", password)
