"""People for tests: with an account, a membership, and signed in without the wait that a password costs."""

import secrets
from datetime import timedelta
from functools import cache

from argon2 import PasswordHasher
from msgspec import Struct

from gateway.app import Gateway
from gateway.ids import new_id
from gateway.opaque import REFRESH, make_opaque
from gateway.roles import MembershipStatus, Role
from gateway.stores import Connection
from gateway.tokens.access import AccessTokens
from tests.running import NOW, NOW_MS

PASSWORD = "a good long passphrase"


class Person(Struct, frozen=True):
    """Somebody with an account, who is a member of one center."""

    id: str
    email: str
    center_id: str
    member_id: str


class SignedIn(Struct, frozen=True):
    """A sign-in, as its holder has it."""

    person: Person
    session_id: str
    access_token: str
    refresh_token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access_token}"}


@cache
def password_hash() -> str:
    """PASSWORD, hashed as the gateway does it."""
    return PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=1).hash(PASSWORD)


async def add_person(
    connection: Connection,
    center_id: str,
    *,
    role: Role = "ADMIN",
    status: MembershipStatus = "active",
    email: str | None = None,
) -> Person:
    """Somebody whose password is PASSWORD, with this membership."""
    email = email or f"p{secrets.token_hex(6)}@school.example"
    person_id = new_id("usr", NOW_MS)
    await connection.execute(
        "insert into person (id, email, password_hash, password_changed_at, created_at, updated_at)"
        " values ($1, $2, $3, $4, $4, $4)",
        person_id,
        email,
        password_hash(),
        NOW,
    )
    return Person(person_id, email, center_id, await join(connection, person_id, email, center_id, role, status))


async def join(
    connection: Connection,
    person_id: str,
    email: str,
    center_id: str,
    role: Role = "ADMIN",
    status: MembershipStatus = "active",
) -> str:
    """A membership of the person's; returns its id."""
    member_id = new_id("mbr", NOW_MS)
    await connection.execute(
        "insert into membership (center_id, id, person_id, email, role, status, created_at, updated_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $7)",
        center_id,
        member_id,
        person_id,
        email,
        role,
        status,
        NOW,
    )
    return member_id


async def sign_in(connection: Connection, tokens: AccessTokens, person: Person, now_ms: int) -> SignedIn:
    """A sign-in as the login route makes one, without its hash."""
    session_id, refresh = new_id("sid", now_ms), make_opaque(REFRESH)
    at = NOW + timedelta(milliseconds=now_ms - NOW_MS)
    outcome = await connection.fetchval(
        "select session_open($1, $2, $3, $4, null, $5, $6, $7)",
        session_id,
        person.id,
        person.center_id,
        password_hash(),
        refresh.digest,
        at + timedelta(days=30),
        at,
    )
    assert outcome == "opened"
    token = tokens.make(person_id=person.id, center_id=person.center_id, session_id=session_id, now_ms=now_ms)
    return SignedIn(person, session_id, token, refresh.text)


async def add_member(
    app: Gateway, connection: Connection, center_id: str, role: Role = "ADMIN", *, email: str | None = None
) -> SignedIn:
    """Somebody who is an active member and signed in at this gateway."""
    person = await add_person(connection, center_id, role=role, email=email)
    return await sign_in(connection, app.services.tokens, person, app.services.clock.now_ms())
