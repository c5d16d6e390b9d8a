"""Refusals by quota: the first of a course in a period is sealed, later ones are logged and counted."""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

import msgspec
from msgspec import Struct

from gateway.caller import Caller
from gateway.metrics import REFUSALS
from gateway.stores import Connection

KNOWN_MAX: Final = 10_000
"""How many refusals a process remembers to be sealed; what it forgets is asked for once more, and found."""


class Refusal(Struct, frozen=True, kw_only=True):
    """Units that were asked for and not to be had; `scope` says whose cap it was."""

    course_id: str
    meter: str
    period_start: datetime
    limit: int
    used: int
    held: int
    requested: int
    scope: Literal["center", "artifact"]


def refused_units(course_id: str, meter: str, period_start: datetime, told: Mapping[str, int]) -> Refusal:
    """Units of a center's period, as its 429 tells of them."""
    return Refusal(
        course_id=course_id,
        meter=meter,
        period_start=period_start,
        limit=told["limit"],
        used=told["used"],
        held=told["held"],
        requested=told["requested"],
        scope="center",
    )


class KnownRefusals:
    """Refusals that this process knows to be sealed: a course that is refused a thousand times costs one look."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str, str, str, datetime], None] = OrderedDict()

    def count(self, caller: Caller, refusal: Refusal) -> bool:
        """Count it; returns whether it may be the first."""
        REFUSALS.labels(refusal.meter, caller.env).inc()
        return _name(caller, refusal) not in self._known

    def note(self, caller: Caller, refusal: Refusal) -> None:
        """It is sealed, and committed."""
        self._known[_name(caller, refusal)] = None
        if len(self._known) > KNOWN_MAX:
            self._known.popitem(last=False)


async def keep_refusal(connection: Connection, caller: Caller, refusal: Refusal, now: datetime) -> bool:
    """Seal it, if it is the first of its course, meter and period; whoever opened a transaction commits it."""
    policy = {"limit": refusal.limit, "scope": refusal.scope}
    outcome = {"held": refusal.held, "requested": refusal.requested, "used": refusal.used}
    sealed: bool = await connection.fetchval(
        "select refusal_seal($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        caller.center.id,
        caller.env,
        refusal.course_id,
        refusal.meter,
        refusal.period_start,
        msgspec.json.encode(policy).decode(),
        msgspec.json.encode(outcome).decode(),
        caller.actor,
        caller.request_id,
        now,
    )
    return sealed


def _name(caller: Caller, refusal: Refusal) -> tuple[str, str, str, str, datetime]:
    return caller.center.id, caller.env, refusal.course_id, refusal.meter, refusal.period_start
