"""Which person calls: the token says who and where, and every request asks the database whether it still holds.

One statement for sign-in, membership and center, for all requests that wait for it together. Nothing of it is remembered:
who signs out, changes the password or is suspended is out with the next request, at every gateway.
Rule source: centers and security, "People".
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from gateway.caller import Center, SignedIn
from gateway.errors import InvalidToken, MembershipEnded, MembershipSuspended, NoMembership, Problem
from gateway.pipeline.authentication import Known
from gateway.pipeline.key_store import center_of
from gateway.pipeline.rates import policies_of_center
from gateway.roles import SCOPES_OF, MembershipStatus, Role
from gateway.stores import Connection

if TYPE_CHECKING:
    from gateway.clock import Clock
    from gateway.sql_batches import Batches
    from gateway.tokens.access import AccessTokens

_READ: Final = """
select s.id is not null and s.ended_at is null as signed_in, s.end_reason, m.id as membership_id, m.role, m.status as membership_status,
       c.id as center_id, c.name, c.status, c.time_zone, c.period_anchor_day,
       l.*, q.start_at as period_start, q.end_at as period_end
  from unnest($1::text[], $2::text[], $3::text[]) with ordinality as w (session_id, person_id, center_id, place)
  left join login_session s on s.id = w.session_id and s.person_id = w.person_id
  left join lateral (select id, role, status from membership
                      where person_id = w.person_id and center_id = w.center_id
                      order by status in ('rejected', 'ended'), created_at desc limit 1) m on true
  left join center c on c.id = w.center_id
  left join effective_limit l on l.center_id = w.center_id
  left join lateral (select start_at, end_at from quota_period
                      where center_id = w.center_id order by start_at desc limit 1) q on true
 order by w.place"""

JWT_DOTS: Final = 2
"""A JWT has two; no API key has one."""

_CLOSED_TO: Final[dict[MembershipStatus, type[Problem]]] = {
    "invited": NoMembership,
    "pending": NoMembership,
    "suspended": MembershipSuspended,
    "rejected": MembershipEnded,
    "ended": MembershipEnded,
}


class Wish(Struct, frozen=True):
    """Whose sign-in, and in which center."""

    session_id: str
    person_id: str
    center_id: str


class Standing(Struct, frozen=True):
    """How things stand. `center` None: there is no such center; `membership_id` None: no membership of it.

    `closed_out`: the sign-in has ended because a membership did.
    """

    signed_in: bool
    closed_out: bool
    membership_id: str | None
    role: Role | None
    status: MembershipStatus | None
    center: Center | None


class PersonRefusal(Struct, frozen=True):
    """Why not."""

    problem: type[Problem]


def is_token(sent: bytes, authorization: bytes | None) -> bool:
    """Whether this is a person's token, by its shape alone: `Authorization: Bearer a.b.c`."""
    return sent.count(b".") == JWT_DOTS and authorization is not None and authorization[:7].lower() == b"bearer "


class People:
    """Tokens of one process' callers."""

    def __init__(self, tokens: "AccessTokens", batches: "Batches", clock: "Clock") -> None:
        self._tokens = tokens
        self._batches = batches
        self._clock = clock

    async def judge(self, sent: bytes, *, whatever_the_membership: bool) -> Known | PersonRefusal:
        """The person or why not. Raises StoreDown and Overloaded where SQL can't say."""
        claims = self._tokens.read(sent, self._clock.now_ms())
        if isinstance(claims, type):
            return PersonRefusal(claims)
        wish = Wish(claims.sid, claims.sub, claims.center)
        standing = await self._batches.run(read_standings, wish)
        if standing.center is None:
            return PersonRefusal(InvalidToken)
        closed_by = NoMembership if standing.status is None else _CLOSED_TO.get(standing.status)
        if not standing.signed_in:
            # Who is out with their membership is told so as long as it is closed; the token stays dead ever after.
            is_told = standing.closed_out and not whatever_the_membership
            return PersonRefusal((closed_by if is_told else None) or InvalidToken)
        if closed_by is not None and not whatever_the_membership:
            return PersonRefusal(closed_by)
        is_member = closed_by is None
        role = standing.role if is_member else None
        return Known(
            center=standing.center,
            env="live",
            key_id=None,
            scopes=frozenset() if role is None else SCOPES_OF[role],
            requests_per_minute=None,
            # Who is no member any more spends nothing of the center's: the gate counts the address then.
            policies=policies_of_center("live", standing.center) if is_member else (),
            fresh_until=0.0,
            stale_until=0.0,
            person=SignedIn(
                person_id=claims.sub,
                session_id=claims.sid,
                membership_id=standing.membership_id if is_member else None,
                role=role,
            ),
        )


async def read_standings(connection: Connection, wishes: Sequence[Wish]) -> Sequence[Standing]:
    """How things stand for each, in their order: one statement, whoever is there."""
    rows = await connection.fetch(
        _READ,
        [wish.session_id for wish in wishes],
        [wish.person_id for wish in wishes],
        [wish.center_id for wish in wishes],
    )
    return [_standing(row) for row in rows]


def _standing(row: Any) -> Standing:
    return Standing(
        signed_in=row["signed_in"],
        closed_out=row["end_reason"] == "membership_closed",
        membership_id=row["membership_id"],
        role=row["role"],
        status=row["membership_status"],
        center=None if row["name"] is None else center_of(row),
    )
