"""Idempotency claims: a key stands for one request and what it did, in the transaction that did it.

Follows the IETF draft `draft-ietf-httpapi-idempotency-key-header`: quoted and bare forms are one key, another request
under a used key is refused, a twin under way is waited for. The claim is a row beside its effect, so a crash leaves
either both or neither.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Protocol

import asyncpg
from msgspec import Struct

_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
_ESCAPED = re.compile(r'\\(["\\])')

KEY_LENGTH_MAX = 255
"""Characters of a key; longer ones are refused."""


class ClaimScope(Struct, frozen=True):
    """Where a key is unique, and what its request was.

    `fingerprints` hold the request's HMAC under each secret version in force, newest first: the newest is stored, any
    of them matches, so that rotating a secret refuses no honest retry.
    """

    center_id: str
    env: str
    method: str
    route: str
    principal: str
    key: str
    fingerprints: Sequence[bytes]


class Fresh(Struct, frozen=True, tag=True):
    """Nobody used the key: go on, and keep the answer before the commit."""


class Replay(Struct, frozen=True, tag=True):
    """The answer this very request got before: status, `Location` and body bytes."""

    status: int
    location: str | None
    body: bytes


class Open(Struct, frozen=True, tag=True):
    """The effect was kept without an answer; `subject` names what to continue."""

    subject: str | None


class Reused(Struct, frozen=True, tag=True):
    """The key belongs to another request."""


Claimed = Fresh | Replay | Open | Reused


class InProgress(Exception):
    """A twin still runs at the deadline."""


class KeyRefused(Struct, frozen=True):
    """Why a header is no key: what was `found`, said of the header and without its text, and what a key is."""

    found: str
    requirement: str = "1 to 255 printable ASCII characters"


def parse_key(values: Sequence[bytes]) -> str | KeyRefused | None:
    r"""Return the key of the `Idempotency-Key` header's values: None if it was not sent.

    >>> parse_key([b'"abc"']), parse_key([b"abc"])
    ('abc', 'abc')
    """
    if not values:
        return None
    if len(values) > 1:
        return KeyRefused(f"was sent {len(values)} times", "a header that is sent once")
    text = values[0].strip(b" \t").decode("latin-1")
    if text.startswith('"'):
        quoted = _QUOTED.fullmatch(text)
        if quoted is None:
            return KeyRefused(
                "begins with a quotation mark and is no quoted string", "one quoted string, or none of it quoted"
            )
        text = _ESCAPED.sub(r"\1", quoted[1])
    if not text:
        return KeyRefused("is empty")
    if len(text) > KEY_LENGTH_MAX:
        return KeyRefused(f"has {len(text)} characters")
    strange = next((place for place, character in enumerate(text, 1) if not " " <= character <= "~"), None)
    if strange is not None:
        return KeyRefused(f"has a character that is not printable ASCII, in place {strange}")
    return text


class Connection(Protocol):
    """What this module needs of an asyncpg connection or its pooled stand-in."""

    async def fetchrow(self, query: str, *arguments: object) -> asyncpg.Record | None:
        """Return one row."""

    async def execute(self, query: str, *arguments: object) -> str:
        """Run a statement."""


async def claim(
    connection: Connection, scope: ClaimScope, *, now: datetime, expires: datetime, wait_ms: int
) -> Claimed:
    """Claim the key inside the caller's transaction, waiting at most `wait_ms` for a twin.

    Raises `InProgress` when the twin is not done by then.
    """
    try:
        row = await connection.fetchrow(
            "select * from claim_key($1, $2, $3, $4, $5, $6, $7, null, null, null, $8, $9, $10)",
            scope.center_id,
            scope.env,
            scope.method,
            scope.route,
            scope.principal,
            scope.key,
            list(scope.fingerprints),
            now,
            expires,
            wait_ms,
        )
    except asyncpg.LockNotAvailableError as error:
        raise InProgress from error
    assert row is not None  # ruff: ignore[assert] - a function with out parameters returns one row
    return read_claim(row["state"], row["status"], row["location"], row["body"], row["subject"])


def read_claim(
    state: str, status: int | None, location: str | None, body: bytes | None, subject: str | None
) -> Claimed:
    """Name what `claim_key` or a look at the claim's row returned."""
    if state == "fresh":
        return Fresh()
    if state == "replay" and status is not None and body is not None:
        return Replay(status, location, body)
    if state == "open":
        return Open(subject)
    return Reused()


async def keep_answer(
    connection: Connection, scope: ClaimScope, *, status: int, location: str | None, body: bytes
) -> None:
    """Keep the answer for replays, in the effect's transaction."""
    await _update(connection, scope, "status = $7, location = $8, body = $9", status, location, body)


async def keep_open(connection: Connection, scope: ClaimScope, *, subject: str) -> None:
    """Keep the claim without an answer: a retry continues with `subject` instead of doing the effect again."""
    await _update(connection, scope, "subject = $7", subject)


async def _update(connection: Connection, scope: ClaimScope, assignments: str, *values: object) -> None:
    await connection.execute(
        f"update idempotency_claim set {assignments}"  # ruff: ignore[hardcoded-sql-expression] - the assignments are the two literals above
        " where center_id = $1 and env = $2 and key = $3 and route = $4 and method = $5 and principal = $6",
        scope.center_id,
        scope.env,
        scope.key,
        scope.route,
        scope.method,
        scope.principal,
        *values,
    )


class KeyTurns:
    """Lets one request a process and key into SQL; the others wait here, where waiting holds no connection."""

    def __init__(self) -> None:
        self._turns: dict[tuple[str, str, str, str, str, str], tuple[asyncio.Lock, list[None]]] = {}

    @asynccontextmanager
    async def take(self, scope: ClaimScope, deadline: float) -> AsyncGenerator[None, None]:
        """Hold the key's turn; raises `InProgress` at `deadline` (the event loop's time, seconds)."""
        name = (scope.center_id, scope.env, scope.key, scope.route, scope.method, scope.principal)
        lock, waiters = self._turns.setdefault(name, (asyncio.Lock(), []))
        waiters.append(None)
        try:
            if len(waiters) == 1:
                await lock.acquire()  # nobody else is here: it is free, and no timer is needed
            else:
                try:
                    async with asyncio.timeout_at(deadline):
                        await lock.acquire()
                except TimeoutError as error:
                    raise InProgress from error
            try:
                yield
            finally:
                lock.release()
        finally:
            waiters.pop()
            if not waiters:
                del self._turns[name]
