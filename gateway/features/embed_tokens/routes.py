"""`/v1/embed/token`: a learner's way into the player, minted by a server."""

from typing import Final

from litestar import Response, delete, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from gateway.caller import Caller
from gateway.errors import (
    AssessmentNotFound,
    AssessmentNotPublished,
    EmbedTokenNotFound,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    OriginNotAllowed,
    SubmissionNotFound,
)
from gateway.features.embed_tokens import service
from gateway.features.embed_tokens.schemas import EmbedToken, NewEmbedToken
from gateway.guards import may_raise, requires
from gateway.once import Once
from gateway.services import Services

TAGS = ("Embedding",)


@post(
    "/v1/embed/token",
    tags=TAGS,
    guards=[requires("mint:embed_tokens", or_a_child=True)],
    opt=may_raise(
        AssessmentNotFound,
        AssessmentNotPublished,
        OriginNotAllowed,
        SubmissionNotFound,
        IdempotencyKeyInvalid,
        IdempotencyKeyReused,
        IdempotencyInProgress,
    ),
)
async def mint(
    data: JSONBody[NewEmbedToken],
    once: NamedDependency[Once],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[EmbedToken]:
    """Make a token that opens the player once, for one learner and one assessment. A CHILD makes its own."""
    return await service.mint(services, caller, once, data)


@delete(
    "/v1/embed/tokens/{embed_id:str}",
    tags=TAGS,
    guards=[requires("mint:embed_tokens", or_a_child=True)],
    opt=may_raise(EmbedTokenNotFound),
)
async def take_back(
    embed_id: FromPath[str], caller: NamedDependency[Caller], services: NamedDependency[Services]
) -> None:
    """End a token that was not spent; a session that it was spent for goes on."""
    await service.take_back(services, caller, embed_id)


EMBED_TOKENS: Final = (mint, take_back)
