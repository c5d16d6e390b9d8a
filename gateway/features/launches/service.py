"""The launch: a course goes to the generator once, inside its limits, whatever is retried."""

from typing import Final, assert_never

import asyncpg
import msgspec
from litestar import Response
from msgspec import Struct
from structlog import get_logger

from gateway.caller import Caller
from gateway.clock import as_datetime, as_ms
from gateway.errors import (
    AlreadyLaunched,
    BriefRequired,
    ConcurrencyLimitReached,
    CourseNotFound,
    IdempotencyKeyReused,
    Overloaded,
    QuotaExceeded,
    SourceRequired,
)
from gateway.features.courses import service as courses
from gateway.features.courses.schemas import Course, Generation, Progress
from gateway.features.launches import store
from gateway.features.launches.store import Cancellation
from gateway.generation.model import Brief
from gateway.ids import is_id, new_id
from gateway.once import Once, Turn
from gateway.periods import current_period
from gateway.records.refusals import keep_refusal, refused_units
from gateway.services import Services
from gateway.stores import Connection
from gateway.work.metrics import OUTCOMES
from gateway.work.queue import generation_waits
from quotas import keys
from quotas.admission import Admitted
from quotas.idempotency import Replay
from quotas.mirror import Entry, MirrorState
from quotas.model import GENERATION, Period
from quotas.periods import label

log = get_logger()

_TRIES: Final = 3
"""How often a launch reads the course again when an edit came between its look and its statement."""

_json: Final = msgspec.json.Encoder()


class Launched(Struct, frozen=True):
    """A launch that was committed just now; `counters` is the row of `launch_course`."""

    body: bytes
    course_id: str
    generation_id: str
    hold_id: str
    units: int
    counters: asyncpg.Record


async def launch(
    services: Services, caller: Caller, admitted: Admitted, once: Once, course_id: str, options: Struct | None
) -> Launched | Replay:
    """Launch the course, or return what an earlier try with this key was answered.

    Raises CourseNotFound, IdempotencyKeyReused, IdempotencyInProgress, BriefRequired, AlreadyLaunched, SourceRequired,
    QuotaExceeded, ConcurrencyLimitReached, and LockNotAvailableError or Overloaded where others keep it from the course
    or the counters for too long; nothing is written then.
    """
    if not is_id("crs", course_id):
        raise CourseNotFound
    async with once.turn(options) as turn:
        outcome = await _in_sql(services, caller, admitted, course_id, turn)
    if isinstance(outcome, Launched):
        await _announce(services, caller, outcome)
    return outcome


async def _in_sql(
    services: Services, caller: Caller, admitted: Admitted, course_id: str, turn: Turn
) -> Launched | Replay:
    wanted = store.Wanted(center_id=caller.center.id, env=caller.env, course_id=course_id, turn=turn)
    for _ in range(_TRIES):
        row = await services.batches.run(store.look, wanted, deadline=turn.deadline)
        if row is None:
            raise CourseNotFound
        if (kept := _claimed(row, turn)) is not None:
            return kept
        brief = _launchable(row, needs_source=services.needs_source(caller.env))
        period = current_period(caller.center, as_ms(turn.now))
        try:
            _refuse_by_mirror(admitted, period, brief.modules)
            outcome = await _write(services, _plan(caller, row, brief, period, turn))
        except QuotaExceeded as refused:
            await _keep_refusal(services, caller, course_id, period, turn, refused)
            raise
        if outcome is not None:
            return outcome
    raise Overloaded


async def _keep_refusal(
    services: Services, caller: Caller, course_id: str, period: Period, turn: Turn, refused: QuotaExceeded
) -> None:
    """Seal the first refusal of the course in the period, in a transaction of its own: the claim is given up, this stays."""
    refusal = refused_units(course_id, GENERATION, as_datetime(period.start_ms), refused.details)
    if services.refusals.count(caller, refusal):
        async with services.sql.session(wait_seconds=turn.wait_seconds()) as connection:
            await keep_refusal(connection, caller, refusal, turn.now)
        services.refusals.note(caller, refusal)


def _claimed(row: asyncpg.Record, turn: Turn) -> Replay | None:
    """Return the answer the key stands for; raises IdempotencyKeyReused."""
    if row["claim_fingerprint"] is None:
        return None
    if row["claim_fingerprint"] not in turn.scope.fingerprints:
        raise IdempotencyKeyReused
    return Replay(row["claim_status"], row["claim_location"], row["claim_body"])


def _launchable(row: asyncpg.Record, *, needs_source: bool) -> Brief:
    """Return the brief of a course that can be launched now."""
    if row["status"] == "awaiting_brief":
        raise BriefRequired
    if row["status"] != "awaiting_launch":
        raise AlreadyLaunched
    if needs_source and not row["has_source"]:
        raise SourceRequired
    return msgspec.json.decode(row["brief"], type=Brief)


