"""What a member looks like to those who manage the center, and what they may say of one."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from gateway.features.invitations.service import Invitation
from gateway.http import Request
from gateway.http.texts import Title
from gateway.roles import MembershipStatus, Role

CHILDREN_MAX = 50
"""Children that a parent may have."""


class NewMember(Request, frozen=True):
    """Body of `POST /v1/members`. The maker must hold every scope of the role."""

    email: Annotated[str, Meta(max_length=320)]
    role: Role
    name: Title | None = None


class MemberEdit(Request, frozen=True):
    """Body of `PATCH /v1/members/{member_id}`; what is absent stays. A member's e-mail and password are the person's own.

    `status`: `suspended` from `active`; `active` from `suspended`, and from `pending`, which confirms whoever accepted;
    `rejected` from `invited` and `pending`.
    """

    role: Role | UnsetType = UNSET
    status: Literal["active", "suspended", "rejected"] | UnsetType = UNSET
    name: Title | UnsetType | None = UNSET


class NewChild(Request, frozen=True):
    """Body of `POST /v1/members/{member_id}/children`: the child's membership."""

    child_id: str


class Member(Struct, frozen=True, kw_only=True):
    """A member. `email` is the invited address, `account_email` that of whoever accepted, `person_id` who that is: a
    CHILD's `learner_ref`. `children` are memberships that a PARENT may read the results of.
    """

    object: Literal["member"] = "member"
    id: str
    email: str
    account_email: str | None
    name: str | None
    role: Role
    status: MembershipStatus
    person_id: str | None
    children: list[str]
    created_by: str | None
    created_at: datetime
    updated_at: datetime
    activated_at: datetime | None
    suspended_at: datetime | None
    ended_at: datetime | None


class InvitedMember(Member, frozen=True, kw_only=True):
    """A member just invited, with the token of the link that the inviter sends."""

    invitation: Invitation
