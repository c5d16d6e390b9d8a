"""What may be done with courses, and what it is called when it may not."""

import asyncpg
import msgspec
from litestar import Response
from msgspec import UNSET

from gateway import states
from gateway.briefs import PartialBrief, overlay
from gateway.caller import Caller
from gateway.ceilings import ceiling_and_count
from gateway.clock import as_datetime
from gateway.errors import CourseNotFound, InvalidField, LimitReached, MissingRequiredField, PresetNotFound, WrongState
from gateway.features.courses import store
from gateway.features.courses.schemas import Course, CourseEdit, Failure, Generation, NewCourse, Progress
from gateway.features.courses.store import Filters
from gateway.generation.model import Brief
from gateway.http import Listing, Page, newest_before, newest_position
from gateway.ids import is_id, new_id
from gateway.log import log
from gateway.once import Once
from gateway.services import Services
from gateway.stores import Connection
from gateway.webhooks.telling import tell_of_assessment
from gateway.work.metrics import OUTCOMES

Row = asyncpg.Record


async def get(connection: Connection, caller: Caller, course_id: str) -> Row:
    """Return the caller's course with its latest generation; raises CourseNotFound."""
    row = await store.find(connection, caller.center.id, caller.env, course_id) if is_id("crs", course_id) else None
    if row is None:
        raise CourseNotFound
    return row


async def get_locked(connection: Connection, caller: Caller, course_id: str, action: states.Action) -> Row:
    """Lock and return the course, for `action`; raises CourseNotFound, WrongState."""
    await store.lock(connection, caller.center.id, caller.env, course_id)
    row = await get(connection, caller, course_id)
    require(action, row["status"])
    return row


def require(action: states.Action, status: states.CourseStatus) -> states.CourseStatus:
    """Return the state that `action` leads to; raises WrongState naming the states it is possible in."""
    following = states.after(action, status)
    if following is None:
        raise WrongState(current=status, allowed=states.allowed_states(action))
    return following


async def create(services: Services, caller: Caller, once: Once, data: NewCourse) -> Response[Course]:
    """Make a course, once for its key; with no brief given and none whole in the preset it awaits one."""

    async def find(connection: Connection) -> PartialBrief | None:
        return await _preset_brief(connection, caller, data.preset_id)

    async def effect(connection: Connection, preset: PartialBrief | None) -> Course:
        return await _insert(connection, caller, data, preset, services.clock.now_ms())

    return await once.run(effect, find=find, body=data, location=lambda course: f"/v1/courses/{course.id}")


async def _insert(
    connection: Connection, caller: Caller, data: NewCourse, preset: PartialBrief | None, now_ms: int
) -> Course:
    center_id, env = caller.center.id, caller.env
    brief = overlay(preset, data.brief)
    if brief is None and data.brief is not None:
        raise MissingRequiredField("brief.topic")
    ceiling, count = await ceiling_and_count(connection, center_id, env, "courses")
    if count >= ceiling:
        raise LimitReached(resource="courses", limit=ceiling)
    course_id, now = new_id("crs", now_ms), as_datetime(now_ms)
    await store.insert(
        connection,
        center_id,
        env,
        course_id,
        title=data.title,
        external_ref=data.external_ref,
        preset_id=data.preset_id,
        brief=brief,
        status="awaiting_brief" if brief is None else "awaiting_launch",
        now=now,
    )
    return render(await get(connection, caller, course_id))


async def edit(connection: Connection, caller: Caller, course_id: str, data: CourseEdit, now_ms: int) -> Course:
    """Change what was given; an edit of nothing changes nothing, not even `updated_at`."""
    if data == CourseEdit():
        return render(await get(connection, caller, course_id))
    await store.lock(connection, caller.center.id, caller.env, course_id)
    row = await get(connection, caller, course_id)
    status, brief = row["status"], _brief(row)
    if data.brief is not UNSET:
        status = require("edit_brief", status)
        under = brief or await _preset_brief(connection, caller, row["preset_id"], deleted_is_empty=True)
        brief = _whole(overlay(under, data.brief))
    await store.update(
        connection,
        caller.center.id,
        caller.env,
        course_id,
        title=row["title"] if data.title is UNSET else data.title,
        external_ref=row["external_ref"] if data.external_ref is UNSET else data.external_ref,
        brief=brief,
        status=status,
        now=as_datetime(now_ms),
    )
    return render(await get(connection, caller, course_id))


