"""`/v1/auth/invitations/accept`: how somebody who was invited becomes a member."""

from typing import Final

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from gateway.errors import (
    EmailTaken,
    InvalidToken,
    InvitationInvalid,
    Overloaded,
    RateLimited,
    ServiceUnavailable,
    TokenExpired,
)
from gateway.features.invitations import service
from gateway.features.invitations.schemas import Acceptance, Accepted
from gateway.guards import may_be_signed_in, may_raise, needs_no_key, whatever_the_membership
from gateway.services import Services
from gateway.visit import Visit


@post(
    "/v1/auth/invitations/accept",
    status_code=200,
    guards=[needs_no_key],
    opt=may_be_signed_in()
    | whatever_the_membership()
    | may_raise(InvitationInvalid, EmailTaken, InvalidToken, TokenExpired, RateLimited, Overloaded, ServiceUnavailable),
    tags=["People"],
)
async def accept(
    data: JSONBody[Acceptance], visit: NamedDependency[Visit], services: NamedDependency[Services]
) -> Response[Accepted]:
    """Accept an invitation: signed in, or with a password. That makes the account of an address that has none; the password of
    an account that is there opens it, in as many tries as a login has, and any other is `email_taken`.

    Who is signed in under another address than the invited one becomes `pending`, until an ADMIN confirms it.
    """
    return Response(await service.accept(services, visit, data), headers={"Cache-Control": "no-store"})


INVITATIONS: Final = (accept,)
