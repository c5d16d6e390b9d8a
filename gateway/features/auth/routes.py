"""`/v1/auth`: people sign in and out; `/.well-known/jwks.json`: the keys by which others verify their tokens.

No route here looks at `Idempotency-Key`: tokens and passwords are kept for nobody.
"""

from typing import Final

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from gateway.caller import Caller
from gateway.errors import (
    CenterSuspended,
    InvalidCredentials,
    InvalidEmail,
    InvalidToken,
    MembershipEnded,
    MembershipSuspended,
    NoMembership,
    Overloaded,
    RateLimited,
    ServiceUnavailable,
    TokenExpired,
)
from gateway.features.auth import service
from gateway.features.auth.schemas import Login, Logout, Me, NewPasswords, Refresh, SignIn, Switch, Switched
from gateway.guards import counts_itself, may_raise, needs_no_key, signed_in, whatever_the_membership
from gateway.services import Services
from gateway.visit import Visit

_CLOSED: Final = (NoMembership, MembershipSuspended, MembershipEnded, CenterSuspended)
_BUSY: Final = (RateLimited, Overloaded, ServiceUnavailable)
_NOTHING: Final = Logout()
_SECRET: Final = {"Cache-Control": "no-store"}
_PUBLIC: Final = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}


@post(
    "/v1/auth/login",
    status_code=200,
    guards=[needs_no_key],
    opt=counts_itself() | may_raise(InvalidEmail, InvalidCredentials, *_CLOSED, *_BUSY),
    tags=["People"],
)
async def login(
    data: JSONBody[Login], visit: NamedDependency[Visit], services: NamedDependency[Services]
) -> Response[SignIn]:
    """Sign in with e-mail and password.

    5 tries in 15 minutes for one e-mail from one address, 30 from one address.
    """
    return Response(await service.sign_in(services, visit, data), headers=_SECRET)


@post(
    "/v1/auth/refresh",
    status_code=200,
    guards=[needs_no_key],
    opt=counts_itself() | may_raise(InvalidToken, TokenExpired, *_CLOSED, *_BUSY),
    tags=["People"],
)
async def refresh(
    data: JSONBody[Refresh], visit: NamedDependency[Visit], services: NamedDependency[Services]
) -> Response[SignIn]:
    """Exchange a refresh token for new tokens, once.

    A refresh token that was exchanged before ends the whole sign-in: two hold it, and one of them stole it.
    """
    return Response(await service.refresh(services, visit, data), headers=_SECRET)


@post("/v1/auth/logout", status_code=204, guards=[signed_in], opt=whatever_the_membership(), tags=["People"])
async def logout(
    caller: NamedDependency[Caller], services: NamedDependency[Services], data: JSONBody[Logout] = _NOTHING
) -> None:
    """Sign out: all tokens of this sign-in end at once."""
    await service.sign_out(services, caller, data)


@post(
    "/v1/auth/switch-center",
    status_code=200,
    guards=[signed_in],
    opt=whatever_the_membership() | may_raise(*_CLOSED),
    tags=["People"],
)
async def switch_center(
    data: JSONBody[Switch], caller: NamedDependency[Caller], services: NamedDependency[Services]
) -> Response[Switched]:
    """Go to another center of yours: its access token; the refresh token goes on and leads there from now on."""
    return Response(await service.switch(services, caller, data), headers=_SECRET)


@get("/v1/auth/me", guards=[signed_in], tags=["People"])
async def me(caller: NamedDependency[Caller], services: NamedDependency[Services]) -> Me:
    """Read who you are, and in which centers."""
    return await service.who_am_i(services, caller)


@post(
    "/v1/auth/password",
    status_code=204,
    guards=[signed_in],
    opt=may_raise(InvalidCredentials),
    tags=["People"],
)
async def password(
    data: JSONBody[NewPasswords],
    visit: NamedDependency[Visit],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> None:
    """Change your password; all your other sign-ins end at once."""
    await service.change_password(services, visit, caller, data)


@get("/.well-known/jwks.json", guards=[needs_no_key], sync_to_thread=False, tags=["People"])
def jwks(services: NamedDependency[Services]) -> Response[bytes]:
    """Return the public keys of access tokens as a JWK set. They rotate: ask again for a `kid` that you do not know."""
    return Response(services.tokens.keys.jwks(), media_type="application/json", headers=_PUBLIC)


AUTH: Final = (login, refresh, logout, switch_center, me, password, jwks)
