"""Quotas as Redis shows them: what PostgreSQL committed, absolute and versioned, so that nothing about it needs repair.

Written after each commit; readers get an entry's age, and take one older than 5 s for a miss.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from quotas import keys
from quotas.scripts import DECIDE, PUBLISH
from quotas.transport import Transport

FRESH_MS: Final = 5_000
SWEPT_AFTER_SECONDS: Final = 900


class MirrorState(msgspec.Struct, frozen=True, gc=False):
    """One quota as it was `age_ms` ago by Redis' clock. `limit` None is unlimited.

    Of the running counter, `held` is the number that runs and `settled` is 0.
    """

    limit: int | None
    settled: int
    held: int
    version: int
    epoch: int
    age_ms: int

    @property
    def is_fresh(self) -> bool:
        """Whether it may be answered from; an older one only serves while PostgreSQL is away."""
        return self.age_ms <= FRESH_MS


def mirror_state(row: list[int] | None) -> MirrorState | None:
    """A row of the decision's reply; None where nothing was there."""
    if row is None:
        return None
    limit, settled, held, version, epoch, age_ms = row
    return MirrorState(None if limit < 0 else limit, settled, held, version, epoch, age_ms)


class Entry(msgspec.Struct, frozen=True, gc=False):
    """What a transaction left in one counter, to be shown under `key` (quotas.keys.mirror or running)."""

    key: str
    limit: int | None
    settled: int
    held: int
    version: int
    epoch: int


class Mirror:
    """Writes and reads the mirrors over the transport that the windows use: same tick, same write."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def publish_all(self, entries: Iterable[Entry]) -> bool:
        """Show what was committed, unless something newer is shown already; an equal one counts as seen now.

        All leave in one write. Returns within 100 ms whether Redis took note of every one. A lost publish is no harm:
        the entry turns into a miss.
        """
        took_note = True
        for waiting in [
            self._transport.submit(
                PUBLISH,
                (entry.key,),
                (
                    "" if entry.limit is None else entry.limit,
                    entry.settled,
                    entry.held,
                    entry.version,
                    entry.epoch,
                    SWEPT_AFTER_SECONDS,
                ),
            )
            for entry in entries
        ]:
            if waiting is None or await waiting is None:
                took_note = False
        return took_note

    async def publish(
        self,
        env: str,
        center: str,
        meter: str,
        period_label: str,
        *,
        limit: int | None,
        settled: int,
        held: int,
        version: int,
        epoch: int,
    ) -> bool:
        """Show one quota; the promise of `publish_all`."""
        key = keys.mirror(env, center, meter, period_label)
        return await self.publish_all([Entry(key, limit, settled, held, version, epoch)])

    async def publish_running(
        self, env: str, center: str, *, limit: int | None, running: int, version: int, epoch: int
    ) -> bool:
        """Show how many generations run; the promise of `publish_all`."""
        return await self.publish_all([Entry(keys.running(env, center), limit, 0, running, version, epoch)])

    async def read(self, mirror_keys: Sequence[str]) -> tuple[MirrorState | None, ...]:
        """The entries of one center, in the order asked for; all None where Redis does not answer.

        A request that is being admitted asks for them in the same round trip instead: `Admission.decide(read=…)`.
        """
        if not mirror_keys:
            return ()
        waiting = self._transport.submit(DECIDE, mirror_keys, (0, len(mirror_keys)))
        reply: Any = None if waiting is None else await waiting
        if reply is None:
            return (None,) * len(mirror_keys)
        return tuple([mirror_state(row) for row in reply[2:]])
