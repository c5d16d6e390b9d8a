"""Invitations: a token opens one membership, once. Who holds one proves no more than that: it sets a password where there
is none yet, and an address that has an account is that account's alone, so its holder signs in or sends its password.

Rule source: security, "People".
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, NoReturn

from gateway.clock import as_datetime
from gateway.emails import folded
from gateway.errors import EmailTaken, InvalidField, InvalidToken, InvitationInvalid, MissingRequiredField
from gateway.features.invitations import store
from gateway.features.invitations.schemas import Acceptance, Accepted, Invitation
from gateway.guessing import count_try
from gateway.ids import new_id
from gateway.opaque import INVITATION, make_opaque, read_opaque
from gateway.passwords import require_uncommon
from gateway.services import Services
from gateway.stores import Connection
from gateway.visit import Visit

__all__ = ["Invitation", "accept", "issue", "revoke", "revoke_made_by"]

LIFE: Final = timedelta(hours=72)


async def issue(connection: Connection, center_id: str, member_id: str, created_by: str, now_ms: int) -> Invitation:
    """Make the invitation of a membership that has no open one; its token is in the answer and nowhere else."""
    token, now = make_opaque(INVITATION), as_datetime(now_ms)
    invitation = Invitation(id=new_id("inv", now_ms), token=token.text, expires_at=now + LIFE, created_at=now)
    await store.insert(
        connection,
        invitation.id,
        center_id=center_id,
        member_id=member_id,
        digest=token.digest,
        created_by=created_by,
        now=now,
        expires_at=invitation.expires_at,
    )
    return invitation


async def revoke(connection: Connection, center_id: str, member_id: str, now_ms: int) -> None:
    """Take back the membership's open invitation, if it has one."""
    await store.revoke(connection, center_id, member_id, as_datetime(now_ms))


async def revoke_made_by(connection: Connection, center_id: str, makers: Sequence[str], now_ms: int) -> None:
    """Take back the open invitations that these made."""
    await store.revoke_made_by(connection, center_id, makers, as_datetime(now_ms))


async def accept(services: Services, visit: Visit, data: Acceptance) -> Accepted:
    """Join by an invitation: as a new person with a password, as whoever is signed in, or as the address' own account by its
    password: who left their only center can sign in nowhere, and joins the next one all the same.

    Raises InvitationInvalid, EmailTaken where the address has an account of another password or the person is a member
    already, MissingRequiredField and InvalidField for the password, RateLimited, InvalidToken for an API key.
    """
    person_id = None if visit.caller is None else visit.caller.person_id
    if visit.caller is not None and person_id is None:
        raise InvalidToken
    digest = read_opaque(INVITATION, data.token)
    if digest is None:
        await _refuse(visit)
    now = as_datetime(services.clock.now_ms())
    async with services.sql.session() as connection:
        found = await store.look(connection, digest, now)
    if found is None:
        await _refuse(visit)
    hashed = verified = None
    if person_id is None and found["needs"] == "sign_in":
        person_id, verified = await _account(services, visit, data, found["email"])
    elif person_id is None:
        hashed = await _hashed(services, data, found["email"])
    elif data.password is not None:
        raise InvalidField("password", "absent: who is signed in has one, and changes it at `/v1/auth/password`")
    async with services.sql.session() as connection, connection.transaction():
        if verified is not None and not await store.still_has(connection, person_id, verified):
            raise EmailTaken
        done = await store.accept(
            connection,
            digest,
            person_id=person_id,
            new_person_id=new_id("usr", services.clock.now_ms()),
            password_hash=hashed,
            name=data.name,
            now=now,
        )
        match done["outcome"]:
            case "sign_in" | "member":
                raise EmailTaken
            case "invalid":
                raise InvitationInvalid
            case _:
                row = await store.membership(connection, done["center_id"], done["membership_id"])
    visit.facts.update(center_id=row["center_id"], member_id=row["id"], person_id=row["person_id"])
    return Accepted(**{field: row[field] for field in Accepted.__struct_fields__ if field != "object"})


async def _account(services: Services, visit: Visit, data: Acceptance, email: str) -> tuple[str, str]:
    """The address' account and the hash of its password, if that is what was sent: a try to sign in, and counted as one."""
    if data.password is None:
        raise EmailTaken
    await count_try(services, visit, folded(email))
    async with services.sql.session() as connection:
        account = await store.account(connection, folded(email))
    stored = None if account is None else account["password_hash"]
    verdict = await services.passwords.check(data.password, stored)
    if account is None or stored is None or not verdict.matches:
        raise EmailTaken
    return account["id"], stored


async def _hashed(services: Services, data: Acceptance, email: str) -> str:
    if data.password is None:
        raise MissingRequiredField("password", "it is required where the address has no account yet")
    require_uncommon(data.password, "password", email)
    return await services.passwords.hash(data.password)


async def _refuse(visit: Visit) -> NoReturn:
    """A wrong token counts for the address, whoever is signed in there."""
    if visit.caller is not None:
        await visit.count()
    raise InvitationInvalid
