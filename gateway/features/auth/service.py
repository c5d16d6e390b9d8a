"""Signing in, staying signed in, signing out. Who does not know the secret learns nothing: not whether a person is there,
nor how any membership stands. Rule source: centers, "People"; security, "People".
"""

from datetime import timedelta
from typing import Final

import msgspec

from gateway.caller import Caller, SignedIn
from gateway.clock import as_datetime
from gateway.emails import checked_email, folded
from gateway.errors import (
    CenterSuspended,
    InvalidCredentials,
    InvalidField,
    InvalidToken,
    MembershipEnded,
    MembershipSuspended,
    NoMembership,
    TokenExpired,
)
from gateway.features.auth import store
from gateway.features.auth.schemas import (
    CenterOfMine,
    Login,
    Logout,
    Me,
    NewPasswords,
    Refresh,
    SignIn,
    Switch,
    Switched,
)
from gateway.guessing import count_try
from gateway.ids import new_id
from gateway.opaque import REFRESH, make_opaque, read_opaque
from gateway.passwords import require_uncommon
from gateway.roles import SCOPES_OF, Role
from gateway.scopes import SCOPES, Scope
from gateway.services import Services
from gateway.stores import Record
from gateway.tokens.access import LIFE_SECONDS
from gateway.visit import Visit
from quotas import keys
from quotas.windows import Policy

REFRESH_SECONDS: Final = 30 * 86_400
SESSION_LIMIT: Final = 120
"""Exchanges a minute of one sign-in."""

_centers: Final = msgspec.json.Decoder(list[CenterOfMine])


async def sign_in(services: Services, visit: Visit, data: Login) -> SignIn:
    """Exchange e-mail and password for tokens. Raises InvalidEmail, RateLimited, Overloaded, InvalidCredentials, and, for
    who knows the password, NoMembership, MembershipSuspended, MembershipEnded and CenterSuspended.
    """
    email = folded(checked_email(data.email))
    await count_try(services, visit, email)
    async with services.sql.session() as connection:
        person = await store.find_by_email(connection, email)
    stored = None if person is None else person["password_hash"]
    verdict = await services.passwords.check(data.password, stored)
    if person is None or stored is None or not verdict.matches:
        raise InvalidCredentials
    center = _open_center(_centers_of(person), data.center)
    return await start(services, visit, person, center, verified=stored, rehashed=verdict.rehashed)


async def start(
    services: Services,
    visit: Visit,
    person: Record,
    center: CenterOfMine,
    *,
    verified: str,
    rehashed: str | None = None,
) -> SignIn:
    """Sign the person in, whose password was just compared with `verified`, its hash. Raises InvalidCredentials where it
    was changed meanwhile, NoMembership where the membership was closed, and ServiceUnavailable where nothing signs tokens.
    """
    now_ms = services.clock.now_ms()
    now, session_id, refresh = as_datetime(now_ms), new_id("sid", now_ms), make_opaque(REFRESH)
    access_token = _access_token(services, person["id"], center, session_id, now_ms)
    async with services.sql.session() as connection:
        outcome = await store.open_session(
            connection,
            session_id,
            person_id=person["id"],
            center_id=center.id,
            verified=verified,
            rehashed=rehashed,
            digest=refresh.digest,
            expires_at=now + timedelta(seconds=REFRESH_SECONDS),
            now=now,
        )
    if outcome != "opened":
        raise NoMembership if outcome == "closed" else InvalidCredentials
    _note(visit, person["id"], center)
    return SignIn(
        id=session_id,
        created_at=now,
        person_id=person["id"],
        access_token=access_token,
        expires_in=LIFE_SECONDS,
        refresh_token=refresh.text,
        refresh_expires_in=REFRESH_SECONDS,
        center=center,
        scopes=scopes_of(center.role),
    )


async def refresh(services: Services, visit: Visit, data: Refresh) -> SignIn:
    """Exchange a refresh token, once, for new tokens. One that was exchanged before ends its whole family.

    Raises InvalidToken, TokenExpired, RateLimited, and what a membership is refused with, the token being good then.
    """
    digest = read_opaque(REFRESH, data.refresh_token)
    if digest is None:
        raise InvalidToken
    async with services.sql.session() as connection:
        waited = timedelta(seconds=services.clock.monotonic_seconds() - visit.started)
        session = await store.find_session(connection, digest)
        person = None if session is None else await store.find_person(connection, session["person_id"])
    if session is None or person is None:
        raise InvalidToken
    session_id = session["id"]
    center = None
    if session["closed_out"]:
        _open_center(_centers_of(person), session["center_id"])  # tells why, as long as it is closed
    if not session["is_over"]:  # else nothing is left to tell but what has become of the family
        center = _open_center(_centers_of(person), session["center_id"])
        window = Policy("session", keys.session("live", center.id, session_id), SESSION_LIMIT)
        await visit.decide((window,))
    now_ms = services.clock.now_ms()
    now, following = as_datetime(now_ms), make_opaque(REFRESH)
    token = None if center is None else _access_token(services, person["id"], center, session_id, now_ms)
    async with services.sql.session() as connection:
        outcome = await store.rotate(
            connection,
            digest,
            following.digest,
            # Who still saw it unused had come before it was exchanged, whatever a busy machine's clocks say.
            came_at=session["asked_at"] - (waited if session["is_over"] else timedelta(days=1)),
            expires_at=now + timedelta(seconds=REFRESH_SECONDS),
            now=now,
        )
    visit.facts["refresh"] = outcome
    if outcome == "expired":
        raise TokenExpired
    if outcome != "rotated" or center is None or token is None:
        raise InvalidToken
    _note(visit, person["id"], center)
    return SignIn(
        id=session_id,
        created_at=session["created_at"],
        person_id=person["id"],
        access_token=token,
        expires_in=LIFE_SECONDS,
        refresh_token=following.text,
        refresh_expires_in=REFRESH_SECONDS,
        center=center,
        scopes=scopes_of(center.role),
    )


