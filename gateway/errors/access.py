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

    def __init__(self, required: Iterable[str]) -> None:
        super().__init__(details={"required_scope": " ".join(required)})


class CenterSuspended(Forbidden):
    """The center is suspended or ended; reads of usage go on."""

    code = "center_suspended"
    title = "This center is not active."
    what_to_do = "Ask whoever provisioned the center; only usage can be read until it is reinstated."
