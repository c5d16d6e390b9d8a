"""Members: invited, given a role, suspended, ended; and whose child is whose.

Nobody gives a role that can do more than they can, and the last active ADMIN stays. What happens to a member holds at its
next request. All that change a center's members hold its row. Rule source: centers, "People"; security, "People".
"""

from collections.abc import Sequence
from typing import Final

from msgspec import UNSET, structs

from gateway.caller import Caller
from gateway.ceilings import ceiling_and_count
from gateway.clock import as_datetime
from gateway.emails import checked_email
from gateway.errors import (
    EmailTaken,
    InvalidField,
    LimitReached,
    MemberNotFound,
    WrongState,
)
from gateway.features.invitations import service as invitations
from gateway.features.members import store
from gateway.features.members.schemas import CHILDREN_MAX, InvitedMember, Member, MemberEdit, NewChild, NewMember
from gateway.guards import lacking
from gateway.http import Listing, Page, newest_before, newest_position
from gateway.ids import is_id, new_id
from gateway.roles import SCOPES_OF, MembershipStatus, Role
from gateway.services import Services
from gateway.stores import Connection, Record

__all__ = ["InvitedMember", "end", "find", "invite", "withdraw_made_by", "without_token"]

_LASTING: Final[tuple[MembershipStatus, ...]] = ("invited", "pending", "active", "suspended")
_FROM: Final[dict[MembershipStatus, tuple[MembershipStatus, ...]]] = {
    "active": ("pending", "active", "suspended"),
    "suspended": ("active", "suspended"),
    "rejected": ("invited", "pending", "rejected"),
}
"""For each state that an edit may ask for, those it is possible in; acceptance and end have routes of their own."""


async def invite(
    connection: Connection,
    center_id: str,
    *,
    email: str,
    role: Role,
    name: str | None = None,
    param: str = "email",
    created_by: str,
    now_ms: int,
    request_id: str | None = None,
) -> InvitedMember:
    """Invite somebody, in the caller's transaction. Raises InvalidEmail, EmailTaken, LimitReached."""
    checked_email(email, param)
    await store.lock_center(connection, center_id)
    ceiling, count = await ceiling_and_count(connection, center_id, "live", "members")
    if count >= ceiling:
        raise LimitReached(resource="members", limit=ceiling)
    member_id, now = new_id("mbr", now_ms), as_datetime(now_ms)
    made = await store.insert(
        connection, member_id, center_id=center_id, email=email, name=name, role=role, created_by=created_by, now=now
    )
    if not made:
        raise EmailTaken(param=param)
    invitation = await invitations.issue(connection, center_id, member_id, created_by, now_ms)
    member = render(await find(connection, center_id, member_id))
    await store.emit(connection, center_id, member_id, member, request_id, now)
    return InvitedMember(**structs.asdict(member), invitation=invitation)


async def create(connection: Connection, caller: Caller, data: NewMember, now_ms: int) -> InvitedMember:
    """Invite somebody to the caller's center. Raises as `invite` does."""
    return await invite(
        connection,
        caller.center.id,
        email=data.email,
        role=data.role,
        name=data.name,
        created_by=caller.actor,
        now_ms=now_ms,
        request_id=caller.request_id,
    )


async def invite_again(connection: Connection, caller: Caller, member_id: str, now_ms: int) -> InvitedMember:
    """Put a new invitation in the place of the one before. Raises MemberNotFound, WrongState for who is invited no more,
    MissingScope and InsufficientRole for a caller who could not give the role.
    """
    center_id = caller.center.id
    row = await _locked(connection, center_id, member_id)
    require_rights(caller, row["role"])
    if row["status"] != "invited":
        raise WrongState(row["status"], ["invited"])
    await invitations.revoke(connection, center_id, member_id, now_ms)
    invitation = await invitations.issue(connection, center_id, member_id, caller.actor, now_ms)
    member = render(row)
    await store.emit(connection, center_id, member_id, member, caller.request_id, as_datetime(now_ms))
    return InvitedMember(**structs.asdict(member), invitation=invitation)


def without_token(made: InvitedMember) -> InvitedMember:
    """What is kept of an answer for replays: all but the token itself."""
    return structs.replace(made, invitation=structs.replace(made.invitation, token=None))


def require_rights(caller: Caller, role: Role) -> None:
    """Raise MissingScope or InsufficientRole for a caller who lacks a scope of the role."""
    missing = sorted(SCOPES_OF[role] - caller.scopes)
    if missing:
        raise lacking(caller, missing)


async def find(connection: Connection, center_id: str, member_id: str, param: str = "member_id") -> Record:
    """Return the center's member; raises MemberNotFound."""
    row = await store.find(connection, center_id, member_id) if is_id("mbr", member_id) else None
    if row is None:
        raise MemberNotFound(param=param)
    return row


def check_child(data: NewChild) -> None:
    """Raise InvalidField for what can't be a member's id."""
    if not is_id("mbr", data.child_id):
        raise InvalidField("child_id", "the id of a member, `mbr_…`")


async def find_family(connection: Connection, center_id: str, parent_id: str, child_id: str) -> None:
    """Raise MemberNotFound where one of the two is not there."""
    await find(connection, center_id, parent_id)
    await find(connection, center_id, child_id, "child_id")


