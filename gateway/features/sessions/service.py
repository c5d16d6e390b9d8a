"""Sessions: a token is spent for one, an attempt is taken in it, and it ends.

Rule source: assessments, "Embedding"; security, "Learners and answer keys".
"""

from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from asyncpg import Record

from gateway import learner_tokens, overdue
from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.errors import (
    EmbedTokenExpired,
    EmbedTokenInvalid,
    EmbedTokenUsed,
    InvalidParameter,
    MaxAttemptsReached,
    OriginNotAllowed,
    Problem,
    SessionNotFound,
)
from gateway.features.player import service as player
from gateway.features.sessions import store
from gateway.features.sessions.schemas import (
    SESSION_SECONDS,
    NewSession,
    OpenedSession,
    Session,
    SessionWithPlayer,
)
from gateway.features.submissions import service as submissions
from gateway.ids import is_id, new_id
from gateway.learners import acts_for
from gateway.services import Services
from gateway.stores import Connection
from gateway.visit import Visit, session_policies

WAIT_SECONDS: Final = 1.5
"""How long who spends a token waits for a connection."""

_REFUSED: Final[dict[str, type[Problem]]] = {
    "invalid": EmbedTokenInvalid,
    "used": EmbedTokenUsed,
    "expired": EmbedTokenExpired,
    "origin": OriginNotAllowed,
}


async def open_session(services: Services, visit: Visit, data: NewSession) -> OpenedSession:
    """Spend a token: begin the learner's attempt or go on with it, and end the session before. Whatever is refused leaves
    the token as it was.

    Raises EmbedTokenInvalid, EmbedTokenUsed, EmbedTokenExpired, OriginNotAllowed, RateLimited, AssessmentNotFound,
    AssessmentNotPublished, MaxAttemptsReached.
    """
    digest = learner_tokens.read(services.keyring, learner_tokens.EMBED, data.token)
    if digest is None:
        raise EmbedTokenInvalid
    now_ms = services.clock.now_ms()
    now = as_datetime(now_ms)
    seen = await services.batches.run(store.look, store.Look(digest, now))
    _require_good(seen["outcome"])
    visit.facts.update(center_id=seen["center_id"], env=seen["env"], embed_id=seen["id"])
    await visit.decide(session_policies(seen["env"], seen["center_id"], seen["id"]))
    try:
        return await _spend(services, visit, digest, now_ms)
    except MaxAttemptsReached:
        await _close_due(services, digest, now)
        raise


async def _spend(services: Services, visit: Visit, digest: bytes, now_ms: int) -> OpenedSession:
    """Spend the token and open its session, in one transaction."""
    now = as_datetime(now_ms)
    credential = learner_tokens.make(services.keyring, learner_tokens.SESSION)
    # A class opens its players in the same minute: a little more patience than elsewhere.
    async with services.sql.session(wait_seconds=WAIT_SECONDS) as connection, connection.transaction():
        token = await store.spend(connection, digest, now)
        _require_good(token["outcome"])
        place = (token["center_id"], token["env"], token["assessment_id"], token["learner_ref"])
        attempt, published, _ = await submissions.begin(connection, services, place, "embed", now)
        wish = store.Opening(
            session_id=new_id("ses", now_ms),
            digest=credential.digest,
            submission=attempt,
            token=token,
            now=now,
            expires_at=now + timedelta(seconds=SESSION_SECONDS),
        )
        row = await store.open_session(connection, wish)
        if row is None:
            raise EmbedTokenInvalid
        shown = await player.of_attempt(connection, services, attempt, published)
    visit.facts.update(session_id=row["id"], submission_id=row["submission_id"], assessment_id=row["assessment_id"])
    shown = await player.with_trees(services, attempt, shown)
    return OpenedSession(**_fields(services, row, now), player=shown, credential=credential.text)


async def _close_due(services: Services, digest: bytes, now: datetime) -> None:
    """Grade the learner's last attempt if its time is over: in a transaction of its own, which stays though the token is
    refused.
    """
    async with services.sql.session() as connection:
        place = await store.place_of(connection, digest)
        if place is not None:
            await overdue.close_learners(connection, services, place, now)


def _require_good(outcome: str) -> None:
    if outcome != "good":
        raise _REFUSED[outcome]


async def get(services: Services, caller: Caller, session_id: str, *, with_player: bool) -> Session | SessionWithPlayer:
    """Return a session; the player's part is for the session itself alone. Raises SessionNotFound, InvalidParameter."""
    now = as_datetime(services.clock.now_ms())
    async with services.sql.session() as connection:
        row = await _find(connection, caller, session_id)
        if not with_player:
            return Session(**_fields(services, row, now, stands=row["stands"]))
        if caller.session is None:
            raise InvalidParameter("include", "absent: the session's own credential alone includes the player")
        attempt = await submissions.find(connection, services, caller, row["submission_id"], now)
        published = await overdue.version_of(connection, services, attempt)
        shown = await player.of_attempt(connection, services, attempt, published)
    shown = await player.with_trees(services, attempt, shown)
    return SessionWithPlayer(**_fields(services, row, now), player=shown)


async def end(services: Services, caller: Caller, session_id: str) -> Session:
    """End a session; one that is over stays as it ended. Raises SessionNotFound."""
    now = as_datetime(services.clock.now_ms())
    async with services.sql.session() as connection:
        await _find(connection, caller, session_id)
        await store.end(connection, caller.center.id, caller.env, session_id, now)
        row = await _find(connection, caller, session_id)
        return Session(**_fields(services, row, now, stands=row["stands"]))


async def _find(connection: Connection, caller: Caller, session_id: str) -> Record:
    """Return a session of the center's: a learner's browser sees its own, a CHILD those that are its own."""
    if not is_id("ses", session_id) or (caller.session is not None and caller.session.id != session_id):
        raise SessionNotFound
    row = await store.find(connection, caller.center.id, caller.env, session_id)
    if row is None or not acts_for(caller, row["learner_ref"], row["submission_id"]):
        raise SessionNotFound
    return row


def _fields(services: Services, row: Record, now: datetime, *, stands: bool = True) -> dict[str, Any]:
    ended_at, reason = row["ended_at"], row["end_reason"]
    if ended_at is None and row["expires_at"] <= now:
        ended_at, reason = row["expires_at"], "expired"
    is_open = ended_at is None and stands
    return {
        "id": row["id"],
        "status": "open" if is_open else "expired" if reason == "expired" else "ended",
        "submission_id": row["submission_id"],
        "assessment_id": row["assessment_id"],
        "origin": row["origin"],
        "page": f"{_path(services)}/embed/{learner_tokens.page_name(services.keyring, row['id'])}",
        "created_at": row["created_at"],
        "expires_at": row["expires_at"],
        "ended_at": ended_at,
    }


def _path(services: Services) -> str:
    """What stands before our own paths where the gateway is reached below one."""
    return urlsplit(services.settings.public_url).path.rstrip("/")