def _plan(caller: Caller, row: asyncpg.Record, brief: Brief, period: Period, turn: Turn) -> store.Launch:
    """Decide everything the launch writes, the answer's bytes included."""
    now_ms = as_ms(turn.now)
    generation_id = new_id("gen", now_ms)
    course = Course(
        id=row["id"],
        title=row["title"],
        status="generating",
        external_ref=row["external_ref"],
        preset_id=row["preset_id"],
        brief=brief,
        generation=Generation(
            id=generation_id,
            status="queued",
            attempt=1,
            cancel_requested=False,
            units_held=brief.modules,
            units_settled=0,
            units_released=0,
            progress=Progress("queued", 0, brief.modules, 0),
            created_at=turn.now,
            started_at=None,
            finished_at=None,
            failure=None,
        ),
        created_at=row["created_at"],
        updated_at=turn.now,
        launched_at=turn.now,
        finished_at=None,
    )
    return store.Launch(
        center_id=caller.center.id,
        env=caller.env,
        course_id=row["id"],
        course_version=row["version"],
        units=brief.modules,
        generation_id=generation_id,
        hold_id=new_id("hold", now_ms),
        period_start=as_datetime(period.start_ms),
        period_end=as_datetime(period.end_ms),
        body=_json.encode(course),
        request_id=caller.request_id,
        actor=caller.actor,
        turn=turn,
    )


async def _write(services: Services, wish: store.Launch) -> Launched | Replay | None:
    """Do the launch; None where the course changed since the look."""
    done = await services.batches.run(store.launch, wish, deadline=wish.turn.deadline)
    if done is None:
        async with services.sql.session(wait_seconds=wish.turn.wait_seconds()) as connection:
            done = await store.launch_alone(connection, wish)
    match done:
        case store.Refusal("quota_exceeded", details):
            raise _quota_exceeded(wish.units, **details)
        case store.Refusal("concurrency_limit_reached", details):
            raise ConcurrencyLimitReached(**details)
        case store.Refusal():
            return None
    match done["outcome"]:
        case "launched":
            return Launched(wish.body, wish.course_id, wish.generation_id, wish.hold_id, wish.units, done)
        case "replay":
            return Replay(done["status"], done["location"], done["body"])
        case _:
            raise IdempotencyKeyReused


def _quota_exceeded(requested: int, *, limit: int, used: int, held: int, resets_at_ms: int) -> QuotaExceeded:
    resets_at = as_datetime(resets_at_ms).isoformat().replace("+00:00", "Z")
    return QuotaExceeded(GENERATION, limit, used, held, requested, resets_at)


def _refuse_by_mirror(admitted: Admitted, period: Period, units: int) -> None:
    """Refuse what can't fit before anything is locked. The mirror never allows: SQL decides on all that it lets pass."""
    quota, _, running = admitted.mirrors
    left = _room(quota)
    if quota is not None and left is not None and left < units:
        raise _quota_exceeded(
            units, limit=quota.limit or 0, used=quota.settled, held=quota.held, resets_at_ms=period.end_ms
        )
    if running is not None and _room(running) == 0:
        raise ConcurrencyLimitReached(running.limit or 0)


def _room(entry: MirrorState | None) -> int | None:
    """Count what still fits, where a fresh entry with a limit says so."""
    if entry is None or not entry.is_fresh or entry.limit is None:
        return None
    return max(0, entry.limit - entry.settled - entry.held)


async def _announce(services: Services, caller: Caller, done: Launched) -> None:
    """After the commit: show the counters, wake a worker, say what an operator or a customer wants to know."""
    center_id, env, row = caller.center.id, caller.env, done.counters
    services.waker.wake(generation_waits(center_id, env, done.generation_id))
    caller.facts.update(course_id=done.course_id, units=done.units, hold_id=done.hold_id)
    period = Period(as_ms(row["period_start"]), as_ms(row["period_end"]))
    for percent in row["alerts"]:
        log.info(
            "quota.alert", center_id=center_id, env=env, meter=GENERATION, percent=percent, request_id=caller.request_id
        )
    quota, epoch = keys.mirror(env, center_id, GENERATION, label(period)), row["epoch"]
    await services.mirror.publish_all(
        (
            Entry(quota, row["allowed"], row["settled"], row["held"], row["version"], epoch),
            Entry(
                keys.running(env, center_id), row["running_allowed"], 0, row["running"], row["running_version"], epoch
            ),
        )
    )


async def cancel(services: Services, caller: Caller, once: Once, course_id: str) -> Response[Course]:
    """Cancel at once where nobody works on the course, else ask the worker to stop behind the module in progress."""
    ended: list[tuple[str, Cancellation]] = []

    async def find(connection: Connection) -> None:
        await courses.get(connection, caller, course_id)

    async def effect(connection: Connection, _: None) -> Course:
        row = await courses.get_locked(connection, caller, course_id, "cancel")
        now = as_datetime(services.clock.now_ms())
        done = await store.cancel(connection, caller.center.id, caller.env, row["generation_id"], now)
        ended.append((row["generation_id"], done))
        caller.facts["course_id"] = course_id
        return courses.render(await courses.get(connection, caller, course_id))

    response = await once.run(effect, find=find, status=200)
    for generation_id, done in ended:
        _tell_of_cancel(caller, course_id, generation_id, done)
    await services.counters.refresh(caller)
    return response


def _tell_of_cancel(caller: Caller, course_id: str, generation_id: str, done: Cancellation) -> None:
    """After the commit: say what a worker would have said, had it been one that ended the generation."""
    facts = log.bind(
        request_id=caller.request_id,
        center_id=caller.center.id,
        env=caller.env,
        course_id=course_id,
        generation_id=generation_id,
        hold_id=done.hold_id,
    )
    match done.outcome:
        case "canceled":
            OUTCOMES.labels("generation", caller.env, "canceled").inc()
            facts.info("generation.canceled", units=done.settled, failure_code=None)
            facts.info(
                "hold.settled" if done.settled else "hold.released",
                units=done.settled or done.released,
                units_freed=done.released,
            )
        case "requested":
            facts.info("generation.cancel_requested")
        case "ended":
            pass
        case _:
            assert_never(done.outcome)
