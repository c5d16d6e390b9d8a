"""Sealing from Python: the record of a decision, in the transaction that makes it, behind every other lock."""

from collections.abc import Coroutine, Mapping
from datetime import datetime
from typing import Any, TypeVar

from msgspec import Struct

from gateway.records.canonical import canonical
from gateway.stores import Connection

Done = TypeVar("Done")


class Decision(Struct, frozen=True, kw_only=True):
    """What was decided on `subject`, by whom, under which policy. `body` is what the record commits to without showing it:
    whatever is personal stands there alone; `person` is the learner of whom it tells.
    """

    type: str
    actor: str
    subject: str
    policy: Mapping[str, object]
    outcome: Mapping[str, object]
    body: Mapping[str, object] | None = None
    person: str | None = None
    request_id: str | None


async def seal(connection: Connection, center_id: str, env: str, decision: Decision, now: datetime) -> str:
    """Append the record and return its id. The last statement of its transaction that takes a lock."""
    made: str = await connection.fetchval(
        "select seal($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        center_id,
        env,
        decision.type,
        decision.actor,
        decision.subject,
        canonical(dict(decision.policy)).decode(),
        canonical(dict(decision.outcome)).decode(),
        None if decision.body is None else canonical(dict(decision.body)).decode(),
        decision.request_id,
        now,
        decision.person,
    )
    return made


async def act_as(connection: Connection, actor: str, request_id: str | None) -> None:
    """Say who acts until the end of this transaction: what triggers seal at its commit names them."""
    await connection.execute("select act_as($1, $2)", actor, request_id)


async def done_as(connection: Connection, actor: str, request_id: str | None, work: Coroutine[Any, Any, Done]) -> Done:
    """Do `work` in the name of `actor`: see `act_as`."""
    try:
        await act_as(connection, actor, request_id)
    except BaseException:
        work.close()  # never begun: who asked for it hung up, or the store is down
        raise
    return await work
