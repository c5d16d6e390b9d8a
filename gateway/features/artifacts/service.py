"""Outlines and artifacts are read here; what a worker wrote is shown, quizzes without their items."""

import re
from operator import itemgetter
from typing import Final

import msgspec
from asyncpg import Record
from msgspec import UNSET, UnsetType

from gateway.caller import Caller
from gateway.errors import ArtifactNotFound, WrongState
from gateway.features.artifacts import store
from gateway.features.artifacts.schemas import Artifact, ArtifactVersion, Outline, Regenerations
from gateway.features.courses import service as courses
from gateway.generation import model
from gateway.http import Listing, Page
from gateway.ids import is_id
from gateway.services import Services
from gateway.states import CourseStatus
from gateway.stores import Connection

VERSION_MAX = 2_147_483_647
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,9}")
WITH_OUTLINE: Final[list[CourseStatus]] = ["generating", "ready", "failed", "canceled"]
"""The states a course with an outline may be in; one without may be in them too, but for `ready`."""


async def outline(connection: Connection, caller: Caller, course_id: str) -> Outline:
    """Return the course's outline; raises CourseNotFound, and WrongState where none has been made."""
    course = await courses.get(connection, caller, course_id)
    row = await store.outline(connection, caller.center.id, caller.env, course_id)
    if row is None:
        current = course["status"]
        raise WrongState(current=current, allowed=[status for status in WITH_OUTLINE if status != current])
    body = msgspec.json.decode(row["body"], type=model.Outline)
    return Outline(
        id=course_id,
        version=row["version"],
        title=body.title,
        description=body.description,
        modules=body.modules,
        created_at=row["created_at"],
    )


async def in_order(
    services: Services,
    caller: Caller,
    course_id: str,
    *,
    module_index: int | None,
    kind: model.ArtifactKind | None,
    limit: int,
    cursor: str | None,
) -> Page[Artifact]:
    """Return a page of the course's artifacts, module by module; raises CourseNotFound, InvalidCursor."""
    filters = {"module_index": module_index, "kind": kind}
    route = f"/v1/courses/{course_id}/artifacts"
    listing = Listing(services.keyring, caller, route, filters, now_ms=services.clock.now_ms())
    position = listing.position(cursor)
    behind = None if position is None else (int(position[0]), int(position[1]))
    async with services.sql.session() as connection:
        await courses.get(connection, caller, course_id)
        rows = await store.in_order(
            connection,
            caller.center.id,
            caller.env,
            course_id,
            module_index=module_index,
            kind=kind,
            behind=behind,
            limit=limit + 1,
        )
    return listing.page(rows, limit, show=render, position=itemgetter("module_index", "kind_order"))


async def find(connection: Connection, caller: Caller, artifact_id: str) -> Record:
    """Return the caller's artifact without its content; raises ArtifactNotFound."""
    row = None
    if is_id("art", artifact_id):
        row = await store.find(connection, caller.center.id, caller.env, artifact_id)
    if row is None:
        raise ArtifactNotFound
    return row


async def get(connection: Connection, caller: Caller, artifact_id: str) -> Artifact:
    """Return the artifact in its newest version, with its content; raises ArtifactNotFound."""
    row = await find(connection, caller, artifact_id)
    return render(row, await _content(connection, caller, row, row["version"]))


async def versions(
    services: Services, caller: Caller, artifact_id: str, limit: int, cursor: str | None
) -> Page[ArtifactVersion]:
    """Return a page of the artifact's versions, newest first; raises ArtifactNotFound, InvalidCursor."""
    route = f"/v1/artifacts/{artifact_id}/versions"
    listing = Listing(services.keyring, caller, route, now_ms=services.clock.now_ms())
    position = listing.position(cursor)
    below = None if position is None else int(position[0])
    async with services.sql.session() as connection:
        artifact = await find(connection, caller, artifact_id)
        rows = await store.versions(connection, caller.center.id, caller.env, artifact_id, below=below, limit=limit + 1)
    return listing.page(
        rows, limit, show=lambda row: _render_version(artifact, row), position=lambda row: (row["version"],)
    )


async def version(connection: Connection, caller: Caller, artifact_id: str, number: str) -> ArtifactVersion:
    """Return one version with its content; raises ArtifactNotFound, for a number that never was one too."""
    artifact = await find(connection, caller, artifact_id)
    wanted = int(number) if _NUMBER.fullmatch(number) is not None else VERSION_MAX + 1
    if wanted > VERSION_MAX:
        raise ArtifactNotFound
    rows = await store.versions(
        connection, caller.center.id, caller.env, artifact_id, below=min(wanted + 1, VERSION_MAX), limit=1
    )
    if not rows or rows[0]["version"] != wanted:
        raise ArtifactNotFound
    return _render_version(artifact, rows[0], await _content(connection, caller, artifact, wanted))


async def _content(connection: Connection, caller: Caller, artifact: Record, number: int) -> str | UnsetType:
    found = await store.content(connection, caller.center.id, caller.env, artifact["id"], number)
    return UNSET if found is None else found


def render(row: Record, content: str | UnsetType = UNSET) -> Artifact:
    """Show a row of `store.find`."""
    return Artifact(
        id=row["id"],
        course_id=row["course_id"],
        module_index=row["module_index"],
        kind=row["kind"],
        version=row["version"],
        status=row["status"],
        media_type=row["media_type"],
        bytes=row["bytes"],
        content=content,
        assessment_id=_assessment(row),
        remark=row["remark"],
        regenerations=Regenerations(row["regenerations_used"], row["regenerations_cap"]),
        approved_at=None,
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _render_version(artifact: Record, row: Record, content: str | UnsetType = UNSET) -> ArtifactVersion:
    return ArtifactVersion(
        id=row["artifact_id"],
        version=row["version"],
        kind=artifact["kind"],
        media_type=row["media_type"],
        bytes=row["bytes"],
        content=content,
        assessment_id=_assessment(artifact),
        assessment_version=_assessment_version(artifact, row),
        remark=row["remark"],
        note_id=row["note_id"],
        created_at=row["created_at"],
    )


def _assessment(artifact: Record) -> str | UnsetType | None:
    found: str | None = artifact["assessment_id"]
    return found if artifact["kind"] == "quiz" else UNSET


def _assessment_version(artifact: Record, row: Record) -> int | UnsetType | None:
    """The version that this one became; None where nothing in it can be asked, or the assessment was deleted."""
    if artifact["kind"] != "quiz":
        return UNSET
    found: int | None = row["assessment_version"]
    return None if artifact["assessment_id"] is None else found
