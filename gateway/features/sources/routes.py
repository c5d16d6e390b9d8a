"""`/v1/courses/{course_id}/sources`: the documents a course is made of."""

from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from gateway.caller import Caller
from gateway.errors import (
    CourseNotFound,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    InvalidCursor,
    LimitReached,
    SourceNotFound,
    WrongState,
)
from gateway.features.sources import service
from gateway.features.sources.schemas import NewSource, Source
from gateway.guards import may_raise, requires
from gateway.http import Cursor, Limit, Page
from gateway.once import Once
from gateway.services import Services

BODY_BYTES_MAX = 16 * 1024 * 1024
"""JSON may escape each byte of a 5 MiB text."""


class Sources(Controller):
    """Sources are added and removed until the launch."""

    path = "/v1/courses/{course_id:str}/sources"
    tags = ("Sources",)

    @post(
        guards=[requires("write:courses")],
        request_max_body_size=BODY_BYTES_MAX,
        opt=may_raise(
            CourseNotFound, WrongState, LimitReached, IdempotencyKeyInvalid, IdempotencyKeyReused, IdempotencyInProgress
        ),
    )
    async def add(
        self,
        course_id: FromPath[str],
        data: JSONBody[NewSource],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[Source]:
        """Add a text or Markdown document of at most 5 MiB; it is ready at once. Not after the launch."""
        return await service.add(services, caller, once, course_id, data)

    @get(guards=[requires("read:courses")], opt=may_raise(CourseNotFound, InvalidCursor))
    async def newest(
        self,
        course_id: FromPath[str],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        limit: Limit = 20,
        cursor: Cursor = None,
    ) -> Page[Source]:
        """List the course's sources, newest first, without their content."""
        return await service.newest(services, caller, course_id, limit, cursor)

    @get("/{source_id:str}", guards=[requires("read:courses")], opt=may_raise(CourseNotFound, SourceNotFound))
    async def show(
        self,
        course_id: FromPath[str],
        source_id: FromPath[str],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Source:
        """Show a source without its content."""
        async with services.sql.session() as connection:
            return await service.get(connection, caller, course_id, source_id)

    @delete(
        "/{source_id:str}",
        guards=[requires("write:courses")],
        opt=may_raise(CourseNotFound, SourceNotFound, WrongState),
    )
    async def remove(
        self,
        course_id: FromPath[str],
        source_id: FromPath[str],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> None:
        """Take a source away again. Not after the launch."""
        async with services.sql.session() as connection, connection.transaction():
            await service.remove(connection, caller, course_id, source_id, services.clock.now_ms())
