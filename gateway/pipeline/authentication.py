"""Whose key is it? Answered from this process's memory for 5 s, then by one SQL read that all who wait for it share.

Revocation is effective everywhere within those 5 s. While SQL can't be reached, what was verified in the last 10
minutes still tells who asks for usage, and opens nothing else. Rule source: conventions and quotas, "When something is down".
"""

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

from msgspec import Struct

from gateway.caller import Center, LearnerSession, SignedIn
from gateway.clock import Clock, as_datetime
from gateway.errors import ExpiredApiKey, InvalidApiKey, Problem
from gateway.key_format import Env, ParsedKey, parse_key
from gateway.keyring import KeyHash, Keyring
from gateway.pipeline import key_store
from gateway.pipeline.key_store import StoredKey
from gateway.pipeline.rates import policies_of
from gateway.stores import SqlStore
from quotas.windows import Policy

V = TypeVar("V")

FRESH_SECONDS: Final = 5.0
STALE_SECONDS: Final = 600.0
_KNOWN_MAX: Final = 10_000
_REFUSED_MAX: Final = 10_000
_USE_NOTED_MS: Final = 60_000

_NOBODYS_HASH: Final = KeyHash(0, bytes(32))
"""Compared where no key was found, so that an unknown key costs what a wrong one costs."""


class Known(Struct, kw_only=True):
    """A verified key, or a person who is signed in or a learner in a browser (no `key_id`, and remembered by nobody). `fresh_until` and `stale_until` are seconds of the clock's `monotonic_seconds`.

    `mirrors` are the keys of the center's mirrors, good until `mirrors_until_ms`; filled when first asked for.
    """

    center: Center
    env: Env
    key_id: str | None
    scopes: frozenset[str]
    requests_per_minute: int | None
    policies: tuple[Policy, ...]
    fresh_until: float
    stale_until: float
    person: SignedIn | None = None
    session: LearnerSession | None = None
    mirrors: tuple[str, ...] = ()
    mirrors_until_ms: int = 0


class Refusal(Struct, frozen=True):
    """A key that was judged, and is not good; remembered as long as a good one."""

    problem: type[Problem]
    fresh_until: float


JUNK: Final = Refusal(InvalidApiKey, float("inf"))
"""Not of a key's shape, or with a wrong checksum: known without any I/O, and not worth remembering."""


class Authentication:
    """Keys of one process. What it remembers is bounded; the one read longest ago is forgotten first.

    Memory is looked up by a keyed digest of the key: no secret is kept, and no time tells how much of one was right.
    """

    def __init__(
        self, sql: SqlStore, keyring: Keyring, clock: Clock, start: Callable[[Coroutine[Any, Any, None]], Any]
    ) -> None:
        self._sql = sql
        self._keyring = keyring
        self._clock = clock
        self._start = start
        self._digest_key = secrets.token_bytes(32)
        self._known: dict[bytes, Known] = {}
        self._refused: dict[bytes, Refusal] = {}
        self._reading: dict[bytes, asyncio.Task[Known | Refusal]] = {}

    def remembered(self, sent: bytes, now: float) -> Known | None:
        """The key, if it was verified less than 5 s ago. The path of nearly every request."""
        known = self._known.get(hashlib.blake2b(sent, digest_size=16, key=self._digest_key).digest())
        return known if known is not None and now < known.fresh_until else None

    async def judge(self, sent: bytes) -> Known | Refusal:
        """The key or why not, from memory or SQL. Raises StoreDown and Overloaded where SQL can't say."""
        parsed = parse_key(sent.decode("latin-1"))
        if parsed is None:
            return JUNK
        digest = hashlib.blake2b(sent, digest_size=16, key=self._digest_key).digest()
        now = self._clock.monotonic_seconds()
        refusal = self._refused.get(digest)
        if refusal is not None and now < refusal.fresh_until:
            return refusal
        reading = self._reading.get(digest)
        if reading is None:
            reading = self._reading[digest] = asyncio.ensure_future(self._read(parsed, digest))
            reading.add_done_callback(lambda task: self._done(digest, task))
        # Shielded: whoever hangs up must not take the answer from the others.
        return await asyncio.shield(reading)

    def _done(self, digest: bytes, reading: "asyncio.Task[Known | Refusal]") -> None:
        self._reading.pop(digest, None)
        if not reading.cancelled():
            reading.exception()  # looked at here too: everyone who waited for it may have hung up

    def stale(self, sent: bytes) -> Known | None:
        """The key as verified in the last 10 minutes, for reads of usage while SQL is away."""
        known = self._known.get(hashlib.blake2b(sent, digest_size=16, key=self._digest_key).digest())
        return known if known is not None and self._clock.monotonic_seconds() < known.stale_until else None

    async def _read(self, parsed: ParsedKey, digest: bytes) -> Known | Refusal:
        now = self._clock.monotonic_seconds()  # before the read: a revocation during it must not gain time
        async with self._sql.session() as connection:
            stored = await key_store.find(connection, parsed.public_id)
        matches = self._keyring.matches(parsed.text, _NOBODYS_HASH if stored is None else stored.hash)
        if stored is None or not matches or stored.is_revoked:
            return self._refuse(digest, Refusal(InvalidApiKey, now + FRESH_SECONDS))
        left_seconds = _seconds_left(stored, self._clock.now_ms())
        if left_seconds <= 0:
            return self._refuse(digest, Refusal(ExpiredApiKey, now + FRESH_SECONDS))
        self._look_after(parsed, stored)
        known = Known(
            center=stored.center,
            env=stored.env,
            key_id=stored.key_id,
            scopes=stored.scopes,
            requests_per_minute=stored.requests_per_minute,
            policies=policies_of(stored),
            fresh_until=now + min(FRESH_SECONDS, left_seconds),
            stale_until=now + min(STALE_SECONDS, left_seconds),
        )
        _remember(self._known, digest, known, _KNOWN_MAX)
        return known

    def _refuse(self, digest: bytes, refusal: Refusal) -> Refusal:
        self._known.pop(digest, None)
        _remember(self._refused, digest, refusal, _REFUSED_MAX)
        return refusal

    def _look_after(self, parsed: ParsedKey, stored: StoredKey) -> None:
        """Start what a used key needs and no request waits for: the newest pepper, the time of its last use."""
        if stored.hash.pepper_version != self._keyring.newest_pepper:
            self._start(self._rehash(stored, self._keyring.hash_key(parsed.text)))
        now = as_datetime(self._clock.now_ms())
        if stored.last_used_at is None or (now - stored.last_used_at).total_seconds() * 1000 >= _USE_NOTED_MS:
            self._start(self._note_use(stored.key_id))

    async def _rehash(self, stored: StoredKey, new: KeyHash) -> None:
        async with self._sql.session() as connection:
            await key_store.rehash(connection, stored.key_id, stored.hash, new)

    async def _note_use(self, key_id: str) -> None:
        async with self._sql.session() as connection:
            await key_store.note_use(connection, key_id, as_datetime(self._clock.now_ms()))


def _seconds_left(stored: StoredKey, now_ms: int) -> float:
    return float("inf") if stored.expires_at_ms is None else (stored.expires_at_ms - now_ms) / 1000


def _remember(memory: dict[bytes, V], digest: bytes, value: V, most: int) -> None:
    memory.pop(digest, None)
    memory[digest] = value
    if len(memory) > most:
        del memory[next(iter(memory))]
