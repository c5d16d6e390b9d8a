"""What lets a learner's browser in, once."""

from datetime import datetime
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from gateway.http import Request
from gateway.learners import LearnerRef
from gateway.origins import LENGTH_MAX

TTL_SECONDS: Final = 300
TTL_SECONDS_MAX: Final = 3_600

Origin = Annotated[str, Meta(min_length=1, max_length=LENGTH_MAX, examples=["https://learn.example.com"])]
Token = Annotated[str, Meta(examples=["cge_<43 characters>"])]
Url = Annotated[str, Meta(examples=["https://gateway.example/embed/cge_<43 characters>"])]


class NewEmbedToken(Request, frozen=True):
    """Body of `POST /v1/embed/token`. `origin`: the page that shall hold the player in a frame; without one it stands in
    none. A CHILD names no `learner_ref`, all others must.
    """

    assessment_id: Annotated[str, Meta(max_length=64)]
    learner_ref: LearnerRef | None = None
    ttl_seconds: Annotated[int, Meta(ge=1, le=TTL_SECONDS_MAX)] = TTL_SECONDS
    origin: Origin | None = None


class EmbedToken(Struct, frozen=True, kw_only=True):
    """A token, shown this once: `token` and `url`, the page that it opens, are null in a replay."""

    object: Literal["embed_token"] = "embed_token"
    id: str
    token: Token | None
    url: Url | None
    assessment_id: str
    learner_ref: str
    origin: str | None
    created_at: datetime
    expires_at: datetime
