"""An invitation, and what whoever holds its token says and is told."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from gateway.http import ConfidentialRequest
from gateway.http.texts import Title
from gateway.passwords import NewPassword
from gateway.roles import MembershipStatus, Role


class Invitation(Struct, frozen=True, kw_only=True):
    """A link's one-time token for one membership: shown this once, `null` in a replay."""

    object: Literal["invitation"] = "invitation"
    id: str
    token: str | None
    expires_at: datetime
    created_at: datetime


class Acceptance(ConfidentialRequest, frozen=True):
    """Body of `POST /v1/auth/invitations/accept`: without being signed in, with a password. Where the address has no account
    yet it becomes the account's; where it has one, it must be that account's own.
    """

    token: Annotated[str, Meta(min_length=1, max_length=200)]
    password: NewPassword | None = None
    name: Title | None = None


class Accepted(Struct, frozen=True, kw_only=True):
    """What the person is now. `pending`: signed in under another address than the invited one, so an ADMIN confirms it."""

    object: Literal["membership"] = "membership"
    id: str
    person_id: str
    center_id: str
    center_name: str
    email: str
    role: Role
    status: MembershipStatus
    created_at: datetime
