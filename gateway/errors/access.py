"""Who may not: 401 and 403."""

from collections.abc import Iterable
from typing import ClassVar

from gateway.errors.problem import Problem


class AuthenticationFailed(Problem):
    """The caller is not known."""

    status = 401
    type = "authentication_error"
    header_names = ("WWW-Authenticate",)

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": 'Bearer realm="coursegate"'})


class MissingApiKey(AuthenticationFailed):
    """Nobody was named."""

    code = "missing_api_key"
    title = "No API key was sent."
    what_to_do = "Send `Authorization: Bearer cg_…` or `X-API-Key: cg_…`, from a server, never from a browser."


class InvalidApiKey(AuthenticationFailed):
    """Not a key, not a known key, or a revoked one: which of them is not told."""

    code = "invalid_api_key"
    title = "This API key is not valid."
    what_to_do = "Check for cut or added characters; if the key was revoked or rotated, use its successor."


class ExpiredApiKey(AuthenticationFailed):
    """A key that was valid until its `expires_at`."""

    code = "expired_api_key"
    title = "This API key has expired."
    what_to_do = "Make or rotate a key, and use the new one."


class TokenExpired(AuthenticationFailed):
    """A token that was right, and whose time is over."""

    code = "token_expired"
    title = "This token has expired."
    what_to_do = "Exchange the refresh token at `POST /v1/auth/refresh`; where that one has expired, sign in again."


class InvalidToken(AuthenticationFailed):
    """Not a token of ours, one that was used up, or one of a sign-in that has ended: which of them is not told."""

    code = "invalid_token"
    title = "This token is not valid, or its sign-in has ended."
    what_to_do = "Sign in again at `POST /v1/auth/login`. A refresh token is good for one exchange."


class InvalidCredentials(AuthenticationFailed):
    """No such person, or another password: which of them is not told."""

    code = "invalid_credentials"
    title = "E-mail and password do not belong together."
    what_to_do = "Correct them; after 5 attempts in 15 minutes the next ones are refused for a while."


class InvitationInvalid(AuthenticationFailed):
    """No invitation, or one that was accepted, taken back or is too old: which of them is not told."""

    code = "invitation_invalid"
    title = "This invitation is not valid, was used, or is too old."
    what_to_do = "Ask an administrator of the center for a new invitation; one is good for 72 hours."


class Forbidden(Problem):
    """The caller is known and may not do this."""

    status = 403
    type = "permission_error"


class MissingScope(Forbidden):
    """The key lacks a scope that the route needs."""

    code = "missing_scope"
    title = "This key lacks a scope that the request needs."
    what_to_do = "Use a key with the scopes in `details.required_scope`."
    detail_example: ClassVar = {"required_scope": "write:courses"}

    def __init__(self, required: Iterable[str], message: str | None = None) -> None:
        super().__init__(message, details={"required_scope": " ".join(required)})


class InsufficientRole(Forbidden):
    """The person's role lacks a scope that the route needs."""

    code = "insufficient_role"
    title = "This person's role in the center does not allow it."
    what_to_do = "Ask an administrator of the center; `details.required_scope` says what is needed."
    detail_example: ClassVar = {"required_scope": "write:courses", "role": "PARENT"}

    def __init__(self, required: Iterable[str], role: str | None, message: str | None = None) -> None:
        super().__init__(message, details={"required_scope": " ".join(required), "role": role})


class NoMembership(Forbidden):
    """The person is not (yet) a member of the center, or there is no such center."""

    code = "no_membership"
    title = "This person is no member of the center."
    what_to_do = "Accept the center's invitation first, or sign in to another center."


class MembershipSuspended(Forbidden):
    """The membership is suspended, from the next request on."""

    code = "membership_suspended"
    title = "This membership is suspended."
    what_to_do = "Ask an administrator of the center to reinstate it."


class MembershipEnded(Forbidden):
    """The membership has ended, or was rejected."""

    code = "membership_ended"
    title = "This membership has ended."
    what_to_do = "Ask an administrator of the center for a new invitation."


class CenterSuspended(Forbidden):
    """The center is suspended or ended; reads of usage go on."""

    code = "center_suspended"
    title = "This center is not active."
    what_to_do = "Ask whoever provisioned the center; only usage can be read until it is reinstated."