async def newest(
    services: Services,
    caller: Caller,
    *,
    role: Role | None,
    status: MembershipStatus | None,
    limit: int,
    cursor: str | None,
) -> Page[Member]:
    """Return a page of the center's members, newest first; raises InvalidCursor."""
    filters = {"role": role, "status": status}
    listing = Listing(services.keyring, caller, "/v1/members", filters, now_ms=services.clock.now_ms())
    behind = newest_before(listing.position(cursor))
    async with services.sql.session() as connection:
        rows = await store.newest(
            connection, caller.center.id, role=role, status=status, before=behind, limit=limit + 1
        )
    return listing.page(rows, limit, show=render, position=newest_position)


async def edit(connection: Connection, caller: Caller, member_id: str, data: MemberEdit, now_ms: int) -> Member:
    """Change what was given, in the caller's transaction. Raises MemberNotFound, WrongState, MissingScope and
    InsufficientRole.
    """
    center_id = caller.center.id
    if data == MemberEdit():
        return render(await find(connection, center_id, member_id))
    row = await _locked(connection, center_id, member_id)
    role: Role = row["role"] if data.role is UNSET else data.role
    status: MembershipStatus = row["status"] if data.status is UNSET else data.status
    allowed = _LASTING if data.status is UNSET else _FROM[data.status]
    if row["status"] not in allowed:
        raise WrongState(current=row["status"], allowed=allowed)
    if role != row["role"] or (status != row["status"] and status == "active"):
        require_rights(caller, role)
    await _keep_an_admin(connection, row, role, status)
    if role != row["role"] or status == "rejected":
        await store.unlink_all(connection, center_id, member_id)
    if status == "rejected":
        await invitations.revoke(connection, center_id, member_id, now_ms)
    await store.update(
        connection,
        center_id,
        member_id,
        role=role,
        status=status,
        name=row["name"] if data.name is UNSET else data.name,
        now=as_datetime(now_ms),
    )
    return render(await find(connection, center_id, member_id))


async def end(connection: Connection, center_id: str, member_id: str, now_ms: int) -> str | None:
    """End a membership, for good, and take its invitation and links back; one that is over stays as it is. Returns whose it
    was, None for one that nobody accepted. Raises MemberNotFound, WrongState for the last ADMIN.
    """
    row = await _locked(connection, center_id, member_id)
    if row["status"] in _LASTING:
        await _keep_an_admin(connection, row, row["role"], "ended")
        await invitations.revoke(connection, center_id, member_id, now_ms)
        await store.unlink_all(connection, center_id, member_id)
        await store.update(
            connection,
            center_id,
            member_id,
            role=row["role"],
            status="ended",
            name=row["name"],
            now=as_datetime(now_ms),
        )
    person_id: str | None = row["person_id"]
    return person_id


async def withdraw_made_by(connection: Connection, center_id: str, makers: Sequence[str], now_ms: int) -> None:
    """End what these invited and nobody has joined by yet, and take back the tokens that they made for others' invited."""
    await store.lock_center(connection, center_id)
    for member_id in await store.made_by(connection, center_id, makers):
        await end(connection, center_id, member_id, now_ms)
    await invitations.revoke_made_by(connection, center_id, makers, now_ms)


async def link_child(connection: Connection, caller: Caller, member_id: str, data: NewChild, now_ms: int) -> Member:
    """Let a parent read a child's results. Raises MemberNotFound, WrongState, InvalidField, LimitReached."""
    center_id = caller.center.id
    parent = await _locked(connection, center_id, member_id)
    child = await find(connection, center_id, data.child_id, "child_id")
    if parent["role"] != "PARENT":
        raise WrongState(parent["role"], ["PARENT"], "Children are linked to a member with the role `PARENT`.")
    if parent["status"] not in _LASTING:
        raise WrongState(parent["status"], _LASTING)
    if child["role"] != "CHILD" or child["status"] not in _LASTING:
        raise InvalidField("child_id", "a member with the role `CHILD` whose membership has not ended")
    if data.child_id not in parent["children"] and len(parent["children"]) >= CHILDREN_MAX:
        raise LimitReached(resource="children", limit=CHILDREN_MAX)
    await store.link(connection, center_id, member_id, data.child_id, caller.actor, as_datetime(now_ms))
    return render(await find(connection, center_id, member_id))


async def unlink_child(connection: Connection, caller: Caller, member_id: str, child_id: str) -> None:
    """Take a link back. Raises MemberNotFound, also for a child that is not linked."""
    await _locked(connection, caller.center.id, member_id)
    if not is_id("mbr", child_id) or not await store.unlink(connection, caller.center.id, member_id, child_id):
        raise MemberNotFound(param="child_id")


def render(row: Record) -> Member:
    """Show a row as the member whom the center's managers see."""
    return Member(**{field: row[field] for field in Member.__struct_fields__ if field != "object"})


async def _locked(connection: Connection, center_id: str, member_id: str) -> Record:
    """Hold the center's members still, and return this one. Raises MemberNotFound."""
    await store.lock_center(connection, center_id)
    there = is_id("mbr", member_id) and await store.lock(connection, center_id, member_id)
    if not there:
        raise MemberNotFound
    return await find(connection, center_id, member_id)


async def _keep_an_admin(connection: Connection, row: Record, role: Role, status: MembershipStatus) -> None:
    """Raise WrongState where the center's last active ADMIN would be none any more."""
    stops = (row["role"], row["status"]) == ("ADMIN", "active") != (role, status)
    if stops and not await store.other_admins(connection, row["center_id"], row["id"]):
        raise WrongState("active", [], "The last active ADMIN of a center stays: make another one first.")
