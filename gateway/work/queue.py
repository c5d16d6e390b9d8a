"""PgQueuer as this product uses it: its tables carry wake-ups alone, so that whatever it loses costs seconds.

Names are spelled out, since PgQueuer would else take them from the environment.
"""

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import msgspec
from msgspec import Struct
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.domain.types import Channel

from gateway.stores import Connection

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind: TypeAlias = Literal["generation", "regeneration", "regrade"]
Env: TypeAlias = Literal["live", "test"]

CHANNEL: Final = Channel("ch_pgqueuer")

_SETTINGS: Final = DBSettings(
    prefix="",
    db_schema="public",
    channel=CHANNEL,
    function="fn_pgqueuer_changed",
    statistics_table="pgqueuer_statistics",
    queue_status_type="pgqueuer_status",
    queue_table="pgqueuer",
    queue_table_log="pgqueuer_log",
    trigger="tg_pgqueuer_changed",
    schedules_table="pgqueuer_schedules",
    durability=Durability.volatile,
)


class WakeUp(Struct, frozen=True):
    """Tells a worker where work waits. `id` is a generation's or regrade's, or the artifact's whose
    regenerations wait.

    `key` tells one wait from the next: of two wake-ups with one key, the second is not sent while the first is kept.
    """

    kind: Kind
    center_id: str
    env: Env
    id: str
    key: str

    @property
    def entrypoint(self) -> str:
        """The queue it goes to: test work has its own, so that it never stands before what is paid for."""
        return entrypoint(self.kind, self.env)


def generation_waits(center_id: str, env: Env, generation_id: str) -> WakeUp:
    """Return the wake-up for a generation that was launched just now."""
    return WakeUp("generation", center_id, env, generation_id, f"{generation_id}:0")


def regeneration_waits(center_id: str, env: Env, artifact_id: str, regeneration_id: str) -> WakeUp:
    """Return the wake-up for a regeneration that was asked for just now."""
    return WakeUp("regeneration", center_id, env, artifact_id, f"{regeneration_id}:0")


def regrade_waits(center_id: str, env: Env, regrade_id: str, fence: int) -> WakeUp:
    """Return the wake-up for a regrade that was asked for just now; its fence tells one wait from the next."""
    return WakeUp("regrade", center_id, env, regrade_id, f"{regrade_id}:{fence}")


def entrypoint(kind: Kind, env: Env) -> str:
    """Name a queue, such as `generation.live`."""
    return f"{kind}.{env}"


def driver(connection: Connection) -> AsyncpgDriver:
    """Give a connection to PgQueuer."""
    return AsyncpgDriver(connection)  # type: ignore[arg-type]  # a pooled connection has the same methods


def queries(connection: Connection) -> Queries:
    """Give PgQueuer's statements on this connection."""
    return Queries(
        driver(connection),
        qbe=QueryBuilderEnvironment(_SETTINGS),
        qbq=QueryQueueBuilder(_SETTINGS),
        qbs=QuerySchedulerBuilder(_SETTINGS),
    )


async def send(connection: Connection, wakes: "Sequence[WakeUp]") -> None:
    """Put wake-ups into the queue in one statement; those whose key waits there already are left out."""
    wakes = sorted(wakes, key=lambda wake: wake.key)  # one order for all senders: two that overlap can't deadlock
    await queries(connection).enqueue(
        [wake.entrypoint for wake in wakes],
        [msgspec.json.encode(wake) for wake in wakes],
        [0 for _ in wakes],
        dedupe_key=[wake.key for wake in wakes],
        on_conflict="skip",
    )


def read(payload: bytes | None) -> WakeUp | None:
    """Read a job's wake-up; None for what no version of ours has written."""
    try:
        return msgspec.json.decode(payload or b"", type=WakeUp)
    except msgspec.DecodeError:
        return None