async def put_brief(connection: Connection, caller: Caller, course_id: str, data: PartialBrief, now_ms: int) -> Course:
    """Replace the brief: defaults, then the preset's, then what is given."""
    row = await get_locked(connection, caller, course_id, "edit_brief")
    preset = await _preset_brief(connection, caller, row["preset_id"], deleted_is_empty=True)
    brief = overlay(preset, data)
    if brief is None:
        raise MissingRequiredField("topic")
    await store.update(
        connection,
        caller.center.id,
        caller.env,
        course_id,
        title=row["title"],
        external_ref=row["external_ref"],
        brief=brief,
        status=require("edit_brief", row["status"]),
        now=as_datetime(now_ms),
    )
    return render(await get(connection, caller, course_id))


async def delete(services: Services, caller: Caller, course_id: str) -> None:
    """Remove a course that is not being made; what its regenerations still hold goes back, its assessments stay."""
    async with services.sql.session() as connection, connection.transaction():
        await get_locked(connection, caller, course_id, "delete")
        now, place = as_datetime(services.clock.now_ms()), (caller.center.id, caller.env)
        orphans = await store.assessments_of(connection, *place, course_id)
        abandoned = await store.delete(connection, *place, course_id, now)
        for assessment_id in orphans:
            await tell_of_assessment(connection, place, "assessment.updated", assessment_id, now, caller.request_id)
    caller.facts["course_id"] = course_id
    for row in abandoned:
        _tell_of_abandoned(caller, course_id, row)
    if abandoned:
        await services.counters.refresh(caller)


def _tell_of_abandoned(caller: Caller, course_id: str, row: Row) -> None:
    OUTCOMES.labels("regeneration", caller.env, "abandoned").inc()
    facts = log.bind(
        request_id=caller.request_id,
        center_id=caller.center.id,
        env=caller.env,
        course_id=course_id,
        artifact_id=row["artifact_id"],
        regeneration_id=row["id"],
        hold_id=row["hold_id"],
    )
    facts.info("regeneration.abandoned")
    facts.info("hold.released", units=1)


async def newest(
    services: Services, caller: Caller, route: str, filters: Filters, limit: int, cursor: str | None
) -> Page[Course]:
    """Return a page of the caller's courses that fit every filter, newest first; raises InvalidCursor."""
    listing = Listing(services.keyring, caller, route, msgspec.to_builtins(filters), now_ms=services.clock.now_ms())
    behind = listing.position(cursor)
    async with services.sql.session() as connection:
        rows = await store.newest(
            connection, caller.center.id, caller.env, filters, before=newest_before(behind), limit=limit + 1
        )
    return listing.page(rows, limit, show=render, position=newest_position)


async def touch(connection: Connection, caller: Caller, course_id: str, now_ms: int) -> None:
    """Note that something the course is made of changed, so that a launch under way reads it again."""
    await store.touch(connection, caller.center.id, caller.env, course_id, as_datetime(now_ms))


def render(row: Row) -> Course:
    """Show a row of `store.find` as the course its caller sees."""
    return Course(
        id=row["id"],
        title=row["title"],
        status=row["status"],
        external_ref=row["external_ref"],
        preset_id=row["preset_id"],
        brief=_brief(row),
        generation=_generation(row),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        launched_at=row["launched_at"],
        finished_at=row["finished_at"],
    )


def _generation(row: Row) -> Generation | None:
    if row["generation_id"] is None:
        return None
    done, total = row["modules_done"], row["modules_total"]
    return Generation(
        id=row["generation_id"],
        status=row["generation_status"],
        attempt=row["attempt"],
        cancel_requested=row["cancel_requested"],
        units_held=row["units_held"],
        units_settled=row["units_settled"],
        units_released=row["units_released"],
        progress=Progress(row["phase"], done, total, percent=done * 100 // total if total else 100),
        created_at=row["generation_created_at"],
        started_at=row["generation_started_at"],
        finished_at=row["generation_finished_at"],
        failure=None if row["failure"] is None else msgspec.json.decode(row["failure"], type=Failure),
    )


def _brief(row: Row) -> Brief | None:
    return None if row["brief"] is None else msgspec.json.decode(row["brief"], type=Brief)


def _whole(brief: Brief | None) -> Brief:
    if brief is None:
        raise MissingRequiredField("brief.topic")
    return brief


async def _preset_brief(
    connection: Connection, caller: Caller, preset_id: str | None, *, deleted_is_empty: bool = False
) -> PartialBrief | None:
    if preset_id is None:
        return None
    if not is_id("prst", preset_id):
        raise InvalidField("preset_id", "a preset's id, `prst_` and 26 characters")
    text = await store.preset_brief(connection, caller.center.id, caller.env, preset_id)
    if text is None:
        if deleted_is_empty:
            return None
        raise PresetNotFound(param="preset_id")
    return msgspec.json.decode(text, type=PartialBrief)
