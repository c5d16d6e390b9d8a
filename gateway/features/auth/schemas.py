"""What people send to sign in, and what they are told of themselves."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from gateway.caller import CenterStatus
from gateway.http import ConfidentialRequest, Request
from gateway.passwords import GivenPassword, NewPassword
from gateway.roles import MembershipStatus, Role
from gateway.scopes import Scope

CenterName = Annotated[str, Meta(min_length=1, max_length=64)]
"""A center's id or subdomain; what names none is a center of which nobody is a member."""


RefreshToken = Annotated[str, Meta(min_length=1, max_length=200)]


class Login(ConfidentialRequest, frozen=True):
    """Body of `POST /v1/auth/login`. Without `center`: the one that the person joined first, of those that are open."""

    email: Annotated[str, Meta(max_length=320)]
    password: GivenPassword
    center: CenterName | None = None


class Refresh(ConfidentialRequest, frozen=True):
    """Body of `POST /v1/auth/refresh`."""

    refresh_token: RefreshToken


class Logout(ConfidentialRequest, frozen=True):
    """Body of `POST /v1/auth/logout`: nothing, or the refresh token of the sign-in that ends."""

    refresh_token: RefreshToken | None = None


class Switch(Request, frozen=True):
    """Body of `POST /v1/auth/switch-center`."""

    center: CenterName


class NewPasswords(ConfidentialRequest, frozen=True):
    """Body of `POST /v1/auth/password`."""

    current: GivenPassword
    new: NewPassword


class CenterOfMine(Struct, frozen=True, kw_only=True):
    """A center as its members see it from outside, and what the person is there."""

    id: str
    name: str
    subdomain: str | None
    status: CenterStatus
    membership_id: str
    membership_status: MembershipStatus
    role: Role


class SignIn(Struct, frozen=True, kw_only=True):
    """A sign-in. `access_token` is good for `expires_in` seconds in the one center that it names, as long as the
    sign-in lasts; `refresh_token` is good for one exchange, within `refresh_expires_in` seconds.
    """

    object: Literal["sign_in"] = "sign_in"
    id: str
    created_at: datetime
    person_id: str
    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # ruff: ignore[hardcoded-password-string] - the scheme's name
    expires_in: int
    refresh_token: str
    refresh_expires_in: int
    center: CenterOfMine
    scopes: list[Scope]


class Switched(Struct, frozen=True, kw_only=True):
    """A token for another center, of the same sign-in. The refresh token that the person has goes on, and leads there."""

    object: Literal["sign_in"] = "sign_in"
    id: str
    created_at: datetime
    person_id: str
    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # ruff: ignore[hardcoded-password-string] - the scheme's name
    expires_in: int
    center: CenterOfMine
    scopes: list[Scope]


class Me(Struct, frozen=True, kw_only=True):
    """The person who calls; `center` is the token's own, `centers` are all where they are a member."""

    object: Literal["person"] = "person"
    id: str
    created_at: datetime
    email: str
    name: str | None
    center: CenterOfMine
    scopes: list[Scope]
    centers: list[CenterOfMine]
