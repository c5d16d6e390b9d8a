"""What stands between a learner's browser and an attempt: tokens, sessions, the origins of pages."""

from gateway.errors.access import AuthenticationFailed, Forbidden
from gateway.errors.missing import NotFound


class EmbedTokenInvalid(AuthenticationFailed):
    """Not a token of ours, one that was taken back, or one whose key, center or learner is gone: which is not told."""

    code = "embed_token_invalid"
    title = "This embed token is not valid, or was taken back."
    what_to_do = "Make a fresh token by `POST /v1/embed/token` and load the player's page with it."


class EmbedTokenUsed(AuthenticationFailed):
    """A token is good for one session."""

    code = "embed_token_used"
    title = "This embed token was used before."
    what_to_do = "Make a fresh token for each time that the player is opened; it goes on with the attempt under way."


class EmbedTokenExpired(AuthenticationFailed):
    """A token that was not spent in time."""

    code = "embed_token_expired"
    title = "This embed token has expired."
    what_to_do = "Make a fresh token when the page is shown, not before; `ttl_seconds` is at most 3600."


class SessionExpired(AuthenticationFailed):
    """Not a session's credential, or that of one that is over, for whichever reason: which of them is not told."""

    code = "session_expired"
    title = "This session has ended."
    what_to_do = "Open the player with a fresh embed token: it goes on with what was saved."


class OriginNotAllowed(Forbidden):
    """Not one of the origins that the center named."""

    code = "origin_not_allowed"
    title = "The center does not allow its players at this origin."
    what_to_do = "Add the origin by `PUT /v1/embed/origins`, for the same env, or correct it."
    default_param = "origin"


class EmbedTokenNotFound(NotFound):
    """No such token of this center and env."""

    code = "embed_token_not_found"
    title = "No such embed token."
    what_to_do = "Check the id, `tok_…` and not the token itself; tokens are kept for a day after they expire."
    default_param = "embed_id"


class SessionNotFound(NotFound):
    """No such session of this center and env, or not the caller's own."""

    code = "session_not_found"
    title = "No such session."
    what_to_do = "Check the id; a session's credential sees its own session alone."
    default_param = "session_id"
