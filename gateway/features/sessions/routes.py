"""`/v1/embed/sessions`: a token becomes a session. `/v1/sessions/{session_id}`: how it stands, and its end.

No route here looks at `Idempotency-Key`: credentials are kept for nobody.
"""

import gzip
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from gateway.caller import Caller
from gateway.errors import (
    AssessmentNotFound,
    AssessmentNotPublished,
    EmbedTokenExpired,
    EmbedTokenInvalid,
    EmbedTokenUsed,
    MaxAttemptsReached,
    OriginNotAllowed,
    SessionNotFound,
    SubmissionNotFound,
)
from gateway.features.sessions import service
from gateway.features.sessions.schemas import NewSession, OpenedSession, Session, SessionWithPlayer
from gateway.guards import counts_itself, in_sessions_too, may_raise, needs_no_key, requires
from gateway.http.preferences import Preferences
from gateway.services import Services
from gateway.visit import Visit

TAGS = ("Embedding",)
_SECRET: Final = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"}
_LEVEL: Final = 6
_encode: Final = msgspec.json.Encoder().encode
BODY_BYTES_MAX: Final = 4_096
"""Of what anybody may send who has no key."""

Include = Annotated[
    Literal["player"] | None,
    QueryParameter(description="`player`: all that it shows; for the session's own credential alone."),
]


@post(
    "/v1/embed/sessions",
    tags=TAGS,
    guards=[needs_no_key],
    status_code=201,
    request_max_body_size=BODY_BYTES_MAX,
    opt=counts_itself()
    | may_raise(
        EmbedTokenInvalid,
        EmbedTokenUsed,
        EmbedTokenExpired,
        OriginNotAllowed,
        AssessmentNotFound,
        AssessmentNotPublished,
        MaxAttemptsReached,
        SubmissionNotFound,
    ),
)
async def open_session(
    data: JSONBody[NewSession],
    visit: NamedDependency[Visit],
    services: NamedDependency[Services],
    preferences: NamedDependency[Preferences],
) -> Response[OpenedSession]:
    """Spend an embed token for a session of two hours: what the player's page does with the token in its address.

    The learner's attempt begins, or goes on where it was; an older session of the learner ends. What is refused leaves the
    token as it was.
    """
    opened = _encode(await service.open_session(services, visit, data))
    if not preferences.takes_gzip:
        return _answer(opened, _SECRET)
    return _answer(gzip.compress(opened, _LEVEL, mtime=0), _SECRET | {"Content-Encoding": "gzip"})


def _answer(body: bytes, headers: dict[str, str]) -> Response[Any]:
    """Wrap JSON that is encoded already."""
    return Response(body, media_type="application/json", headers=headers)


class Sessions(Controller):
    """One session, for who may mint tokens and for its own credential."""

    path = "/v1/sessions/{session_id:str}"
    tags = TAGS

    @get(
        guards=[requires("mint:embed_tokens", or_a_child=True)],
        opt=in_sessions_too() | may_raise(SessionNotFound, SubmissionNotFound),
    )
    async def show(
        self,
        session_id: FromPath[str],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        include: Include = None,
    ) -> Session | SessionWithPlayer:
        """Show a session."""
        return await service.get(services, caller, session_id, with_player=include == "player")

    @post(
        "/end",
        guards=[requires("mint:embed_tokens", or_a_child=True)],
        status_code=200,
        opt=in_sessions_too() | may_raise(SessionNotFound),
    )
    async def end(
        self, session_id: FromPath[str], caller: NamedDependency[Caller], services: NamedDependency[Services]
    ) -> Session:
        """End a session: its credential opens nothing any more. The attempt stays, a fresh token goes on with it."""
        return await service.end(services, caller, session_id)


SESSIONS: Final = (open_session, Sessions)
