"""Minting: a server says which learner shall take what, and hands the browser a token that is good once.

Rule source: assessments, "Embedding"; security, "Learners and answer keys".
"""

from datetime import timedelta

from litestar import Response
from msgspec.structs import replace

from gateway import learner_tokens
from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.errors import (
    AssessmentNotFound,
    AssessmentNotPublished,
    EmbedTokenNotFound,
    InvalidField,
    OriginNotAllowed,
)
from gateway.features.embed_tokens import store
from gateway.features.embed_tokens.schemas import EmbedToken, NewEmbedToken
from gateway.ids import is_id, new_id
from gateway.learners import acts_for, learner_of
from gateway.once import Once
from gateway.origins import REQUIREMENT, is_origin
from gateway.services import Services
from gateway.stores import Connection


async def mint(services: Services, caller: Caller, once: Once, data: NewEmbedToken) -> Response[EmbedToken]:
    """Make a token for one learner and one assessment.

    Raises AssessmentNotFound, AssessmentNotPublished, OriginNotAllowed, InvalidField, MissingRequiredField, and what
    `Once` raises.
    """
    learner_ref = learner_of(caller, data.learner_ref)
    if data.origin is not None and not is_origin(data.origin, caller.env):
        raise InvalidField("origin", REQUIREMENT)
    if not is_id("asmt", data.assessment_id):
        raise AssessmentNotFound
    place = (caller.center.id, caller.env)

    async def find(connection: Connection) -> str:
        status = await store.assessment_status(connection, *place, data.assessment_id)
        if status is None:
            raise AssessmentNotFound
        return status

    async def effect(connection: Connection, status: str) -> EmbedToken:
        if status != "published":
            raise AssessmentNotPublished
        if data.origin is not None and not await store.allows(connection, *place, data.origin):
            raise OriginNotAllowed
        now_ms = services.clock.now_ms()
        now, token = as_datetime(now_ms), learner_tokens.make(services.keyring, learner_tokens.EMBED)
        made = EmbedToken(
            id=new_id("tok", now_ms),
            token=token.text,
            url=f"{services.settings.public_url.rstrip('/')}/embed/{token.text}",
            assessment_id=data.assessment_id,
            learner_ref=learner_ref,
            origin=data.origin,
            created_at=now,
            expires_at=now + timedelta(seconds=data.ttl_seconds),
        )
        await store.insert(connection, *place, made, token.digest, caller.actor)
        caller.facts.update(assessment_id=data.assessment_id, embed_id=made.id)
        return made

    return await once.run(effect, find=find, body=data, seal=lambda made: replace(made, token=None, url=None))


async def take_back(services: Services, caller: Caller, embed_id: str) -> None:
    """End a token; one that was spent, expired or taken back already is fine too. Raises EmbedTokenNotFound."""
    if not is_id("tok", embed_id):
        raise EmbedTokenNotFound
    async with services.sql.session() as connection:
        row = await store.find(connection, caller.center.id, caller.env, embed_id)
        if row is None or not acts_for(caller, row["learner_ref"]):
            raise EmbedTokenNotFound
        await store.end(connection, caller.center.id, caller.env, embed_id, as_datetime(services.clock.now_ms()))
