"""Signed checkpoints: the heads of chains, signed and kept outside of the database, so that a cut tail or a history that
was written anew shows. Rule source: centers, "Decision records".

A head is signed as it was committed. It stands in the file before the database says so: what is told was kept.
"""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import asyncpg
import msgspec

from gateway.clock import Clock, as_datetime
from gateway.log import log
from gateway.records import checkpoint_file
from gateway.records.notes import Checkpoint, VerifierKey, WrongNote, origin_of, signed
from gateway.settings import Settings
from gateway.stores import Connection, Overloaded, Record, SqlStore, StoreDown
from gateway.tokens.key_file import TokenKeyFile, WrongKeyFile, read_key_file

PAUSE_SECONDS: Final = 10.0
"""How often a worker looks for chains that are due."""

CHAINS_AT_ONCE: Final = 100

_ONE_AT_A_TIME: Final = 0x6470_7573
"""Of several workers one signs: `dpus` in ASCII, held by its transaction."""

_DUE: Final = """
    select center_id, env::text, seq, hash from dpu_head
     where seq - signed_seq >= $1 or signed_seq > seq
        or (seq > signed_seq and (signed_at <= $2 or signed_at > $3))
        or signed_by = any($4::bytea[])
     order by center_id, env limit $5"""
"""A clock that was set back, or a head that says more than there is, keeps no chain from being signed; and where nothing is
decided any more, the next key signs once, so that who believes that one alone can believe the chain.
"""

_KEPT: Final = """
    insert into dpu_checkpoint (center_id, env, seq, note, made_at)
    select c.center_id, c.env, c.seq, c.note, $5 from unnest($1::text[], $2::text[], $3::bigint[], $4::text[])
           as c (center_id, env, seq, note)"""

_KNOWN: Final = "insert into dpu_key (key, since) values ($1, $2) on conflict do nothing"

# Waits for whoever seals just now; the last locks of the transaction, in the order in which everybody takes them.
_SIGNED: Final = """
    update dpu_head h set signed_seq = d.seq, signed_at = $4, signed_by = $5
      from (select h.center_id, h.env, c.seq
              from unnest($1::text[], $2::text[], $3::bigint[]) as c (center_id, env, seq)
              join dpu_head h on h.center_id = c.center_id and h.env = c.env
             order by h.center_id, h.env for no key update of h) d
     where h.center_id = d.center_id and h.env = d.env"""

_json: Final = msgspec.json.Encoder()


class Notary:
    """Signs the heads of chains that are due: after so many records, so long after the last one if anything came, or by a new
    key.
    """

    def __init__(self, sql: SqlStore, clock: Clock, settings: Settings) -> None:
        self._sql = sql
        self._clock = clock
        self._keys_file = settings.checkpoint_keys_file
        self._file = settings.checkpoint_file
        self._records = settings.checkpoint_records
        self._patience = timedelta(minutes=settings.checkpoint_minutes)

    async def keep_signing(self, stop: asyncio.Event) -> None:
        """Sign until told to stop; at once over where no key signs."""
        while self._keys_file is not None and not stop.is_set():
            try:
                while await self.sign_some() == CHAINS_AT_ONCE and not stop.is_set():
                    pass
            except (
                StoreDown,
                Overloaded,
                OSError,
                WrongKeyFile,
                asyncpg.PostgresError,
                asyncpg.InterfaceError,
            ) as error:
                log.warning("checkpoints.failed", error_type=type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(PAUSE_SECONDS):
                    await stop.wait()

    async def sign_some(self) -> int:
        """Sign the heads that are due, at most CHAINS_AT_ONCE; returns how many. Raises what stores and files raise."""
        if self._keys_file is None:
            return 0
        keys = read_key_file(self._keys_file)  # anew each time, since keys are rotated while a worker runs
        now = as_datetime(self._clock.now_ms())
        async with self._sql.session(deadline_seconds=60) as connection, connection.transaction():
            if not await connection.fetchval("select pg_try_advisory_xact_lock($1)", _ONE_AT_A_TIME):
                return 0
            known = await connection.fetch("select key, since from dpu_key")
            keys = self._signing_keys(keys, {row["key"] for row in known})
            if not keys:
                return 0
            private, public = keys[0].private, VerifierKey.of(keys[0].private)
            older = [VerifierKey.of(key.private).id for key in keys[1:]] + _gone_before(public, known)
            due = await connection.fetch(_DUE, self._records, now - self._patience, now, older, CHAINS_AT_ONCE)
            if not due:
                return 0
            notes = [signed(_checkpoint(row), private) for row in due]
            if self._file is not None:
                await asyncio.to_thread(checkpoint_file.add, self._file, notes)
            places: tuple[Any, ...] = ([r["center_id"] for r in due], [r["env"] for r in due], [r["seq"] for r in due])
            await connection.execute(_KEPT, *places, notes, now)
            await connection.execute(_KNOWN, str(public), now)
            await self._tell(connection, due, notes)
            await connection.execute(_SIGNED, *places, now, public.id)
        log.info("checkpoints.signed", chains=len(due))
        return len(due)

    def _signing_keys(self, keys: TokenKeyFile, known: Collection[str]) -> TokenKeyFile:
        """The newest key that has begun to sign, and those before it. One that has signed is not given up though the clock
        was set back: what its predecessor signed behind it would be believed by nobody.
        """
        now_ms = self._clock.now_ms()
        begun = (
            nth for nth, key in enumerate(keys) if key.from_ms <= now_ms or str(VerifierKey.of(key.private)) in known
        )
        return keys[next(begun, len(keys)) :]

    async def _tell(self, connection: Connection, due: Sequence[Record], notes: Sequence[str]) -> None:
        now = as_datetime(self._clock.now_ms())
        for row, note in zip(due, notes, strict=True):
            shown = {
                "object": "checkpoint",
                "id": _checkpoint(row).origin,
                "origin": _checkpoint(row).origin,
                "size": row["seq"],
                "head": row["hash"].hex(),
                "note": note,
                "created_at": now,
            }
            await connection.execute(
                "select emit($1, $2, 'checkpoint.signed', $1, $3::text::jsonb, $4)",
                row["center_id"],
                row["env"],
                _json.encode(shown).decode(),
                now,
            )


def _checkpoint(row: Record) -> Checkpoint:
    return Checkpoint(origin_of(row["center_id"], row["env"]), row["seq"], row["hash"])


def _gone_before(current: VerifierKey, known: Sequence[Record]) -> list[bytes]:
    """The ids of keys that signed before the current one first did: one that left the file early, or was put out of it at once,
    has left chains behind too. A worker with a file of before the rotation knows none, and signs nothing of its successor's anew.
    """
    since = {row["key"]: row["since"] for row in known}
    began = since.get(str(current))
    found: list[bytes] = []
    for key, at in since.items():
        if began is None or at < began:
            with suppress(WrongNote):
                found.append(VerifierKey.parse(key).id)
    return found
