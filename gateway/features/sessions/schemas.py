"""A learner in a browser, for as long as a session lasts."""

from datetime import datetime
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from gateway.features.player.schemas import Player
from gateway.http import Request

SESSION_SECONDS: Final = 7_200

Status = Annotated[Literal["open", "ended", "expired"], Meta(examples=["open"])]
Page = Annotated[str, Meta(examples=["/embed/ses_ag6xt3yqo7g3ncxb5l2rv4m7de.<22 characters>"])]
Credential = Annotated[str, Meta(examples=["cgs_<54 characters>"])]


class NewSession(Request, frozen=True):
    """Body of `POST /v1/embed/sessions`."""

    token: Annotated[str, Meta(max_length=255, examples=["cge_<43 characters>"])]


class Session(Struct, frozen=True, kw_only=True):
    """A session. `page` is the path of the player's page for as long as it lasts: it opens nothing by itself. `ended_at` is
    null too where what it rests on has ended it: its key revoked, its assessment archived, its center suspended meanwhile.
    """

    object: Literal["session"] = "session"
    id: str
    status: Status
    submission_id: str
    assessment_id: str
    origin: str | None
    page: Page
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None


class SessionWithPlayer(Session, frozen=True, kw_only=True):
    """A session with everything that its player shows."""

    player: Player


class OpenedSession(SessionWithPlayer, frozen=True, kw_only=True):
    """A session that a token was just spent for. `credential` is shown this once: keep it in `sessionStorage`."""

    credential: Credential
