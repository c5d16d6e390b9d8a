"""A note asks for a regeneration: at a cap the note is kept all the same, and a retry with its key tries again.

Rule source: quotas, "Regeneration caps".
"""

import msgspec
from asyncpg import Record
from litestar import Response
from msgspec import Struct

from gateway import states
from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.errors import ArtifactNotFound, RegenCapReached, WrongState
from gateway.features.artifacts import service as artifacts
from gateway.features.courses.schemas import Failure
from gateway.features.notes import store
from gateway.features.notes.schemas import NewNote, Note, NoteTaken, Regeneration
from gateway.http import Listing, Page, newest_before, newest_position
from gateway.ids import new_id
from gateway.log import log
from gateway.once import Once, Unanswered
from gateway.periods import current_period
from gateway.records.refusals import Refusal, keep_refusal
from gateway.services import Services
from gateway.stores import Connection
from gateway.work.queue import WakeUp, regeneration_waits
from quotas import ledger
from quotas.ledger import HoldWish
from quotas.model import REGENERATIONS, Granted, Refused


class _Asked(Struct, frozen=True):
    """A regeneration that was queued: whom to wake, and which alerts its unit set off."""

    wake: WakeUp
    alerts: tuple[int, ...]


async def take(services: Services, caller: Caller, once: Once, artifact_id: str, data: NewNote) -> Response[NoteTaken]:
    """Keep the note and queue what it asks for, once for its key.

    Raises ArtifactNotFound, WrongState, and RegenCapReached with the note kept: a retry under the same key finds it.
    """
    asked: list[_Asked] = []
    now_ms = services.clock.now_ms()

    async def find(connection: Connection) -> Record:
        return await artifacts.find(connection, caller, artifact_id)

    async def effect(connection: Connection, artifact: Record) -> NoteTaken | Unanswered:
        await _lock(connection, caller, artifact_id)
        note_id = new_id("note", now_ms)
        await store.insert(
            connection,
            caller.center.id,
            caller.env,
            note_id,
            artifact_id,
            text=data.text,
            author=caller.actor,
            now=as_datetime(now_ms),
        )
        return await follow(connection, artifact, note_id)

    async def resume(connection: Connection, artifact: Record, note_id: str) -> NoteTaken | Unanswered:
        await _lock(connection, caller, artifact_id)
        return await follow(connection, artifact, note_id)

    async def follow(connection: Connection, artifact: Record, note_id: str) -> NoteTaken | Unanswered:
        caller.facts.update(artifact_id=artifact_id, note_id=note_id)
        outcome = await _queue(connection, caller, artifact, note_id, now_ms)
        if isinstance(outcome, Refused):
            refusal = _refusal(artifact["course_id"], outcome)
            if services.refusals.count(caller, refusal):
                await keep_refusal(connection, caller, refusal, as_datetime(now_ms))
            return Unanswered(note_id, _cap_reached(note_id, outcome))
        asked.append(outcome)
        return NoteTaken(await _get(connection, caller, note_id))

    response = await once.run(effect, find=find, resume=resume, body=data, status=202)
    for one in asked:
        services.waker.wake(one.wake)
        for percent in one.alerts:
            log.info(
                "quota.alert",
                center_id=caller.center.id,
                env=caller.env,
                meter=REGENERATIONS,
                percent=percent,
                request_id=caller.request_id,
            )
        await services.counters.refresh(caller)
    return response


async def newest(services: Services, caller: Caller, artifact_id: str, limit: int, cursor: str | None) -> Page[Note]:
    """Return a page of the notes on an artifact, newest first; raises ArtifactNotFound, InvalidCursor."""
    route = f"/v1/artifacts/{artifact_id}/notes"
    listing = Listing(services.keyring, caller, route, now_ms=services.clock.now_ms())
    before = newest_before(listing.position(cursor))
    async with services.sql.session() as connection:
        await artifacts.find(connection, caller, artifact_id)
        rows = await store.newest(connection, caller.center.id, caller.env, artifact_id, before=before, limit=limit + 1)
    return listing.page(rows, limit, show=render, position=newest_position)


async def _lock(connection: Connection, caller: Caller, artifact_id: str) -> None:
    """Let one note at a time have the artifact, in a course that nobody is writing; raises WrongState."""
    status = await store.lock_artifact(connection, caller.center.id, caller.env, artifact_id)
    if status is None:
        raise ArtifactNotFound
    allowed = states.allowed_states("ask_regeneration")
    if status not in allowed:
        raise WrongState(current=status, allowed=allowed)


async def _queue(
    connection: Connection, caller: Caller, artifact: Record, note_id: str, now_ms: int
) -> _Asked | Refused:
    """Hold a unit under both caps and queue the regeneration, or neither."""
    regeneration_id, hold_id = new_id("rgn", now_ms), new_id("hold", now_ms)
    wish = HoldWish(
        center_id=caller.center.id,
        env=caller.env,
        meter=REGENERATIONS,
        period=current_period(caller.center, now_ms),
        hold_id=hold_id,
        owner_id=regeneration_id,
        subject_id=artifact["course_id"],
        units=1,
        lineage_id=artifact["lineage_id"],
        request_id=caller.request_id,
        actor=caller.actor,
    )
    match await ledger.hold(connection, wish, now_ms):
        case Refused() as refused:
            return refused
        case Granted(alerts=alerts):
            await store.queue_regeneration(
                connection,
                caller.center.id,
                caller.env,
                regeneration_id,
                note_id=note_id,
                artifact_id=artifact["id"],
                hold_id=hold_id,
                request_id=caller.request_id,
                now=as_datetime(now_ms),
            )
            caller.facts.update(hold_id=hold_id, units=1)
            return _Asked(regeneration_waits(caller.center.id, caller.env, artifact["id"], regeneration_id), alerts)


def _refusal(course_id: str, refused: Refused) -> Refusal:
    return Refusal(
        course_id=course_id,
        meter=REGENERATIONS,
        period_start=as_datetime(refused.period.start_ms),
        limit=refused.limit,
        used=refused.used,
        held=refused.held,
        requested=refused.requested,
        scope=refused.scope,
    )


def _cap_reached(note_id: str, refused: Refused) -> RegenCapReached:
    resets_at = None
    if refused.resets_at_ms is not None:
        resets_at = as_datetime(refused.resets_at_ms).isoformat().replace("+00:00", "Z")
    return RegenCapReached(note_id, refused.scope, refused.limit, refused.used + refused.held, resets_at)


async def _get(connection: Connection, caller: Caller, note_id: str) -> Note:
    row = await store.find(connection, caller.center.id, caller.env, note_id)
    if row is None:
        raise ArtifactNotFound
    return render(row)


def render(row: Record) -> Note:
    """Show a row of `store.find`."""
    regeneration = None
    if row["regeneration_id"] is not None:
        failure = None if row["failure"] is None else msgspec.json.decode(row["failure"], type=Failure)
        regeneration = Regeneration(row["regeneration_id"], row["regeneration_status"], failure)
    return Note(
        id=row["id"],
        artifact_id=row["artifact_id"],
        text=row["text"],
        author=row["author"],
        regeneration=regeneration,
        created_at=row["created_at"],
    )
