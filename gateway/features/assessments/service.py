"""What authors may do with assessments, and what it is called when they may not.

A draft is edited freely. The first edit after a publication makes the next version in the working copy, while learners
go on with the published one. An archived assessment has ended: it is neither taken nor edited again. One that has
submissions is archived, never deleted.
"""

from collections.abc import Mapping
from typing import Any, Final

import asyncpg
import msgspec
from litestar import Response
from msgspec import UNSET, UnsetType

from gateway.assessment_settings import AssessmentSettings, settings_flaw
from gateway.authoring import encode, points_cents_of, ready
from gateway.caller import Caller
from gateway.ceilings import ceiling_and_count
from gateway.clock import as_datetime
from gateway.errors import (
    AssessmentNotFound,
    CourseNotFound,
    InvalidField,
    InvalidParameter,
    LimitReached,
    WrongState,
)
from gateway.features.assessments import store
from gateway.features.assessments.schemas import (
    Assessment,
    AssessmentEdit,
    AssessmentSummary,
    AuthoredAssessment,
    NewAssessment,
    SettingsEdit,
)
from gateway.features.assessments.store import Draft, Filters
from gateway.features.collections import service as collections
from gateway.guards import lacking
from gateway.http import Listing, Page, newest_before, newest_position
from gateway.ids import is_id, new_id
from gateway.once import Once
from gateway.presenting import present, seed_of_version
from gateway.published import items_decoder, settings_decoder
from gateway.services import Services
from gateway.stores import Connection, Record
from gateway.webhooks.telling import tell_of_assessment
from grading.result import cents_text

A_COURSE: Final = "a course's id, `crs_` and 26 characters"


async def create(services: Services, caller: Caller, once: Once, data: NewAssessment) -> Response[Assessment]:
    """Make a draft, once for its key. Raises InvalidField, CourseNotFound, LimitReached."""
    await ready(data.items)
    _settle(data.settings, caller)

    async def find(connection: Connection) -> None:
        await find_course(connection, caller, data.course_id)

    async def effect(connection: Connection, _: None) -> Assessment:
        return render(services, await _insert(connection, caller, data, services.clock.now_ms()))

    return await once.run(effect, find=find, body=data, location=lambda made: f"/v1/assessments/{made.id}")


async def _insert(connection: Connection, caller: Caller, data: NewAssessment, now_ms: int) -> Record:
    center_id, env = caller.center.id, caller.env
    ceiling, count = await ceiling_and_count(connection, center_id, env, "assessments")
    if count >= ceiling:
        raise LimitReached(resource="assessments", limit=ceiling)
    assessment_id = new_id("asmt", now_ms)
    draft = Draft(
        course_id=data.course_id,
        title=data.title,
        description=data.description,
        items=encode(data.items),
        settings=encode(data.settings),
        points_cents=points_cents_of(data.items),
    )
    try:
        await store.insert(connection, center_id, env, assessment_id, draft, as_datetime(now_ms))
    except asyncpg.ForeignKeyViolationError:
        raise CourseNotFound(param="course_id") from None  # deleted since it was looked up
    return await get(connection, caller, assessment_id)


async def show(
    services: Services, caller: Caller, assessment_id: str, *, keys: bool
) -> Assessment | AuthoredAssessment:
    """Show the working copy to authors, to others the published version once there is one. Raises AssessmentNotFound,
    MissingScope and InsufficientRole where keys are asked for without `write:assessments`.
    """
    is_author = "write:assessments" in caller.scopes
    if keys and not is_author:
        raise lacking(caller, ["write:assessments"])
    async with services.sql.session() as connection:
        row = await get(connection, caller, assessment_id, published=not is_author)
    if keys:
        return AuthoredAssessment(**_head(row), items=items_decoder.decode(row["items"]))
    return render(services, row)


async def get(connection: Connection, caller: Caller, assessment_id: str, *, published: bool = False) -> Record:
    """Return the caller's assessment: the working copy or, if `published`, the published version once there is one.
    Raises AssessmentNotFound.
    """
    row = None
    if is_id("asmt", assessment_id):
        row = await store.find(connection, caller.center.id, caller.env, assessment_id, published=published)
    return _there(row)


async def get_locked(connection: Connection, caller: Caller, assessment_id: str) -> Record:
    """Return the working copy, its row locked until the transaction ends. Raises AssessmentNotFound."""
    row = None
    if is_id("asmt", assessment_id):
        row = await store.lock(connection, caller.center.id, caller.env, assessment_id)
    return _there(row)


async def newest(
    services: Services, caller: Caller, filters: Filters, limit: int, cursor: str | None
) -> Page[AssessmentSummary]:
    """Return a page of assessments that fit every filter, newest first. Raises InvalidParameter, InvalidCursor."""
    if filters.course_id is not None and not is_id("crs", filters.course_id):
        raise InvalidParameter("course_id", A_COURSE)
    is_author = "write:assessments" in caller.scopes
    narrowed: Mapping[str, Any] = msgspec.to_builtins(filters)
    listing = Listing(services.keyring, caller, "/v1/assessments", narrowed, now_ms=services.clock.now_ms())
    behind = newest_before(listing.position(cursor))
    async with services.sql.session() as connection:
        rows = await store.newest(
            connection, caller.center.id, caller.env, filters, published=not is_author, before=behind, limit=limit + 1
        )
    return listing.page(rows, limit, show=summary, position=newest_position)