async def sign_out(services: Services, caller: Caller, data: Logout) -> None:
    """End the sign-in, with all its tokens, at every gateway with the next request. Raises InvalidField for a refresh
    token of another one.
    """
    session_id = person_of(caller).session_id
    async with services.sql.session() as connection:
        if data.refresh_token is not None:
            digest = read_opaque(REFRESH, data.refresh_token)
            session = None if digest is None else await store.find_session(connection, digest)
            if session is None or session["id"] != session_id:
                raise InvalidField("refresh_token", "a refresh token of this very sign-in")
        await store.end_session(connection, session_id, as_datetime(services.clock.now_ms()))


async def switch(services: Services, caller: Caller, data: Switch) -> Switched:
    """A token for another center of the person's. Raises as `sign_in` does where it is not open to them."""
    me = person_of(caller)
    now_ms = services.clock.now_ms()
    async with services.sql.session() as connection:
        person = await store.find_person(connection, me.person_id)
        if person is None:
            raise InvalidToken
        center = _open_center(_centers_of(person), data.center)
        token = _access_token(services, me.person_id, center, me.session_id, now_ms)
        began = await store.lead_to(connection, me.session_id, me.person_id, center.id)
    if began is None:
        raise InvalidToken
    return Switched(
        id=me.session_id,
        created_at=began,
        person_id=me.person_id,
        access_token=token,
        expires_in=LIFE_SECONDS,
        center=center,
        scopes=scopes_of(center.role),
    )


async def who_am_i(services: Services, caller: Caller) -> Me:
    """The person who calls, and all centers where they are a member."""
    me = person_of(caller)
    async with services.sql.session() as connection:
        person = await store.find_person(connection, me.person_id)
    centers = [] if person is None else _centers_of(person)
    here = next((center for center in centers if center.membership_id == me.membership_id), None)
    if person is None or here is None:
        raise NoMembership  # it ended since this request was let in
    return Me(
        id=person["id"],
        created_at=person["created_at"],
        email=person["email"],
        name=person["name"],
        center=here,
        scopes=scopes_of(here.role),
        centers=centers,
    )


async def change_password(services: Services, visit: Visit, caller: Caller, data: NewPasswords) -> None:
    """Set another password and end every other sign-in of the person. A wrong current one is a try like any other.

    Raises InvalidField for a new one that is common or the current one, RateLimited, Overloaded, InvalidCredentials.
    """
    me = person_of(caller)
    async with services.sql.session() as connection:
        person = await store.find_person(connection, me.person_id)
    if person is None or person["password_hash"] is None:
        raise InvalidCredentials
    require_uncommon(data.new, "new", person["email"])
    if data.new == data.current:
        raise InvalidField("new", "another password than the current one")
    await count_try(services, visit, person["email_folded"])
    verdict = await services.passwords.check(data.current, person["password_hash"])
    if not verdict.matches:
        raise InvalidCredentials
    hashed = await services.passwords.hash(data.new)
    async with services.sql.session() as connection:
        changed = await store.change_password(
            connection,
            me.person_id,
            me.session_id,
            verified=person["password_hash"],
            hashed=hashed,
            now=as_datetime(services.clock.now_ms()),
        )
    if not changed:
        raise InvalidCredentials


def person_of(caller: Caller) -> SignedIn:
    """The person of a route that is for people. Raises InvalidToken for a key."""
    if caller.person is None:
        raise InvalidToken
    return caller.person


def scopes_of(role: Role) -> list[Scope]:
    """What a role may do, in the order of the catalogue."""
    return [scope for scope in SCOPES if scope in SCOPES_OF[role]]


def _access_token(services: Services, person_id: str, center: CenterOfMine, session_id: str, now_ms: int) -> str:
    return services.tokens.make(person_id=person_id, center_id=center.id, session_id=session_id, now_ms=now_ms)


def _centers_of(person: Record) -> list[CenterOfMine]:
    return _centers.decode(person["centers"] or "[]")


def _open_center(centers: list[CenterOfMine], named: str | None) -> CenterOfMine:
    """The center to act in. Raises why it is closed to the person: one that is not there is one of which they are no
    member.
    """
    if named is not None:
        centers = [center for center in centers if named in {center.id, center.subdomain}]
    if not centers:
        raise NoMembership
    first = min(centers, key=lambda center: (center.membership_status != "active", center.status != "active"))
    match first.membership_status:
        case "suspended":
            raise MembershipSuspended
        case "ended" | "rejected":
            raise MembershipEnded
        case "invited" | "pending":
            raise NoMembership
        case "active":
            if first.status != "active":
                raise CenterSuspended
            return first


def _note(visit: Visit, person_id: str, center: CenterOfMine) -> None:
    visit.facts["person_id"], visit.facts["center_id"] = person_id, center.id
