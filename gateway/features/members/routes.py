"""`/v1/members`: who belongs to the center, as what, and whose child is whose. Test keys read alone."""

from typing import Annotated, Literal

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from gateway.caller import Caller
from gateway.errors import (
    EmailTaken,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    InvalidCursor,
    InvalidEmail,
    LimitReached,
    MemberNotFound,
    WrongState,
)
from gateway.features.members import service
from gateway.features.members.schemas import InvitedMember, Member, MemberEdit, NewChild, NewMember
from gateway.features.revocations import service as revocations
from gateway.guards import admin_alone, in_live, may_raise, requires
from gateway.http import Cursor, Limit, Page
from gateway.once import Once
from gateway.records.sealing import act_as
from gateway.roles import MembershipStatus, Role
from gateway.services import Services

RoleFilter = Annotated[Role | None, QueryParameter(description="Members with this role.")]
StatusFilter = Annotated[MembershipStatus | None, QueryParameter(description="Members in this state.")]
Cascade = Annotated[
    Literal["true", "false"],
    QueryParameter(
        description="`true` also revokes the center's keys that this person made, that those made, and so on."
    ),
]
_CHANGES = (requires("manage:center"), in_live("manage:center"))
_ONCE = (IdempotencyKeyInvalid, IdempotencyKeyReused, IdempotencyInProgress)


class Members(Controller):
    """Members of the calling center."""

    path = "/v1/members"
    tags = ("People",)

    @post(guards=_CHANGES, opt=may_raise(InvalidEmail, EmailTaken, LimitReached, *_ONCE))
    async def create(
        self,
        data: JSONBody[NewMember],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[InvitedMember]:
        """Invite somebody. The answer holds the link's token, shown this once and good for 72 hours; no mail is sent."""
        service.require_rights(caller, data.role)
        return await once.run(
            lambda connection, _: service.create(connection, caller, data, services.clock.now_ms()),
            body=data,
            location=lambda made: f"/v1/members/{made.id}",
            seal=service.without_token,
        )

    @get(guards=[requires("manage:center")], opt=may_raise(InvalidCursor))
    async def newest(
        self,
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        role: RoleFilter = None,
        status: StatusFilter = None,
        limit: Limit = 20,
        cursor: Cursor = None,
    ) -> Page[Member]:
        """List members, newest first, those too who were rejected or left."""
        return await service.newest(services, caller, role=role, status=status, limit=limit, cursor=cursor)

    @get("/{member_id:str}", guards=[requires("manage:center")], opt=may_raise(MemberNotFound))
    async def show(
        self, member_id: FromPath[str], caller: NamedDependency[Caller], services: NamedDependency[Services]
    ) -> Member:
        """Show a member."""
        async with services.sql.session() as connection:
            return service.render(await service.find(connection, caller.center.id, member_id))

    @patch("/{member_id:str}", guards=_CHANGES, opt=may_raise(MemberNotFound, WrongState))
    async def edit(
        self,
        member_id: FromPath[str],
        data: JSONBody[MemberEdit],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Member:
        """Change role, state and name; it holds at the member's next request. The last active ADMIN stays one."""
        async with services.sql.session() as connection, connection.transaction():
            return await service.edit(connection, caller, member_id, data, services.clock.now_ms())

    @delete("/{member_id:str}", guards=_CHANGES, opt=may_raise(MemberNotFound, WrongState))
    async def end(
        self,
        member_id: FromPath[str],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        cascade: Cascade = "false",
    ) -> None:
        """End a membership, with its invitation and its links, at once and for good. The last active ADMIN stays."""
        now_ms = services.clock.now_ms()
        async with services.sql.session() as connection, connection.transaction():
            person_id = await service.end(connection, caller.center.id, member_id, now_ms)
            if cascade == "true" and person_id is not None:
                await act_as(connection, caller.actor, caller.request_id)
                await revocations.revoke_made_by(connection, caller.center.id, person_id, now_ms)

    @post("/{member_id:str}/invitations", guards=_CHANGES, opt=may_raise(MemberNotFound, WrongState, *_ONCE))
    async def invite_again(
        self,
        member_id: FromPath[str],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[InvitedMember]:
        """Invite somebody once more who has not joined yet, when the token was lost or its 72 hours are over: the answer holds
        another one, shown this once, and the one before opens nothing any more.
        """
        return await once.run(
            lambda connection, _: service.invite_again(connection, caller, member_id, services.clock.now_ms()),
            find=lambda connection: service.find(connection, caller.center.id, member_id),
            seal=service.without_token,
        )

    @post(
        "/{member_id:str}/children",
        guards=(*_CHANGES, admin_alone),
        opt=may_raise(MemberNotFound, WrongState, LimitReached, *_ONCE),
    )
    async def link_child(
        self,
        member_id: FromPath[str],
        data: JSONBody[NewChild],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[Member]:
        """Let a parent read a child's results; answers with the parent. People with the role ADMIN do this, and no API key: it
        is 403 `missing_scope` for each, whatever its scopes.
        """
        service.check_child(data)
        return await once.run(
            lambda connection, _: service.link_child(connection, caller, member_id, data, services.clock.now_ms()),
            find=lambda connection: service.find_family(connection, caller.center.id, member_id, data.child_id),
            body=data,
        )

    @delete("/{member_id:str}/children/{child_id:str}", guards=(*_CHANGES, admin_alone), opt=may_raise(MemberNotFound))
    async def unlink_child(
        self,
        member_id: FromPath[str],
        child_id: FromPath[str],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> None:
        """Take a link back: the parent reads nothing of the child any more. People with the role ADMIN do this, and no API key: it
        is 403 `missing_scope` for each, whatever its scopes.
        """
        async with services.sql.session() as connection, connection.transaction():
            await service.unlink_child(connection, caller, member_id, child_id)