async def edit(services: Services, caller: Caller, assessment_id: str, data: AssessmentEdit) -> Assessment:
    """Change the working copy; an edit that changes nothing makes no version and leaves `updated_at`. Raises InvalidField,
    AssessmentNotFound, CourseNotFound, WrongState.
    """
    if data.items is not UNSET:
        await ready(data.items)
    async with services.sql.session() as connection, connection.transaction():
        if data == AssessmentEdit():
            return render(services, await get(connection, caller, assessment_id))
        row = await get_locked(connection, caller, assessment_id)
        if isinstance(data.course_id, str):
            await find_course(connection, caller, data.course_id)
        draft = _edited(row, data, caller)
        require_unarchived(row)
        if draft != _stored(row):
            await _update(connection, caller, row, draft, services.clock.now_ms())
        return render(services, await get(connection, caller, assessment_id))


async def _update(connection: Connection, caller: Caller, row: Record, draft: Draft, now_ms: int) -> None:
    # The course that an assessment belongs to is no part of a version: learners don't see it.
    asks_otherwise = msgspec.structs.replace(draft, course_id=row["course_id"]) != _stored(row)
    version = row["version"] + (asks_otherwise and row["version"] == row["published_version"])
    now = as_datetime(now_ms)
    try:
        await store.update(connection, caller.center.id, caller.env, row["id"], draft, version=version, now=now)
    except asyncpg.ForeignKeyViolationError:
        raise CourseNotFound(param="course_id") from None  # deleted since it was looked up
    place = caller.center.id, caller.env
    await tell_of_assessment(connection, place, "assessment.updated", row["id"], now, caller.request_id)


def _stored(row: Record) -> Draft:
    return Draft(**{name: row[name] for name in Draft.__struct_fields__})


def _edited(row: Record, data: AssessmentEdit, caller: Caller) -> Draft:
    """The working copy with the edit laid over it; raises InvalidField for settings that do not go together."""
    texts = {name: getattr(data, name) for name in ("course_id", "title", "description")}
    given = {name: value for name, value in texts.items() if value is not UNSET}
    if data.items is not UNSET:
        given |= {"items": encode(data.items), "points_cents": points_cents_of(data.items)}
    if data.settings is not UNSET:
        settings = edited(settings_decoder.decode(row["settings"]), data.settings)
        _settle(settings, caller)
        given["settings"] = encode(settings)
    return msgspec.structs.replace(_stored(row), **given)


def edited(settings: AssessmentSettings, edit: SettingsEdit | UnsetType) -> AssessmentSettings:
    """Lay an edit over settings, field by field.

    >>> edited(AssessmentSettings(), SettingsEdit(max_attempts=None)).max_attempts is None
    True
    """
    if edit is UNSET:
        return settings
    changes = {name: value for name, value in msgspec.structs.asdict(edit).items() if value is not UNSET}
    return msgspec.structs.replace(settings, **changes)


def _settle(settings: AssessmentSettings, caller: Caller) -> None:
    found = settings_flaw(settings, caller.center.limits.checks_per_question)
    if found is not None:
        raise InvalidField(f"settings.{found[0]}", found[1])


async def delete(services: Services, caller: Caller, assessment_id: str) -> None:
    """Remove an assessment that nobody has taken, with its versions; collections close up behind it.

    Raises AssessmentNotFound, WrongState.
    """
    async with services.sql.session() as connection, connection.transaction():
        await collections.hold_those_with(connection, caller, assessment_id)
        await store.lock_quiz(connection, caller.center.id, caller.env, assessment_id)
        row = await get_locked(connection, caller, assessment_id)
        held = await collections.hold_those_with(connection, caller, assessment_id)  # from now on none comes to hold it
        if not await store.delete(connection, caller.center.id, caller.env, assessment_id):
            message = (
                "This assessment has submissions, and is deleted in no state: archive it, so that their results stay."
            )
            raise WrongState(current=row["status"], allowed=(), message=message)
        await collections.have_lost_one(connection, caller, held, services.clock.now_ms())


def require_unarchived(row: Record) -> None:
    """Raise WrongState for an assessment that has ended."""
    if row["status"] == "archived":
        raise WrongState(current="archived", allowed=["draft", "published"])


async def find_course(connection: Connection, caller: Caller, course_id: str | None) -> None:
    """Look up the course that a body names. Raises InvalidField for what is no id, CourseNotFound."""
    if course_id is None:
        return
    if not is_id("crs", course_id):
        raise InvalidField("course_id", A_COURSE)
    if not await store.course_exists(connection, caller.center.id, caller.env, course_id):
        raise CourseNotFound(param="course_id")


def render(services: Services, row: Record) -> Assessment:
    """Show a row of `store.find` without its keys, in the order in which anybody but a taker sees it."""
    head = _head(row)
    seed, shuffle = seed_of_version(row["id"], row["version"]), head["settings"].shuffle
    items = items_decoder.decode(row["items"])
    return Assessment(**head, items=present(items, services.keyring, seed=seed, shuffle=shuffle))


def summary(row: Record) -> AssessmentSummary:
    """Show a row without its questions."""
    return AssessmentSummary(**_head(row))


def _head(row: Record) -> dict[str, Any]:
    """The fields that every form of an assessment has."""
    return {
        "id": row["id"],
        "course_id": row["course_id"],
        "title": row["title"],
        "description": row["description"],
        "status": row["status"],
        "version": row["version"],
        "published_version": row["published_version"],
        "points_total": cents_text(row["points_cents"]),
        "settings": settings_decoder.decode(row["settings"]),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "published_at": row["published_at"],
        "archived_at": row["archived_at"],
    }


def _there(row: Record | None) -> Record:
    if row is None:
        raise AssessmentNotFound
    return row
